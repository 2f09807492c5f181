//! Filling sheets under the limits: shared by the readers of all formats.

use super::error::TooMuch;
use super::overlay::Overlay;
use super::{Limits, ReadError, ReadWarning, RowProblem, Sheet, Workbook};

/// This many cells of one row are sorted before its end: a file can set the same cell again and again.
const PENDING_CELLS: usize = 16 * 1024;
/// How often that may happen before the row counts as having too many columns.
const MAX_SORTED: u32 = 16;

/// A workbook under construction, and the unused part of the limits.
pub(super) struct WorkbookBuilder<'l> {
    limits: &'l Limits,
    workbook: Workbook,
    hidden: usize,
}

impl<'l> WorkbookBuilder<'l> {
    pub(super) fn new(limits: &'l Limits) -> Self {
        Self { limits, workbook: Workbook::default(), hidden: 0 }
    }

    /// A sheet that may use what the earlier sheets left.
    pub(super) fn sheet(&self, name: Option<String>) -> SheetBuilder<'l> {
        let (text, cells) = self
            .workbook
            .sheets
            .iter()
            .fold((0, 0), |(text, cells), sheet| (text + sheet.text_bytes(), cells + sheet.cell_count()));
        SheetBuilder {
            limits: self.limits,
            sheet: Sheet::new(name),
            text_left: self.limits.max_text_bytes.min(u32::MAX as usize).saturating_sub(text),
            cells_left: self.limits.max_cells.saturating_sub(cells),
            problems: Vec::new(),
            row: 0,
            pending: Vec::new(),
            sorted: 0,
            scratch: String::new(),
        }
    }

    pub(super) fn push(&mut self, sheet: Sheet, problems: Vec<RowProblem>) {
        let position = self.workbook.sheets.len();
        self.workbook
            .problems
            .extend(problems.into_iter().map(|problem| RowProblem { sheet: position, ..problem }));
        self.workbook.sheets.push(sheet);
    }

    /// Adds a sheet with its overlay applied. If that would break a limit, the sheet is added without the overlay.
    pub(super) fn push_with(&mut self, sheet: Sheet, problems: Vec<RowProblem>, overlay: Overlay) {
        if overlay.is_empty() || !Overlay::fits(&sheet) {
            return self.push(sheet, problems);
        }
        let mut out = self.sheet(sheet.name().map(str::to_owned));
        match overlay
            .apply(&sheet, &mut |row, column, text| out.set(row, column, text))
            .and_then(|()| out.finish())
        {
            Ok((sheet, problems)) => self.push(sheet, problems),
            Err(_) => self.push(sheet, problems),
        }
    }

    pub(super) fn skip_hidden(&mut self) {
        self.hidden += 1;
    }

    pub(super) fn warn(&mut self, code: &'static str, message: String) {
        self.workbook.warnings.push(ReadWarning { code, message });
    }

    pub(super) fn finish(mut self) -> Workbook {
        match self.hidden {
            0 => {}
            1 => self.warn("HIDDEN_SHEET_SKIPPED", "1 hidden sheet was not read.".to_owned()),
            n => self.warn("HIDDEN_SHEET_SKIPPED", format!("{n} hidden sheets were not read.")),
        }
        self.workbook
    }
}

/// A sheet under construction, filled cell by cell with positions or row by row.
pub(super) struct SheetBuilder<'l> {
    limits: &'l Limits,
    sheet: Sheet,
    text_left: usize,
    cells_left: usize,
    problems: Vec<RowProblem>,
    /// Number of the row that `pending` belongs to; 0 before the first.
    row: u32,
    /// Column, start and end in `scratch` of the cells of that row.
    pending: Vec<(u32, usize, usize)>,
    /// How often they were sorted before its end.
    sorted: u32,
    scratch: String,
}

