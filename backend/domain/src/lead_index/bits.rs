//! A set of slots, one bit each.

/// A set of slots below a fixed length.
#[derive(Debug, Clone, Default)]
pub(super) struct Bits {
    words: Vec<u64>,
    len: u32,
}

impl Bits {
    pub(super) fn none(len: u32) -> Self {
        Self { words: vec![0; len.div_ceil(64) as usize], len }
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

    pub(super) fn keep(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
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
