//! Many texts in one buffer, searched as one.

use std::ops::Range;

use memchr::memmem::Finder;

/// Separates texts, so that no search matches across two texts. It is replaced in texts and removed from search terms.
pub(super) const SEPARATOR: char = '\0';

/// Texts by position, each followed by [`SEPARATOR`].
#[derive(Debug, Clone, Default)]
pub(super) struct Arena {
    text: String,
    /// Where the next text begins, for each text.
    ends: Vec<usize>,
}

impl Arena {
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.end_text(text.len());
    }

    /// Pushes the text that `write` appends.
    pub(super) fn push_with(&mut self, write: impl FnOnce(&mut String)) {
        let start = self.text.len();
        write(&mut self.text);
        self.end_text(self.text.len() - start);
    }

    fn end_text(&mut self, len: usize) {
        let start = self.text.len() - len;
        if memchr::memchr(0, &self.text.as_bytes()[start..]).is_some() {
            let clean = self.text[start..].replace(SEPARATOR, " ");
            self.text.replace_range(start.., &clean);
        }
        self.text.push(SEPARATOR);
        self.ends.push(self.text.len());
    }

    pub(super) fn len(&self) -> u32 {
        self.ends.len() as u32
    }

    pub(super) fn get(&self, index: u32) -> &str {
        &self.text[self.range(index)]
    }

    /// The range of a text in [`Arena::text`].
    pub(super) fn range(&self, index: u32) -> Range<usize> {
        let index = index as usize;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        start..self.ends[index] - SEPARATOR.len_utf8()
    }

    /// All texts, each followed by the separator.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// An arena built from its text and the lengths of its texts; `None` if they do not fit together.
    pub(super) fn from_parts(text: String, lengths: impl ExactSizeIterator<Item = u32>) -> Option<Self> {
        let mut ends = Vec::with_capacity(lengths.len());
        let mut end = 0_usize;
        for length in lengths {
            end = end.checked_add(length as usize)?;
            if text.as_bytes().get(end) != Some(&(SEPARATOR as u8)) {
                return None;
            }
            end += SEPARATOR.len_utf8();
            ends.push(end);
        }
        (end == text.len()).then_some(Self { text, ends })
    }

    /// The lengths of the texts, in order.
    pub(super) fn lengths(&self) -> impl Iterator<Item = u32> {
        (0..self.len()).map(|index| self.range(index).len() as u32)
    }

    /// The texts at these positions, in this order.
    pub(super) fn kept(&self, positions: impl Iterator<Item = u32>) -> Self {
        let mut kept = Self::default();
        positions.for_each(|position| kept.push(self.get(position)));
        kept.text.shrink_to_fit();
        kept
    }

    /// Calls `found` with each text that contains the term, in order.
    pub(super) fn search(&self, term: &Finder<'_>, mut found: impl FnMut(u32)) {
        let bytes = self.text.as_bytes();
        let (mut pos, mut index) = (0, 0);
        while let Some(at) = term.find(&bytes[pos..]) {
            index = self.position_of(pos + at, index);
            found(index as u32);
            pos = self.ends[index];
            index += 1;
        }
    }

    /// The text at a byte, by galloping from `from`: hits are often near each other.
    fn position_of(&self, byte: usize, from: usize) -> usize {
        let mut step = 1;
        let mut low = from;
        while self.ends.get(low + step).is_some_and(|end| *end <= byte) {
            low += step;
            step *= 2;
        }
        let high = (low + step).min(self.ends.len());
        low + self.ends[low..high].partition_point(|end| *end <= byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(texts: &[&str], term: &str, expected: &[u32]) {
        let mut arena = Arena::default();
        texts.iter().for_each(|text| arena.push(text));
        let mut found = Vec::new();
        arena.search(&Finder::new(term), |index| found.push(index));
        assert_eq!(found, expected);
    }

    #[test]
    fn searching() {
        check(&["abc", "", "bcd", "xbc"], "bc", &[0, 2, 3]);
        check(&["ab", "cd"], "bc", &[]);
        check(&["aaa", "aa", "b"], "a", &[0, 1]);
        check(&["a\0b", "b"], "b", &[0, 1]);
        check(&[], "b", &[]);
    }

    #[test]
    fn galloping_finds_what_is_far() {
        let texts: Vec<String> = (0..1000).map(|i| format!("<{i}>")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        check(&texts, "<999>", &[999]);
        check(&texts, "77>", &[77, 177, 277, 377, 477, 577, 677, 777, 877, 977]);
    }
}
