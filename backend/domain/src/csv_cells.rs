//! Cells of the CSV files we write: none may be a formula to the program that opens it, and our own reader takes them
//! back as they were.
//!
//! Rule: OWASP, "CSV Injection": a cell that begins with `=`, `+`, `-`, `@`, tab or carriage return can be run. Such a
//! cell gets an apostrophe in front, which spreadsheet programs show as text.

use std::borrow::Cow;

/// What a formula can begin with; a line feed is there because some programs drop leading blanks.
const STARTS: [u8; 7] = [b'=', b'+', b'-', b'@', b'\t', b'\r', b'\n'];

/// The cell as it is written: with an apostrophe in front where it could be run. So does a cell that already looks
/// like that, or reading it back would take its own apostrophe away.
#[must_use]
pub fn neutralize(cell: &str) -> Cow<'_, str> {
    if starts_formula(cell.trim_start_matches('\'')) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// The cell as it was before [`neutralize`].
#[must_use]
pub fn restore(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if starts_formula(rest.trim_start_matches('\'')) => rest,
        _ => cell,
    }
}

fn starts_formula(cell: &str) -> bool {
    cell.as_bytes().first().is_some_and(|byte| STARTS.contains(byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_are_text() {
        for (cell, expected) in [
            ("=1+1", "'=1+1"),
            ("+49 30 901820", "'+49 30 901820"),
            ("'=1", "''=1"),
            ("O'Neil", "O'Neil"),
            ("'t Hooft", "'t Hooft"),
            ("", ""),
        ] {
            assert_eq!(neutralize(cell), expected);
        }
    }

    proptest! {
        #[test]
        fn every_cell_comes_back(cell in "['=+@a\\t\\r\\n-]{0,5}") {
            let written = neutralize(&cell);
            prop_assert!(!starts_formula(&written));
            prop_assert_eq!(restore(&written), cell.as_str());
        }
    }
}
