//! Email addresses inside cells. An address is taken only if it is delimited on both sides: a piece of a longer word
//! would be somebody else's address.

mod names;
mod place;

pub(super) use names::{capitalised, name_of};
use place::{begins_by_itself, ends_by_itself, is_local_char};

/// The byte range of an address in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The first address at or after a position.
pub(super) fn find(text: &str, from: usize) -> Option<Span> {
    let signs = memchr::memchr_iter(b'@', text.get(from..)?.as_bytes());
    signs.map(|offset| from + offset).find_map(|at| {
        let start = local_start(text, from, at);
        let end = host_end(text, at + 1);
        let is_address = is_local(&text[start..at])
            && is_host(&text[at + 1..end])
            && begins_by_itself(text, start)
            && ends_by_itself(text, end);
        is_address.then_some(Span { start, end })
    })
}

fn local_start(text: &str, from: usize, at: usize) -> usize {
    let scanned = text[from..at].char_indices().rev().take_while(|(_, c)| is_local_char(*c)).last();
    let mut start = scanned.map_or(at, |(position, _)| from + position);
    // a guard, a bullet, a quote: no address begins with these
    while start < at && text[start..].starts_with(['\'', '-', '=', '#', '!']) {
        start += 1;
    }
    // "email=jane@…" from a link
    let local = &text[start..at];
    match local.split_once('=') {
        Some((label, _)) if ["email", "e-mail", "mail", "to", "cc", "address"].contains(&label) => {
            start + label.len() + 1
        }
        _ => start,
    }
}

fn host_end(text: &str, start: usize) -> usize {
    let is_host_char = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
    let length = text[start..].find(|c| !is_host_char(c)).unwrap_or(text.len() - start);
    start + text[start..start + length].trim_end_matches(['.', '-']).len()
}

/// No full stop at either end, none doubled, no quote at the end, and no escape of a link (`john%20doe`).
fn is_local(local: &str) -> bool {
    let escaped = local
        .as_bytes()
        .windows(3)
        .any(|three| three[0] == b'%' && three[1].is_ascii_hexdigit() && three[2].is_ascii_hexdigit());
    !local.is_empty()
        && !local.starts_with(['.', '&'])
        && !local.ends_with(['.', '\'', '&', '#', '='])
        && !local.contains("..")
        && !escaped
}

/// Labels whose top-level name is a word of one script.
fn is_host(host: &str) -> bool {
    let top = host.rsplit('.').next().unwrap_or("");
    let plain = top.is_ascii();
    host.contains('.')
        && host.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
        && top.chars().count() > 1
        && top.chars().any(char::is_alphabetic)
        // "jane@x.com请联系"
        && (plain || !top.bytes().any(|b| b.is_ascii_alphabetic()))
}

/// The first address of a cell in the form leads store.
pub(super) fn first(cell: &str) -> Option<String> {
    // most cells have no address
    if !cell.contains('@') {
        return None;
    }
    find(cell, 0).map(|span| cell[span.start..span.end].to_lowercase())
}

/// Whether the text is an email address and nothing else.
#[must_use]
pub fn is_email_address(text: &str) -> bool {
    find(text, 0) == Some(Span { start: 0, end: text.len() })
}

/// Whether the cell is an address and nothing else, apart from `mailto:`, brackets and quotes.
pub(super) fn is_address(cell: &str) -> bool {
    find(cell, 0).is_some_and(|span| rest(cell, span).is_empty())
}

/// Whether the text may contain an address, whole or damaged.
pub(super) fn may_hold_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(before, after)| {
        before.ends_with(|c: char| !c.is_whitespace()) && after.starts_with(|c: char| !c.is_whitespace())
    })
}

/// What a cell contains besides an address: repeats of the address, wrappers and separators are removed.
pub(super) fn rest(cell: &str, span: Span) -> String {
    let address = &cell[span.start..span.end];
    let mut left: Vec<&str> = Vec::new();
    let mut keep = |piece| {
        let piece = unwrapped(piece);
        if !piece.is_empty() {
            left.push(piece);
        }
    };
    keep(&cell[..span.start]);
    let mut from = span.end;
    let mut next = from;
    while let Some(again) = find(cell, next) {
        next = again.end;
        if cell[again.start..again.end].eq_ignore_ascii_case(address) {
            keep(without_query(cell, from, again.start));
            from = again.end;
        }
    }
    keep(without_query(cell, from, cell.len()));
    // other people's addresses are entries of their own
    let mut text = String::new();
    for piece in left {
        if !text.is_empty() {
            text.push_str(if piece.contains('@') { ", " } else { " " });
        }
        text.push_str(piece);
    }
    text
}

/// The text after an address, without the part of a `mailto:` link about the message (`?subject=Hello`).
fn without_query(cell: &str, from: usize, to: usize) -> &str {
    let text = &cell[from..to];
    let keyed = ["?subject=", "?body=", "?cc=", "?bcc="]
        .iter()
        .any(|key| text.get(..key.len()).is_some_and(|head| head.eq_ignore_ascii_case(key)));
    if !keyed {
        return text;
    }
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, '>' | ')' | '"')).unwrap_or(text.len());
    if text[..end].contains('@') { text } else { &text[end..] }
}

/// A piece next to an address without brackets, quotes and separators at its ends, and without the scheme of a link.
fn unwrapped(piece: &str) -> &str {
    let opening = ['<', '(', '[', '{', '"', '\'', '“', '‘', '#', ' '];
    let closing = ['>', ')', ']', '}', '"', '\'', '”', '’', '#', ' '];
    let is_separator =
        |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|' | '/' | ':' | '<' | '>' | '"' | '.');
    let mut piece = piece.trim_start_matches(closing);
    loop {
        let shorter = without_scheme(piece.trim_end_matches(opening));
        if shorter.len() == piece.len() {
            break;
        }
        piece = shorter;
    }
    // a full stop ends words too ("Mr."), so only one alone is a separator
    let bare = piece.trim_matches(is_separator);
    let end = if bare.is_empty() { 0 } else { piece.trim_end_matches(|c| c != '.' && is_separator(c)).len() };
    let kept = &piece[..end];
    kept.trim_start_matches(is_separator)
}

/// Drops `mailto:` and `email:` at the end of the text before an address.
fn without_scheme(before: &str) -> &str {
    for scheme in ["mailto:", "e-mail:", "email:", "mail:", "smtp:", "e:", "@:"] {
        let at = before.len().saturating_sub(scheme.len());
        let Some((head, tail)) = before.split_at_checked(at) else { continue };
        if tail.eq_ignore_ascii_case(scheme) && !head.ends_with(char::is_alphanumeric) {
            return head;
        }
    }
    before
}

#[cfg(test)]
mod tests;
