//! Email addresses in the normal form they are compared in.
//!
//! Rule: the founding document's `normalize_email`: trim and lower-case; `''`, `n/a`, `null` and `none` are missing.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An email address, trimmed and in lower case, that is not one of the words for "missing".
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NormalizedEmail(String);

impl NormalizedEmail {
    /// Normalises an address; `None` if it is missing.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let normalized = text.trim().to_lowercase();
        match normalized.as_str() {
            "" | "n/a" | "null" | "none" => None,
            _ => Some(Self(normalized)),
        }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NormalizedEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: Option<&str>) {
        assert_eq!(
            NormalizedEmail::parse(input).as_ref().map(NormalizedEmail::as_str),
            expected,
            "{input:?}"
        );
    }

    #[test]
    fn normalises_as_the_founding_document_says() {
        check(" John.Doe@Example.COM ", Some("john.doe@example.com"));
        check("a@b.c", Some("a@b.c"));
        for missing in ["", "  ", "N/A", "n/a", "NULL", "None", " none "] {
            check(missing, None);
        }
    }

    proptest::proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "\\PC*") {
            if let Some(once) = NormalizedEmail::parse(&text) {
                proptest::prop_assert_eq!(NormalizedEmail::parse(once.as_str()), Some(once));
            }
        }
    }
}
