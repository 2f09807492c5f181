//! Extensions after phone numbers in every notation: `ext. 12`, `x302/x2303`, `;ext=555`, `,,,001#`, `доб. 3`.

use super::digits;
use crate::standardize::lexicon::PHONE_WORDS;
use crate::standardize::text::fold;

/// Longest extension, in digits.
const LONGEST: usize = 7;
/// Maximum number of extensions after a number.
const MOST: usize = 3;
/// Fewer digits are not a number that an extension could follow.
const FEWEST_DIGITS: usize = 5;

/// Characters numbers are written with.
pub(super) fn is_number_char(c: char) -> bool {
    c.is_numeric()
        || matches!(
            c,
            '+' | '-'
                | '('
                | ')'
                | '.'
                | '/'
                | ' '
                | '\u{a0}'
                | '‐'
                | '‑'
                | '–'
                | '−'
                | '（'
                | '）'
                | '－'
                | '＋'
                | '*'
                | '\u{202f}'
                | '\u{2009}'
                | '['
                | ']'
                | '\u{202a}'
                | '\u{202c}'
                | '\u{200e}'
        )
}

/// The number without the extension at the end of the text.
pub(super) fn without_extension(text: &str) -> &str {
    let Some(at) = text.find(|c| !is_number_char(c)) else { return text };
    let (number, tail) = text.split_at(at);
    let number = number.trim_end_matches(['(', '[', ' ', '-', '/', '.']);
    if digits(number) < FEWEST_DIGITS {
        return text;
    }
    let end = extension_length(tail);
    if end > 0 && tail[end..].trim().is_empty() { number } else { text }
}

/// How many bytes of the text are an extension, with the mark and the separators before it; 0 if it begins with none.
pub(super) fn extension_length(tail: &str) -> usize {
    let mut at = 0;
    let mut end = 0;
    for _ in 0..MOST {
        let Some(length) = one_extension(&tail[at..]) else { break };
        at += length;
        end = at;
        // "x302/x2303"
        at += tail[at..].len() - tail[at..].trim_start_matches(['/', '&', ' ']).len();
    }
    end
}

/// A mark, separators, digits, and the bracket or `#` that closes it.
fn one_extension(text: &str) -> Option<usize> {
    let start = text.trim_start_matches([' ', '(', '[', ',', ';', '-', '.', '\u{a0}']);
    let separators = &text[..text.len() - start.len()];
    // a dialler waits two seconds for each comma
    let pauses = separators.matches(',').count() > 1;
    let word_end = start.find(|c: char| !c.is_alphabetic() && !is_vowel_sign(c)).unwrap_or(start.len());
    let (word, rest) = start.split_at(word_end);
    let marked = if word.is_empty() { start.starts_with('#') || pauses } else { is_mark(word) };
    if !marked {
        return None;
    }
    let number = rest.trim_start_matches(['.', ':', '=', ' ', '#', '-', '\u{a0}']);
    let number_end = number.find(|c: char| !c.is_numeric()).unwrap_or(number.len());
    let (number, rest) = number.split_at(number_end);
    if number.is_empty() || number.chars().count() > LONGEST {
        return None;
    }
    let closed = rest.trim_start_matches(['#', ')', ']', '*']);
    // "p 030 123456" is another number
    if closed.starts_with(char::is_alphanumeric) || closed.trim_start().starts_with(char::is_numeric) {
        return None;
    }
    Some(text.len() - closed.len())
}

const fn is_vowel_sign(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{dff}' | '\u{e31}'..='\u{e4e}')
}

fn is_mark(word: &str) -> bool {
    PHONE_WORDS.extension.contains(fold(word).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_in_every_way_of_writing() {
        for (text, number) in [
            ("+1-216-555-0153x7594", "+1-216-555-0153"),
            ("+1-484-555-0197 ext. 976", "+1-484-555-0197"),
            ("+12065550126;ext=555", "+12065550126"),
            ("(206) 555-0125,,,001#", "(206) 555-0125"),
            ("(206) 555-0127 x302/x2303", "(206) 555-0127"),
            ("206-555-0128, press 3", "206-555-0128"),
            ("030 123456 Durchwahl 12", "030 123456"),
            ("030 123456 (DW -12)", "030 123456"),
            ("01 99 00 98 95 poste 12", "01 99 00 98 95"),
            ("+7 495 123-45-67 доб. 3", "+7 495 123-45-67"),
            ("02-2179-6398#885", "02-2179-6398"),
            ("03-4725-9899 内線12", "03-4725-9899"),
            ("0571-88889999转801", "0571-88889999"),
            ("02 7010 9884 int. 5", "02 7010 9884"),
        ] {
            assert_eq!(without_extension(text), number, "{text}");
        }
        for text in [
            "020 7946 0133",
            "020 7946 0133 (ask for Anna)",
            "212-555-0100 after 5 pm",
            "x302",
            "030 1 x",
            "206-555-0128, 3",
        ] {
            assert_eq!(without_extension(text), text, "{text}");
        }
    }
}
