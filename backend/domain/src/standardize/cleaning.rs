//! Removes invisible characters from cells, and the escapes of programs that wrote text for another program:
//! `ada.rowe<zero-width space>@x.com`, `AT&amp;T`, `12 Mill Lane_x000D_`.

use std::borrow::Cow;

/// The cells of a row as people see them; `None` if that changes nothing, as for nearly all rows.
pub(super) fn cleaned_row<'c>(cells: &[&'c str]) -> Option<Vec<Cow<'c, str>>> {
    let dirty = cells.iter().any(|cell| matches!(cleaned(cell), Cow::Owned(_)));
    dirty.then(|| cells.iter().map(|cell| cleaned(cell)).collect())
}

/// The cell without escapes and invisible characters, and with plain spaces for all characters that look like one.
pub(super) fn cleaned(cell: &str) -> Cow<'_, str> {
    // one pass shows that most cells need nothing
    if cell.bytes().fold(true, |plain, byte| plain & (byte < 0x80) & (byte != b'_') & (byte != b'&')) {
        return Cow::Borrowed(cell);
    }
    let unescaped = match cell.contains('_') && cell.contains("_x") {
        true => without_escapes(cell),
        false => Cow::Borrowed(cell),
    };
    let decoded = match unescaped.contains('&') && unescaped.contains(';') {
        true => Cow::Owned(without_entities(&unescaped)),
        false => unescaped,
    };
    let decoded = if decoded == cell { Cow::Borrowed(cell) } else { decoded };
    if decoded.is_ascii() || !decoded.chars().any(|c| is_invisible(c) || is_joiner(c) || is_odd_space(c)) {
        return decoded;
    }
    let seen = visible(&decoded);
    if seen == cell { Cow::Borrowed(cell) } else { Cow::Owned(seen) }
}

fn visible(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    for c in text.chars() {
        if is_odd_space(c) {
            seen.push(' ');
        } else if !(is_invisible(c) || is_joiner(c) && !seen.chars().next_back().is_some_and(needs_joiner)) {
            seen.push(c);
        }
    }
    seen
}

/// Soft hyphen, zero-width space, direction marks, word joiner and similar, byte order mark.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{206f}'
            | '\u{feff}'
    )
}

/// The zero-width joiner and non-joiner, which spell some scripts and some emoji.
const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Arabic and Persian, the Indic scripts and their neighbours, symbols and emoji: a joiner after them changes what is
/// seen.
const fn needs_joiner(c: char) -> bool {
    matches!(
        c,
        '\u{600}'..='\u{10ff}'
            | '\u{1780}'..='\u{1aff}'
            | '\u{2190}'..='\u{2bff}'
            | '\u{a840}'..='\u{abff}'
            | '\u{fb50}'..='\u{fdff}'
            | '\u{fe0f}'
            | '\u{fe70}'..='\u{fefe}'
            | '\u{10a00}'..='\u{11fff}'
            | '\u{1f000}'..='\u{1faff}'
    )
}

/// Spaces that look like the plain one. The wide space of Chinese and Japanese stays.
const fn is_odd_space(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}')
}

/// Excel's files write a control character as `_x000D_`; line ends and tabs are decoded.
fn without_escapes(cell: &str) -> Cow<'_, str> {
    const ESCAPES: [(&str, &str); 6] = [
        ("_x000D_\r\n", "\n"),
        ("_x000D_\n", "\n"),
        ("_x000D__x000A_", "\n"),
        ("_x000D_", "\n"),
        ("_x000A_", "\n"),
        ("_x0009_", "\t"),
    ];
    let lower = cell.replace("_x000d_", "_x000D_").replace("_x000a_", "_x000A_");
    let mut text = lower;
    for (escape, plain) in ESCAPES {
        if text.contains(escape) {
            text = text.replace(escape, plain);
        }
    }
    if text == cell { Cow::Borrowed(cell) } else { Cow::Owned(text) }
}

/// The text with its HTML entities decoded, once.
fn without_entities(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity = rest.get(1..rest.len().min(LONGEST_ENTITY)).unwrap_or_else(|| &rest[1..]);
        let end = entity.bytes().take(LONGEST_ENTITY).position(|b| b == b';');
        match end.and_then(|end| Some((end, entity_char(entity.get(..end)?)?))) {
            Some((end, c)) => {
                decoded.push(c);
                rest = &rest[end + 2..];
            }
            None => {
                decoded.push('&');
                rest = &rest[1..];
            }
        }
    }
    decoded.push_str(rest);
    decoded
}

