//! How plausible a decoded text is: whether its letters make words.
//!
//! Text decoded with the wrong single-byte encoding has symbols and capitals in the middle of words (`Mu–oz`,
//! `иВАНОВ`), or letters of two scripts in one word.

use encoding_rs::{Encoding, IBM866, KOI8_U, MACINTOSH, WINDOWS_1251, X_MAC_CYRILLIC};

/// How much more plausible than the guessed encoding another one has to be.
const MARGIN: f64 = 0.3;
/// Symbols that a word can begin with.
const OPENING: &str = "“‘„‚«‹¿¡’";
/// Unusual letters: ligatures, accents without a letter, mathematical signs.
const UNUSUAL: &str = "ƒﬁﬂıˆ˜ˇ";

/// The guess, or the encoding of its family that makes better words of the sample. For KOI8 it is the Ukrainian one,
/// which has all letters of the Russian one.
pub(super) fn better_than(guess: &'static Encoding, is_latin: bool, sample: &[u8]) -> &'static Encoding {
    let others: &[&'static Encoding] =
        if is_latin { &[MACINTOSH] } else { &[WINDOWS_1251, KOI8_U, X_MAC_CYRILLIC, IBM866] };
    let rate = |encoding: &'static Encoding| {
        let (text, had_errors) = encoding.decode_without_bom_handling(sample);
        if had_errors { 0.0 } else { plausibility(&text) }
    };
    let guessed = rate(guess);
    let best = others.iter().map(|encoding| (rate(encoding), *encoding)).max_by(|a, b| a.0.total_cmp(&b.0));
    match best {
        Some((rate, encoding)) if rate >= guessed + MARGIN => encoding,
        _ => guess,
    }
}

/// Share of the words with non-ASCII characters that are well formed.
fn plausibility(text: &str) -> f64 {
    let is_between = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && c != '\'' || c.is_whitespace();
    let (mut all, mut good) = (0_u32, 0_u32);
    for word in text.split(is_between).filter(|word| !word.is_ascii()) {
        all += 1;
        good +=
            u32::from(has_place_for_symbols(word) && word.split(|c: char| !c.is_alphabetic()).all(is_word));
    }
    if all == 0 { 1.0 } else { f64::from(good) / f64::from(all) }
}

/// Letters of one script: all capitals, all small letters, or small letters after one capital.
fn is_word(letters: &str) -> bool {
    let capitals = letters.chars().filter(|c| c.is_uppercase()).count();
    let has_small = letters.chars().any(char::is_lowercase);
    let is_cased = !has_small
        || capitals == 0
        || capitals == 1 && letters.chars().next().is_some_and(char::is_uppercase);
    let script = |c: char| match c {
        '\u{370}'..='\u{3ff}' => 1,
        '\u{400}'..='\u{52f}' => 2,
        c if c < '\u{250}' => 0,
        _ => 3,
    };
    let mut scripts = letters.chars().map(script);
    let first = scripts.next();
    is_cased && scripts.all(|script| Some(script) == first) && !letters.contains(|c| UNUSUAL.contains(c))
}

/// Whether each symbol of a word can be where it is: none between two letters except an apostrophe, and before a letter
/// only one that opens something.
fn has_place_for_symbols(word: &str) -> bool {
    let mut before = ' ';
    let mut chars = word.chars().peekable();
    while let Some(c) = chars.next() {
        let after = chars.peek().copied().unwrap_or(' ');
        let is_well_placed = match (before.is_alphabetic(), after.is_alphabetic()) {
            _ if c.is_ascii() || c.is_alphanumeric() => true,
            // Box-drawing characters, where other encodings have letters.
            _ if c.is_control() || matches!(c, '\u{2500}'..='\u{259f}' | '\u{fffd}') => false,
            (true, true) => matches!(c, '’' | '\u{ad}'),
            (false, true) => OPENING.contains(c),
            _ => true,
        };
        if !is_well_placed && !is_mark(c) {
            return false;
        }
        before = c;
    }
    true
}

/// Vowel signs and tone marks of Thai, Hebrew and Arabic, which are not letters on their own.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{e31}'..='\u{e4e}')
}

#[cfg(test)]
mod tests {
    use encoding_rs::WINDOWS_1252;

    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], guess: &'static Encoding, is_latin: bool, expected: &'static Encoding) {
        assert_eq!(better_than(guess, is_latin, bytes).name(), expected.name());
    }

    #[test]
    fn families() {
        check(b"Jos\x8e Mu\x96oz", WINDOWS_1252, true, MACINTOSH);
        check(b"Jos\xe9 Mu\xf1oz", WINDOWS_1252, true, WINDOWS_1252);
        check(b"MU\xd1OZ M\xdcLLER", WINDOWS_1252, true, WINDOWS_1252);
        check(b"MU\x84OZ M\x86LLER", WINDOWS_1252, true, MACINTOSH);
        check(b"O\x92Hara \x96 \x93Acme\x94 5 \x80", WINDOWS_1252, true, WINDOWS_1252);
        check(&KOI8_U.encode("Иван Петров").0, WINDOWS_1251, false, KOI8_U);
        check(&WINDOWS_1251.encode("Иван Петров").0, KOI8_U, false, WINDOWS_1251);
        check(&X_MAC_CYRILLIC.encode("Иван Петров").0, WINDOWS_1251, false, X_MAC_CYRILLIC);
    }
}
