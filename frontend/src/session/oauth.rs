//! The pure parts of signing in: URLs, the callback, the claims of a token. Plain Rust.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use easy_crm_shared::site::SiteConfig;
use serde::{Deserialize, Serialize};

use crate::query_string::{pairs, query};
use crate::routes;

/// What the page reads from an ID token. For display only: the server checks the token.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Claims {
    /// The user's email address.
    #[serde(default)]
    pub(crate) email: String,
}

/// Reads an ID token's claims without verifying them.
pub(super) fn claims(id_token: &str) -> Option<Claims> {
    let payload = id_token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

/// Where the login service redirects the browser to.
pub(super) fn redirect_uri(origin: &str) -> String {
    format!("{origin}{}", routes::SIGNED_IN)
}

/// The URL that starts a sign-in.
pub(super) fn authorize_url(config: &SiteConfig, origin: &str, state: &str, challenge: &str) -> String {
    let parameters = query([
        ("response_type", "code"),
        ("client_id", &config.client_id),
        ("redirect_uri", &redirect_uri(origin)),
        ("scope", "openid email profile"),
        ("state", state),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
    ]);
    format!("{}/oauth2/authorize?{parameters}", config.auth_base)
}

/// The URL that ends the login service's own session.
pub(super) fn logout_url(config: &SiteConfig, origin: &str) -> String {
    let parameters = query([("client_id", &*config.client_id), ("logout_uri", &format!("{origin}/"))]);
    format!("{}/logout?{parameters}", config.auth_base)
}

/// What the browser has to remember while the user is at the login service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PendingSignIn {
    /// Random value that must come back unchanged.
    pub(super) state: String,
    /// PKCE code verifier.
    pub(super) verifier: String,
    /// Path and query to return to.
    pub(super) return_to: String,
}

/// Why the login service's callback did not sign the user in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CallbackError {
    /// The login service refused, in its own words.
    Denied(String),
    /// The callback belongs to no sign-in of this tab: an old link, another tab, or an attack.
    NotOurs,
}

/// Checks the callback; returns the code to exchange for tokens.
pub(super) fn code_of(search: &str, pending: Option<&PendingSignIn>) -> Result<String, CallbackError> {
    let parameters = pairs(search);
    let get = |name: &str| parameters.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    let pending = pending.ok_or(CallbackError::NotOurs)?;
    if get("state") != Some(pending.state.as_str()) {
        return Err(CallbackError::NotOurs);
    }
    if let Some(error) = get("error") {
        let words = get("error_description").filter(|words| !words.is_empty()).unwrap_or(error);
        return Err(CallbackError::Denied(words.to_owned()));
    }
    get("code").map(str::to_owned).ok_or(CallbackError::NotOurs)
}

/// A path to return to that stays on this site, whatever the stored one is.
pub(super) fn safe_return_path(path: &str) -> &str {
    let local = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    if local && !path.starts_with(routes::SIGNED_IN) { path } else { routes::HOME }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> SiteConfig {
        SiteConfig {
            api_base: "/api".into(),
            auth_base: "https://login.example".into(),
            client_id: "page".into(),
            environment: "dev".into(),
            max_file_size: 1,
        }
    }

    #[test]
    fn claims_are_read_and_rubbish_is_not() {
        let token = format!("x.{}.y", URL_SAFE_NO_PAD.encode("{\"email\":\"ü@x.org\",\"exp\":1}"));
        assert_eq!(claims(&token).map(|claims| claims.email).as_deref(), Some("ü@x.org"));
        assert_eq!(claims("no token"), None);
    }

    #[test]
    fn addresses_are_complete() {
        assert_eq!(
            authorize_url(&config(), "https://crm.example", "S", "C"),
            "https://login.example/oauth2/authorize?response_type=code&client_id=page\
             &redirect_uri=https%3A%2F%2Fcrm.example%2Fsigned-in&scope=openid%20email%20profile&state=S\
             &code_challenge=C&code_challenge_method=S256"
        );
        assert_eq!(
            logout_url(&config(), "https://crm.example"),
            "https://login.example/logout?client_id=page&logout_uri=https%3A%2F%2Fcrm.example%2F"
        );
    }

    #[test]
    fn only_an_answer_to_our_own_question_counts() {
        let pending = PendingSignIn { state: "S".into(), verifier: "V".into(), return_to: "/?page=2".into() };
        let check = |search, pending, expected| assert_eq!(code_of(search, pending), expected);
        check("?code=abc&state=S", Some(&pending), Ok("abc".into()));
        check("?code=abc&state=T", Some(&pending), Err(CallbackError::NotOurs));
        check("?code=abc&state=S", None, Err(CallbackError::NotOurs));
        check("?state=S", Some(&pending), Err(CallbackError::NotOurs));
        check(
            "?error=access_denied&error_description=No+invitation&state=S",
            Some(&pending),
            Err(CallbackError::Denied("No invitation".into())),
        );
    }

    #[test]
    fn never_returns_to_another_site() {
        let check = |path, expected: &str| assert_eq!(safe_return_path(path), expected);
        check("/?page=3&q=a", "/?page=3&q=a");
        check("//evil.example", "/");
        check("/\\evil.example", "/");
        check("https://evil.example", "/");
        check("/signed-in?code=1", "/");
        check("", "/");
    }
}
