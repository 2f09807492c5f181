//! Cells with several phone numbers, with labels before or after them.

use super::extension::{extension_length, is_number_char, without_extension};
use super::{digits, is_phone, is_surely_phone, looks_like_date, unwrapped};
use crate::standardize::emails::Span;

/// A number of a cell that may contain several, with the label written next to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::standardize) struct Found<'a> {
    pub(in crate::standardize) span: Span,
    pub(in crate::standardize) label: &'a str,
}

/// Longer texts, in bytes, are not lists of numbers.
const LONGEST_LIST: usize = 2000;
/// Longer texts next to a number, in bytes, are not labels.
const LONGEST_LABEL: usize = 40;
/// With this many digits a number still counts among words that are not a label.
const DIGITS_AMONG_WORDS: usize = 7;
/// With fewer digits it is part of the words around it (`after 5 pm`).
const FEWEST_DIGITS: usize = 5;

/// The numbers of a cell in order: `+1 212 … ::: (206) …`, `Mobile: 0171…, Fax: …`, `0171… (home)`.
pub(in crate::standardize) fn find_all(cell: &str) -> Vec<Found<'_>> {
    if cell.len() > LONGEST_LIST || digits(cell) < FEWEST_DIGITS {
        return Vec::new();
    }
    let base = cell.as_ptr() as usize;
    let span = |number: &str| {
        let start = number.as_ptr() as usize - base;
        Span { start, end: start + number.len() }
    };
    let whole = unwrapped(cell);
    if without_extension(whole).len() < whole.len() && is_phone(whole) {
        return vec![Found { span: span(whole), label: "" }];
    }
    let mut found = Vec::new();
    for part in split(cell) {
        for (label, number) in numbers(part) {
            found.push(Found { span: span(number), label });
        }
    }
    found
}

/// Whether the cell is one or several sure numbers with their labels, and nothing else.
/// `found` is what [`find_all`] finds in it.
pub(in crate::standardize) fn are_phones(cell: &str, found: &[Found<'_>]) -> bool {
    let numbers: usize =
        found.iter().map(|found| found.span.end - found.span.start + found.label.len()).sum();
    !found.is_empty()
        && found.iter().all(|found| is_surely_phone(&cell[found.span.start..found.span.end]))
        && numbers * 10 >= cell.trim().len() * 7
}

/// Splits a cell at separators, if every part that has digits is a number of its own.
fn split(cell: &str) -> Vec<&str> {
    let plain = |c: char| c.is_numeric() || matches!(c, '+' | '-' | '(' | ')' | '.' | ' ');
    if cell.chars().all(plain) {
        return vec![cell];
    }
    let mut parts = vec![cell];
    for separator in [
        ":::", "\n", "\r", ";", "|", "、", "，", ",", " / ", " or ", " oder ", " ou ", " & ", " and ",
        " u. ", "/",
    ] {
        if !cell.contains(separator) {
            continue;
        }
        parts = parts
            .into_iter()
            .flat_map(|part| {
                if !part.contains(separator) {
                    return vec![part];
                }
                let pieces: Vec<&str> =
                    part.split(separator).filter(|piece| !piece.trim().is_empty()).collect();
                let whole = pieces.len() > 1 && pieces.iter().any(|piece| (1..7).contains(&digits(piece)));
                // "Tel/Fax: 030 …" is one label
                let labels = separator == "/" && pieces.iter().any(|piece| digits(piece) == 0);
                if pieces.len() < 2 || whole || labels { vec![part] } else { pieces }
            })
            .collect();
    }
    parts
}

/// The numbers of a part with their labels: before (`Direct 020 … Mobile 07700 …`), or after if the part begins with a
/// number and ends with a word.
fn numbers(part: &str) -> Vec<(&str, &str)> {
    let (texts, numbers) = cut(part);
    let label = |text: &str| text.chars().any(char::is_alphabetic);
    let behind =
        texts.first().is_none_or(|text| !label(text)) && texts.last().is_some_and(|text| label(text));
    let mut found = Vec::new();
    for (at, number) in numbers.into_iter().enumerate() {
        let before = texts.get(at).copied().unwrap_or("");
        let after = texts.get(at + 1).copied().unwrap_or("");
        let touched = before.ends_with(char::is_alphanumeric) || after.starts_with(char::is_alphanumeric);
        let text = if behind { after } else { before };
        // longer text is not a label; "(ask for Anna)" is not one either, but treating it as one does no harm
        let label = if text.len() <= LONGEST_LABEL && label(text) && digits(text) == 0 {
            bare_label(text)
        } else {
            ""
        };
        let number = unwrapped(number);
        let sure = if label.is_empty() || behind {
            texts.iter().all(|text| !text.chars().any(char::is_alphabetic)) || is_surely_phone(number)
        } else {
            true
        };
        let among_words = digits(number) >= DIGITS_AMONG_WORDS;
        if !touched
            && (sure || among_words && text.len() <= LONGEST_LABEL)
            && is_phone(number)
            && !looks_like_date(number)
        {
            found.push((label, number));
        }
    }
    found
}

fn bare_label(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphanumeric() && c != '/')
}