impl SheetBuilder<'_> {
    /// Sets a cell. `row` counts from 1, `column` from 0. An empty text sets nothing. Rows are expected in order; a row
    /// that comes late is appended with its number rather than lost.
    pub(super) fn set(&mut self, row: u32, column: u32, text: &str) -> Result<(), ReadError> {
        if text.is_empty() {
            return Ok(());
        }
        if row > self.limits.max_rows {
            return Err(ReadError::too_complex(TooMuch::Rows(self.limits.max_rows)));
        }
        if column >= self.limits.max_columns {
            return Err(ReadError::too_complex(TooMuch::Columns(self.limits.max_columns)));
        }
        if row != self.row {
            self.flush()?;
            self.fill_gap(row)?;
            self.row = row;
        }
        if self.scratch.len() + text.len() > self.limits.max_cell_bytes {
            return Err(ReadError::too_complex(TooMuch::Cell(self.limits.max_cell_bytes)));
        }
        if self.pending.len() >= PENDING_CELLS {
            self.sort_pending();
            self.sorted += 1;
            if self.sorted > MAX_SORTED {
                return Err(ReadError::too_complex(TooMuch::Columns(self.limits.max_columns)));
            }
        }
        let start = self.scratch.len();
        self.scratch.push_str(text);
        self.pending.push((column, start, self.scratch.len()));
        Ok(())
    }

    /// Adds blank rows before `row`: they show where tables begin and end.
    fn fill_gap(&mut self, row: u32) -> Result<(), ReadError> {
        // Rows that jump back and forth leave a gap each time.
        let gap = row.saturating_sub(self.row + 1) as usize;
        if self.sheet.row_count() + gap > self.limits.max_rows as usize {
            return Err(ReadError::too_complex(TooMuch::Rows(self.limits.max_rows)));
        }
        for number in self.row + 1..row {
            self.sheet.end_row(number);
        }
        Ok(())
    }

    /// Sorts the cells of the row under construction by column.
    fn sort_pending(&mut self) {
        if !self.pending.is_sorted_by(|a, b| a.0 < b.0) {
            self.pending.sort_by_key(|cell| cell.0);
            // If a cell is set twice, the later one in the file counts; sorting is stable.
            self.pending.reverse();
            self.pending.dedup_by_key(|cell| cell.0);
            self.pending.reverse();
        }
    }

    fn flush(&mut self) -> Result<(), ReadError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.sort_pending();
        let mut column = 0;
        for &(at, start, end) in &self.pending {
            while column < at {
                self.sheet.push_cell("");
                column += 1;
            }
            self.sheet.push_cell(&self.scratch[start..end]);
            column += 1;
        }
        self.pending.clear();
        self.sorted = 0;
        let bytes = self.scratch.len();
        self.scratch.clear();
        self.end_row(self.row, bytes)
    }

    /// Ends a row whose cells were pushed into [`SheetBuilder::cells`] and have that many bytes.
    pub(super) fn end_row(&mut self, number: u32, bytes: usize) -> Result<(), ReadError> {
        self.sheet.end_row(number);
        if number > self.limits.max_rows || self.sheet.row_count() > self.limits.max_rows as usize {
            return Err(ReadError::too_complex(TooMuch::Rows(self.limits.max_rows)));
        }
        if self.sheet.text_bytes() > self.text_left || self.sheet.is_full() {
            return Err(ReadError::too_complex(TooMuch::Bytes(self.limits.max_text_bytes as u64)));
        }
        if self.sheet.cell_count() > self.cells_left {
            return Err(ReadError::too_complex(TooMuch::Cells(self.limits.max_cells)));
        }
        if bytes > self.limits.max_row_bytes {
            let reason = format!("The row holds more than {} kB of text.", self.limits.max_row_bytes / 1024);
            self.problems.push(RowProblem { sheet: 0, row: number, reason });
        }
        Ok(())
    }

    /// The sheet, for readers that push whole rows.
    pub(super) fn cells(&mut self) -> &mut Sheet {
        &mut self.sheet
    }

    pub(super) fn finish(mut self) -> Result<(Sheet, Vec<RowProblem>), ReadError> {
        self.flush()?;
        Ok((self.sheet, self.problems))
    }
}
