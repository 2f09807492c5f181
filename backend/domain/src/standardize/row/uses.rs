//! Which cells of a row the fields took, and what is left of each for the remarks.

use crate::standardize::text::{is_bare_punctuation, value};

/// What became of each cell of a row.
pub(in crate::standardize) struct Uses<'a> {
    cells: &'a [&'a str],
    /// 0: untouched, 1: taken whole, 2: a rest is left.
    states: Vec<u8>,
    rests: Vec<(usize, String)>,
}

impl<'a> Uses<'a> {
    pub(super) fn new(cells: &'a [&'a str]) -> Self {
        Self { cells, states: vec![0; cells.len()], rests: Vec::new() }
    }

    pub(super) fn take(&mut self, column: usize) {
        if let Some(state) = self.states.get_mut(column)
            && *state == 0
        {
            *state = 1;
        }
    }

    pub(super) fn leave(&mut self, column: usize, rest: String) {
        // brackets and separators of what was taken out
        if rest.chars().all(|c| c.is_whitespace() || c.is_ascii_punctuation()) {
            self.take(column);
        } else if let Some(state) = self.states.get_mut(column) {
            *state = 2;
            self.rests.push((column, rest));
        }
    }

    /// Another rest of a cell than was left.
    pub(super) fn replace(&mut self, column: usize, rest: String) {
        self.rests.retain(|(at, _)| *at != column);
        if let Some(state) = self.states.get_mut(column) {
            *state = 0;
        }
        self.leave(column, rest);
    }

    /// What is left of a cell for the remarks.
    pub(in crate::standardize) fn left(&self, column: usize) -> impl Iterator<Item = &str> {
        let state = self.states.get(column).copied().unwrap_or(1);
        let whole = (state == 0).then(|| value(self.cells[column])).filter(|text| !is_bare_punctuation(text));
        let rests = if state == 2 { self.rests.as_slice() } else { &[] };
        whole
            .into_iter()
            .chain(rests.iter().filter(move |(at, _)| *at == column).map(|(_, rest)| rest.as_str()))
    }

    /// How many cells the row has.
    pub(in crate::standardize) fn len(&self) -> usize {
        self.cells.len()
    }
}
