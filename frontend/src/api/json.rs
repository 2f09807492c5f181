//! JSON to and from the wire types. An own reader and writer behind serde's traits, because `serde_json` with its
//! error texts and number parsing would be a tenth of what the browser downloads, and nobody here reads those texts.

mod raw;
mod read;
mod write;

use std::fmt;

pub(crate) use raw::RawJson;
pub(crate) use read::from_str;
pub(crate) use write::to_string;

/// A text is not the JSON that was expected, or a value cannot be written. Says nothing more: the user is told that
/// the answer cannot be read, and a page has no log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct JsonError;

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the JSON that was expected")
    }
}

impl std::error::Error for JsonError {}

impl serde::de::Error for JsonError {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
    fn invalid_type(_: serde::de::Unexpected<'_>, _: &dyn serde::de::Expected) -> Self {
        Self
    }
    fn invalid_value(_: serde::de::Unexpected<'_>, _: &dyn serde::de::Expected) -> Self {
        Self
    }
    fn invalid_length(_: usize, _: &dyn serde::de::Expected) -> Self {
        Self
    }
    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }
    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }
    fn missing_field(_: &'static str) -> Self {
        Self
    }
    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

impl serde::ser::Error for JsonError {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    enum Shape {
        Point,
        Circle(f64),
        Box { wide: u32, high: i64 },
        Pair(bool, String),
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Everything {
        text: String,
        number: u64,
        negative: i32,
        share: f64,
        flag: bool,
        nothing: Option<String>,
        something: Option<u32>,
        list: Vec<Shape>,
        map: BTreeMap<String, u8>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        left_out: Vec<u8>,
    }

    fn everything() -> Everything {
        Everything {
            text: "a \"b\" \\ / \n\t\u{1} ü 日本 \u{1F600}".into(),
            number: u64::MAX,
            negative: -42,
            share: 12.375,
            flag: true,
            nothing: None,
            something: Some(7),
            list: vec![
                Shape::Point,
                Shape::Circle(0.5),
                Shape::Box { wide: 3, high: i64::MIN },
                Shape::Pair(false, "x".into()),
            ],
            map: BTreeMap::from([("a".into(), 1), ("b c".into(), 2)]),
            left_out: Vec::new(),
        }
    }

    #[test]
    fn agrees_with_the_reference_in_both_directions() {
        let value = everything();
        let ours = to_string(&value).unwrap();
        assert_eq!(serde_json::from_str::<Everything>(&ours).unwrap(), value);
        for text in [serde_json::to_string(&value).unwrap(), serde_json::to_string_pretty(&value).unwrap()] {
            assert_eq!(from_str::<Everything>(&text), Ok(value.clone()));
        }
    }

    #[test]
    fn strings_are_read_with_every_escape() {
        let check = |text: &str| {
            assert_eq!(from_str::<String>(text).ok(), serde_json::from_str::<String>(text).ok(), "{text}");
        };
        for text in [
            r#""""#,
            r#""\u00fc\n\/\b\f\r\t""#,
            r#""\ud83d\ude00""#,
            r#""\ud83d""#,
            r#""\ude00x""#,
            r#""\ud83dx""#,
            r#""\u12""#,
            r#""\x""#,
            r#""open"#,
            "\"a\nb\"",
            r#""ü" "#,
            r#""a" b"#,
            "5",
            "",
        ] {
            check(text);
        }
    }

    #[test]
    fn numbers_are_read() {
        let check = |text: &str| {
            let (ours, reference) = (from_str::<f64>(text).ok(), serde_json::from_str::<f64>(text).ok());
            let near = match (ours, reference) {
                (Some(a), Some(b)) => (a - b).abs() <= b.abs() * 1e-15,
                (a, b) => a == b,
            };
            assert!(near, "{text}: {ours:?} {reference:?}");
        };
        for text in
            ["0", "-0", "1.5", "-2.25", "1e3", "1.5E-2", "123456789.125", "0.1", "-", "1.", ".5", "1e", "x"]
        {
            check(text);
        }
        let whole =
            |text: &str| assert_eq!(from_str::<i64>(text).ok(), serde_json::from_str::<i64>(text).ok());
        for text in
            ["9223372036854775807", "-9223372036854775808", "9223372036854775808", "1.5", "-1", "\"1\""]
        {
            whole(text);
        }
        assert_eq!(from_str::<u64>("18446744073709551616"), Err(JsonError));
        assert_eq!(from_str::<u8>("256"), Err(JsonError));
        assert_eq!(from_str::<u8>("-1"), Err(JsonError));
    }

    #[test]
    fn unknown_fields_are_skipped_and_broken_texts_refused() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct One {
            a: u8,
        }
        let check = |text: &str, expected| assert_eq!(from_str::<One>(text), expected, "{text}");
        check(r#"{"x":[1,{"y":"}"},null,true],"a":1,"z":{}}"#, Ok(One { a: 1 }));
        for text in [
            r#"{"a":1"#,
            r#"{"a":1,}"#,
            r#"{"a" 1}"#,
            r#"{a:1}"#,
            "[1]",
            "null",
            r#"{"a":1}}"#,
            r#"{"x":[1,],"a":1}"#,
        ] {
            check(text, Err(JsonError));
        }
        assert_eq!(from_str::<Vec<u8>>("[1,]"), Err(JsonError));
        assert_eq!(from_str::<Vec<u8>>("[1 2]"), Err(JsonError));
        let deep = "[".repeat(100_000);
        assert_eq!(from_str::<serde_json::Value>(&deep).ok(), None);
        assert_eq!(from_str::<One>(&format!("{{\"x\":{deep}")), Err(JsonError));
    }
}
