//! The tokens of the local login, in Cognito's format, and the check that an API Gateway Cognito authorizer makes.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html>

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use easy_crm_lambdas::clock::SharedClock;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use ring::signature::{KeyPair as _, RsaKeyPair, RsaPublicKeyComponents};
use rsa::pkcs8::EncodePrivateKey as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::crypto;
use crate::data_folder::{DataFolder, DataFolderError, random_token};

/// OAuth client id of the page.
pub const CLIENT_ID: &str = "easy-crm-local";
/// Lifetime of ID and access tokens, in seconds.
pub(crate) const TOKEN_SECONDS: i64 = 60 * 60;
/// Size of the signing key: the same as Cognito's.
const KEY_BITS: usize = 2048;
/// Namespace of the users' ids: the same email address is the same user in every run.
const USER_NAMESPACE: Uuid = Uuid::from_u128(0x4f1c_7f0a_94b5_4c53_9f60_7a27_65a8_55d1);

/// Why signing keys or tokens could not be made.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The key file cannot be used.
    #[error(transparent)]
    DataFolder(#[from] DataFolderError),
    /// The key in the file is not an RSA key.
    #[error("signing-key.der is not a usable key: {0}")]
    Key(String),
    /// A token could not be signed.
    #[error("a token could not be signed: {0}")]
    Sign(#[from] jsonwebtoken::errors::Error),
}

/// Why a token is not accepted; the caller only ever sees "unauthorized".
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("there is no token")]
    Missing,
    #[error("the token names another key")]
    UnknownKey,
    #[error("the token is not valid: {0}")]
    Invalid(#[from] jsonwebtoken::errors::Error),
    #[error("the token has expired or is not valid yet")]
    Expired,
    #[error("the token is for another use")]
    WrongUse,
}

/// The claims of an ID token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct IdClaims {
    pub(crate) sub: String,
    pub(crate) email: String,
    pub(crate) email_verified: bool,
    #[serde(rename = "cognito:username")]
    pub(crate) username: String,
    pub(crate) token_use: String,
    pub(crate) iss: String,
    pub(crate) aud: String,
    pub(crate) auth_time: i64,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    pub(crate) jti: String,
}

#[derive(Debug, Serialize)]
struct AccessClaims<'a> {
    sub: &'a str,
    username: &'a str,
    client_id: &'a str,
    scope: &'a str,
    token_use: &'a str,
    iss: &'a str,
    auth_time: i64,
    iat: i64,
    exp: i64,
    jti: String,
}

/// Issues and checks tokens. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Tokens {
    inner: Arc<Inner>,
}

struct Inner {
    encoding_key: EncodingKey,
    decoding_key: DecodingKey,
    key_id: String,
    jwks: Value,
    issuer: String,
    clock: SharedClock,
}

impl Tokens {
    /// Reads the signing key, creating it if missing.
    ///
    /// # Errors
    /// When the key file cannot be used.
    pub(crate) fn open(folder: &DataFolder, clock: SharedClock) -> Result<Self, TokenError> {
        crypto::install();
        let der = folder.private_file("signing-key.der", || {
            rsa::PrivateKey::new(&mut getrandom::SysRng, KEY_BITS)
                .ok()
                .and_then(|key| key.to_pkcs8_der().ok())
                .map(|document| document.as_bytes().to_vec())
                .ok_or(DataFolderError::NoRandomness)
        })?;
        let key_pair = RsaKeyPair::from_pkcs8(&der).map_err(|error| TokenError::Key(error.to_string()))?;
        let public = RsaPublicKeyComponents::<Vec<u8>>::from(key_pair.public());
        let digest = ring::digest::digest(&ring::digest::SHA256, key_pair.public_key().as_ref());
        let key_id = URL_SAFE_NO_PAD.encode(digest.as_ref().get(..16).unwrap_or_default());
        let jwks = json!({ "keys": [{
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": key_id,
            "n": URL_SAFE_NO_PAD.encode(&public.n),
            "e": URL_SAFE_NO_PAD.encode(&public.e),
        }] });
        let issuer = format!("https://login.easy-crm.local/{}", folder.secrets()?.deployment_id);
        Ok(Self {
            inner: Arc::new(Inner {
                encoding_key: EncodingKey::from_rsa_der(&der),
                decoding_key: DecodingKey::from_rsa_raw_components(&public.n, &public.e),
                key_id,
                jwks,
                issuer,
                clock,
            }),
        })
    }

    /// The public key, in the format of `/.well-known/jwks.json`.
    pub(crate) fn jwks(&self) -> &Value {
        &self.inner.jwks
    }

    /// The ID token of a user.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub(crate) fn id_token(&self, email: &str, auth_time: i64) -> Result<String, TokenError> {
        let now = self.now();
        let email = email.trim().to_lowercase();
        let sub = user_id(&email);
        self.sign(&IdClaims {
            username: sub.clone(),
            sub,
            email,
            email_verified: true,
            token_use: "id".to_owned(),
            iss: self.inner.issuer.clone(),
            aud: CLIENT_ID.to_owned(),
            auth_time,
            iat: now,
            exp: now + TOKEN_SECONDS,
            jti: random_token(12)?,
        })
    }

    /// The access token of a user.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub(crate) fn access_token(&self, email: &str, auth_time: i64) -> Result<String, TokenError> {
        let now = self.now();
        let sub = user_id(&email.trim().to_lowercase());
        self.sign(&AccessClaims {
            sub: &sub,
            username: &sub,
            client_id: CLIENT_ID,
            scope: "openid email profile",
            token_use: "access",
            iss: &self.inner.issuer,
            auth_time,
            iat: now,
            exp: now + TOKEN_SECONDS,
            jti: random_token(12)?,
        })
    }

    fn sign(&self, claims: &impl Serialize) -> Result<String, TokenError> {
        let header = Header { kid: Some(self.inner.key_id.clone()), ..Header::new(Algorithm::RS256) };
        Ok(jsonwebtoken::encode(&header, claims, &self.inner.encoding_key)?)
    }

    /// Checks the `Authorization` header as the authorizer does: `Bearer x` or the bare token.
    ///
    /// # Errors
    /// When the token is missing or not a current ID token from this server.
    pub(crate) fn authorize(&self, authorization: Option<&str>) -> Result<IdClaims, Refusal> {
        let token = authorization.map(str::trim).filter(|value| !value.is_empty()).ok_or(Refusal::Missing)?;
        let token = match token.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => token,
        };
        if jsonwebtoken::decode_header(token)?.kid.as_deref() != Some(self.inner.key_id.as_str()) {
            return Err(Refusal::UnknownKey);
        }
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[&self.inner.issuer]);
        validation.set_audience(&[CLIENT_ID]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Checked against the injected clock, below.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<IdClaims>(token, &self.inner.decoding_key, &validation)?.claims;
        let now = self.now();
        if claims.exp <= now || claims.iat > now + 60 {
            return Err(Refusal::Expired);
        }
        if claims.token_use != "id" {
            return Err(Refusal::WrongUse);
        }
        Ok(claims)
    }

    pub(crate) fn now(&self) -> i64 {
        self.inner.clock.now().as_second()
    }
}

/// The user's id, the same in every run.
fn user_id(email: &str) -> String {
    Uuid::new_v5(&USER_NAMESPACE, email.as_bytes()).to_string()
}

#[cfg(test)]
mod tests;
