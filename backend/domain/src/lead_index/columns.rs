//! Columns of the index: values that repeat are kept once, all are kept folded beside their written form.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use memchr::memmem::Finder;

use super::arena::Arena;
use super::bits::Bits;
use super::fold;

/// A column whose values repeat: names, titles, companies. A search looks at each distinct value once.
#[derive(Debug, Clone, Default)]
pub(super) struct Dictionary {
    /// The entry of each slot.
    entries: Vec<u32>,
    written: Arena,
    folded: Arena,
    by_text: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Dictionary {
    pub(super) fn push(&mut self, value: &str) {
        let hash = self.hasher.hash_one(value);
        let known = self.by_text.find(hash, |entry| self.written.get(*entry) == value).copied();
        let entry = known.unwrap_or_else(|| {
            let entry = self.written.len();
            self.written.push(value);
            self.folded.push_with(|out| fold::fold_into(out, value));
            let (written, hasher) = (&self.written, &self.hasher);
            self.by_text.insert_unique(hash, entry, |entry| hasher.hash_one(written.get(*entry)));
            entry
        });
        self.entries.push(entry);
    }

    pub(super) fn written(&self, slot: u32) -> &str {
        self.written.get(self.entries[slot as usize])
    }

    pub(super) fn folded(&self, slot: u32) -> &str {
        self.folded.get(self.entries[slot as usize])
    }

    /// Which entries contain the term.
    pub(super) fn entries_with(&self, term: &Finder<'_>) -> Bits {
        let mut entries = Bits::none(self.folded.len());
        self.folded.search(term, |entry| entries.set(entry));
        entries
    }

    /// Which entries are empty.
    pub(super) fn missing_entries(&self) -> Bits {
        let mut entries = Bits::none(self.folded.len());
        entries.set_where(|entry| self.written.get(entry).is_empty());
        entries
    }

    pub(super) fn entry(&self, slot: u32) -> u32 {
        self.entries[slot as usize]
    }

    /// The place of each entry in the order of folded texts; entries that fold to the same text share a place.
    pub(super) fn ranks(&self) -> Vec<u32> {
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
}

/// Sorts by text, sixteen bytes of all texts at a time: comparing texts one by one would wait for memory each time.
/// `compare` decides where texts are equal for long, or few.
pub(super) fn sort_by_text<'t>(
    slots: &mut [(u128, u32)],
    skip: usize,
    text: &impl Fn(u32) -> &'t str,
    compare: &impl Fn(u32, u32) -> Ordering,
) {
    const FEW: usize = 16;
    const LONG: usize = 16 * fold::KEY_BYTES;
    for (key, slot) in slots.iter_mut() {
        *key = fold::sort_key(text(*slot), skip);
    }
    slots.sort_unstable_by_key(|(key, _)| *key);
    for tied in slots.chunk_by_mut(|a, b| a.0 == b.0) {
        let at_end = tied[0].0 & 0xff == 0;
        if at_end || tied.len() <= FEW || skip >= LONG {
            tied.sort_unstable_by(|a, b| compare(a.1, b.1));
        } else {
            sort_by_text(tied, skip + fold::KEY_BYTES, text, compare);
        }
    }
}

/// A column of mostly different values: e-mail addresses, telephone numbers, remarks.
#[derive(Debug, Clone)]
pub(super) struct Texts {
    folded: Arena,
    written: Written,
}

/// The values as written.
#[derive(Debug, Clone)]
enum Written {
    /// All of them, where most differ from their folded form.
    All(Arena),
    /// Those that differ, by slot.
    Different(HashMap<u32, Box<str>>),
}

impl Texts {
    /// For values that are mostly lower case without accents.
    pub(super) fn mostly_folded() -> Self {
        Self { folded: Arena::default(), written: Written::Different(HashMap::new()) }
    }

    /// For any values.
    pub(super) fn any() -> Self {
        Self { folded: Arena::default(), written: Written::All(Arena::default()) }
    }

    pub(super) fn push(&mut self, value: &str) {
        let slot = self.folded.len();
        self.folded.push_with(|out| fold::fold_into(out, value));
        match &mut self.written {
            Written::All(written) => written.push(value),
            Written::Different(written) => {
                if self.folded.get(slot) != value {
                    written.insert(slot, value.into());
                }
            }
        }
    }

    pub(super) fn written(&self, slot: u32) -> &str {
        match &self.written {
            Written::All(written) => written.get(slot),
            Written::Different(written) => written.get(&slot).map_or(self.folded.get(slot), Box::as_ref),
        }
    }

    pub(super) fn folded(&self, slot: u32) -> &str {
        self.folded.get(slot)
    }

    pub(super) fn search(&self, term: &Finder<'_>, found: impl FnMut(u32)) {
        self.folded.search(term, found);
    }
}
