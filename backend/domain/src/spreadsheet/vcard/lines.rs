//! Parses vCard text into properties: folded lines, parameters, quoted-printable, escapes.

use std::borrow::Cow;
use std::iter::Peekable;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// A property of a card.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Property {
    /// What ties it to other properties: Apple writes `item1.TEL` and `item1.X-ABLabel`. In lower case.
    pub(super) group: String,
    /// In upper case.
    pub(super) name: String,
    /// Values of `TYPE` and of parameters without a name, in lower case.
    pub(super) types: Vec<String>,
    pub(super) is_binary: bool,
    pub(super) is_preferred: bool,
    /// Decoded, with its backslashes kept.
    pub(super) value: String,
}

impl Property {
    pub(super) fn is(&self, kind: &str) -> bool {
        self.types.iter().any(|own| own == kind)
    }

    /// The value as one text.
    pub(super) fn text(&self) -> String {
        unescaped(&self.value)
    }

    /// The parts of a structured value.
    pub(super) fn parts(&self) -> Vec<String> {
        let mut parts = Vec::new();
        let mut start = 0;
        let mut is_escaped = false;
        for (at, c) in self.value.char_indices() {
            if c == ';' && !is_escaped {
                parts.push(unescaped(&self.value[start..at]));
                start = at + 1;
            }
            is_escaped = c == '\\' && !is_escaped;
        }
        parts.push(unescaped(&self.value[start..]));
        parts
    }
}

/// Resolves `\n`, `\,`, `\;` and similar escapes.
fn unescaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => text.push('\n'),
                Some(other) => text.push(other),
                None => text.push('\\'),
            },
            _ => text.push(c),
        }
    }
    text.trim().to_owned()
}

/// The properties of a text, including `BEGIN` and `END`.
pub(super) struct Properties<'t, I: Iterator<Item = &'t str>> {
    lines: Peekable<I>,
}

/// Reads a text line by line.
pub(super) fn properties(text: &str) -> Properties<'_, impl Iterator<Item = &str>> {
    // Old phones end lines with a carriage return only.
    let lines = text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'));
    Properties { lines: lines.peekable() }
}

impl<'t, I: Iterator<Item = &'t str>> Iterator for Properties<'t, I> {
    type Item = Property;

    fn next(&mut self) -> Option<Property> {
        loop {
            let mut line = Cow::Borrowed(self.lines.next()?);
            if line.trim().is_empty() {
                continue;
            }
            let Some((head, _)) = split_head(&line) else { continue };
            let is_quoted_printable = head.to_ascii_uppercase().contains("QUOTED-PRINTABLE");
            while let Some(next) = self.lines.peek() {
                if is_quoted_printable && line.ends_with('=') {
                    let joined = line.to_mut();
                    joined.pop();
                    joined.push_str(next);
                } else if let Some(folded) = next.strip_prefix([' ', '\t']) {
                    line.to_mut().push_str(folded);
                } else if !next.trim().is_empty() && split_head(next).is_none() {
                    // Not a property: the writer forgot to fold the line.
                    let joined = line.to_mut();
                    joined.push_str("\\n");
                    joined.push_str(next);
                } else {
                    break;
                }
                self.lines.next();
            }
            if let Some((head, value)) = split_head(&line) {
                return Some(property(head, value));
            }
        }
    }
}

/// The text before and after the colon that begins the value; `None` if the line is not a property.
fn split_head(line: &str) -> Option<(&str, &str)> {
    let mut in_quotes = false;
    let colon = line.bytes().position(|byte| {
        in_quotes ^= byte == b'"';
        byte == b':' && !in_quotes
    })?;
    let name = line[..colon].split(';').next().unwrap_or_default();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (!name.is_empty() && name.chars().all(is_name)).then(|| (&line[..colon], &line[colon + 1..]))
}

fn property(head: &str, value: &str) -> Property {
    let mut pieces = split_outside_quotes(head);
    let full_name = pieces.next().unwrap_or_default().to_ascii_uppercase();
    let (group, name) = full_name.rsplit_once('.').unwrap_or(("", &full_name));
    let mut property =
        Property { group: group.to_ascii_lowercase(), name: name.to_owned(), ..Property::default() };
    let mut is_quoted_printable = false;
    let mut charset = None;
    for piece in pieces {
        let (key, setting) = piece.split_once('=').unwrap_or(("TYPE", piece));
        let setting = setting.trim().trim_matches('"');
        match key.trim().to_ascii_uppercase().as_str() {
            "CHARSET" => charset = Encoding::for_label(setting.as_bytes()),
            "PREF" => property.is_preferred |= setting == "1",
            "TYPE" | "ENCODING" => {
                for kind in setting.split(',').map(|kind| kind.trim().to_ascii_lowercase()) {
                    match kind.as_str() {
                        "quoted-printable" | "q" => is_quoted_printable = true,
                        "base64" | "b" => property.is_binary = true,
                        "pref" => property.is_preferred = true,
                        _ => property.types.push(kind),
                    }
                }
            }
            _ => {}
        }
    }
    property.is_binary |= value.starts_with("data:");
    property.value =
        if is_quoted_printable { from_quoted_printable(value, charset) } else { value.to_owned() };
    property
}

fn split_outside_quotes(head: &str) -> impl Iterator<Item = &str> {
    let mut in_quotes = false;
    head.split(move |c| {
        in_quotes ^= c == '"';
        c == ';' && !in_quotes
    })
}

/// Decodes RFC 2045's quoted-printable. A value lacks a character set as often as it has a wrong one.
fn from_quoted_printable(value: &str, charset: Option<&'static Encoding>) -> String {
    let bytes = value.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(code) if byte == b'=' => {
                decoded.push(code);
                at += 3;
            }
            _ => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    let text = match String::from_utf8(decoded) {
        Ok(text) if charset.is_none_or(|charset| charset == UTF_8) => text,
        Ok(text) => charset.unwrap_or(UTF_8).decode_without_bom_handling(text.as_bytes()).0.into_owned(),
        Err(error) => {
            let charset = charset.filter(|charset| *charset != UTF_8).unwrap_or(WINDOWS_1252);
            charset.decode_without_bom_handling(error.as_bytes()).0.into_owned()
        }
    };
    text.replace("\r\n", "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let read: Vec<String> = properties(text)
            .map(|p| {
                let types: String = p.types.iter().map(|kind| format!(";{kind}")).collect();
                format!("{}{types}={}", p.name, p.parts().join("|"))
            })
            .collect();
        assert_eq!(read, expected);
    }

    #[test]
    fn lines() {
        check("TEL;TYPE=\"voice,work\":1\r\nTEL;CELL;VOICE:2\r\n", &["TEL;voice;work=1", "TEL;cell;voice=2"]);
        check("NOTE:one\\nt\r\n wo\\, three\n\nN:a;b\\;c\n", &["NOTE=one\nt\u{77}o, three", "N=a|b;c"]);
        check(
            "N;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:M=C3=BC=\r\nller;Ann\r\nFN:x\r\n",
            &["N=Müller|Ann", "FN=x"],
        );
        check("N;QUOTED-PRINTABLE;CHARSET=windows-1251:=C8=E2=E0=ED\n", &["N=Иван"]);
        check("N;QUOTED-PRINTABLE:M=FCller\n", &["N=Müller"]);
        check("item1.URL:https://x.example\nno property\n", &["URL=https://x.example\nno property"]);
        check("X;P=\"a:b;c\":v", &["X=v"]);
    }
}
