//! Query strings, and percent-encoding of path segments.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but the unreserved characters of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encodes a text for use as a path segment or a query value.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Name-value pairs as a query string without the question mark.
pub(crate) fn query<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> String {
    // A plus sign means a space only in forms; `%20` means one everywhere.
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().replace('+', "%20")
}

/// The pairs of a query string, with or without the question mark, in order.
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    let query = query.strip_prefix('?').unwrap_or(query);
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for text in ["", "a b+c", "100 % & more=less?#", "Müller & Søn", "日本", "a\"'<>\\"] {
            let written = query([("q", text)]);
            assert!(!written.contains(['+', ' ']), "{written}");
            assert_eq!(pairs(&written), [("q".to_owned(), text.to_owned())]);
            assert_eq!(pairs(&format!("?q={}", encode(text))), [("q".to_owned(), text.to_owned())]);
        }
    }
}
