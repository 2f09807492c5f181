//! Fields of a text with backslash escapes, as MySQL, PostgreSQL and many scripts write them.

use std::borrow::Cow;

use memchr::memchr_iter;

use super::format::Format;

/// The marker for "no value".
const NULL: &str = "\\N";

/// The text of the field that begins at `pos`, and where it ends. Without a closing quote the field is unquoted.
///
/// `limit` is how far a quoted field may reach; the last value says whether a quote was opened and never closed.
pub(super) fn field(text: &str, pos: usize, limit: usize, format: Format) -> (Cow<'_, str>, usize, bool) {
    let bytes = text.as_bytes();
    let start = pos + bytes[pos..].iter().take_while(|byte| **byte == b' ').count();
    let is_quoted = bytes.get(start) == Some(&format.quote);
    if is_quoted && let Some((close, end)) = closing(bytes, start + 1, limit, format) {
        return (resolved(&text[start + 1..close], format), end, false);
    }
    let mut end = pos;
    while end < bytes.len() && !format.ends_field(bytes[end]) {
        end += if bytes[end] == b'\\' { 2 } else { 1 };
    }
    let end = end.min(bytes.len());
    // A backslash may be followed by a character of several bytes.
    let end = (end..=bytes.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(bytes.len());
    let field = &text[pos..end];
    let value = if field.trim() == NULL { Cow::Borrowed("") } else { resolved(field, format) };
    (value, end, is_quoted)
}

/// The quote that closes a field, and where the text continues after it.
fn closing(bytes: &[u8], from: usize, limit: usize, format: Format) -> Option<(usize, usize)> {
    let mut at = from;
    while at < limit.min(bytes.len()) {
        match bytes[at] {
            b'\\' => at += 2,
            byte if byte == format.quote => {
                let blanks = bytes[at + 1..].iter().take_while(|byte| **byte == b' ').count();
                let after = at + 1 + blanks;
                match bytes.get(after) {
                    Some(next) if !format.ends_field(*next) => {
                        // A doubled quote is one quote, also with backslash escapes.
                        at += if blanks == 0 && *next == format.quote { 2 } else { 1 };
                    }
                    _ => return Some((at, after.min(bytes.len()))),
                }
            }
            _ => at += 1,
        }
    }
    None
}

/// A field's text with its escapes resolved.
fn resolved(field: &str, format: Format) -> Cow<'_, str> {
    let quote = char::from(format.quote);
    if memchr_iter(b'\\', field.as_bytes()).next().is_none() && !field.contains(quote) {
        return Cow::Borrowed(field);
    }
    let mut text = String::with_capacity(field.len());
    let mut chars = field.chars().peekable();
    while let Some(c) = chars.next() {
        if c == quote {
            text.push(c);
            chars.next_if_eq(&quote);
        } else if c != '\\' {
            text.push(c);
        } else {
            match chars.next() {
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some('t') => text.push('\t'),
                // MySQL's zero and end-of-file bytes are meaningless in a list of people.
                Some('0' | 'Z') => {}
                Some(other) => text.push(other),
                None => text.push('\\'),
            }
        }
    }
    Cow::Owned(text)
}

/// Whether backslashes in a sample are certainly escapes: there is a field that is `\N`, or an escaped quote in the
/// middle of a quoted field.
pub(super) fn are_meant(sample: &str, delimiter: u8, quote: u8) -> bool {
    let bytes = sample.as_bytes();
    let ends =
        |byte: Option<&u8>| byte.is_none_or(|byte| *byte == delimiter || matches!(byte, b'\n' | b'\r'));
    memchr_iter(b'\\', bytes).any(|at| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        let next = bytes.get(at + 1);
        let is_null = next == Some(&b'N') && ends(before) && ends(bytes.get(at + 2));
        // A path `C:\` before a closing quote is not an escape.
        let is_quote = next == Some(&quote)
            && before != Some(&b'\\')
            && !ends(before)
            && !ends(bytes.get(at + 2))
            && bytes.get(at + 2) != Some(&quote);
        is_null || is_quote
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str, rest: &str) {
        let format = Format { escapes: true, ..Format::of(b',') };
        let (value, end, _) = field(text, 0, text.len(), format);
        assert_eq!((value.as_ref(), &text[end..]), (expected, rest));
    }

    #[test]
    fn fields() {
        check("a,b", "a", ",b");
        check("\\N,b", "", ",b");
        check("\\\\N", "\\N", "");
        check("a\\, b,c", "a, b", ",c");
        check("\"say \\\"x\\\", y\" ,c", "say \"x\", y", ",c");
        check("\"one\\\ntwo\",c", "one\ntwo", ",c");
        check("\"a\"\"b\",c", "a\"b", ",c");
        check("\"never closed,c", "\"never closed", ",c");
        check("x\\", "x\\", "");
        check("x\\é", "xé", "");
        check("C:\\new", "C:\new", "");
    }

    #[test]
    fn signs() {
        assert!(are_meant("a,\\N\n", b',', b'"'));
        assert!(are_meant("\"a \\\"b\\\" c\",d\n", b',', b'"'));
        assert!(!are_meant("\"C:\\\",\"d\"\n", b',', b'"'));
        assert!(!are_meant("ACME\\Nina,x\n", b',', b'"'));
    }
}
