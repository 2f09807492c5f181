//! Escapes cells of the CSV files we write: none may be a formula to the program that opens it, and our own reader
//! restores them unchanged.
//!
//! Rule: OWASP, "CSV Injection": a cell that begins with `=`, `+`, `-`, `@`, one of their full-width forms, tab or line
//! end can be executed. Such a cell gets a leading apostrophe, which spreadsheet programs show as text. A program that
//! uses `;` or a tab as the delimiter, as those of many countries do, sees cells and rows begin inside ours, so the
//! same applies after those and after line ends.

use std::borrow::Cow;

/// Where a cell or row can begin inside a cell, for a program that splits the file its own way.
const BREAKS: [char; 4] = [';', '\t', '\r', '\n'];

/// The cell as written: with an apostrophe wherever something begins that could be executed. Text that already looks
/// escaped gets one too, or reading it back would remove its own apostrophe.
#[must_use]
pub fn neutralize(cell: &str) -> Cow<'_, str> {
    let pieces = || cell.split_inclusive(BREAKS).enumerate();
    if !pieces().any(|(at, piece)| can_run(piece, at == 0)) {
        return Cow::Borrowed(cell);
    }
    let mut written = String::with_capacity(cell.len() + 1);
    for (at, piece) in pieces() {
        if can_run(piece, at == 0) {
            written.push('\'');
        }
        written.push_str(piece);
    }
    Cow::Owned(written)
}

/// The cell as it was before [`neutralize`].
#[must_use]
pub fn restore(cell: &str) -> Cow<'_, str> {
    if !cell.contains('\'') {
        return Cow::Borrowed(cell);
    }
    let own = |(at, piece): (usize, &'_ str)| {
        piece.strip_prefix('\'').filter(|rest| can_run(rest, at == 0)).map_or(0, |_| 1)
    };
    let pieces = || cell.split_inclusive(BREAKS).enumerate();
    if pieces().all(|piece| own(piece) == 0) {
        return Cow::Borrowed(cell);
    }
    Cow::Owned(pieces().map(|piece| &piece.1[own(piece)..]).collect())
}

/// Whether this can be executed, or be mistaken for something escaped by an apostrophe. Blanks count only at the
/// beginning of a cell, because some programs drop them there.
fn can_run(piece: &str, is_first: bool) -> bool {
    match piece.trim_start_matches('\'').chars().next() {
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') => true,
        Some('\t' | '\r' | '\n') => is_first,
        _ => false,
    }
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
            ("＝1", "'＝1"),
            ("Acme;=1", "Acme;'=1"),
            ("Acme; x\n@SUM(1)\tb", "Acme; x\n'@SUM(1)\tb"),
            ("\n=1", "'\n'=1"),
            ("a;b-c;", "a;b-c;"),
        ] {
            assert_eq!(neutralize(cell), expected);
        }
    }

    proptest! {
        #[test]
        fn every_cell_comes_back(cell in "['=+@＝a;\\t\\r\\n-]{0,7}") {
            let written = neutralize(&cell);
            prop_assert!(!written.starts_with(['\t', '\r', '\n']));
            prop_assert!(written.split(BREAKS).all(|cell| !cell.starts_with(['=', '+', '-', '@', '＝'])));
            prop_assert_eq!(restore(&written), cell.as_str());
        }
    }
}
