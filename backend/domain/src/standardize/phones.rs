//! Phone numbers inside cells: what counts as one, and what is wrapped around them.

use super::text::trimmed;

mod dates;
mod extension;
mod labels;
mod list;

pub(super) use dates::looks_like_date;
use extension::{is_number_char, without_extension};
pub(super) use labels::{NEVER, number_rank, says_nothing};
pub(super) use list::{are_phones, find_all};

/// A cell without the wrappers spreadsheets and exports put around numbers: a guarding `'`, `="…"`, `tel:`, `p:`,
/// and the `.0` of a number that went through a floating-point column.
pub(super) fn unwrapped(cell: &str) -> &str {
    let mut text = trimmed(cell);
    if let Some(inner) = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        text = trimmed(inner);
    }
    if let Some(rest) = text.strip_prefix('\'')
        && rest.chars().any(|c| c.is_ascii_digit())
    {
        text = trimmed(rest);
    }
    for prefix in ["tel:", "p:", "phone:", "callto:", "Tel:", "TEL:", "Phone:", "P:", "whatsapp:", "m:", "t:"]
    {
        if let Some(rest) = text.strip_prefix(prefix)
            && digits(rest) >= 5
        {
            text = trimmed(rest);
            break;
        }
    }
    // a list of one, as databases write it
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'))
        && digits(inner) >= 5
    {
        text = trimmed(inner);
    }
    if text.starts_with('"') && text.ends_with('"') && digits(text) >= 5 {
        text = trimmed(text.trim_matches('"'));
    }
    if let Some(whole) = text.strip_suffix(".0")
        && whole.len() >= 6
        && whole.trim_start_matches('+').bytes().all(|b| b.is_ascii_digit())
    {
        text = whole;
    }
    text
}

/// Number of digits, in any script.
pub(super) fn digits(text: &str) -> usize {
    if text.is_ascii() {
        return text.bytes().filter(u8::is_ascii_digit).count();
    }
    text.chars().filter(|c| c.is_numeric()).count()
}

/// Whether the text looks like one phone number, with or without an extension.
pub(super) fn is_phone(text: &str) -> bool {
    if text.len() > 60 {
        return false;
    }
    // most numbers are written plainly, and most other cells have no digits
    if let Some(count) = digits_of_plain_number(text) {
        return (5..=17).contains(&count);
    }
    if !(5..=22).contains(&digits(text)) {
        return false;
    }
    let main = without_extension(text);
    main.chars().all(|c| is_number_char(c) || c == '#') && (5..=17).contains(&digits(main))
}

/// Number of digits of a text written only with the ASCII characters of numbers.
fn digits_of_plain_number(text: &str) -> Option<usize> {
    let mut count = 0;
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => count += 1,
            b'+' | b'-' | b'(' | b')' | b'.' | b'/' | b' ' => {}
            _ => return None,
        }
    }
    Some(count)
}

/// Whether the text looks like a phone number and like nothing else: a plus sign, or the grouping of numbers.
pub(super) fn is_surely_phone(text: &str) -> bool {
    if !is_phone(text) || looks_like_date(text) || !(7..=19).contains(&digits(text)) {
        return false;
    }
    let main = without_extension(text).trim();
    let grouped = main.chars().filter(|c| matches!(c, ' ' | '-' | '.' | '/' | '(' | '\u{a0}')).count();
    let decimal = main.matches('.').count() == 1 && grouped == 1;
    main.starts_with('+')
        || main.starts_with("00")
        || main.starts_with('(')
        || (grouped >= 1 && !decimal && !is_ip(main) && !is_post_code(main))
        || (main.starts_with('0') && main.len() >= 9)
        || (main.len() == 11 && main.starts_with('1') && main.bytes().all(|b| b.is_ascii_digit()))
}

/// `12345-6789`, `820-8009`: seven to nine digits with one hyphen are more likely post codes.
fn is_post_code(text: &str) -> bool {
    let shape: Vec<usize> = text.split('-').map(str::len).collect();
    matches!(shape.as_slice(), [5, 4] | [3, 4] | [4, 3] | [5, 3])
        && text.chars().all(|c| c.is_ascii_digit() || c == '-')
}

fn is_ip(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() == 4 && parts.iter().all(|part| part.parse::<u8>().is_ok())
}

/// Whether digits were lost: a number that a spreadsheet rounded (`6.59E+09`, `6,59E+09`).
pub(super) fn is_damaged(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    mantissa.replace(',', ".").parse::<f64>().is_ok()
        && exponent.trim_start_matches('+').parse::<u8>().is_ok()
}

/// Whether it is a number spelled with letters (`1-800-FLOWERS`). Only a header can distinguish such cells from codes.
pub(super) fn is_vanity(text: &str) -> bool {
    let text = without_extension(trimmed(text));
    let (mut figures, mut letters, mut groups) = (0, 0, 0);
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '0'..='9' => figures += 1,
            'A'..='Z' => {
                if letters > 0 && !before.is_ascii_uppercase() && before != '-' {
                    return false;
                }
                letters += 1;
            }
            '+' | '-' | '(' | ')' | ' ' | '.' => groups += 1,
            _ => return false,
        }
        before = c;
    }
    figures >= 3
        && letters >= 3
        && groups >= 1
        && (7..=15).contains(&(figures + letters))
        && text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '('))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_numbers() {
        for text in [
            "+1 212-555-0163",
            "(206) 555-0199",
            "0221/4710949",
            "+49 (0)89 99998-973",
            "001-197-555-0153",
            "+1-216-555-0153x7594",
            "+1-484-555-0197 ext. 976",
            "212.555.0112",
            "01 99 00 98 95",
            "03-4725-9899",
            "(206) 555-0125,,,001#",
            "02-2623-3661/948",
        ] {
            assert!(is_surely_phone(text), "{text}");
        }
        for text in [
            "2024-05-01",
            "01/02/2024",
            "12.5",
            "820-8009",
            "john",
            "198.51.100.236",
            "1437.77",
            "12345",
            "2016-2017",
        ] {
            assert!(!is_surely_phone(text), "{text}");
        }
        assert!(is_phone("6591234567"));
    }

    #[test]
    fn unwraps() {
        for (cell, expected) in [
            ("'+12125550194", "+12125550194"),
            ("=\"0412345678\"", "0412345678"),
            ("p:+130355", "+130355"),
            ("6591234567.0", "6591234567"),
        ] {
            assert_eq!(unwrapped(cell), expected);
        }
    }
}
