//! XLS (Excel 5 to 2003), and what else comes in an OLE2 compound file.

use std::io::{Cursor, Read, Seek, SeekFrom, Write};

use calamine::{Data, DataRef, Reader, Xls, XlsError};
use cfb::CompoundFile;

use crate::spreadsheet::build::WorkbookBuilder;
use crate::spreadsheet::error::TooMuch;
use crate::spreadsheet::{Limits, ReadError, Workbook};

use super::{biff, contain_panic, is_visible, is_worksheet, push_value};

/// Cells that the used ranges of all sheets may span: calamine keeps each as a full grid. One sheet of the format's
/// full size has just that many.
const MAX_GRID_CELLS: u64 = 65_536 * 256;

/// Streams that tell what else a compound file is.
const FOREIGN: [(&str, &str); 4] = [
    ("/WordDocument", "a Word document"),
    ("/PowerPoint Document", "a presentation"),
    ("/__properties_version1.0", "an Outlook message"),
    ("/VisioDocument", "a Visio drawing"),
];

/// Reads the visible sheets of an XLS file.
pub(in crate::spreadsheet) fn read_ole(bytes: &[u8], limits: &Limits) -> Result<Workbook, ReadError> {
    let mut compound =
        CompoundFile::open(Cursor::new(bytes)).map_err(|_| ReadError::damaged("its directory"))?;
    if compound.exists("/EncryptedPackage") {
        return Err(ReadError::PasswordProtected);
    }
    let Some(path) = ["/Workbook", "/Book"].into_iter().find(|path| compound.is_stream(path)) else {
        let found = FOREIGN
            .iter()
            .find(|(path, _)| compound.exists(path))
            .map_or("a file of an unknown kind", |f| f.1);
        return Err(ReadError::UnsupportedFileType { found });
    };
    let mut stream = Vec::new();
    compound
        .open_stream(path)
        .and_then(|part| part.take(limits.max_unpacked_bytes).read_to_end(&mut stream))
        .map_err(|_| ReadError::damaged("its sheets"))?;
    drop(compound);
    let survey = biff::survey(&stream);
    drop(stream);
    if survey.is_encrypted {
        return Err(ReadError::PasswordProtected);
    }
    if survey.grid_cells > MAX_GRID_CELLS {
        return Err(ReadError::too_complex(TooMuch::Cells(MAX_GRID_CELLS as usize)));
    }
    if survey.false_dimensions.is_empty() {
        return read_cells(bytes, &survey, limits);
    }
    let patched = blank_dimensions(bytes, path, &survey.false_dimensions)
        .map_err(|_| ReadError::damaged("its sheets"))?;
    read_cells(&patched, &survey, limits)
}

/// calamine makes room for what a sheet says it spans; a false statement is overwritten with zeros.
fn blank_dimensions(bytes: &[u8], path: &str, records: &[biff::Span]) -> std::io::Result<Vec<u8>> {
    let mut compound = CompoundFile::open(Cursor::new(bytes.to_vec()))?;
    let mut stream = compound.open_stream(path)?;
    for record in records {
        stream.seek(SeekFrom::Start(record.start as u64))?;
        stream.write_all(&vec![0; record.len])?;
    }
    stream.flush()?;
    drop(stream);
    compound.flush()?;
    Ok(compound.into_inner().into_inner())
}

fn read_cells(bytes: &[u8], survey: &biff::Survey, limits: &Limits) -> Result<Workbook, ReadError> {
    contain_panic(|| {
        let mut xls = Xls::new(Cursor::new(bytes)).map_err(|error| read_error(&error))?;
        let mut builder = WorkbookBuilder::new(limits);
        let mut text = String::new();
        for (position, info) in xls.sheets_metadata().to_vec().into_iter().enumerate() {
            if !is_worksheet(&info) {
                continue;
            }
            if !is_visible(&info) {
                builder.skip_hidden();
                continue;
            }
            let mut sheet = builder.sheet(Some(info.name.clone()));
            let range = xls.worksheet_range(&info.name).map_err(|error| read_error(&error))?;
            let (first_row, first_column) = range.start().unwrap_or_default();
            for (row, column, value) in range.used_cells() {
                let (row, column) = (first_row + row as u32, first_column + column as u32);
                text.clear();
                match value {
                    Data::Float(number) => survey.shape(position, row, column).push(&mut text, *number),
                    Data::Int(number) => survey.shape(position, row, column).push(&mut text, *number as f64),
                    _ => push_value(&mut text, &borrowed(value)),
                }
                sheet.set(row + 1, column, &text)?;
            }
            let (sheet, problems) = sheet.finish()?;
            builder.push(sheet, problems);
        }
        Ok(builder.finish())
    })
}

fn borrowed(value: &Data) -> DataRef<'_> {
    match value {
        Data::Int(value) => DataRef::Int(*value),
        Data::Float(value) => DataRef::Float(*value),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(value) => DataRef::Bool(*value),
        Data::DateTime(value) => DataRef::DateTime(*value),
        Data::DateTimeIso(iso) => DataRef::DateTimeIso(iso.clone()),
        Data::DurationIso(iso) => DataRef::DurationIso(iso.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
        Data::Empty => DataRef::Empty,
    }
}

fn read_error(error: &XlsError) -> ReadError {
    match error {
        XlsError::Password => ReadError::PasswordProtected,
        _ => ReadError::damaged("its sheets"),
    }
}
