//! Reads the bytes of any spreadsheet file into sheets of text cells.
//!
//! The content decides what a file is, never its name: [`kind`] inspects the bytes, [`encoding`] decodes them to text,
//! and one module per format fills [`Sheet`]s. Whatever the bytes are, reading ends with sheets or with a [`ReadError`]
//! that tells the user what to do, within the memory that [`Limits`] allow.

mod archive;
mod build;
mod delimited;
mod encoding;
mod error;
mod excel;
mod html;
mod kind;
mod limits;
mod links;
mod number;
mod ods;
mod overlay;
mod sheet;
mod spreadsheet_xml;
mod unzip;
mod vcard;

pub use error::ReadError;
pub use limits::Limits;
pub use sheet::{ReadWarning, Row, RowProblem, Sheet, Workbook};

use kind::{Binary, TextKind};

/// Reads a file of any supported kind: CSV and its relatives, XLSX, XLSB, XLS, ODS, an HTML table, an XML
/// Spreadsheet 2003 or vCards.
///
/// Only visible sheets are read. The name is only a hint: it settles the delimiter if the content leaves it open.
///
/// # Errors
/// When the file is empty, of another kind, protected, damaged, or over one of the limits.
pub fn read(file_name: &str, bytes: &[u8], limits: &Limits) -> Result<Workbook, ReadError> {
    if bytes.is_empty() {
        return Err(ReadError::EmptyFile);
    }
    let workbook = match kind::of_bytes(bytes)? {
        Some(Binary::Zip) => unzip::read(bytes, limits)?,
        Some(Binary::Ole) => excel::read_ole(bytes, limits)?,
        None => read_text(file_name, bytes, limits)?,
    };
    Ok(workbook)
}

fn read_text(file_name: &str, bytes: &[u8], limits: &Limits) -> Result<Workbook, ReadError> {
    let decoded = encoding::decode(bytes)?;
    let text = decoded.text.as_ref();
    if text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').is_empty() {
        return Err(ReadError::EmptyFile);
    }
    let mut workbook = match kind::of_text(text)? {
        TextKind::Delimited => delimited::read(file_name, text, limits)?,
        TextKind::Html => html::read(text, limits)?,
        TextKind::SpreadsheetXml => spreadsheet_xml::read(text, limits)?,
        TextKind::VCards => vcard::read(text, limits)?,
    };
    workbook.warnings.extend(decoded.warning);
    Ok(workbook)
}

#[cfg(test)]
mod tests;
