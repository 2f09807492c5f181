//! XLS (Excel 5 to 2003), and whatever else is in an OLE2 compound file.

use std::io::{Cursor, Read, Seek, SeekFrom, Write};

use calamine::{Data, DataRef, Reader, Xls, XlsError};
use cfb::CompoundFile;

use crate::spreadsheet::build::WorkbookBuilder;
use crate::spreadsheet::error::TooMuch;
use crate::spreadsheet::overlay::Overlay;
use crate::spreadsheet::{Limits, ReadError, Workbook};

use super::{biff, contain_panic, is_visible, is_worksheet, push_value};

/// Cells that the used ranges of all sheets may span: calamine keeps each as a full grid. One sheet of the format's
/// full size has exactly that many.
const MAX_GRID_CELLS: u64 = 65_536 * 256;

/// Streams that show that a compound file is something else.
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
    if survey.is_encrypted {
        return Err(ReadError::PasswordProtected);
    }
    if survey.grid_cells > MAX_GRID_CELLS {
        return Err(ReadError::too_complex(TooMuch::Cells(MAX_GRID_CELLS as usize)));
    }
    if survey.to_blank.is_empty() {
        drop(stream);
        return read_cells(bytes, &survey, limits);
    }
    for span in &survey.to_blank {
        stream[span.start..span.start + span.len].fill(0);
    }
    let blanked = with_stream(bytes, path, &stream).map_err(|_| ReadError::damaged("its sheets"))?;
    drop(stream);
    read_cells(&blanked, &survey, limits)
}

/// The file with a stream's content replaced by content of the same length.
fn with_stream(bytes: &[u8], path: &str, content: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut compound = CompoundFile::open(Cursor::new(bytes.to_vec()))?;
    let mut stream = compound.open_stream(path)?;
    stream.seek(SeekFrom::Start(0))?;
    stream.write_all(content)?;
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
            let mut overlay = Overlay::default();
            for region in xls.merge_cells_by_sheet_name(&info.name).unwrap_or_default() {
                let (start, end) = (region.start, region.end);
                overlay.merge((start.0 + 1, end.0 + 1), (start.1, end.1));
            }
            builder.push_with(sheet, problems, overlay);
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
