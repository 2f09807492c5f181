//! What a file says besides its cells: merged regions, and the targets of links. Both are put into a sheet after it has
//! been read, because most formats list them after the cells.
//!
//! A value merged over several rows of one column applies to each of those rows: the company of the people next to it.
//! Regions several columns wide are titles and are kept once.

use std::collections::HashMap;

use super::{ReadError, Sheet, links};

/// Largest sheet that gets a second pass, in cells. Lists with merged cells are made manually and are far smaller.
const MAX_CELLS: usize = 200_000;
/// The same in bytes of text, since both sheets are in memory meanwhile.
const MAX_TEXT_BYTES: usize = 64 * 1024 * 1024;
/// Regions and links kept per sheet; a region takes some 25 bytes in a file and must not grow in memory.
const MAX_ENTRIES: usize = 100_000;
/// Cells per sheet that are filled from the region they lie in. A few bytes can say "these two thousand columns, down
/// to the last row".
const MAX_FILLED: usize = 200_000;
/// Cells of a link's range that get its target.
const MAX_LINKED_ROWS: u32 = 1_000;

/// Columns after a row's last text in which links are looked for. People put a link a column or two after the rest.
const COLUMNS_BEHIND: u32 = 8;

/// A value that applies to several rows of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Region {
    /// From 1, like [`Row::number`](super::Row::number).
    first_row: u32,
    last_row: u32,
    /// From 0.
    column: u32,
}

/// Writes a cell: its row from 1, its column from 0, its text.
type SetCell<'a> = &'a mut dyn FnMut(u32, u32, &str) -> Result<(), ReadError>;

/// Merged regions and links of a sheet.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    regions: Vec<Region>,
    /// Targets by row and column.
    links: HashMap<(u32, u32), String>,
}

impl Overlay {
    /// Records a merged region. Rows count from 1, columns from 0; both ends are inclusive.
    pub(super) fn merge(&mut self, rows: (u32, u32), columns: (u32, u32)) {
        if columns.0 == columns.1 && rows.0 < rows.1 && self.regions.len() < MAX_ENTRIES {
            self.regions.push(Region { first_row: rows.0, last_row: rows.1, column: columns.0 });
        }
    }

    /// Records the target of a link on a range of rows in one column.
    pub(super) fn link(&mut self, rows: (u32, u32), column: u32, target: &str) {
        for row in rows.0..=rows.1.min(rows.0.saturating_add(MAX_LINKED_ROWS)) {
            if self.links.len() < MAX_ENTRIES {
                self.links.insert((row, column), target.to_owned());
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.regions.is_empty() && self.links.is_empty()
    }

    /// Whether a sheet is small enough for a second pass.
    pub(super) fn fits(sheet: &Sheet) -> bool {
        sheet.cell_count() <= MAX_CELLS && sheet.text_bytes() <= MAX_TEXT_BYTES
    }

    /// Writes the cells of a sheet with all this applied. `set` takes row, column and text.
    pub(super) fn apply(mut self, sheet: &Sheet, set: SetCell<'_>) -> Result<(), ReadError> {
        self.regions.sort_unstable_by_key(|region| (region.first_row, region.column));
        let mut upcoming = self.regions.iter().peekable();
        // Columns covered by a region, with its last row and its value.
        let mut open: HashMap<u32, (u32, &str)> = HashMap::new();
        let mut filled = 0;
        for row in sheet.rows() {
            let number = row.number();
            open.retain(|_, (last_row, _)| *last_row >= number);
            for (column, text) in (0_u32..).zip(row.cells()) {
                let linked = self.links.get(&(number, column)).and_then(|t| links::with_target(text, t));
                set(number, column, linked.as_deref().unwrap_or(text))?;
            }
            // Rows without content of their own stay blank: they show where tables end.
            let is_blank = row.cells().all(str::is_empty);
            for (column, (_, text)) in open.iter().filter(|_| !is_blank) {
                if row.cell(*column as usize).is_empty() && filled < MAX_FILLED {
                    set(number, *column, text)?;
                    filled += 1;
                }
            }
            while let Some(region) = upcoming.next_if(|region| region.first_row <= number) {
                let text = row.cell(region.column as usize);
                if region.first_row == number && !text.is_empty() {
                    open.insert(region.column, (region.last_row, text));
                }
            }
            if filled >= MAX_FILLED {
                open.clear();
            }
            // A link can be in a cell without text, even after the last one with text.
            if let Some(width) = u32::try_from(row.len()).ok().filter(|_| !is_blank) {
                self.links_behind(number, width, set)?;
            }
        }
        Ok(())
    }

    /// Writes the targets of links in the few columns after a row's last cell.
    fn links_behind(&self, row: u32, width: u32, set: SetCell<'_>) -> Result<(), ReadError> {
        for column in width..width.saturating_add(COLUMNS_BEHIND) {
            if let Some(text) = self.links.get(&(row, column)).and_then(|t| links::with_target("", t)) {
                set(row, column, &text)?;
            }
        }
        Ok(())
    }
}
