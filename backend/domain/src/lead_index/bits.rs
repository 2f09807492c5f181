//! A set of slots, one bit each.

/// A set of slots below a fixed length.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Bits {
    words: Vec<u64>,
    len: u32,
}

impl Bits {
    pub(super) fn none(len: u32) -> Self {
        Self { words: vec![0; len.div_ceil(64) as usize], len }
    }

    pub(super) fn all(len: u32) -> Self {
        let mut bits = Self { words: vec![u64::MAX; len.div_ceil(64) as usize], len };
        if let Some(last) = bits.words.last_mut().filter(|_| !len.is_multiple_of(64)) {
            *last = (1 << (len % 64)) - 1;
        }
        bits
    }

    pub(super) fn of(slots: impl IntoIterator<Item = u32>, len: u32) -> Self {
        let mut bits = Self::none(len);
        slots.into_iter().for_each(|slot| bits.set(slot));
        bits
    }

    pub(super) fn len(&self) -> u32 {
        self.len
    }

    pub(super) fn push(&mut self, value: bool) {
        if self.len.is_multiple_of(64) {
            self.words.push(0);
        }
        self.len += 1;
        if value {
            self.set(self.len - 1);
        }
    }

    pub(super) fn set(&mut self, slot: u32) {
        self.words[(slot / 64) as usize] |= 1 << (slot % 64);
    }

    pub(super) fn clear(&mut self, slot: u32) {
        self.words[(slot / 64) as usize] &= !(1 << (slot % 64));
    }

    pub(super) fn has(&self, slot: u32) -> bool {
        self.words[(slot / 64) as usize] >> (slot % 64) & 1 == 1
    }

    pub(super) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Keeps only what is in the other set too.
    pub(super) fn keep(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= other);
    }

    /// Adds the other set.
    pub(super) fn add(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
    }

    /// Removes the other set.
    pub(super) fn remove(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= !other);
    }

    /// Sets the bits of the slots for which `test` holds, a word at a time.
    pub(super) fn set_where(&mut self, mut test: impl FnMut(u32) -> bool) {
        for (index, word) in self.words.iter_mut().enumerate() {
            let first = index as u32 * 64;
            let mut bits = 0;
            for bit in 0..64.min(self.len - first) {
                bits |= u64::from(test(first + bit)) << bit;
            }
            *word |= bits;
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        self.words.iter().enumerate().flat_map(|(index, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                (rest != 0).then(|| {
                    let bit = rest.trailing_zeros();
                    rest &= rest - 1;
                    index as u32 * 64 + bit
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn members(bits: &Bits) -> Vec<u32> {
        bits.iter().collect()
    }

    proptest! {
        #[test]
        fn sets_behave_as_sets(a in proptest::collection::btree_set(0..150_u32, 0..60), b in proptest::collection::btree_set(0..150_u32, 0..60)) {
            let (x, y) = (Bits::of(a.iter().copied(), 150), Bits::of(b.iter().copied(), 150));
            let after = |change: fn(&mut Bits, &Bits)| {
                let mut set = x.clone();
                change(&mut set, &y);
                members(&set)
            };
            prop_assert_eq!(after(Bits::keep), a.intersection(&b).copied().collect::<Vec<_>>());
            prop_assert_eq!(after(Bits::remove), a.difference(&b).copied().collect::<Vec<_>>());
            prop_assert_eq!(after(Bits::add), a.union(&b).copied().collect::<Vec<_>>());
            prop_assert_eq!((x.count(), x.is_empty()), (a.len(), a.is_empty()));
            let mut everything = Bits::all(150);
            everything.remove(&x);
            prop_assert_eq!(everything.count(), 150 - a.len());
        }
    }
}
