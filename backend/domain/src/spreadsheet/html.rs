//! Tables of a web page saved under the name of a spreadsheet: what many web shops and portals call an Excel export.

use html5gum::{Token, Tokenizer};

use super::build::{SheetBuilder, WorkbookBuilder};
use super::error::TooMuch;
use super::overlay::Overlay;
use super::{Limits, ReadError, Workbook, links};

/// The HTML standard's own limits.
const MAX_COLSPAN: u32 = 1000;
const MAX_ROWSPAN: u32 = 65_534;
/// Maximum nesting of tables; pages that use tables for layout have a dozen.
const MAX_DEPTH: usize = 200;

/// A table under construction. Cells of a row are `(column, text)`.
struct Table {
    rows: Vec<Vec<(u32, String)>>,
    column: u32,
    /// For columns that a cell of an earlier row extends into: how many more rows.
    spans: Vec<u32>,
    cell: Option<Cell>,
    in_row: bool,
    /// Cells that extend down: position of the row, rows and columns they span, and their column.
    tall: Vec<Tall>,
    /// No place is kept for cells beyond this column: a text there is an error when it is written.
    max_columns: u32,
}

/// A cell over several rows.
struct Tall {
    row: usize,
    rows: u32,
    column: u32,
    columns: u32,
}

struct Cell {
    text: String,
    /// Target of the first link in it.
    target: Option<String>,
    colspan: u32,
    rowspan: u32,
}

impl Table {
    fn new(max_columns: u32) -> Self {
        let (rows, spans) = (Vec::new(), Vec::new());
        Self { rows, column: 0, spans, cell: None, in_row: false, tall: Vec::new(), max_columns }
    }

    fn start_row(&mut self) {
        self.end_row();
        self.rows.push(Vec::new());
        self.column = 0;
        self.in_row = true;
    }

    fn end_row(&mut self) {
        self.end_cell();
        if self.in_row {
            for span in self.spans.iter_mut().skip(self.column as usize) {
                *span = span.saturating_sub(1);
            }
            self.in_row = false;
        }
    }

    fn start_cell(&mut self, colspan: u32, rowspan: u32) {
        self.end_cell();
        if !self.in_row {
            self.start_row();
        }
        self.cell = Some(Cell { text: String::new(), target: None, colspan, rowspan });
    }

    fn end_cell(&mut self) {
        let Some(cell) = self.cell.take() else { return };
        while let Some(span) = self.spans.get_mut(self.column as usize).filter(|span| **span > 0) {
            *span -= 1;
            self.column += 1;
        }
        let mut text = tidy(&cell.text);
        if let Some(linked) = cell.target.and_then(|target| links::with_target(&text, &target)) {
            text = linked;
        }
        if cell.rowspan > 1 && !text.is_empty() {
            let (row, rows) = (self.rows.len().saturating_sub(1), cell.rowspan);
            self.tall.push(Tall { row, rows, column: self.column, columns: cell.colspan });
        }
        if let (false, Some(row)) = (text.is_empty(), self.rows.last_mut()) {
            row.push((self.column, text));
        }
        let end = self.column.saturating_add(cell.colspan);
        for column in self.column..end.min(self.max_columns) {
            let column = column as usize;
            if cell.rowspan > 1 {
                if self.spans.len() <= column {
                    self.spans.resize(column + 1, 0);
                }
                self.spans[column] = cell.rowspan - 1;
            } else if let Some(span) = self.spans.get_mut(column) {
                *span = span.saturating_sub(1);
            }
        }
        self.column = end;
    }
}

