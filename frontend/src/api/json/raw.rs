//! JSON that is passed on as it is.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A value as JSON text. The page keeps what it only passes on, such as the condition of a query, in this form: code that
/// understood it would be downloaded for nothing. Read by [`from_str`](super::from_str) only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawJson(pub(crate) String);

impl RawJson {
    /// What tells the reader to hand over the text.
    pub(super) const NAME: &'static str = "RawJson";
}

impl<'de> Deserialize<'de> for RawJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = RawJson;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<RawJson, E> {
                Ok(RawJson(text.to_owned()))
            }
        }
        deserializer.deserialize_newtype_struct(Self::NAME, Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::json::from_str;

    #[test]
    fn a_value_is_kept_as_it_stands() {
        let check =
            |text: &str, raw: &str| assert_eq!(from_str::<RawJson>(text), Ok(RawJson(raw.to_owned())));
        check(r#" {"a": [1, "}"], "b":null} "#, r#"{"a": [1, "}"], "b":null}"#);
        check(r#""\"ü""#, r#""\"ü""#);
        assert_eq!(
            from_str::<Vec<Option<RawJson>>>("[null, 7]"),
            Ok(vec![None, Some(RawJson("7".to_owned()))])
        );
        for broken in ["", "{", r#"{"a"}"#, "[1,]", "nul"] {
            assert!(from_str::<RawJson>(broken).is_err(), "{broken}");
        }
    }
}
