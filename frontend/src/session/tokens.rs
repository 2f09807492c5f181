//! The tokens of a session, and which tokens replace which. Plain Rust.

use serde::{Deserialize, Serialize};

/// A token that expires sooner than this is renewed first.
const RENEW_BEFORE_MS: f64 = 60_000.0;

/// The tokens of a signed-in user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Tokens {
    /// Chosen at random when the user signs in; renewed tokens keep it.
    pub(super) session_id: String,
    /// What the API requires; empty until a reloaded tab has got one.
    pub(super) id_token: String,
    /// Gets new tokens, once.
    pub(super) refresh_token: Option<String>,
    /// When the ID token expires, in milliseconds since 1970.
    pub(super) expires_at_ms: f64,
}

impl Tokens {
    /// Whether the ID token is valid for at least another minute.
    pub(super) fn are_fresh(&self, now_ms: f64) -> bool {
        self.expires_at_ms - now_ms > RENEW_BEFORE_MS
    }

    /// Whether a tab takes these over from another one: if it has none, or older ones of the same session. `ended` are
    /// the sessions that are over.
    pub(super) fn replace(&self, own: Option<&Self>, ended: &[String]) -> bool {
        let are_newer =
            |own: &Self| own.session_id == self.session_id && own.expires_at_ms < self.expires_at_ms;
        !ended.contains(&self.session_id) && own.is_none_or(are_newer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(session_id: &str, expires_at_ms: f64) -> Tokens {
        Tokens { session_id: session_id.into(), id_token: "i".into(), refresh_token: None, expires_at_ms }
    }

    #[test]
    fn a_token_is_renewed_in_its_last_minute() {
        assert!(tokens("a", 100_000.0).are_fresh(39_000.0));
        assert!(!tokens("a", 100_000.0).are_fresh(40_000.0));
    }

    #[test]
    fn only_newer_tokens_of_the_same_session_replace_others() {
        let check = |other: (&str, f64), own: Option<(&str, f64)>, expected| {
            let own = own.map(|(session_id, expires)| tokens(session_id, expires));
            let ended = ["ended".to_owned()];
            assert_eq!(tokens(other.0, other.1).replace(own.as_ref(), &ended), expected, "{other:?}");
        };
        check(("a", 1.0), None, true);
        check(("a", 2.0), Some(("a", 1.0)), true);
        check(("a", 1.0), Some(("a", 1.0)), false);
        check(("b", 2.0), Some(("a", 1.0)), false);
        check(("ended", 2.0), None, false);
    }
}
