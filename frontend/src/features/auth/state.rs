//! What signing in computes: addresses, what came back, what a token says. Plain Rust.

use easy_crm_shared::site::SiteConfig;
use serde::Deserialize;

use crate::api::json;
use crate::routes;
use crate::url_encoding::{pairs, query};

const BASE64_URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base64 with the URL alphabet and no padding (RFC 4648, section 5), as PKCE and JWT want it.
pub(super) fn base64_url(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, byte| (group << 8) | u32::from(*byte));
        let group = group << (8 * (3 - chunk.len()));
        for position in 0..=chunk.len() {
            let index = (group >> (18 - 6 * position)) & 63;
            out.push(char::from(BASE64_URL[index as usize]));
        }
    }
    out
}

fn from_base64_url(text: &str) -> Option<Vec<u8>> {
    let (mut group, mut bits, mut out) = (0_u32, 0, Vec::new());
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        let value = BASE64_URL.iter().position(|candidate| *candidate == byte)?;
        group = ((group << 6) | u32::try_from(value).ok()?) & 0xFFFF;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from((group >> bits) & 0xFF).ok()?);
        }
    }
    Some(out)
}

/// What the page reads out of an ID token. It shows this and trusts it with nothing: the server checks the token.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Claims {
    /// The user's address.
    #[serde(default)]
    pub(crate) email: String,
}

/// Reads an ID token's claims, unverified.
pub(super) fn claims(id_token: &str) -> Option<Claims> {
    let payload = id_token.split('.').nth(1)?;
    json::from_str(&String::from_utf8(from_base64_url(payload)?).ok()?).ok()
}

/// Where the login service sends the browser back to.
pub(super) fn redirect_uri(origin: &str) -> String {
    format!("{origin}{}", routes::SIGNED_IN)
}

/// The address that starts a sign-in.
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

/// The address that ends the login service's own session.
pub(super) fn logout_url(config: &SiteConfig, origin: &str) -> String {
    let parameters = query([("client_id", &*config.client_id), ("logout_uri", &format!("{origin}/"))]);
    format!("{}/logout?{parameters}", config.auth_base)
}

/// What the browser has to remember between leaving for the login service and coming back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PendingSignIn {
    /// Random value that has to come back unchanged.
    pub(super) state: String,
    /// PKCE code verifier.
    pub(super) verifier: String,
    /// Path and query to return to.
    pub(super) return_to: String,
}

impl PendingSignIn {
    /// As text for the tab's storage.
    pub(super) fn to_text(&self) -> String {
        query([("state", &self.state), ("verifier", &self.verifier), ("returnTo", &self.return_to)])
    }

    /// Reads what [`Self::to_text`] wrote.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        let mut values = pairs(text).into_iter().map(|(_, value)| value);
        let (state, verifier, return_to) = (values.next()?, values.next()?, values.next()?);
        Some(Self { state, verifier, return_to })
    }
}

/// Why coming back from the login service did not sign the user in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CallbackError {
    /// The login service said no, in its own words.
    Denied(String),
    /// The answer belongs to no sign-in of this tab: an old link, another tab, or somebody's trick.
    NotOurs,
}

/// Checks what came back; gives the code to swap for tokens.
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

/// A path to return to that stays on this site, whatever the storage holds.
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
    fn base64_matches_the_rfc() {
        let check = |bytes: &[u8], expected: &str| {
            assert_eq!(base64_url(bytes), expected);
            assert_eq!(from_base64_url(expected).as_deref(), Some(bytes));
        };
        check(b"", "");
        check(b"f", "Zg");
        check(b"fo", "Zm8");
        check(b"foo", "Zm9v");
        check(b"foobar", "Zm9vYmFy");
        check(&[0xFB, 0xFF, 0xFE], "-__-");
        assert_eq!(from_base64_url("a*b"), None);
    }

    #[test]
    fn claims_are_read_and_rubbish_is_not() {
        let token = format!("x.{}.y", base64_url("{\"email\":\"ü@x.org\",\"exp\":1}".as_bytes()));
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
        assert_eq!(PendingSignIn::from_text(&pending.to_text()).as_ref(), Some(&pending));
        assert_eq!(PendingSignIn::from_text("state=S"), None);
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
