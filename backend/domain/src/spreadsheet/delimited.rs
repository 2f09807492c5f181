//! Delimited text: CSV, TSV and their relatives, also the broken ones.

mod dialect;
mod records;

use super::build::WorkbookBuilder;
use super::{Limits, ReadError, Workbook};

/// Reads delimited text into one sheet without a name.
///
/// # Errors
/// When it is over a limit.
pub(super) fn read(file_name: &str, text: &str, limits: &Limits) -> Result<Workbook, ReadError> {
    let mut builder = WorkbookBuilder::new(limits);
    let dialect = dialect::detect(file_name, text);
    let mut sheet = builder.sheet(None);
    // Most cells are at least this long; a sheet that is too large by half is cheaper than one that moves twice.
    sheet.cells().reserve(text.len(), text.len() / 12);
    let mut records = records::Records::new(text, dialect.delimiter, dialect.fields, limits.max_columns);
    records.skip_to(dialect.start);
    let mut number = 0_u32;
    let mut before = 0;
    while records.read_into(sheet.cells())? {
        number = number.saturating_add(1);
        let after = sheet.cells().text_bytes();
        sheet.end_row(number, after - before)?;
        before = after;
    }
    let repaired = records.repaired();
    let (sheet, problems) = sheet.finish()?;
    builder.push(sheet, problems);
    if repaired > 0 {
        let message =
            format!("{repaired} quotation marks without a partner were ignored; rows were kept apart.");
        builder.warn("UNBALANCED_QUOTES_REPAIRED", message);
    }
    Ok(builder.finish())
}

#[cfg(test)]
mod tests;
