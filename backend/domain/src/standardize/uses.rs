//! Which cells of a row the fields used, and what is left of each for the remarks.

use super::text::{is_bare_punctuation, value};

/// What happened to each cell of a row.
pub(super) struct Uses<'a> {
    cells: &'a [&'a str],
    states: Vec<CellState>,
    rests: Vec<(usize, String)>,
}

/// How much of a cell the fields used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CellState {
    Untouched,
    TakenWhole,
    RestLeft,
}

impl<'a> Uses<'a> {
    pub(super) fn new(cells: &'a [&'a str]) -> Self {
        Self { cells, states: vec![CellState::Untouched; cells.len()], rests: Vec::new() }
    }

    pub(super) fn take(&mut self, column: usize) {
        if let Some(state) = self.states.get_mut(column)
            && *state == CellState::Untouched
        {
            *state = CellState::TakenWhole;
        }
    }

    pub(super) fn leave(&mut self, column: usize, rest: String) {
        // brackets and separators of what was removed
        if rest.chars().all(|c| c.is_whitespace() || c.is_ascii_punctuation()) {
            self.take(column);
        } else if let Some(state) = self.states.get_mut(column) {
            *state = CellState::RestLeft;
            self.rests.push((column, rest));
        }
    }

    /// Replaces the rest of a cell.
    pub(super) fn replace(&mut self, column: usize, rest: String) {
        self.rests.retain(|(at, _)| *at != column);
        if let Some(state) = self.states.get_mut(column) {
            *state = CellState::Untouched;
        }
        self.leave(column, rest);
    }

    /// What is left of a cell for the remarks.
    pub(super) fn left(&self, column: usize) -> impl Iterator<Item = &str> {
        let state = self.states.get(column).copied().unwrap_or(CellState::TakenWhole);
        let whole = (state == CellState::Untouched)
            .then(|| value(self.cells[column]))
            .filter(|text| !is_bare_punctuation(text));
        let rests = if state == CellState::RestLeft { self.rests.as_slice() } else { &[] };
        whole
            .into_iter()
            .chain(rests.iter().filter(move |(at, _)| *at == column).map(|(_, rest)| rest.as_str()))
    }

    /// Number of cells in the row.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }
}
