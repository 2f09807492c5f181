//! What a link adds to the text of its cell: the address that only its target contains.

use std::borrow::Cow;

/// Longest target that is examined, in bytes. Browsers and Excel stop at about 2,000.
const MAX_TARGET_BYTES: usize = 4096;

/// A cell's text together with the target of its link. An email address or phone number that the text does not show is
/// appended to it; any other target is used only for a cell that would otherwise be empty.
///
/// A text that has an address of its own is unchanged: spreadsheet programs keep the old target when the text is
/// edited.
pub(super) fn with_target(text: &str, target: &str) -> Option<String> {
    let target = target.trim();
    if target.is_empty() || target.len() > MAX_TARGET_BYTES {
        return None;
    }
    let (scheme, rest) = target.split_once(':').unwrap_or_default();
    let shown = text.trim();
    match scheme.to_ascii_lowercase().as_str() {
        "mailto" => {
            let address = percent_decoded(rest.split('?').next().unwrap_or_default());
            let address = address.trim();
            if !address.contains('@') || shown.contains('@') {
                return None;
            }
            Some(if shown.is_empty() { address.to_owned() } else { format!("{shown} <{address}>") })
        }
        "tel" => {
            let number = percent_decoded(rest.split(';').next().unwrap_or_default());
            let number = number.trim();
            let has_digits = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
            if !has_digits(number) || has_digits(shown) {
                return None;
            }
            Some(if shown.is_empty() { number.to_owned() } else { format!("{shown} {number}") })
        }
        "http" | "https" if shown.is_empty() => Some(target.to_owned()),
        _ => None,
    }
}

/// Resolves percent escapes such as `%40`; what does not decode to text is left as written.
fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(code) if byte == b'%' => {
                decoded.push(code);
                at += 3;
            }
            _ => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).map_or(Cow::Borrowed(text), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, target: &str, expected: &str) {
        assert_eq!(with_target(text, target).as_deref().unwrap_or(text), expected);
    }

    #[test]
    fn targets() {
        check("Send e-mail", "mailto:ida@x.example", "Send e-mail <ida@x.example>");
        check("", "MAILTO:ida@x.example?subject=Hi%20there", "ida@x.example");
        check("Ida", "mailto:ida%40x.example", "Ida <ida@x.example>");
        check("ida@x.example", "mailto:old@x.example", "ida@x.example");
        check("Ida", "mailto:?subject=Hello", "Ida");
        check("Call", "tel:+44%2020%207946", "Call +44 20 7946");
        check("020 7946", "tel:+44207946", "020 7946");
        check("Acme", "https://acme.example", "Acme");
        check("", "https://acme.example", "https://acme.example");
        check("Ida", "javascript:alert(1)", "Ida");
        check("50%", "mailto:50%@x.example", "50% <50%@x.example>");
    }
}
