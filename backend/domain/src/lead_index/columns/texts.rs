//! A column of mostly different values: email addresses, phone numbers, remarks.
//!
//! Only the folded texts are kept whole. Most values differ from them in capital letters only, so a bit for each byte
//! says which letters are capitals; the few others are kept as written.

use std::borrow::Cow;
use std::collections::HashMap;

use memchr::memmem::Finder;

use super::super::arena::{Arena, SEPARATOR};
use super::super::fold;

/// Folded texts by slot, and how they were written.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Texts {
    folded: Arena,
    /// For each byte of the folded texts: whether it was a capital letter.
    capitals: Vec<u64>,
    /// Values that differ in more than capital letters.
    others: HashMap<u32, Box<str>>,
}

impl Texts {
    pub(in super::super) fn push(&mut self, value: &str) {
        let slot = self.folded.len();
        self.folded.push_with(|out| fold::fold_into(out, value));
        self.capitals.resize(self.folded.text().len().div_ceil(64), 0);
        let range = self.folded.range(slot);
        if self.folded.get(slot).eq_ignore_ascii_case(value) {
            for (at, byte) in range.zip(value.bytes()) {
                self.capitals[at / 64] |= u64::from(byte.is_ascii_uppercase()) << (at % 64);
            }
        } else {
            self.others.insert(slot, value.replace(SEPARATOR, " ").into());
        }
    }

    pub(in super::super) fn folded(&self, slot: u32) -> &str {
        self.folded.get(slot)
    }

    pub(in super::super) fn is_missing(&self, slot: u32) -> bool {
        self.folded.range(slot).is_empty() && !self.others.contains_key(&slot)
    }

    pub(in super::super) fn written(&self, slot: u32) -> Cow<'_, str> {
        if let Some(written) = self.others.get(&slot) {
            return Cow::Borrowed(written);
        }
        let range = self.folded.range(slot);
        let folded = self.folded.get(slot);
        let mut written = Cow::Borrowed(folded);
        for word in range.start / 64..range.end.div_ceil(64) {
            let mut rest = self.capitals[word];
            while rest != 0 {
                let at = word * 64 + rest.trailing_zeros() as usize;
                rest &= rest - 1;
                if range.contains(&at) {
                    let at = at - range.start;
                    if let Some(letter) = written.to_mut().get_mut(at..at + 1) {
                        letter.make_ascii_uppercase();
                    }
                }
            }
        }
        written
    }

    pub(in super::super) fn search(&self, term: &Finder<'_>, found: impl FnMut(u32)) {
        self.folded.search(term, found);
    }

    /// The column with these slots only.
    pub(in super::super) fn kept(&self, slots: impl Iterator<Item = u32>) -> Self {
        let mut kept = Self::default();
        for slot in slots {
            let new = kept.folded.len();
            kept.folded.push(self.folded.get(slot));
            kept.capitals.resize(kept.folded.text().len().div_ceil(64), 0);
            for (from, to) in self.folded.range(slot).zip(kept.folded.range(new)) {
                kept.capitals[to / 64] |= (self.capitals[from / 64] >> (from % 64) & 1) << (to % 64);
            }
            if let Some(other) = self.others.get(&slot) {
                kept.others.insert(new, other.clone());
            }
        }
        kept
    }

    /// The parts of the column.
    pub(in super::super) fn parts(&self) -> (&Arena, &[u64], &HashMap<u32, Box<str>>) {
        (&self.folded, &self.capitals, &self.others)
    }

    /// A column built from its parts; `None` if they do not fit together.
    pub(in super::super) fn from_parts(
        folded: Arena,
        capitals: Vec<u64>,
        others: HashMap<u32, Box<str>>,
    ) -> Option<Self> {
        let fits = capitals.len() == folded.text().len().div_ceil(64)
            && others.keys().all(|slot| *slot < folded.len());
        fits.then_some(Self { folded, capitals, others })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn values_come_back_as_written(values in proptest::collection::vec("[aAbZ 1äÉßİ\0]{0,70}|.{0,9}", 0..9)) {
            let mut column = Texts::default();
            values.iter().for_each(|value| column.push(value));
            for (slot, value) in (0..).zip(&values) {
                prop_assert_eq!(column.written(slot), value.replace(SEPARATOR, " "));
                prop_assert_eq!(column.is_missing(slot), value.is_empty());
            }
            let odd = (0..values.len() as u32).filter(|slot| slot % 2 == 1);
            let kept = column.kept(odd.clone());
            for (new, slot) in odd.enumerate() {
                prop_assert_eq!(kept.written(new as u32), column.written(slot));
            }
        }
    }
}
