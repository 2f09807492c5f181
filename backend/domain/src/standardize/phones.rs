//! Telephone numbers inside cells: what counts as one, where one ends and the next begins, and what is wrapped around.

use super::emails::Span;
use super::text::trimmed;

/// A cell without the wrappers spreadsheets and exports put around numbers: a guarding `'`, `="…"`, `tel:`, `p:`,
/// and the `.0` of a number that went through a floating-point column.
pub(super) fn unwrapped(cell: &str) -> &str {
    let mut text = trimmed(cell);
    if let Some(inner) = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        text = trimmed(inner);
    }
    if let Some(rest) = text.strip_prefix('\'')
        && rest.chars().any(|c| c.is_ascii_digit())
    {
        text = trimmed(rest);
    }
    for prefix in ["tel:", "p:", "phone:", "callto:", "Tel:", "TEL:", "Phone:", "P:", "whatsapp:", "m:", "t:"]
    {
        if let Some(rest) = text.strip_prefix(prefix)
            && digits(rest) >= 5
        {
            text = trimmed(rest);
            break;
        }
    }
    // a list of one, as databases write it
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'))
        && digits(inner) >= 5
    {
        text = trimmed(inner);
    }
    if text.starts_with('"') && text.ends_with('"') && digits(text) >= 5 {
        text = trimmed(text.trim_matches('"'));
    }
    if let Some(whole) = text.strip_suffix(".0")
        && whole.len() >= 6
        && whole.bytes().all(|b| b.is_ascii_digit())
    {
        text = whole;
    }
    text
}

/// How many digits there are, in any script.
pub(super) fn digits(text: &str) -> usize {
    text.chars().filter(|c| c.is_numeric()).count()
}

/// Does the text look like one telephone number, with or without an extension?
pub(super) fn is_phone(text: &str) -> bool {
    let count = digits(text);
    if !(5..=22).contains(&count) || text.len() > 60 {
        return false;
    }
    let main = without_extension(text);
    let shape = |c: char| {
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
                    | '#'
                    | '\u{202f}'
                    | '\u{2009}'
                    | '['
                    | ']'
                    | '\u{202a}'
                    | '\u{202c}'
                    | '\u{200e}'
            )
    };
    main.chars().all(shape) && (5..=17).contains(&digits(main))
}

/// Does the text look like a telephone number and like nothing else: a plus sign, or the grouping of numbers?
pub(super) fn is_surely_phone(text: &str) -> bool {
    if !is_phone(text) || looks_like_date(text) || !(7..=19).contains(&digits(text)) {
        return false;
    }
    let main = without_extension(text).trim();
    let grouped = main.chars().filter(|c| matches!(c, ' ' | '-' | '.' | '/' | '(' | '\u{a0}')).count();
    let decimal = main.matches('.').count() == 1 && grouped == 1;
    main.starts_with('+')
        || main.starts_with("00")
        || main.starts_with('(')
        || (grouped >= 1 && !decimal && !is_ip(main) && !is_post_code(main))
        || (main.starts_with('0') && main.len() >= 9)
        || (main.len() == 11 && main.starts_with('1') && main.bytes().all(|b| b.is_ascii_digit()))
}

/// `12345-6789`, `820-8009`: seven to nine digits with one hyphen are rather post codes.
fn is_post_code(text: &str) -> bool {
    let shape: Vec<usize> = text.split('-').map(str::len).collect();
    matches!(shape.as_slice(), [5, 4] | [3, 4] | [4, 3] | [5, 3])
        && text.chars().all(|c| c.is_ascii_digit() || c == '-')
}

fn is_ip(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() == 4 && parts.iter().all(|part| part.parse::<u8>().is_ok())
}

