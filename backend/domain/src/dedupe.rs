//! The duplicate rule inside one file or batch: of the rows with the same address, the last in file order wins.

use std::collections::HashMap;

use crate::email::NormalizedEmail;
use crate::identity::RowFingerprint;

/// For each row, in file order: whether a later row with the same address supersedes it. Never for rows without one.
pub fn overtaken<'a>(emails: impl DoubleEndedIterator<Item = Option<&'a NormalizedEmail>>) -> Vec<bool> {
    let mut seen = std::collections::HashSet::new();
    let mut flags: Vec<bool> =
        emails.rev().map(|email| email.is_some_and(|email| !seen.insert(email))).collect();
    flags.reverse();
    flags
}

/// Numbers equal rows of a file: 0 for the first of its kind, 1 for the second, and so on.
#[derive(Debug, Default)]
pub struct RowOrdinals(HashMap<RowFingerprint, u32>);

impl RowOrdinals {
    /// The ordinal of the next row with this fingerprint.
    pub fn next(&mut self, fingerprint: RowFingerprint) -> u32 {
        let count = self.0.entry(fingerprint).or_default();
        *count += 1;
        *count - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(emails: &[&str], expected: &[bool]) {
        let emails: Vec<_> = emails.iter().map(|text| NormalizedEmail::parse(text)).collect();
        assert_eq!(overtaken(emails.iter().map(Option::as_ref)), expected);
    }

    #[test]
    fn last_row_wins_and_rows_without_address_never_merge() {
        check(&[], &[]);
        check(&["a@x.y", "b@x.y", "A@x.y "], &[true, false, false]);
        check(&["", "N/A", ""], &[false, false, false]);
        check(&["a@x.y", "a@x.y", "a@x.y"], &[true, true, false]);
    }

    #[test]
    fn ordinals_count_equal_rows() {
        let mut ordinals = RowOrdinals::default();
        let row = |text: &str| RowFingerprint::of(&[text]);
        assert_eq!([row("a"), row("b"), row("a")].map(|row| ordinals.next(row)), [0, 0, 1]);
    }
}
