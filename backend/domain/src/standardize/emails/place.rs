//! Whether an address in a cell is complete, or only the end of something longer.

use unicode_normalization::char::is_combining_mark;

/// Characters of local parts as mail servers assign them; letters of every script, with their marks.
pub(super) fn is_local_char(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric()
            || matches!(c, '.' | '_' | '%' | '+' | '-' | '\'' | '&' | '=' | '~' | '#' | '!');
    }
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Bytes of a link before an address that are examined.
const LONGEST_LINK: usize = 200;

/// Whether an address may begin here. What touches it must be a separator, or an opening bracket or quote.
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
        // "email=jane@…": the caller removed the label
        '=' => !is_link(before),
        // Access writes "text#address#"
        '#' => behind.is_none_or(|c| c.is_whitespace() || matches!(c, '#' | '<' | '(' | ';' | ',')),
        _ => false,
    }
}

/// Whether an address may end here.
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

/// Whether the text before a slash ends an entry of a list: an address, a number, a capitalised word. In `john/jane@…`
/// this is unclear.
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
