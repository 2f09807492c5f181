//! A sheet of text cells, held in one buffer: a cell costs its bytes and four more.

/// The visible sheets of a file, in the file's order.
#[derive(Debug, Clone, Default)]
pub struct Workbook {
    /// The sheets; delimited text is one sheet without a name.
    pub sheets: Vec<Sheet>,
    /// What the user should know about although the file could be read.
    pub warnings: Vec<ReadWarning>,
    /// Rows that cannot become leads; their sheet contains them all the same.
    pub problems: Vec<RowProblem>,
}

/// Something the user should know about a file that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadWarning {
    /// Machine-readable code, e.g. `HIDDEN_SHEET_SKIPPED`.
    pub code: &'static str,
    /// A sentence for the user; no cell values.
    pub message: String,
}

/// A row that was read and cannot become a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    /// Position of the sheet in [`Workbook::sheets`].
    pub sheet: usize,
    /// [`Row::number`] of the row.
    pub row: u32,
    /// A sentence for the user; no cell values.
    pub reason: String,
}

/// A sheet of text cells. Rows may differ in length. A blank row has no cells; blank rows after the last one with
/// values may be missing, so [`Row::number`] and not the position says where a row was in the file.
///
/// Offsets are 32 bits wide. The readers stop long before that ([`Limits`](super::Limits)); a cell pushed beyond it is
/// left empty and [`Sheet::is_full`] says so.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    name: Option<String>,
    text: String,
    cell_ends: Vec<u32>,
    rows: Vec<RowEnd>,
    full: bool,
}

#[derive(Debug, Clone, Copy)]
struct RowEnd {
    number: u32,
    cell_end: u32,
}

impl Sheet {
    /// An empty sheet.
    #[must_use]
    pub fn new(name: Option<String>) -> Self {
        Self { name, ..Self::default() }
    }

    /// The sheet's name; `None` for delimited text.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Adds a cell to the row under construction.
    pub fn push_cell(&mut self, text: &str) {
        let end = self.text.len() + text.len();
        if u32::try_from(end).is_ok() && self.cell_ends.len() < u32::MAX as usize {
            self.text.push_str(text);
            self.cell_ends.push(end as u32);
        } else {
            self.full = true;
        }
    }

    /// Drops the cells pushed since the last row ended.
    pub fn discard_row(&mut self) {
        let first = self.rows.last().map_or(0, |row| row.cell_end as usize);
        self.cell_ends.truncate(first);
        self.text.truncate(self.cell_ends.last().map_or(0, |end| *end as usize));
    }

    /// Whether a cell was left out because the sheet has 4 GiB of text or cells.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.full
    }

    /// Size of the text of all cells in bytes, including the row under construction.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        self.text.len()
    }

    /// Number of cells, including the row under construction.
    #[must_use]
    pub fn cell_count(&self) -> usize {
        self.cell_ends.len()
    }

    /// Reserves room for that much more text and that many more cells.
    pub fn reserve(&mut self, text_bytes: usize, cells: usize) {
        self.text.reserve(text_bytes);
        self.cell_ends.reserve(cells);
    }

    /// Ends the row under construction. `number` is its number in the file, from 1: the row number a spreadsheet
    /// program shows, or the ordinal of the record in delimited text.
    pub fn end_row(&mut self, number: u32) {
        self.rows.push(RowEnd { number, cell_end: self.cell_ends.len() as u32 });
    }

    /// Number of rows.
    #[must_use]
    pub fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// The row at a position, counted from 0.
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn row(&self, position: usize) -> Row<'_> {
        let first = if position == 0 { 0 } else { self.rows[position - 1].cell_end as usize };
        let RowEnd { number, cell_end } = self.rows[position];
        Row { sheet: self, first, end: cell_end as usize, number }
    }

    /// The sheet as CSV (RFC 4180), each cell as it was read: shows a developer what the rules were given. A blank row
    /// is an empty line.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut csv = String::with_capacity(self.text.len() + self.cell_ends.len() + self.rows.len() * 2);
        for row in self.rows() {
            for (column, cell) in row.cells().enumerate() {
                if column > 0 {
                    csv.push(',');
                }
                // Otherwise a row of one empty cell would be a blank one.
                if cell.contains(['"', ',', '\r', '\n']) || cell.is_empty() && row.len() == 1 {
                    csv.push('"');
                    csv.push_str(&cell.replace('"', "\"\""));
                    csv.push('"');
                } else {
                    csv.push_str(cell);
                }
            }
            csv.push_str("\r\n");
        }
        csv
    }

    /// All rows in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        (0..self.rows.len()).map(|position| self.row(position))
    }
}

/// One row of a [`Sheet`].
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    sheet: &'a Sheet,
    first: usize,
    end: usize,
    number: u32,
}

impl<'a> Row<'a> {
    /// The row's number in the file, from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Number of cells in the row.
    #[must_use]
    pub fn len(&self) -> usize {
        self.end - self.first
    }

    /// Whether the row has no cells at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first == self.end
    }

    /// The text of a cell, counted from 0; empty beyond the row's end.
    #[must_use]
    pub fn cell(&self, column: usize) -> &'a str {
        let cell = self.first + column;
        if cell >= self.end {
            return "";
        }
        let start = if cell == 0 { 0 } else { self.sheet.cell_ends[cell - 1] as usize };
        &self.sheet.text[start..self.sheet.cell_ends[cell] as usize]
    }

    /// The cells in order.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = &'a str> + use<'a> {
        let row = *self;
        (0..row.len()).map(move |column| row.cell(column))
    }
}
