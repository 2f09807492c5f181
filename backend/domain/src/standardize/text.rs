//! Text as the rules see it: folded (no case, accents or width), split into words, and with placeholders recognised.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

/// Lower case, without Latin, Greek and Cyrillic accents, full-width forms made plain. Marks that carry a letter's
/// sound in Indic and Japanese scripts stay.
pub(super) fn fold(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    if text.is_ascii() {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    Cow::Owned(folded_by_letters(text).unwrap_or_else(|| folded_by_normalising(text)))
}

/// From here on there are blocks whose characters are normalised together with their neighbours.
const END_OF_LETTERS: char = '\u{460}';

/// What each Latin, Greek and Cyrillic character folds to on its own.
static FOLDED_LETTERS: LazyLock<Vec<String>> = LazyLock::new(|| {
    ('\0'..END_OF_LETTERS).map(|letter| folded_by_normalising(letter.encode_utf8(&mut [0; 4]))).collect()
});

/// [`folded_by_normalising`] for texts in which no character affects another: European letters, Chinese characters and
/// kana without marks of their own. `None` for others.
fn folded_by_letters(text: &str) -> Option<String> {
    let letters: &[String] = &FOLDED_LETTERS;
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{4e00}'..='\u{9fff}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}' => {
                folded.push(c)
            }
            _ => folded.push_str(letters.get(c as usize)?),
        }
    }
    Some(folded)
}

fn folded_by_normalising(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let letters = text.nfkd().flat_map(char::to_lowercase).filter(|c| !is_accent(*c));
    for letter in letters.nfc() {
        match letter {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            'þ' => folded.push_str("th"),
            'ς' => folded.push('σ'),
            'ى' => folded.push('ي'),
            'ـ' => {}
            _ => folded.push(letter),
        }
    }
    folded
}

/// Marks that fold away: European accents, Arabic vowels and hamzas.
const fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{655}' | '\u{670}' | '\u{200b}'..='\u{200f}' | '\u{feff}')
}

/// Text without surrounding white space of any kind, zero-width characters included.
pub(super) fn trimmed(text: &str) -> &str {
    let is_space =
        |c: char| c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2060}');
    let bytes = text.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(first), Some(last)) if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim_matches(is_space),
    }
}

/// The cell's value: trimmed, and empty if it only says that nothing is known.
pub(super) fn value(cell: &str) -> &str {
    let text = trimmed(cell);
    if is_placeholder(text) { "" } else { text }
}

/// Whether the text says that there is no value.
pub(super) fn is_placeholder(text: &str) -> bool {
    if text.starts_with('#') || text.starts_with("Err:") {
        return is_formula_error(text);
    }
    // "(blank)" is the longest
    if text.len() > 9 {
        return false;
    }
    text.is_empty()
        || MISSING.words.iter().any(|word| text.eq_ignore_ascii_case(word))
        || text.chars().all(|c| matches!(c, '-' | '–' | '—' | '―' | '－'))
}

/// `#NAME?`, `#WERT!`, `Err:502`: what a spreadsheet shows for a formula that failed.
fn is_formula_error(text: &str) -> bool {
    if text.len() > LONGEST_ERROR {
        return false;
    }
    if let Some(code) = text.strip_prefix("Err:") {
        return code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit());
    }
    let shown: String = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
    MISSING.formula_errors.contains(shown.as_str())
}

/// Bytes of the longest formula error, with a little room.
const LONGEST_ERROR: usize = 28;

struct MissingWords {
    words: Vec<&'static str>,
    formula_errors: HashSet<&'static str>,
    booleans: Vec<&'static str>,
}

static MISSING: LazyLock<MissingWords> = LazyLock::new(|| {
    let kind = |kind: &'static str| {
        include_str!("../../data/missing_words.txt")
            .lines()
            .filter_map(move |line| line.strip_prefix(kind)?.strip_prefix(": "))
            .flat_map(|list| list.split(", "))
    };
    MissingWords {
        words: kind("word").collect(),
        formula_errors: kind("formula_error").collect(),
        booleans: kind("boolean").collect(),
    }
});

/// Whether it is an answer (`TRUE`, `nein`) rather than a name of anything.
pub(super) fn is_boolean(text: &str) -> bool {
    if text.len() > LONGEST_BOOLEAN {
        return false;
    }
    MISSING.booleans.iter().any(|word| {
        word.eq_ignore_ascii_case(text)
            || !text.is_ascii() && word.chars().eq(text.chars().flat_map(char::to_lowercase))
    })
}

/// Bytes of the longest answer, with a little room.
const LONGEST_BOOLEAN: usize = 20;

/// Lone characters that say nothing: separators and quotes. `?` and `*` may mean something.
pub(super) fn is_bare_punctuation(text: &str) -> bool {
    text.chars().all(|c| {
        c.is_whitespace() || matches!(c, '.' | ',' | ';' | ':' | '|' | '/' | '\\' | '_' | '\'' | '"' | '`')
    })
}

/// Whether the character belongs to a script that is written without spaces.
pub(super) const fn is_cjk(c: char) -> bool {
    is_han(c) || is_kana(c) || is_hangul(c)
}

/// A Chinese character, also as used in Japanese and Korean.
pub(super) const fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2fa1f}' | '々' | '〆')
}