/// The texts and the numbers of a part, alternating; there is one more text than numbers.
fn cut(part: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut texts, mut numbers) = (Vec::new(), Vec::new());
    let mut text_start = 0;
    let mut at = 0;
    while let Some(offset) = part[at..].find(|c: char| c.is_numeric() || matches!(c, '+' | '(' | '（' | '＋'))
    {
        let start = at + offset;
        let run = number_run(&part[start..]);
        if digits(run) < FEWEST_DIGITS {
            // the run has at least one character
            at = start + run.len().max(part[start..].chars().next().map_or(1, char::len_utf8));
            continue;
        }
        let mut end = start + run.len();
        end += extension_length(&part[end..]);
        texts.push(&part[text_start..start]);
        numbers.push(part[start..end].trim_end_matches([' ', '-', '/', '.', '(', '[', '\u{a0}']));
        // what was trimmed belongs to the text after it
        text_start = start + numbers.last().map_or(0, |number| number.len());
        at = end;
    }
    texts.push(&part[text_start..]);
    (texts, numbers)
}

/// The characters of one number; a plus sign after enough digits begins the next one.
fn number_run(text: &str) -> &str {
    let mut count = 0;
    for (at, c) in text.char_indices() {
        if !is_number_char(c) || matches!(c, '+' | '＋') && count >= FEWEST_DIGITS {
            return &text[..at];
        }
        count += usize::from(c.is_numeric());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_several() {
        let check = |cell: &str, expected: &[(&str, &str)]| {
            let found = find_all(cell);
            let found: Vec<_> = found.iter().map(|f| (f.label, &cell[f.span.start..f.span.end])).collect();
            assert_eq!(found, expected, "{cell}");
        };
        check("+17025550171 ::: (212) 555-0177", &[("", "+17025550171"), ("", "(212) 555-0177")]);
        check("0221/4710949", &[("", "0221/4710949")]);
        check(
            "Mobile: 0171 1234567; Fax: 030 1234567",
            &[("Mobile", "0171 1234567"), ("Fax", "030 1234567")],
        );
        check(
            "Phone: 212-555-0100 Mobile: 212-555-0101",
            &[("Phone", "212-555-0100"), ("Mobile", "212-555-0101")],
        );
        check(
            "Direct 020 7946 0001 Mobile 07700 900001 Switchboard 020 7946 0000",
            &[("Direct", "020 7946 0001"), ("Mobile", "07700 900001"), ("Switchboard", "020 7946 0000")],
        );
        check(
            "020 7946 0001 direct 07700 900001 mobile",
            &[("direct", "020 7946 0001"), ("mobile", "07700 900001")],
        );
        check("020 7946 0001 Fax 020 7946 0002", &[("", "020 7946 0001"), ("Fax", "020 7946 0002")]);
        check(
            "030 1234567 (privat), 0171 1234567 (mobil)",
            &[("privat", "030 1234567"), ("mobil", "0171 1234567")],
        );
        check("+44 20 7946 0001 +44 7700 900001", &[("", "+44 20 7946 0001"), ("", "+44 7700 900001")]);
        check("Tel./Fax: 030 1234567", &[("Tel./Fax", "030 1234567")]);
        check("电话：010-12345678 手机：13800138000", &[("电话", "010-12345678"), ("手机", "13800138000")]);
        check("call me", &[]);
        check("2016-2017", &[]);
        check("6.59E+09", &[]);
        check("AB123456 12345abc", &[]);
        check("12345 Berlin", &[]);
        check("212-555-0100 after 5 pm", &[("", "212-555-0100")]);
        check("030/1234567 / 0171/7654321", &[("", "030/1234567"), ("", "0171/7654321")]);
        check("(206) 555-0125,,,001#", &[("", "(206) 555-0125,,,001#")]);
        check(
            "0171 1234567; 030 1234567 Durchwahl 12",
            &[("", "0171 1234567"), ("", "030 1234567 Durchwahl 12")],
        );
        check("(((((", &[]);
    }

    proptest::proptest! {
        #[test]
        fn numbers_stand_in_order(cell in "[0-9+() ./,;:xMFé#-]{0,60}") {
            let mut end = 0;
            for found in find_all(&cell) {
                proptest::prop_assert!(found.span.start >= end, "{cell:?}");
                proptest::prop_assert!(is_phone(&cell[found.span.start..found.span.end]));
                end = found.span.end;
            }
        }
    }
}
