//! Delimited text: CSV, TSV and their relatives, broken ones included.

mod aligned;
mod dialect;
mod escaped;
mod format;
mod records;

use super::build::{SheetBuilder, WorkbookBuilder};
use super::{Limits, ReadError, Workbook};

use dialect::{Dialect, Split};
use format::Format;

/// Reads delimited text into one sheet without a name.
///
/// # Errors
/// When it is over a limit.
pub(super) fn read(file_name: &str, text: &str, limits: &Limits) -> Result<Workbook, ReadError> {
    let workbook = read_once(file_name, text, limits)?;
    if let Some(inner) = quoted_lines(&workbook)
        && let Ok(table) = read_once(file_name, &inner, limits)
        && is_table(&table)
    {
        return Ok(table);
    }
    Ok(workbook)
}

/// Minimum number of delimiters in the header of a table whose lines are quoted; fewer may be text.
const LEAST_DELIMITERS: usize = 2;

/// The text of a table in which each line is one quoted cell, as programs write a CSV file into a column of another;
/// `None` for any other table.
fn quoted_lines(workbook: &Workbook) -> Option<String> {
    let sheet = workbook.sheets.first()?;
    let mut lines = Vec::with_capacity(sheet.row_count());
    for row in sheet.rows() {
        let mut cells = row.cells();
        lines.push(cells.next().unwrap_or_default());
        if cells.next().is_some() {
            return None;
        }
    }
    let header = lines.iter().find(|line| !line.is_empty())?;
    let is_header_of = |delimiter: &char| {
        // in text a space follows
        header.matches(*delimiter).count() >= LEAST_DELIMITERS && !header.contains(&format!("{delimiter} "))
    };
    [',', ';', '\t', '|'].iter().find(|delimiter| is_header_of(delimiter))?;
    Some(lines.join("\n"))
}

/// Whether all rows have as many cells as the first.
fn is_table(workbook: &Workbook) -> bool {
    let Some(sheet) = workbook.sheets.first() else { return false };
    let mut widths = sheet.rows().map(|row| row.len()).filter(|width| *width > 0);
    widths.next().is_some_and(|header| header > LEAST_DELIMITERS && widths.all(|width| width == header))
}

fn read_once(file_name: &str, text: &str, limits: &Limits) -> Result<Workbook, ReadError> {
    let mut builder = WorkbookBuilder::new(limits);
    let dialect = dialect::detect(file_name, text);
    let mut sheet = builder.sheet(None);
    // Most cells are at least this long; over-allocating a sheet by half is cheaper than moving it twice.
    sheet.cells().reserve(text.len(), text.len() / 12);
    let repaired = match &dialect.split {
        Split::Format(format) => read_records(text, *format, &dialect, limits, &mut sheet)?,
        Split::Columns(columns) => read_lines(text, columns, &mut sheet)?,
    };
    let (sheet, problems) = sheet.finish()?;
    builder.push(sheet, problems);
    if repaired > 0 {
        let message =
            format!("{repaired} quotation marks without a partner were ignored; rows were kept apart.");
        builder.warn("UNBALANCED_QUOTES_REPAIRED", message);
    }
    Ok(builder.finish())
}

/// Reads records; returns how many stray quotes were ignored.
fn read_records(
    text: &str,
    format: Format,
    dialect: &Dialect,
    limits: &Limits,
    sheet: &mut SheetBuilder<'_>,
) -> Result<usize, ReadError> {
    let mut records = records::Records::new(text, format, dialect.fields, limits.max_columns);
    records.skip_to(dialect.start);
    let mut number = 0_u32;
    let mut before = 0;
    while records.read_into(sheet.cells())? {
        number = number.saturating_add(1);
        let after = sheet.cells().text_bytes();
        sheet.end_row(number, after - before)?;
        before = after;
    }
    Ok(records.repaired())
}

/// Reads lines whose columns begin at these characters.
fn read_lines(text: &str, columns: &[usize], sheet: &mut SheetBuilder<'_>) -> Result<usize, ReadError> {
    for (number, line) in (1_u32..).zip(text.lines()) {
        let line = line.trim_end();
        if !line.is_empty() {
            for cell in aligned::cells(line, columns) {
                sheet.cells().push_cell(line[cell].trim());
            }
        }
        sheet.end_row(number, line.len())?;
    }
    Ok(0)
}

#[cfg(test)]
mod tests;
