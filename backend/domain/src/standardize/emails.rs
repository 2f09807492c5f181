//! E-mail addresses inside cells, and the names their local parts hold.

use super::lexicon::{NAMES, key};

/// Where an address stands in a text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The first address at or after a position.
pub(super) fn find(text: &str, from: usize) -> Option<Span> {
    let mut search = from;
    while let Some(at) = text.get(search..)?.find('@').map(|offset| search + offset) {
        let local = |c: char| {
            c.is_alphanumeric()
                || matches!(c, '.' | '_' | '%' | '+' | '-' | '\'' | '&' | '=' | '~' | '#' | '!')
        };
        let mut start = at;
        for (position, c) in text[from..at].char_indices().rev() {
            if !local(c) {
                break;
            }
            start = from + position;
        }
        while start < at && text[start..].starts_with(['.', '\'', '-', '=', '#', '!', '&']) {
            start += 1;
        }
        let domain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
        let mut end = at + 1;
        for (position, c) in text[at + 1..].char_indices() {
            if !domain(c) {
                break;
            }
            end = at + 1 + position + c.len_utf8();
        }
        while end > at + 1 && text[..end].ends_with(['.', '-']) {
            end -= 1;
        }
        let host = &text[at + 1..end];
        let labels_are_sound = !host.starts_with('.') && host.split('.').all(|label| !label.is_empty());
        let top = host.rsplit('.').next().unwrap_or("");
        if start < at
            && host.contains('.')
            && labels_are_sound
            && top.chars().count() > 1
            && top.chars().any(char::is_alphabetic)
        {
            return Some(Span { start, end });
        }
        search = at + 1;
    }
    None
}

/// The first address of a cell as leads hold it.
pub(super) fn first(cell: &str) -> Option<String> {
    // most cells have no address
    if !cell.contains('@') {
        return None;
    }
    find(cell, 0).map(|span| cell[span.start..span.end].to_lowercase())
}

/// Is the text an e-mail address and nothing else?
#[must_use]
pub fn is_email_address(text: &str) -> bool {
    find(text, 0) == Some(Span { start: 0, end: text.len() })
}

/// Is the cell an address and nothing else, apart from `mailto:`, brackets and quotes?
pub(super) fn is_address(cell: &str) -> bool {
    find(cell, 0).is_some_and(|span| rest(cell, span).is_empty())
}

/// What a cell holds beside an address: wrappers and separators cleaned away.
pub(super) fn rest(cell: &str, span: Span) -> String {
    let before = cell[..span.start].trim_end_matches(['<', '(', '[', '"', '\'', ' ', '\u{a0}']);
    let before = strip_scheme(before);
    let after = cell[span.end..].trim_start_matches(['>', ')', ']', '"', '\'', ' ', '\u{a0}']);
    let separator = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|' | '/' | ':' | '<' | '>' | '"');
    let before = before.trim_matches(separator);
    let after = after.trim_matches(separator);
    match (before.is_empty(), after.is_empty()) {
        (true, true) => String::new(),
        (true, false) => after.to_owned(),
        (false, true) => before.to_owned(),
        (false, false) => format!("{before} {after}"),
    }
}

/// `mailto:` and `email:` at the end of the text before an address.
fn strip_scheme(before: &str) -> &str {
    let lower = before.to_ascii_lowercase();
    for scheme in ["mailto:", "e-mail:", "email:", "mail:", "smtp:", "e:", "@:"] {
        if lower.ends_with(scheme) {
            return &before[..before.len() - scheme.len()];
        }
    }
    before
}

