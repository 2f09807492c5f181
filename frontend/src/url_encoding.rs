//! Query strings, written and read. Plain Rust, so that what depends on it can be tested natively.

/// Percent-encodes everything but the unreserved characters of RFC 3986.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for digit in [byte >> 4, byte & 15] {
                out.push(char::from_digit(u32::from(digit), 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
    }
    out
}

/// Reverses [`encode`] and form encoding; what is no valid escape stays as it is.
pub(crate) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match (bytes[at], escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (_, Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', None) => out.push(b' '),
            (byte, None) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Name-value pairs as a query string without the question mark.
pub(crate) fn query<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> String {
    let pairs = pairs.into_iter();
    let parts: Vec<String> =
        pairs.map(|(name, value)| format!("{}={}", encode(name.as_ref()), encode(value.as_ref()))).collect();
    parts.join("&")
}

/// The pairs of a query string, with or without the question mark, in order.
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    let query = query.strip_prefix('?').unwrap_or(query);
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(name), decode(value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_read_back() {
        for text in ["", "a b+c", "100 % & more=less?#", "Müller & Søn", "日本", "a\"'<>\\"] {
            assert_eq!(decode(&encode(text)), text);
            assert_eq!(pairs(&query([("q", text)])), [("q".to_owned(), text.to_owned())]);
        }
    }

    #[test]
    fn reads_what_others_wrote() {
        let check = |text, expected: &str| assert_eq!(decode(text), expected);
        check("a+b", "a b");
        check("50%", "50%");
        check("%zz%4", "%zz%4");
        check("%C3%BC", "ü");
        assert_eq!(pairs("?a=1&&b"), [("a".into(), "1".into()), ("b".into(), String::new())]);
    }
}