/// Length in bytes of the longest entity that is looked up, including its `&`.
const LONGEST_ENTITY: usize = 12;

/// The names of the characters from the no-break space to `ÿ`, in order.
const LATIN_ENTITIES: [&str; 96] = [
    "nbsp", "iexcl", "cent", "pound", "curren", "yen", "brvbar", "sect", "uml", "copy", "ordf", "laquo",
    "not", "shy", "reg", "macr", "deg", "plusmn", "sup2", "sup3", "acute", "micro", "para", "middot",
    "cedil", "sup1", "ordm", "raquo", "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc",
    "Atilde", "Auml", "Aring", "AElig", "Ccedil", "Egrave", "Eacute", "Ecirc", "Euml", "Igrave", "Iacute",
    "Icirc", "Iuml", "ETH", "Ntilde", "Ograve", "Oacute", "Ocirc", "Otilde", "Ouml", "times", "Oslash",
    "Ugrave", "Uacute", "Ucirc", "Uuml", "Yacute", "THORN", "szlig", "agrave", "aacute", "acirc", "atilde",
    "auml", "aring", "aelig", "ccedil", "egrave", "eacute", "ecirc", "euml", "igrave", "iacute", "icirc",
    "iuml", "eth", "ntilde", "ograve", "oacute", "ocirc", "otilde", "ouml", "divide", "oslash", "ugrave",
    "uacute", "ucirc", "uuml", "yacute", "thorn", "yuml",
];

fn entity_char(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    }
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "ndash" => Some('–'),
        "mdash" => Some('—'),
        "lsquo" => Some('‘'),
        "rsquo" => Some('’'),
        "ldquo" => Some('“'),
        "rdquo" => Some('”'),
        "hellip" => Some('…'),
        "zwnj" => Some('\u{200c}'),
        "zwj" => Some('\u{200d}'),
        _ => {
            let at = LATIN_ENTITIES.iter().position(|known| *known == name)?;
            char::from_u32(0xa0 + u32::try_from(at).ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_as_people_see_them() {
        let check = |cell: &str, expected: &str| assert_eq!(cleaned(cell), expected, "{cell:?}");
        check("Jane Doe", "Jane Doe");
        check("ines.ca\u{ad}rro@x.com", "ines.carro@x.com");
        check("\u{feff}ada\u{200b}.rowe\u{2060}@x.com", "ada.rowe@x.com");
        check("\u{202a}+44 20 7946 0103\u{202c}", "+44 20 7946 0103");
        check("\u{2068}Ole\u{2069}\u{200f}", "Ole");
        check("Marta\u{a0}Lind\u{202f}quist", "Marta Lind quist");
        check("山田　太郎", "山田　太郎");
        // joiners spell names in some scripts and are noise in others
        check("An\u{200d}na", "Anna");
        check("علی\u{200c}رضا", "علی\u{200c}رضا");
        check("ക\u{d4d}\u{200d}", "ക\u{d4d}\u{200d}");
        check("👩\u{200d}💻 ❤\u{fe0f}", "👩\u{200d}💻 ❤\u{fe0f}");
        check("AT&amp;T", "AT&T");
        check("jane&#64;x.com", "jane@x.com");
        check("Jane &lt;jane&#x40;x.com&gt;", "Jane <jane@x.com>");
        check("Caf&eacute; M&uuml;ller&nbsp;&amp; S&ouml;hne", "Café Müller & Söhne");
        check("&amp;lt;", "&lt;");
        check("R&D; Lab &unknown; & Co", "R&D; Lab &unknown; & Co");
        check("ja&shy;ne", "jane");
        check("&#0;&#xD800;&#99999999999;", "&#0;&#xD800;&#99999999999;");
        check("12 Mill Lane_x000D_\nLeeds_x000D_", "12 Mill Lane\nLeeds\n");
        check("my_xtra_file", "my_xtra_file");
        check("&é;&", "&é;&");
    }

    proptest::proptest! {
        #[test]
        fn cleaning_is_done_once_and_for_all_invisibles(cell in "[a-z@& ;\u{ad}\u{200b}-\u{200f}\u{2060}\u{a0}äは]{0,30}") {
            let once = cleaned(&cell).into_owned();
            proptest::prop_assert_eq!(cleaned(&once), once.as_str());
            proptest::prop_assert!(!once.chars().any(|c| is_invisible(c) || is_odd_space(c)));
        }
    }
}