/// A name out of an address: `jane.doe@…` is Jane Doe. Role addresses give none.
pub(super) fn name_of(address: &str) -> Option<(String, String)> {
    let (local, _) = address.split_once('@')?;
    let local = local.split('+').next().unwrap_or(local);
    let plain = local.trim_end_matches(|c: char| c.is_ascii_digit());
    if NAMES.role_addresses.contains(key(plain).as_str())
        || NAMES.role_addresses.contains(key(local).as_str())
    {
        return None;
    }
    let letters: String = local.chars().filter(|c| !c.is_numeric()).collect();
    // "anna-lena.krause": the hyphen belongs to the name where there is another separator
    let plain = letters.contains(['.', '_']);
    let cut = |c: char| matches!(c, '.' | '_') || (c == '-' && !plain);
    let parts: Vec<&str> = letters.split(cut).filter(|part| !part.trim_matches('-').is_empty()).collect();
    let role = |part: &&str| NAMES.role_addresses.contains(&part.to_lowercase());
    match parts.as_slice() {
        [] => None,
        [single] => {
            let name = capitalised(single);
            (name.chars().count() > 1).then(|| (name, String::new()))
        }
        _ if parts.iter().take(2).any(role) => None,
        _ => {
            let last = parts.len() - 1;
            // "m.van.dijk": the particle begins the family name
            let particle =
                |part: &str| part.len() > 1 && NAMES.particles.contains(part.to_lowercase().as_str());
            let family = (1..last).find(|at| particle(parts[*at])).unwrap_or(last);
            let word = |(at, part): (usize, &&str)| {
                if at >= family && at < last && particle(part) { part.to_lowercase() } else { hyphened(part) }
            };
            let words: Vec<String> = parts.iter().enumerate().map(word).collect();
            Some((words[..family].join(" "), words[family..].join(" ")))
        }
    }
}

/// `Anna-Lena` of `anna-lena`.
fn hyphened(part: &str) -> String {
    part.split('-').filter(|piece| !piece.is_empty()).map(capitalised).collect::<Vec<_>>().join("-")
}

/// The word with a capital first letter, where that is the same letter: `ß` would become two, and the micro sign another alphabet's.
pub(super) fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    let Some(first) = chars.next() else { return String::new() };
    let mut upper = first.to_uppercase();
    let capital = match (upper.next(), upper.next()) {
        (Some(capital), None) if capital.to_lowercase().eq([first]) => capital,
        _ => first,
    };
    std::iter::once(capital).chain(chars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_addresses() {
        let check =
            |cell: &str, expected: Option<&str>| assert_eq!(first(cell).as_deref(), expected, "{cell}");
        check(" Jane.DOE@Acme.com ", Some("jane.doe@acme.com"));
        check("mailto:a@b.co", Some("a@b.co"));
        check("Jane Doe <jane@doe.org>", Some("jane@doe.org"));
        check("a@b.co; c@d.co", Some("a@b.co"));
        check("@handle", None);
        check("a@b", None);
        check("müller@bücher.de", Some("müller@bücher.de"));
        check("me@ x, you@there.net", Some("you@there.net"));
    }

    #[test]
    fn keeps_the_rest() {
        let check = |cell: &str, expected: &str| {
            assert_eq!(find(cell, 0).map(|span| rest(cell, span)).as_deref(), Some(expected), "{cell}");
        };
        check("<a@b.co>", "");
        check("mailto:a@b.co", "");
        check("a@b.co; c@d.co", "c@d.co");
        check("Jane Doe <jane@doe.org>", "Jane Doe");
        check("a@b.co / 0171 123456", "0171 123456");
    }

    /// Found by the fuzzer: a domain `ß.co` gave the company `SS`, an address that begins with a micro sign a Greek name.
    #[test]
    fn capitals_invent_no_letters() {
        let check = |word: &str, expected: &str| assert_eq!(capitalised(word), expected);
        check("ada", "Ada");
        check("école", "École");
        check("ß", "ß");
        check("µa", "µa");
        check("ﬁn", "ﬁn");
        check("", "");
    }

    #[test]
    fn names_from_addresses() {
        let check = |address: &str, expected: Option<(&str, &str)>| {
            let name = name_of(address);
            assert_eq!(
                name.as_ref().map(|(first, last)| (first.as_str(), last.as_str())),
                expected,
                "{address}"
            );
        };
        check("nathan-wang@x.net", Some(("Nathan", "Wang")));
        check("j.smith@x.net", Some(("J", "Smith")));
        check("lea.plum52@gmail.com", Some(("Lea", "Plum")));
        check("scott_kim+crm@x.com", Some(("Scott", "Kim")));
        check("info@x.com", None);
        check("no-reply@x.com", None);
        check("jsmith@x.com", Some(("Jsmith", "")));
    }
}
