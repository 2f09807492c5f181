//! Splits a question into words with their positions, so that values are taken as they were typed.

use crate::lead_index::fold_text;

/// A word, a quoted text or a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// Folded: without case and accents.
    pub(super) key: String,
    /// Where it is in the question, in bytes.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it was in quotes. Then start and end are those of the text inside.
    pub(super) quoted: bool,
    /// Whether it begins with a capital letter.
    pub(super) capital: bool,
}

/// Pairs of quotation marks; a single one has to be at the edge of a word.
const QUOTES: [(char, char); 7] =
    [('"', '"'), ('“', '”'), ('„', '“'), ('«', '»'), ('「', '」'), ('『', '』'), ('\'', '\'')];

/// Elided words, which attach to the next word in French: `d'email`, `n'ont`.
const ELIDED: [&str; 8] = ["l'", "d'", "n'", "qu'", "s'", "j'", "m'", "c'"];

/// Whether it is a letter of a script without spaces.
pub(super) fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9d}')
}

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let start = text.len() - rest.len();
        if let Some(inside) = quoted(text, start, c) {
            let end = start + c.len_utf8() + inside.len();
            found.push(Token {
                key: fold_text(inside),
                start: start + c.len_utf8(),
                end,
                quoted: true,
                capital: true,
            });
            rest = text[end..].split_at(text[end..].chars().next().map_or(0, char::len_utf8)).1;
            continue;
        }
        let len = if c.is_whitespace() {
            rest = &rest[c.len_utf8()..];
            continue;
        } else if is_cjk(c) {
            rest.find(|c| !is_cjk(c)).unwrap_or(rest.len())
        } else if is_word(c) {
            word_len(rest)
        } else {
            c.len_utf8()
        };
        push_word(&mut found, text, start, start + len);
        rest = &rest[len..];
    }
    found
}

fn quoted(text: &str, start: usize, c: char) -> Option<&str> {
    let (_, close) = QUOTES.into_iter().find(|(open, _)| *open == c)?;
    let inner = &text[start + c.len_utf8()..];
    let inside = if close == '\'' {
        let ends_word = |at: &usize| inner[at + 1..].chars().next().is_none_or(|c| !c.is_alphanumeric());
        inner.match_indices('\'').map(|(at, _)| at).find(ends_word)
    } else {
        inner.find(close)
    };
    inside.map(|end| &inner[..end]).filter(|inside| !inside.trim().is_empty())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '@' | '+' | '&' | '_' | '\'' | '’' | '.' | '#' | '%' | '*')
}

/// Length of the word a text begins with; trailing full stops and similar marks are not part of it.
fn word_len(text: &str) -> usize {
    let inner = |c: char| (is_word(c) || matches!(c, '-' | '/')) && !is_cjk(c);
    let len = text.find(|c| !inner(c)).unwrap_or(text.len());
    let trimmed = text[..len].trim_end_matches(['.', '\'', '’', '-', '/']);
    if trimmed.is_empty() { text.chars().next().map_or(0, char::len_utf8) } else { trimmed.len() }
}

fn push_word(found: &mut Vec<Token>, text: &str, start: usize, end: usize) {
    let word = &text[start..end];
    let key = fold_text(word).replace('’', "'");
    let capital = word.chars().find(|c| c.is_alphanumeric()).is_some_and(|c| c.is_uppercase() || is_cjk(c));
    let elided = ELIDED.into_iter().find(|prefix| key.len() > prefix.len() && key.starts_with(prefix));
    if let Some(prefix) = elided {
        let cut = word.char_indices().nth(prefix.len()).map_or(end, |(at, _)| start + at);
        found.push(Token { key: prefix.to_owned(), start, end: cut, quoted: false, capital: false });
        push_word(found, text, cut, end);
        return;
    }
    found.push(Token { key, start, end, quoted: false, capital });
}
