//! Forged tokens, and, as a control, a genuine one as the login issues it. The attacks are those of RFC 8725 (JSON Web
//! Token Best Current Practices), section 2.

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use easy_crm_tests::{ALICE, System};
use ring::rand::SystemRandom;
use ring::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents};
use ring::{hmac, signature};
use serde_json::{Value, json};

/// The server's own signing key and a valid token, from which to make bad ones.
pub(super) struct Forge {
    key: RsaKeyPair,
    header: Value,
    claims: Value,
    signature: String,
    stranger: OwnKey,
}

/// The attacker's own key.
struct OwnKey(signature::Ed25519KeyPair);

impl Forge {
    pub(super) fn of(system: &System) -> Result<Self> {
        let der = std::fs::read(system.local.data_dir().join("signing-key.der"))?;
        let token = system.local.token_for(ALICE)?;
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else { anyhow::bail!("not a token") };
        let value =
            |part: &str| -> Result<Value> { Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part)?)?) };
        let own = signature::Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).ok().context("a key")?;
        Ok(Self {
            key: RsaKeyPair::from_pkcs8(&der).ok().context("the signing key")?,
            header: value(header)?,
            claims: value(claims)?,
            signature: signature.to_owned(),
            stranger: OwnKey(signature::Ed25519KeyPair::from_pkcs8(own.as_ref()).ok().context("a key")?),
        })
    }

    /// Header and claims after a change, as the first two parts of a token.
    fn unsigned(&self, change: impl FnOnce(&mut Value, &mut Value)) -> String {
        let (mut header, mut claims) = (self.header.clone(), self.claims.clone());
        change(&mut header, &mut claims);
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}", part(&header), part(&claims))
    }

    /// A token signed with the server's own key, after a change.
    pub(super) fn signed(&self, change: impl FnOnce(&mut Value, &mut Value)) -> Result<String> {
        let text = self.unsigned(change);
        let mut bytes = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut bytes)
            .ok()
            .context("signing")?;
        Ok(format!("Bearer {text}.{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// HS256 with a publicly known secret.
    fn hmac(&self, secret: &[u8]) -> String {
        let text = self.unsigned(|header, _| header["alg"] = "HS256".into());
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text.as_bytes());
        format!("Bearer {text}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    /// A changed token with the signature of the unchanged one.
    fn pasted(&self, change: impl FnOnce(&mut Value, &mut Value)) -> String {
        format!("Bearer {}.{}", self.unsigned(change), self.signature)
    }

    fn now(&self) -> i64 {
        self.claims["iat"].as_i64().unwrap_or_default()
    }
}

/// The `Authorization` header of an attack; `None` for no header.
type Attack = fn(&Forge) -> Result<Option<String>>;

/// The attacks tried on every route.
pub(super) const ATTACKS: &[(&str, Attack)] = &[
    ("no token", |_| Ok(None)),
    ("an empty header", |_| Ok(Some(String::new()))),
    ("only the scheme", |_| Ok(Some("Bearer ".to_owned()))),
    ("garbage", |_| Ok(Some("Bearer garbage".to_owned()))),
    ("three parts of garbage", |_| Ok(Some("Bearer a.b.c".to_owned()))),
    ("basic authentication", |_| Ok(Some("Basic YWRtaW46YWRtaW4=".to_owned()))),
    ("expired", |forge| forge.signed(|_, claims| claims["exp"] = (forge.now() - 1).into()).map(Some)),
    ("no expiry", |forge| {
        forge.signed(|_, claims| _ = claims.as_object_mut().map(|claims| claims.remove("exp"))).map(Some)
    }),
    ("not valid yet", |forge| {
        forge.signed(|_, claims| claims["iat"] = (forge.now() + 3_600).into()).map(Some)
    }),
    ("wrong issuer", |forge| {
        forge.signed(|_, claims| claims["iss"] = "https://evil.example".into()).map(Some)
    }),
    ("wrong audience", |forge| forge.signed(|_, claims| claims["aud"] = "another-client".into()).map(Some)),
    ("audiences without ours", |forge| forge.signed(|_, claims| claims["aud"] = json!(["a", "b"])).map(Some)),
    ("token_use=access", |forge| forge.signed(|_, claims| claims["token_use"] = "access".into()).map(Some)),
    ("no token_use", |forge| {
        forge
            .signed(|_, claims| _ = claims.as_object_mut().map(|claims| claims.remove("token_use")))
            .map(Some)
    }),
    ("unknown kid", |forge| forge.signed(|header, _| header["kid"] = "another".into()).map(Some)),
    ("a path as kid", |forge| forge.signed(|header, _| header["kid"] = "../../dev/null".into()).map(Some)),
    ("no kid", |forge| {
        forge.signed(|header, _| _ = header.as_object_mut().map(|header| header.remove("kid"))).map(Some)
    }),
    ("alg none, no signature", |forge| {
        Ok(Some(format!("Bearer {}.", forge.unsigned(|header, _| header["alg"] = "none".into()))))
    }),
    ("alg none, good signature", |forge| Ok(Some(forge.pasted(|header, _| header["alg"] = "none".into())))),
    ("alg None", |forge| {
        Ok(Some(format!("Bearer {}.", forge.unsigned(|header, _| header["alg"] = "None".into()))))
    }),
    ("RS512 in the header", |forge| forge.signed(|header, _| header["alg"] = "RS512".into()).map(Some)),
    ("HS256 with the public key", |forge| Ok(Some(forge.hmac(forge.key.public_key().as_ref())))),
    ("HS256 with the public key's modulus", |forge| {
        let public = RsaPublicKeyComponents::<Vec<u8>>::from(forge.key.public());
        Ok(Some(forge.hmac(&public.n)))
    }),
    ("HS256 with no secret", |forge| Ok(Some(forge.hmac(b"")))),
    ("a key of the attacker's in the header", |forge| {
        let text = forge.unsigned(|header, _| {
            header["alg"] = "EdDSA".into();
            let x = URL_SAFE_NO_PAD.encode(forge.stranger.0.public_key());
            header["jwk"] = json!({ "kty": "OKP", "crv": "Ed25519", "x": x });
        });
        let signature = URL_SAFE_NO_PAD.encode(forge.stranger.0.sign(text.as_bytes()));
        Ok(Some(format!("Bearer {text}.{signature}")))
    }),
    ("tampered payload", |forge| {
        Ok(Some(forge.pasted(|_, claims| claims["email"] = "mallory@example.com".into())))
    }),
    ("another user's id", |forge| Ok(Some(forge.pasted(|_, claims| claims["sub"] = "bob".into())))),
    ("no signature", |forge| Ok(Some(format!("Bearer {}.", forge.unsigned(|_, _| {}))))),
];
