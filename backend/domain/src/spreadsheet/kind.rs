//! Detects what a file is by its content. Names and content types lie: an `.xls` may be a web page, a `.csv` a picture.

use super::ReadError;

/// A kind of file that is not text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binary {
    /// A zip archive: XLSX, XLSB, ODS, or something else inside.
    Zip,
    /// An OLE2 compound file: XLS, an encrypted XLSX, or something else inside.
    Ole,
}

/// A kind of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextKind {
    /// Comma-separated values and their relatives.
    Delimited,
    /// A web page with at least one table.
    Html,
    /// An XML Spreadsheet 2003.
    SpreadsheetXml,
    /// A set of vCards.
    VCards,
}

/// First bytes of files that are not tables.
const FOREIGN: [(&[u8], &str); 26] = [
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"RIFF", "a media file"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"%PDF-", "a PDF document"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"7z\xbc\xaf\x27\x1c", "a compressed archive"),
    (b"Rar!\x1a\x07", "a compressed archive"),
    (b"BZh", "a compressed archive"),
    (b"\xfd7zXZ\0", "a compressed archive"),
    (b"\x28\xb5\x2f\xfd", "a compressed archive"),
    (b"SQLite format 3\0", "a database"),
    (b"\0\x01\0\0Standard ", "an Access database"),
    (b"PAR1", "a Parquet file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\0", "a program"),
    (b"\x09\x00\x04\x00", "a workbook of a very old Excel (before version 5)"),
    (b"\x09\x02\x06\x00", "a workbook of a very old Excel (before version 5)"),
    (b"\x09\x04\x06\x00", "a workbook of a very old Excel (before version 5)"),
    (b"OggS", "a media file"),
    (b"ID3", "a media file"),
    (b"wOFF", "a font"),
];

/// The kind of a file that is not text; `None` for text.
///
/// # Errors
/// When it is known not to be a table.
pub(super) fn of_bytes(bytes: &[u8]) -> Result<Option<Binary>, ReadError> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Ok(Some(Binary::Zip));
    }
    if bytes.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        return Ok(Some(Binary::Ole));
    }
    // `ID3` and `BZh` could begin a header, but then no control character follows soon after.
    let head = &bytes[..bytes.len().min(64)];
    let is_text = head.iter().all(|byte| *byte >= 0x20 || matches!(byte, b'\t' | b'\r' | b'\n'));
    match FOREIGN.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        Some((magic, _)) if is_text && !matches!(*magic, b"%PDF-" | b"{\\rtf") => Ok(None),
        Some((_, found)) => Err(ReadError::UnsupportedFileType { found }),
        None => Ok(None),
    }
}

/// The kind of a text.
///
/// # Errors
/// When it is known not to be a table.
pub(super) fn of_text(text: &str) -> Result<TextKind, ReadError> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let head: String = text.chars().take(4096).collect::<String>().to_ascii_lowercase();
    if head.starts_with('<') {
        if head.contains("urn:schemas-microsoft-com:office:spreadsheet") && head.contains("<workbook") {
            return Ok(TextKind::SpreadsheetXml);
        }
        let page = [
            "<!doctype html",
            "<html",
            "<head",
            "<meta",
            "<style",
            "<body",
            "<table",
            "<div",
            "<font",
            "<!--",
        ];
        if page.iter().any(|tag| head.starts_with(tag))
            || (head.starts_with("<?xml") && head.contains("<html"))
        {
            if contains_ignore_case(text, "<table") {
                return Ok(TextKind::Html);
            }
            return Err(ReadError::UnsupportedFileType { found: "a web page without a table" });
        }
        if head.starts_with("<?xml") {
            return Err(ReadError::UnsupportedFileType { found: "an XML document" });
        }
    }
    let compact: String = head.chars().filter(|c| !c.is_whitespace()).take(24).collect();
    if compact.starts_with("{\"") || compact.starts_with("[{\"") || compact.starts_with("[[") {
        return Err(ReadError::UnsupportedFileType { found: "a JSON document" });
    }
    if compact.starts_with("begin:vcard") {
        return Ok(TextKind::VCards);
    }
    if head.starts_with("mime-version:") {
        return Err(ReadError::UnsupportedFileType { found: "a web archive or an email" });
    }
    Ok(TextKind::Delimited)
}

fn contains_ignore_case(text: &str, lower: &str) -> bool {
    memchr::memchr_iter(b'<', text.as_bytes()).any(|at| {
        text.as_bytes()[at..].get(..lower.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(lower.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: Result<Option<Binary>, &str>) {
        let found = of_bytes(bytes).map_err(|error| match error {
            ReadError::UnsupportedFileType { found } => found,
            _ => "another error",
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn binary_kinds() {
        check(b"PK\x03\x04rest", Ok(Some(Binary::Zip)));
        check(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Ok(Some(Binary::Ole)));
        check(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Err("a PNG picture"));
        check(b"%PDF-1.7\n", Err("a PDF document"));
        check(b"name,email\n", Ok(None));
        check(b"ID3,Name,Email\n", Ok(None));
        check(b"ID3\x03\0\0\0\0\x0fv", Err("a media file"));
    }

    #[test]
    fn text_kinds() {
        assert_eq!(of_text("\u{feff}a,b"), Ok(TextKind::Delimited));
        assert_eq!(of_text("<a@b.example>,x"), Ok(TextKind::Delimited));
        assert_eq!(of_text("\n<HTML><BODY><TABLE>"), Ok(TextKind::Html));
        assert!(of_text("<html><body>Sign in</body>").is_err());
        assert_eq!(of_text("BEGIN:VCARD\r\nVERSION:3.0\r\n"), Ok(TextKind::VCards));
        assert!(of_text("[ {\"a\": 1} ]").is_err());
        let xml = "<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">";
        assert_eq!(of_text(xml), Ok(TextKind::SpreadsheetXml));
    }
}
