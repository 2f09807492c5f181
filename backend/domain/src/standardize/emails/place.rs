//! Does an address stand by itself in its cell, or is it the end of something longer?

use unicode_normalization::char::is_combining_mark;

/// Characters of local parts as mail servers hand them out; letters of every script, with their marks.
pub(super) fn is_local_char(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric()
            || matches!(c, '.' | '_' | '%' | '+' | '-' | '\'' | '&' | '=' | '~' | '#' | '!');
    }
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Bytes of a link in front of an address that are looked at.
const LONGEST_LINK: usize = 200;

/// May an address begin here? What touches it must be a separator, or a bracket or quote that opens.
pub(super) fn begins_by_itself(text: &str, start: usize) -> bool {
    let before = &text[..start];
    let mut back = before.chars().rev();
    let Some(touching) = back.next() else { return true };
    let behind = back.next();
    let apart = behind.is_none_or(|c| !c.is_alphanumeric());
    match touching {
        c if c.is_whitespace() => true,
        ',' | ';' | '|' | '<' | '(' | '[' | '{' | '>' | ']' | '}' => true,
        '、' | '，' | '；' | '：' | '（' | '【' | '「' | '。' | '·' | '•' | '→' | '«' | '»' | '–' | '—' => {
            true
        }
        ':' => !before.ends_with("://") && !is_link(before),
        '/' => is_list(&before[..start - 1]),
        '"' | '\'' | '“' | '”' | '„' | '‘' | '’' | '*' | '-' | '!' => apart,
        // "email=jane@…": the caller cut the label off
        '=' => !is_link(before),
        // Access writes "text#address#"
        '#' => behind.is_none_or(|c| c.is_whitespace() || matches!(c, '#' | '<' | '(' | ';' | ',')),
        _ => false,
    }
}

/// May an address end here?
pub(super) fn ends_by_itself(text: &str, end: usize) -> bool {
    let mut after = text[end..].chars();
    let Some(touching) = after.next() else { return true };
    let next = after.next();
    match touching {
        c if c.is_whitespace() => true,
        ',' | ';' | '|' | '>' | ')' | ']' | '}' | '<' | '(' | '[' | '{' | ':' | '/' | '?' | '!' | '#'
        | '&' | '*' => true,
        '、' | '，' | '；' | '：' | '）' | '】' | '」' | '（' | '。' | '·' | '•' | '→' | '«' | '»' | '–'
        | '—' => true,
        '"' | '\'' | '“' | '”' | '‘' | '’' => next.is_none_or(|c| !c.is_alphanumeric()),
        // the literal `\n` of a program
        '\\' => next.is_some_and(|c| matches!(c, 'n' | 'r' | 't')),
        // the end of a sentence
        '.' | '-' => text[end..]
            .trim_start_matches(['.', '-'])
            .chars()
            .next()
            .is_none_or(|c| c.is_whitespace() || matches!(c, '>' | ')' | ']' | '"' | '\'' | ',' | ';')),
        _ => false,
    }
}

/// `https://user:secret@host`
fn is_link(before: &str) -> bool {
    let mut from = before.len().saturating_sub(LONGEST_LINK);
    while !before.is_char_boundary(from) {
        from += 1;
    }
    let word = before[from..].rsplit(char::is_whitespace).next().unwrap_or("");
    word.contains("://")
}

/// Does what stands before a slash end an entry of a list: an address, a number, a word with a capital? In `john/jane@…` nobody
/// knows.
fn is_list(before: &str) -> bool {
    let mut from = before.len().saturating_sub(LONGEST_LINK);
    while !before.is_char_boundary(from) {
        from += 1;
    }
    let word = before[from..]
        .rsplit(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|'))
        .next()
        .unwrap_or("");
    !word.contains("://")
        && (word.is_empty()
            || word.contains('@')
            || word.ends_with(char::is_numeric)
            || word.starts_with(|c: char| !c.is_lowercase()))
}
