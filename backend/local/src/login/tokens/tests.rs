//! Attacks on tokens that the authorizer has to withstand.

use std::sync::atomic::{AtomicI64, Ordering};

use easy_crm_lambdas::clock::Clock;
use jiff::Timestamp;

use super::*;

struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

const NOW: i64 = 1_800_000_000;

struct Fixture {
    _folder: tempfile::TempDir,
    tokens: Tokens,
    clock: Arc<TestClock>,
}

fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(TestClock(AtomicI64::new(NOW)));
    let tokens = Tokens::open(&DataFolder::open(folder.path()).unwrap(), clock.clone()).unwrap();
    Fixture { _folder: folder, tokens, clock }
}

fn segment(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn read_segment(token: &str, position: usize) -> Value {
    let text = token.split('.').nth(position).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

#[test]
fn a_good_token_is_accepted_with_and_without_bearer() {
    let Fixture { tokens, .. } = fixture();
    let token = tokens.id_token(" Ann@Example.com ", NOW).unwrap();
    for header in [token.clone(), format!("Bearer {token}"), format!("bearer  {token}")] {
        let claims = tokens.authorize(Some(&header)).unwrap();
        assert_eq!(claims.email, "ann@example.com");
        assert_eq!(claims.sub, user_id("ann@example.com"));
    }
}

#[test]
fn attacks_are_refused() {
    let Fixture { tokens, .. } = fixture();
    let stranger = fixture();
    let good = tokens.id_token("ann@example.com", NOW).unwrap();
    let (header, claims) = (read_segment(&good, 0), read_segment(&good, 1));
    let signature = good.rsplit('.').next().unwrap();
    let signed_with = |change: &dyn Fn(&mut Value)| {
        let mut claims = claims.clone();
        change(&mut claims);
        tokens.sign(&claims).unwrap()
    };
    let mut none = header.clone();
    none["alg"] = "none".into();
    let mut hs256 = header.clone();
    hs256["alg"] = "HS256".into();
    let mut other_key = header.clone();
    other_key["kid"] = "other".into();
    let mut no_key = header.clone();
    no_key.as_object_mut().unwrap().remove("kid");
    let mut mallory = claims.clone();
    mallory["email"] = "mallory@example.com".into();
    let hmac_input = format!("{}.{}", segment(&hs256), segment(&claims));
    let public_key = URL_SAFE_NO_PAD.decode(tokens.jwks()["keys"][0]["n"].as_str().unwrap()).unwrap();
    let hmac =
        ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &public_key), hmac_input.as_bytes());
    let strangers = stranger.tokens.id_token("ann@example.com", NOW).unwrap();
    let strangers_signature = strangers.rsplit('.').next().unwrap();

    let attacks = [
        ("nothing", String::new()),
        ("only the scheme", "Bearer ".to_owned()),
        ("rubbish", "Bearer rubbish".to_owned()),
        ("alg none, no signature", format!("{}.{}.", segment(&none), segment(&claims))),
        ("alg none, old signature", format!("{}.{}.{signature}", segment(&none), segment(&claims))),
        ("HS256 with the public key", format!("{hmac_input}.{}", URL_SAFE_NO_PAD.encode(hmac.as_ref()))),
        ("other key id", format!("{}.{}.{signature}", segment(&other_key), segment(&claims))),
        ("no key id", format!("{}.{}.{signature}", segment(&no_key), segment(&claims))),
        ("changed payload", format!("{}.{}.{signature}", segment(&header), segment(&mallory))),
        ("no signature", format!("{}.{}.", segment(&header), segment(&claims))),
        ("another server's token", strangers.clone()),
        (
            "another server's signature",
            format!("{}.{}.{strangers_signature}", segment(&header), segment(&claims)),
        ),
        ("wrong issuer", signed_with(&|claims| claims["iss"] = "https://evil.example".into())),
        ("wrong audience", signed_with(&|claims| claims["aud"] = "other-client".into())),
        ("several audiences without ours", signed_with(&|claims| claims["aud"] = json!(["a", "b"]))),
        ("no audience", signed_with(&|claims| _ = claims.as_object_mut().unwrap().remove("aud"))),
        ("expired", signed_with(&|claims| claims["exp"] = NOW.into())),
        ("no expiry", signed_with(&|claims| _ = claims.as_object_mut().unwrap().remove("exp"))),
        ("from the future", signed_with(&|claims| claims["iat"] = (NOW + 3600).into())),
        ("token_use access", signed_with(&|claims| claims["token_use"] = "access".into())),
        ("an access token", tokens.access_token("ann@example.com", NOW).unwrap()),
        ("trailing space and rubbish", format!("{good} x")),
        ("two schemes", format!("Bearer Bearer {good}")),
    ];
    for (attack, token) in attacks {
        assert!(tokens.authorize(Some(&token)).is_err(), "{attack} was let in");
    }
    assert!(tokens.authorize(None).is_err());
    tokens.authorize(Some(&good)).unwrap();
}

#[test]
fn a_token_ends_with_its_hour() {
    let Fixture { tokens, clock, .. } = fixture();
    let token = tokens.id_token("ann@example.com", NOW).unwrap();
    clock.0.store(NOW + TOKEN_SECONDS - 1, Ordering::SeqCst);
    tokens.authorize(Some(&token)).unwrap();
    clock.0.store(NOW + TOKEN_SECONDS, Ordering::SeqCst);
    assert!(matches!(tokens.authorize(Some(&token)), Err(Refusal::Expired)));
}
