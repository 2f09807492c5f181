//! Rows of one file that belong together: those of one person, and those that are equal.

use std::collections::HashMap;
use std::hash::Hash;

use crate::identity::RowFingerprint;

/// Positions of rows, given by the key that tells whose they are, so that rows of one person are neighbours: at the
/// place of the last of them, in file order. Rows without a key stay where they are.
pub fn grouped<K: Eq + Hash>(keys: &[Option<K>]) -> Vec<usize> {
    let last: HashMap<&K, usize> =
        keys.iter().enumerate().filter_map(|(at, key)| Some((key.as_ref()?, at))).collect();
    let mut positions: Vec<usize> = (0..keys.len()).collect();
    positions.sort_by_key(|&at| keys[at].as_ref().map_or(at, |key| last[key]));
    positions
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

    #[test]
    fn rows_of_one_person_come_together() {
        let check = |keys: &str, expected: &[usize]| {
            let keys: Vec<Option<char>> =
                keys.chars().map(|key| Some(key).filter(|key| *key != '-')).collect();
            assert_eq!(grouped(&keys), expected);
        };
        check("", &[]);
        check("abc", &[0, 1, 2]);
        check("ab-a-", &[1, 2, 0, 3, 4]);
        check("--", &[0, 1]);
        check("abab", &[0, 2, 1, 3]);
    }

    #[test]
    fn ordinals_count_equal_rows() {
        let mut ordinals = RowOrdinals::default();
        let row = |text: &str| RowFingerprint::of(&[text]);
        assert_eq!([row("a"), row("b"), row("a")].map(|row| ordinals.next(row)), [0, 0, 1]);
    }
}