/// A date or a time in the usual ways of writing with digits.
pub(super) fn looks_like_date(text: &str) -> bool {
    let text = trimmed(text);
    let date = text.split([' ', 'T']).next().unwrap_or(text);
    let parts: Vec<&str> =
        date.split(['-', '/', '.', '年', '月']).map(|part| part.trim_end_matches('日')).collect();
    let number = |part: &&str| part.parse::<u32>().ok();
    let [a, b, c] = parts.as_slice() else { return false };
    let (Some(x), Some(y), Some(z)) = (number(a), number(b), number(c)) else { return false };
    let year_first =
        a.len() == 4 && (1900..=2100).contains(&x) && y <= 12 && z <= 31 && b.len() <= 2 && c.len() <= 2;
    let year_last = a.len() <= 2
        && b.len() <= 2
        && x <= 31
        && y <= 31
        && (c.len() == 4 && (1900..=2100).contains(&z) || c.len() == 2);
    year_first || year_last
}

/// The number without `ext. 12`, `x12`, `доб. 3`.
fn without_extension(text: &str) -> &str {
    if !text.chars().any(|c| c.is_alphabetic() || c == '#') {
        return text;
    }
    let lower = text.to_lowercase();
    if lower.len() != text.len() {
        return text;
    }
    for mark in
        ["ext", "extension", "durchwahl", "poste", "доб", "int.", "内线", "内線", "분기", "x", "#", "dw"]
    {
        if let Some(at) = lower.find(mark) {
            let rest = &text[at + mark.len()..];
            let rest =
                rest.trim_start_matches(|c: char| c.is_alphabetic() || matches!(c, '.' | ':' | ' ' | '-'));
            let is_number = !rest.trim().is_empty()
                && rest.trim().len() <= 8
                && rest.trim().chars().all(|c| c.is_numeric() || c == ' ');
            if at > 0 && is_number && digits(&text[..at]) >= 5 {
                return text[..at].trim_end_matches(['(', ',', ';', ' ', '-']);
            }
        }
    }
    text
}

/// Are the digits gone: a number that a spreadsheet rounded (`6.59E+09`)?
pub(super) fn is_damaged(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    mantissa.parse::<f64>().is_ok() && exponent.trim_start_matches('+').parse::<u8>().is_ok()
}

/// A number of a cell that may hold several, with the label written before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found<'a> {
    pub(super) span: Span,
    pub(super) label: &'a str,
}

/// Longer texts, in bytes, are no lists of numbers.
const LONGEST_LIST: usize = 2000;

/// The numbers of a cell in order: `+1 212 … ::: (206) …`, `Mobile: 0171…, Fax: …`.
pub(super) fn find_all(cell: &str) -> Vec<Found<'_>> {
    if cell.len() > LONGEST_LIST {
        return Vec::new();
    }
    let base = cell.as_ptr() as usize;
    let mut found = Vec::new();
    let parts = split(cell);
    for part in parts {
        let (label, number) = labelled(part);
        let number = unwrapped(number);
        if is_phone(number) && !looks_like_date(number) {
            let start = number.as_ptr() as usize - base;
            found.push(Found { span: Span { start, end: start + number.len() }, label });
        }
    }
    found
}

/// Is the cell one or several sure numbers with their labels, and nothing else?
pub(super) fn are_phones(cell: &str) -> bool {
    let found = find_all(cell);
    let numbers: usize =
        found.iter().map(|found| found.span.end - found.span.start + found.label.len()).sum();
    !found.is_empty()
        && found.iter().all(|found| is_surely_phone(&cell[found.span.start..found.span.end]))
        && numbers * 10 >= cell.trim().len() * 7
}

/// Is it a number spelled with letters (`1-800-FLOWERS`)? Only a header can tell such cells from codes.
pub(super) fn is_vanity(text: &str) -> bool {
    let text = without_extension(trimmed(text));
    let (mut figures, mut letters, mut groups) = (0, 0, 0);
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '0'..='9' => figures += 1,
            'A'..='Z' => {
                if letters > 0 && !before.is_ascii_uppercase() && before != '-' {
                    return false;
                }
                letters += 1;
            }
            '+' | '-' | '(' | ')' | ' ' | '.' => groups += 1,
            _ => return false,
        }
        before = c;
    }
    figures >= 3
        && letters >= 3
        && groups >= 1
        && (7..=15).contains(&(figures + letters))
        && text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '('))
}

