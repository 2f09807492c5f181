//! Checks made before a file is sent. Plain Rust. The server checks again; this saves the user the wait.

use easy_crm_shared::upload::{FileType, MAX_FILE_NAME_CHARS};
use strum::IntoEnumIterator as _;

/// Accepted file extensions, in the format of a file input's `accept` attribute.
pub(super) fn accepted_endings() -> String {
    FileType::iter().map(FileType::extension).collect::<Vec<_>>().join(",")
}

/// Checks whether a file can be imported; the error tells the user why not and what to do.
pub(super) fn check_file(
    name: &str,
    size_bytes: u64,
    max_bytes: u64,
    size_text: impl Fn(u64) -> String,
) -> Result<(), String> {
    if FileType::from_file_name(name).is_none() {
        return Err(
            "This file type cannot be read. Save it as CSV, Excel (XLSX, XLS, XLSB) or OpenDocument (ODS), or export contacts as VCF."
                .to_owned(),
        );
    }
    if size_bytes == 0 {
        return Err("This file is empty. Check that it was saved completely.".to_owned());
    }
    if size_bytes > max_bytes {
        return Err(format!(
            "This file is {}; the limit is {}. Split it into smaller files.",
            size_text(size_bytes),
            size_text(max_bytes)
        ));
    }
    if name.chars().count() > MAX_FILE_NAME_CHARS {
        return Err("The file name is too long. Rename the file and try again.".to_owned());
    }
    Ok(())
}

/// A table copied from a spreadsheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PastedTable {
    /// The copied text.
    pub(super) text: String,
    /// Rows that are not blank.
    pub(super) rows: usize,
    /// Cells of the longest row.
    pub(super) columns: usize,
}

impl PastedTable {
    /// Parses a text as a table: at least two rows, with tabs between cells or an email address in them.
    pub(super) fn read(text: &str) -> Option<Self> {
        let lines = || text.lines().filter(|line| !line.trim().is_empty());
        let (rows, columns) = (lines().count(), lines().map(|line| line.split('\t').count()).max()?);
        let is_table = rows >= 2 && (columns >= 2 || text.contains('@'));
        is_table.then(|| Self { text: text.to_owned(), rows, columns })
    }

    /// The first rows, so that the user can recognise the table.
    pub(super) fn preview(&self) -> Vec<Vec<String>> {
        let lines = self.text.lines().filter(|line| !line.trim().is_empty()).take(4);
        lines.map(|line| line.split('\t').take(6).map(str::to_owned).collect()).collect()
    }
}

/// The message when the object store refuses the bytes.
pub(super) fn refused_by_store(http_status: u16) -> String {
    match http_status {
        403 => "Sending this file took too long. Please try again.".to_owned(),
        400 | 411 | 412 => "The file changed while it was being sent. Please add it again.".to_owned(),
        413 => "This file is too large.".to_owned(),
        _ => format!("The file could not be stored (status {http_status}). Please try again."),
    }
}

/// Percentage of a file that has been sent, 0 to 100, rounded down.
pub(crate) fn percent_sent(sent_bytes: u64, size_bytes: u64) -> u32 {
    let percent = sent_bytes.saturating_mul(100).checked_div(size_bytes).unwrap_or(0);
    u32::try_from(percent).unwrap_or(100).min(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, size: u64, expected: Option<&str>) {
        let answer = check_file(name, size, 100, |bytes| format!("{bytes} bytes"));
        match (answer, expected) {
            (Ok(()), None) => {}
            (Err(message), Some(words)) => assert!(message.contains(words), "{message}"),
            (answer, _) => panic!("{name}: {answer:?}"),
        }
    }

    #[test]
    fn files_that_can_be_imported_pass() {
        for name in ["a.csv", "A.CSV", "münchen leads (2).xlsx", "../x.ods", "a.b.tsv", "x.xlsm", "x.txt"] {
            check(name, 100, None);
        }
    }

    #[test]
    fn others_are_told_what_to_do() {
        check("photo.png", 10, Some("Save it as CSV"));
        check("csv", 10, Some("cannot be read"));
        check("leads.csv.exe", 10, Some("cannot be read"));
        check("a.csv", 0, Some("empty"));
        check("a.csv", 101, Some("101 bytes; the limit is 100 bytes"));
        check(&format!("{}.csv", "x".repeat(260)), 10, Some("too long"));
    }

    #[test]
    fn copied_tables_are_told_from_copied_words() {
        let check = |text: &str, expected: Option<(usize, usize)>| {
            assert_eq!(PastedTable::read(text).map(|table| (table.rows, table.columns)), expected, "{text}");
        };
        check("Name\tEmail\r\nAda\tada@x.example\r\n\r\n", Some((2, 2)));
        check("ada@x.example\nbob@x.example", Some((2, 1)));
        check("a sentence\nand another", None);
        check("one\trow", None);
        check("", None);
        let table = PastedTable::read("a\tb\nc\td\te").map(|table| table.preview());
        assert_eq!(table, Some(vec![vec!["a".into(), "b".into()], vec!["c".into(), "d".into(), "e".into()]]));
    }

    #[test]
    fn the_chooser_offers_every_kind() {
        assert!(accepted_endings().starts_with(".csv,.xlsx"));
        assert_eq!(accepted_endings().split(',').count(), FileType::iter().count());
    }

    #[test]
    fn the_sent_share_stays_in_bounds() {
        assert_eq!(percent_sent(5, 10), 50);
        assert_eq!(percent_sent(12, 10), 100);
        assert_eq!(percent_sent(1, 0), 0);
    }
}
