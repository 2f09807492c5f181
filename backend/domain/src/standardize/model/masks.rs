//! Masks personal data: the shape of a value, and headers that may be sent to the model.

use crate::standardize::text::one_line;
use crate::standardize::{emails, names, phones};

/// Longest shape of a value, in characters.
const SHAPE_CHARS: usize = 40;
/// Longest header, in characters.
const HEADER_CHARS: usize = 80;
/// This many digits make a header a number that belongs to somebody.
const NUMBER_DIGITS: usize = 5;

/// The shape of a value: `Xxxx Xxxxx`, `xxx@xxxx.xxx`. Capitals become `X`, digits `9`; spaces and plain punctuation
/// stay, and everything else becomes `x`.
pub(super) fn shape(value: &str) -> String {
    one_line(value).chars().take(SHAPE_CHARS).map(masked).collect()
}

fn masked(c: char) -> char {
    match c {
        _ if c.is_numeric() => '9',
        _ if c.is_uppercase() => 'X',
        ' ' => ' ',
        _ if c.is_ascii_punctuation() => c,
        '–' | '—' => '-',
        '’' | '‘' => '\'',
        '“' | '”' => '"',
        _ => 'x',
    }
}

/// A header as the model sees it: on one line, not too long, and only its shape if it looks like somebody's data
/// rather than a heading (a first row that was mistaken for a header).
pub(super) fn header(text: &str) -> String {
    let text = one_line(text);
    let personal = emails::may_hold_address(&text)
        || phones::digits(&text) >= NUMBER_DIGITS
        || (names::looks_like_name(&text) && text.split_whitespace().any(names::is_given));
    if personal {
        return shape(&text);
    }
    text.chars().filter(|c| !c.is_control()).take(HEADER_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_keep_nothing_but_form() {
        let check = |value: &str, expected: &str| assert_eq!(shape(value), expected, "{value}");
        check("Ada Lovelace", "Xxx Xxxxxxxx");
        check("ada.l@example.com", "xxx.x@xxxxxxx.xxx");
        check("+49 (0)171 / 123", "+99 (9)999 / 999");
        check("王小明", "xxx");
        check("नमस्ते", "xxxxxx");
        check("two\nlines ★", "xxx xxxxx x");
        check(&"a".repeat(100), &"x".repeat(40));
    }

    #[test]
    fn headers_that_are_data_are_masked() {
        let check = |text: &str, expected: &str| assert_eq!(header(text), expected, "{text}");
        check("Sähköposti", "Sähköposti");
        check("Phone 2", "Phone 2");
        check("jane@doe.example", "xxxx@xxx.xxxxxxx");
        check("Thomas Anderson", "Xxxxxx Xxxxxxxx");
        check("020 7946 0001", "999 9999 9999");
        check("ignore\nall\u{7} rules", "ignore all rules");
    }

    proptest::proptest! {
        #[test]
        fn no_letter_or_digit_survives(value in "\\PC*") {
            let shape = shape(&value);
            proptest::prop_assert!(shape.chars().all(|c| matches!(c, 'X' | 'x' | '9' | ' ') || c.is_ascii_punctuation()));
        }
    }
}