/// Reads all tables of a page into one sheet, a blank row between them.
pub(super) fn read(text: &str, limits: &Limits) -> Result<Workbook, ReadError> {
    let mut builder = WorkbookBuilder::new(limits);
    let mut sheet = builder.sheet(None);
    let mut open: Vec<Table> = Vec::new();
    let mut next_row = 1;
    let mut overlay = Overlay::default();
    let mut silent = 0_usize;
    for token in Tokenizer::new(text) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => {
                let name: &[u8] = &tag.name;
                let depth = open.len();
                match (name, open.last_mut()) {
                    (b"script" | b"style", _) if !tag.self_closing => silent += 1,
                    (b"table", _) if depth == MAX_DEPTH => {
                        return Err(ReadError::too_complex(TooMuch::Nesting(MAX_DEPTH)));
                    }
                    (b"table", _) => open.push(Table::new(limits.max_columns)),
                    (b"tr", Some(table)) => {
                        if table.rows.len() >= limits.max_rows as usize {
                            return Err(ReadError::too_complex(TooMuch::Rows(limits.max_rows)));
                        }
                        table.start_row();
                    }
                    (b"td" | b"th", Some(table)) => {
                        table.end_cell();
                        if table.rows.last().is_some_and(|row| row.len() > limits.max_columns as usize) {
                            return Err(ReadError::too_complex(TooMuch::Columns(limits.max_columns)));
                        }
                        let span = |name: &[u8], max: u32| {
                            let value = tag
                                .attributes
                                .get(name)
                                .map(|value| String::from_utf8_lossy(value).into_owned());
                            value.and_then(|value| value.trim().parse().ok()).unwrap_or(1).clamp(1, max)
                        };
                        table.start_cell(span(b"colspan", MAX_COLSPAN), span(b"rowspan", MAX_ROWSPAN));
                    }
                    (b"a", Some(Table { cell: Some(cell), .. })) if cell.target.is_none() => {
                        let href = tag.attributes.get(b"href".as_slice());
                        cell.target = href.map(|href| String::from_utf8_lossy(href).into_owned());
                    }
                    (b"br" | b"p" | b"div" | b"li", Some(Table { cell: Some(cell), .. })) => {
                        cell.text.push('\u{1}')
                    }
                    _ => {}
                }
            }
            Token::EndTag(tag) => {
                let name: &[u8] = &tag.name;
                match name {
                    b"script" | b"style" => silent = silent.saturating_sub(1),
                    b"tr" => open.iter_mut().last().map_or((), Table::end_row),
                    b"td" | b"th" => open.iter_mut().last().map_or((), Table::end_cell),
                    b"table" => {
                        if let Some(table) = open.pop() {
                            next_row = write(table, next_row, &mut sheet, &mut overlay)?;
                        }
                    }
                    _ => {}
                }
            }
            Token::String(text) if silent == 0 => {
                if let Some(Table { cell: Some(cell), .. }) = open.last_mut() {
                    cell.text.push_str(&String::from_utf8_lossy(&text));
                }
            }
            _ => {}
        }
    }
    while let Some(table) = open.pop() {
        next_row = write(table, next_row, &mut sheet, &mut overlay)?;
    }
    let (sheet, problems) = sheet.finish()?;
    builder.push_with(sheet, problems, overlay);
    Ok(builder.finish())
}

fn write(
    mut table: Table,
    first_row: u32,
    sheet: &mut SheetBuilder<'_>,
    overlay: &mut Overlay,
) -> Result<u32, ReadError> {
    table.end_row();
    let mut number = first_row;
    if table.rows.iter().all(Vec::is_empty) {
        return Ok(first_row);
    }
    for tall in &table.tall {
        let row = first_row.saturating_add(u32::try_from(tall.row).unwrap_or(u32::MAX));
        // The end of a table cuts off row spans that reach below it.
        let last =
            row.saturating_add(tall.rows - 1).min(first_row.saturating_add(table.rows.len() as u32 - 1));
        overlay.merge((row, last), (tall.column, tall.column.saturating_add(tall.columns - 1)));
    }
    for row in &table.rows {
        for (column, text) in row {
            sheet.set(number, *column, text)?;
        }
        number = number.saturating_add(1);
    }
    Ok(number.saturating_add(1))
}

/// Collapses white space as a browser does; line breaks have been marked with U+0001.
fn tidy(text: &str) -> String {
    let lines = text.split('\u{1}').map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
