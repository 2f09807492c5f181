//! Signing in as the page does: authorization code with PKCE, rotation, sign-out.

use reqwest::{Response, StatusCode};
use serde_json::Value;

use super::*;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// RFC 7636, appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

struct Browser<'a> {
    local: &'a LocalApp,
}

impl Browser<'_> {
    fn redirect_uri(&self) -> String {
        format!("{}/signed-in", self.local.base_url())
    }

    fn authorize_url(&self, changes: &[(&str, &str)]) -> String {
        let redirect_uri = self.redirect_uri();
        let mut query = vec![
            ("response_type", "code"),
            ("client_id", "easy-crm-local"),
            ("redirect_uri", &redirect_uri),
            ("state", "st&te"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("scope", "openid email profile"),
        ];
        for (name, value) in changes {
            if let Some(pair) = query.iter_mut().find(|(found, _)| found == name) {
                pair.1 = value;
            }
        }
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        format!("{}/oauth2/authorize?{query}", self.local.base_url())
    }

    async fn sign_in(&self, email: &str, password: &str) -> Response {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("username", email)
            .append_pair("password", password)
            .finish();
        self.post(&self.authorize_url(&[]), form).await
    }

    async fn post(&self, url: &str, form: String) -> Response {
        client()
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
            .send()
            .await
            .unwrap()
    }

    /// A fresh code.
    async fn code(&self) -> String {
        let user = self.local.sign_ins().unwrap().users.remove(0);
        let answer = self.sign_in(&user.email, &user.password).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let location = answer.headers()["location"].to_str().unwrap();
        let (base, query) = location.split_once('?').unwrap();
        assert_eq!(base, self.redirect_uri());
        let query: std::collections::HashMap<_, _> =
            form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        assert_eq!(query["state"], "st&te");
        query["code"].clone()
    }

    async fn token(&self, form: &[(&str, &str)]) -> (StatusCode, Value) {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", "easy-crm-local")
            .extend_pairs(form)
            .finish();
        let answer = self.post(&format!("{}/oauth2/token", self.local.base_url()), form).await;
        (answer.status(), answer.json().await.unwrap())
    }

    async fn exchange(&self, code: &str, verifier: &str, redirect_uri: &str) -> (StatusCode, Value) {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", verifier),
            ("redirect_uri", redirect_uri),
        ])
        .await
    }

    async fn refresh(&self, token: &str) -> (StatusCode, Value) {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }
}

fn refused(error: &str) -> (StatusCode, Value) {
    (StatusCode::BAD_REQUEST, serde_json::json!({ "error": error }))
}

#[tokio::test]
async fn a_user_signs_in_and_stays_signed_in() {
    let Fixture { local, clock, folder } = start().await;
    let browser = Browser { local: &local };
    let page = client().get(browser.authorize_url(&[])).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains(&format!("form-action 'self' {}", local.base_url())), "{policy}");
    assert!(page.text().await.unwrap().contains("<form method=\"post\">"));

    let code = browser.code().await;
    let (status, tokens) = browser.exchange(&code, VERIFIER, &browser.redirect_uri()).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!((&tokens["expires_in"], &tokens["token_type"]), (&3600.into(), &"Bearer".into()));
    let user_info = |token: String| {
        client().get(format!("{}/oauth2/userInfo", local.base_url())).bearer_auth(token).send()
    };
    let id_token = tokens["id_token"].as_str().unwrap().to_owned();
    let info: Value = user_info(id_token).await.unwrap().json().await.unwrap();
    assert_eq!(info["email"], crate::DEMO_USER);
    assert_eq!(browser.exchange(&code, VERIFIER, &browser.redirect_uri()).await, refused("invalid_grant"));

    // Rotation: a new token each time; the old one works for a moment, and using it later ends the session.
    let first = tokens["refresh_token"].as_str().unwrap().to_owned();
    let (status, tokens) = browser.refresh(&first).await;
    assert_eq!(status, StatusCode::OK);
    let second = tokens["refresh_token"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    assert_eq!(browser.refresh(&first).await.0, StatusCode::OK, "the response may have been lost");
    clock.advance(11);
    assert_eq!(browser.refresh(&first).await, refused("invalid_grant"));
    assert_eq!(browser.refresh(&second).await, refused("invalid_grant"), "the whole session ended");
    // Only hashes are on disk.
    let stored = std::fs::read(folder.path().join("data/login.sqlite")).unwrap();
    assert!(!stored.windows(second.len()).any(|window| window == second.as_bytes()));

    let keys: Value = client()
        .get(format!("{}/.well-known/jwks.json", local.base_url()))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!((&keys["keys"][0]["kty"], &keys["keys"][0]["alg"]), (&"RSA".into(), &"RS256".into()));
    assert!(keys["keys"][0].get("d").is_none());
}

