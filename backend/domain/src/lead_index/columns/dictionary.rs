//! A column whose values repeat: names, titles, companies, files. A search checks each distinct value once.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use memchr::memmem::Finder;

use super::super::arena::Arena;
use super::super::bits::Bits;
use super::super::fold;
use super::super::text_sort::sort_by_text;

/// An entry for each distinct value, and the entry of each slot.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Dictionary {
    entries: Vec<u32>,
    written: Arena,
    folded: Arena,
    by_text: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Dictionary {
    pub(in super::super) fn push(&mut self, value: &str) {
        let entry = self.find(value).unwrap_or_else(|| {
            self.folded.push_with(|out| fold::fold_into(out, value));
            self.add_written(value)
        });
        self.entries.push(entry);
    }

    fn add_written(&mut self, value: &str) -> u32 {
        let entry = self.written.len();
        self.written.push(value);
        let (written, hasher) = (&self.written, &self.hasher);
        let hash = hasher.hash_one(written.get(entry));
        self.by_text.insert_unique(hash, entry, |entry| hasher.hash_one(written.get(*entry)));
        entry
    }

    /// The entry of a value, as written.
    pub(in super::super) fn find(&self, value: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(value);
        self.by_text.find(hash, |entry| self.written.get(*entry) == value).copied()
    }

    pub(in super::super) fn entry(&self, slot: u32) -> u32 {
        self.entries[slot as usize]
    }

    /// Number of entries.
    pub(in super::super) fn entry_count(&self) -> u32 {
        self.written.len()
    }

    pub(in super::super) fn written(&self, slot: u32) -> &str {
        self.written_entry(self.entry(slot))
    }

    pub(in super::super) fn folded(&self, slot: u32) -> &str {
        self.folded_entry(self.entry(slot))
    }

    pub(in super::super) fn written_entry(&self, entry: u32) -> &str {
        self.written.get(entry)
    }

    pub(in super::super) fn folded_entry(&self, entry: u32) -> &str {
        self.folded.get(entry)
    }

    /// Which entries contain the term.
    pub(in super::super) fn entries_with(&self, term: &Finder<'_>) -> Bits {
        let mut entries = Bits::none(self.entry_count());
        self.folded.search(term, |entry| entries.set(entry));
        entries
    }

    /// Which entries pass a test.
    pub(in super::super) fn entries_where(&self, test: impl FnMut(u32) -> bool) -> Bits {
        let mut entries = Bits::none(self.entry_count());
        entries.set_where(test);
        entries
    }

    /// A number for each entry, the same for entries whose folded texts are equal apart from surrounding blanks; and
    /// how many different numbers there are.
    pub(in super::super) fn classes(&self) -> (Vec<u32>, u32) {
        let mut numbers: HashMap<&str, u32> = HashMap::with_capacity(self.entry_count() as usize);
        let classes = (0..self.entry_count())
            .map(|entry| {
                let next = numbers.len() as u32;
                *numbers.entry(self.folded.get(entry).trim()).or_insert(next)
            })
            .collect();
        (classes, numbers.len() as u32)
    }

    /// The rank of each entry in the order of folded texts; entries that fold to the same text share a rank.
    pub(in super::super) fn ranks(&self) -> Vec<u32> {
        let text = |entry| self.folded.get(entry);
        let mut order: Vec<(u128, u32)> = (0..self.folded.len()).map(|entry| (0, entry)).collect();
        sort_by_text(&mut order, 0, &text, &|a, b| fold::compare(text(a), text(b)));
        let mut ranks = vec![0; order.len()];
        let mut rank = 0;
        for pair in order.windows(2) {
            rank += u32::from(self.folded.get(pair[0].1) != self.folded.get(pair[1].1));
            ranks[pair[1].1 as usize] = rank;
        }
        ranks
    }

    /// The column with these slots only, and no entry they do not use.
    pub(in super::super) fn kept(&self, slots: impl Iterator<Item = u32>) -> Self {
        const UNUSED: u32 = u32::MAX;
        let mut kept = Self::default();
        let mut renamed = vec![UNUSED; self.entry_count() as usize];
        for slot in slots {
            let entry = self.entry(slot);
            let renamed = &mut renamed[entry as usize];
            if *renamed == UNUSED {
                kept.folded.push(self.folded.get(entry));
                *renamed = kept.add_written(self.written.get(entry));
            }
            kept.entries.push(*renamed);
        }
        kept
    }

    /// The parts of the column: entry of each slot, entries as written, entries folded.
    pub(in super::super) fn parts(&self) -> (&[u32], &Arena, &Arena) {
        (&self.entries, &self.written, &self.folded)
    }

    /// A column built from its parts; `None` if they do not fit together.
    pub(in super::super) fn from_parts(entries: Vec<u32>, written: Arena, folded: Arena) -> Option<Self> {
        let count = written.len();
        if folded.len() != count || entries.iter().any(|entry| *entry >= count) {
            return None;
        }
        let hasher = DefaultHashBuilder::default();
        let mut by_text = HashTable::with_capacity(count as usize);
        for entry in 0..count {
            let hash = hasher.hash_one(written.get(entry));
            by_text.insert_unique(hash, entry, |entry| hasher.hash_one(written.get(*entry)));
        }
        Some(Self { entries, written, folded, by_text, hasher })
    }
}