/// Cuts a cell at separators, as far as every part that has digits is a number of its own.
fn split(cell: &str) -> Vec<&str> {
    let plain = |c: char| c.is_numeric() || matches!(c, '+' | '-' | '(' | ')' | '.' | ' ');
    if cell.chars().all(plain) {
        return vec![cell];
    }
    let mut parts = at_labels(cell);
    for separator in [
        ":::", "\n", "\r", ";", "|", "、", "，", ",", " / ", " or ", " oder ", " ou ", " & ", " and ",
        " u. ", "/",
    ] {
        parts = parts
            .into_iter()
            .flat_map(|part| {
                if !part.contains(separator) {
                    return vec![part];
                }
                let pieces: Vec<&str> =
                    part.split(separator).filter(|piece| !piece.trim().is_empty()).collect();
                let whole = pieces.len() > 1 && pieces.iter().any(|piece| (1..7).contains(&digits(piece)));
                if pieces.len() < 2 || whole { vec![part] } else { pieces }
            })
            .collect();
    }
    parts
}

/// `Phone: 555 … Mobile: 555 …`: a label after a number begins the next one.
fn at_labels(cell: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (colon, _) in cell.match_indices(':') {
        let before = &cell[start..colon];
        let word = before.rfind(|c: char| !c.is_alphabetic()).map_or(0, |at| at + 1);
        // `rfind` answers the first byte of a character that may be wider
        let Some((head, label)) = before.split_at_checked(word) else { continue };
        if !label.is_empty() && head.ends_with(' ') && digits(head) >= 5 {
            parts.push(head);
            start += word;
        }
    }
    parts.push(&cell[start..]);
    parts
}

/// `Mobile: 0171 …`, `0171 … (work)`: the label and the number.
fn labelled(part: &str) -> (&str, &str) {
    let part = part
        .trim_matches(|c: char| c.is_whitespace() || matches!(c, ';' | ',' | '|' | '/' | '"' | '[' | ']'));
    let Some(start) = part.find(|c: char| c.is_numeric() || c == '+' || c == '(') else { return ("", part) };
    let (label, number) = part.split_at(start);
    if label.chars().any(char::is_alphabetic) && label.len() <= 40 {
        return (label.trim_end_matches([':', ' ', '.', '-']), without_words(number));
    }
    if let Some(open) = part.rfind('(')
        && part.ends_with(')')
        && open > 0
        && part[open..].chars().any(char::is_alphabetic)
    {
        return (&part[open + 1..part.len() - 1], part[..open].trim_end());
    }
    ("", without_words(part))
}

/// `212-555-0100 after 5 pm`: the number without the words that follow it.
fn without_words(number: &str) -> &str {
    if is_phone(number) || without_extension(number).len() < number.len() {
        return number;
    }
    let Some(end) = number.find(char::is_alphabetic) else { return number };
    let head = number[..end].trim_end_matches(|c: char| !c.is_numeric());
    let whole = number[..end].ends_with(char::is_whitespace) || number[..end].ends_with(['(', ',', ';']);
    if whole && is_surely_phone(head) { head } else { number }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_numbers() {
        for text in [
            "+1 212-555-0163",
            "(206) 555-0199",
            "0221/4710949",
            "+49 (0)89 99998-973",
            "001-197-555-0153",
            "+1-216-555-0153x7594",
            "+1-484-555-0197 ext. 976",
            "212.555.0112",
            "01 99 00 98 95",
            "03-4725-9899",
        ] {
            assert!(is_surely_phone(text), "{text}");
        }
        for text in
            ["2024-05-01", "01/02/2024", "12.5", "820-8009", "john", "198.51.100.236", "1437.77", "12345"]
        {
            assert!(!is_surely_phone(text), "{text}");
        }
        assert!(is_phone("6591234567"));
    }

    #[test]
    fn unwraps() {
        for (cell, expected) in [
            ("'+12125550194", "+12125550194"),
            ("=\"0412345678\"", "0412345678"),
            ("p:+130355", "+130355"),
            ("6591234567.0", "6591234567"),
        ] {
            assert_eq!(unwrapped(cell), expected);
        }
    }

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
        check("call me", &[]);
        check("212-555-0100 after 5 pm", &[("", "212-555-0100")]);
        check("030/1234567 / 0171/7654321", &[("", "030/1234567"), ("", "0171/7654321")]);
    }
}