#[tokio::test]
async fn a_stolen_code_is_worth_nothing() {
    let Fixture { local, clock, folder: _folder } = start().await;
    let browser = Browser { local: &local };
    let other_verifier = "x".repeat(43);
    let code = browser.code().await;
    assert_eq!(
        browser.exchange(&code, &other_verifier, &browser.redirect_uri()).await,
        refused("invalid_grant")
    );
    assert_eq!(
        browser.exchange(&code, VERIFIER, &browser.redirect_uri()).await,
        refused("invalid_grant"),
        "a failed attempt uses it up"
    );
    let code = browser.code().await;
    assert_eq!(
        browser.exchange(&code, VERIFIER, "http://127.0.0.1:1/signed-in").await,
        refused("invalid_grant")
    );
    let code = browser.code().await;
    clock.advance(5 * 60);
    assert_eq!(
        browser.exchange(&code, VERIFIER, &browser.redirect_uri()).await,
        refused("invalid_grant"),
        "too late"
    );
}

#[tokio::test]
async fn links_that_lead_elsewhere_show_a_page_and_never_redirect() {
    let Fixture { local, folder: _folder, .. } = start().await;
    let browser = Browser { local: &local };
    for change in [
        ("redirect_uri", "https://evil.example/signed-in"),
        ("redirect_uri", "http://127.0.0.1@evil.example/signed-in"),
        ("redirect_uri", "http://127.0.0.1:8080/elsewhere"),
        ("redirect_uri", "//evil.example/signed-in"),
        ("redirect_uri", ""),
        ("client_id", "other"),
    ] {
        let answer = client().get(browser.authorize_url(&[change])).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{change:?}");
        assert!(!answer.headers().contains_key("location"), "{change:?}");
    }
    for (change, error) in [
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge", ""), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
    ] {
        let answer = client().get(browser.authorize_url(&[change])).send().await.unwrap();
        let location = answer.headers()["location"].to_str().unwrap().to_owned();
        assert_eq!(location, format!("{}?error={error}&state=st%26te", browser.redirect_uri()));
    }
    let logout = |uri: &str| {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", "easy-crm-local")
            .append_pair("logout_uri", uri)
            .finish();
        client().get(format!("{}/logout?{query}", local.base_url())).send()
    };
    assert_eq!(logout("https://evil.example/").await.unwrap().status(), StatusCode::BAD_REQUEST);
    let home = format!("{}/", local.base_url());
    assert_eq!(logout(&home).await.unwrap().headers()["location"], home.as_str());
}

#[tokio::test]
async fn wrong_passwords_have_to_wait() {
    let Fixture { local, clock, folder: _folder } = start().await;
    let browser = Browser { local: &local };
    let user = local.sign_ins().unwrap().users.remove(0);
    let unknown = browser.sign_in("<b>\"x@example.com", "").await;
    assert_eq!(unknown.status(), StatusCode::UNAUTHORIZED);
    assert!(unknown.text().await.unwrap().contains("&lt;b&gt;&quot;x@example.com"), "echoed as text");
    for _ in 0..5 {
        assert_eq!(browser.sign_in(&user.email, "wrong").await.status(), StatusCode::UNAUTHORIZED);
    }
    let blocked = browser.sign_in(&user.email, &user.password).await;
    assert_eq!(blocked.status(), StatusCode::TOO_MANY_REQUESTS, "even with the right password");
    clock.advance(30);
    assert_eq!(browser.sign_in(&user.email, &user.password).await.status(), StatusCode::SEE_OTHER);
}