/// Hiragana or Katakana.
pub(super) const fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}')
}

/// A Korean syllable.
pub(super) const fn is_hangul(c: char) -> bool {
    matches!(c, '\u{ac00}'..='\u{d7af}')
}

/// Whether a folded character belongs to a word: letters, digits, and the marks that carry vowels in Indic scripts.
fn is_word_char(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c, '\u{900}'..='\u{dff}' | '\u{e31}'..='\u{e4e}' | '#' | '№' | '\u{3099}' | '\u{309a}')
}

/// The folded words of a header: split at punctuation, at `camelCase` humps and between letters and digits.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut spaced = String::with_capacity(text.len() + 8);
    let mut before: Option<char> = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if let Some(previous) = before {
            let hump = previous.is_lowercase() && c.is_uppercase()
                || previous.is_uppercase()
                    && c.is_uppercase()
                    && chars.peek().is_some_and(|next| next.is_lowercase() && next.is_ascii());
            let digit =
                previous.is_alphabetic() && c.is_numeric() || previous.is_numeric() && c.is_alphabetic();
            let script = is_cjk(previous) != is_cjk(c);
            if hump || digit || script || c == '#' || c == '№' || previous == '#' || previous == '№' {
                spaced.push(' ');
            }
        }
        spaced.push(c);
        before = Some(c);
    }
    let apostrophes = |c: char| matches!(c, '\'' | '’' | '`');
    fold(&without_inner_marks(&spaced))
        .split(|c: char| !is_word_char(c) && !apostrophes(c))
        .flat_map(|word| word.split(apostrophes))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// `Ім'я`, `דוא"ל`: removes the marks inside words of Cyrillic and Hebrew.
fn without_inner_marks(text: &str) -> Cow<'_, str> {
    let mark = |c: char| matches!(c, '\'' | '’' | '`' | 'ʼ' | '"' | '”' | '״' | '׳');
    let inner = |c: &char| matches!(c, '\u{400}'..='\u{4ff}' | '\u{5d0}'..='\u{5ea}');
    if text.is_ascii() || !text.contains(mark) || !text.chars().any(|c| inner(&c)) {
        return Cow::Borrowed(text);
    }
    let chars: Vec<char> = text.chars().collect();
    let is_inner = |at: usize| {
        at.checked_sub(1).and_then(|before| chars.get(before)).is_some_and(inner)
            && chars.get(at + 1).is_some_and(inner)
    };
    let kept = chars.iter().enumerate().filter(|(at, c)| !(mark(**c) && is_inner(*at)));
    Cow::Owned(kept.map(|(_, c)| *c).collect())
}

/// The text on one line: runs of white space become one space.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    let text = trimmed(text);
    let bytes = text.as_bytes();
    let plain = !bytes.windows(2).any(|pair| pair[0] == b' ' && pair[1] == b' ')
        && !text.chars().any(|c| c.is_whitespace() && c != ' ');
    if plain {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

/// Whether two values are the same apart from the width of white space.
pub(super) fn same(one: &str, other: &str) -> bool {
    one == other
        || (one.as_bytes().first() == other.as_bytes().first()
            && one.len().abs_diff(other.len()) < 16
            && one.split_whitespace().eq(other.split_whitespace()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_scripts() {
        assert_eq!(fold("Prénom"), "prenom");
        assert_eq!(fold("ＴＥＬ"), "tel");
        assert_eq!(fold("Straße ŁÓDŹ Işık"), "strasse lodz isik");
        assert_eq!(fold("フリガナ"), "フリガナ");
        assert_eq!(fold("Ονοματεπώνυμο"), "ονοματεπωνυμο");
    }

    proptest::proptest! {
        #[test]
        fn both_ways_of_folding_agree(
            text in "[\\x00-\u{45f}]{0,12}|[ -~\u{a0}-\u{52f}\u{3000}-\u{30ff}\u{4e00}-\u{4e40}\u{1e00}-\u{1eff}\u{ac00}-\u{ac40}]{0,12}"
        ) {
            if let Some(folded) = folded_by_letters(&text) {
                proptest::prop_assert_eq!(folded, folded_by_normalising(&text));
            }
        }
    }

    #[test]
    fn cuts_words() {
        assert_eq!(words("billingPhone2"), ["billing", "phone", "2"]);
        assert_eq!(words("E-mail 1 - Value"), ["e", "mail", "1", "value"]);
        assert_eq!(words("Manager's Name"), ["manager", "s", "name"]);
        assert_eq!(words("TEL番号"), ["tel", "番号"]);
        assert_eq!(words("phone_number#"), ["phone", "number", "#"]);
    }

    #[test]
    fn knows_placeholders() {
        for text in [
            "",
            "-",
            "--",
            "N/A",
            "n/a",
            "NULL",
            "none",
            "#N/A",
            "—",
            "#NAME?",
            "#VALUE!",
            "#REF!",
            "#DIV/0!",
            "#NUM!",
            "#NULL!",
            "#WERT!",
            "#¿NOMBRE?",
            "#ССЫЛКА!",
            "#VALEUR\u{a0}!",
            "#value!",
            "Err:502",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["NA", "no", "0", "Nona", "- x", "#1", "#SALES!", "#", "Err:", "Err: 502 seats"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
