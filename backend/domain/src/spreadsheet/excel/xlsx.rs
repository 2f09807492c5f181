//! XLSX and XLSM, read as a stream of cells: the range a sheet claims to span costs nothing.

use calamine::{DataRef, Reader, Xlsx, XlsxError};

use crate::spreadsheet::build::{SheetBuilder, WorkbookBuilder};
use crate::spreadsheet::number::NumberShape;
use crate::spreadsheet::overlay::Overlay;
use crate::spreadsheet::unzip::Metered;
use crate::spreadsheet::{Limits, ReadError, Workbook};

use super::{check_sheet_count, contain_panic, is_visible, is_worksheet, push_value};

/// Cells per sheet that may be unreadable before the file counts as damaged.
const MAX_UNREADABLE_CELLS: usize = 10_000;

/// Largest sheet that is scanned a second time for its merged cells and links, in bytes of XML: they become a list in
/// memory, some ten times as large.
const MAX_SHEET_BYTES_AGAIN: u64 = 24 * 1024 * 1024;

/// Reads the visible sheets of an XLSX file. Merged cells and links are read if `largest_sheet`, in bytes of XML, is
/// small enough for all sheets to be scanned a second time.
pub(in crate::spreadsheet) fn read_xlsx(
    file: Metered<'_>,
    largest_sheet: u64,
    limits: &Limits,
) -> Result<Workbook, ReadError> {
    contain_panic(|| read_sheets(file, largest_sheet <= MAX_SHEET_BYTES_AGAIN, limits))
}

fn read_sheets(file: Metered<'_>, again: bool, limits: &Limits) -> Result<Workbook, ReadError> {
    let mut xlsx = Xlsx::new(file).map_err(|error| read_error(&error))?;
    check_sheet_count(xlsx.sheets_metadata())?;
    let mut builder = WorkbookBuilder::new(limits);
    let mut unreadable = 0;
    for info in xlsx.sheets_metadata().to_vec() {
        if !is_worksheet(&info) {
            continue;
        }
        if !is_visible(&info) {
            builder.skip_hidden();
            continue;
        }
        let mut sheet = builder.sheet(Some(info.name.clone()));
        unreadable += read_sheet(&mut xlsx, &info.name, &mut sheet)?;
        let (sheet, problems) = sheet.finish()?;
        let overlay =
            if again && Overlay::fits(&sheet) { overlay(&mut xlsx, &info.name) } else { Overlay::default() };
        builder.push_with(sheet, problems, overlay);
    }
    if unreadable > 0 {
        builder
            .warn("CELLS_UNREADABLE", format!("{unreadable} cells could not be read and were left empty."));
    }
    Ok(builder.finish())
}

/// The merged cells and links of a sheet. If they cannot be read, the sheet does without.
fn overlay(xlsx: &mut Xlsx<Metered<'_>>, name: &str) -> Overlay {
    let mut overlay = Overlay::default();
    for region in xlsx.merge_cells_by_sheet_name(name).unwrap_or_default() {
        let (start, end) = (region.start, region.end);
        overlay.merge((start.0.saturating_add(1), end.0.saturating_add(1)), (start.1, end.1));
    }
    for link in xlsx.hyperlinks_by_sheet_name(name).unwrap_or_default() {
        let (start, end) = (link.range.start, link.range.end);
        if let Some(target) = link.target {
            overlay.link((start.0.saturating_add(1), end.0.saturating_add(1)), start.1, &target);
        }
    }
    overlay
}

/// Reads one sheet; returns how many of its cells could not be read.
fn read_sheet(
    xlsx: &mut Xlsx<Metered<'_>>,
    name: &str,
    sheet: &mut SheetBuilder<'_>,
) -> Result<usize, ReadError> {
    let mut cells = match xlsx.worksheet_cells_reader(name) {
        Ok(cells) => cells,
        Err(XlsxError::NotAWorksheet(_)) => return Ok(0),
        Err(error) => return Err(read_error(&error)),
    };
    let shapes: Vec<NumberShape> = cells
        .styles()
        .iter()
        .map(|style| {
            style
                .number_format
                .as_ref()
                .map_or(NumberShape::Plain, |f| NumberShape::of_format(&f.format_code))
        })
        .collect();
    let mut unreadable = 0;
    let mut text = String::new();
    loop {
        let (cell, style) = match cells.next_cell_with_style_id() {
            Ok(Some(cell)) => cell,
            Ok(None) => return Ok(unreadable),
            Err(error) if is_cells_own(&error) && unreadable < MAX_UNREADABLE_CELLS => {
                unreadable += 1;
                continue;
            }
            Err(error) => return Err(read_error(&error)),
        };
        let (row, column) = cell.get_position();
        let row = row.saturating_add(1);
        match (cell.get_value(), shapes.get(style)) {
            (DataRef::SharedString(shared), _) => sheet.set(row, column, shared)?,
            (DataRef::String(string), _) => sheet.set(row, column, string)?,
            (DataRef::Float(value), Some(shape)) => {
                text.clear();
                shape.push(&mut text, *value);
                sheet.set(row, column, &text)?;
            }
            (value, _) => {
                text.clear();
                push_value(&mut text, value);
                sheet.set(row, column, &text)?;
            }
        }
    }
}

/// Whether an error concerns one cell only, after which the stream continues with the next.
fn is_cells_own(error: &XlsxError) -> bool {
    matches!(
        error,
        XlsxError::CellError(_)
            | XlsxError::ParseFloat(_)
            | XlsxError::CellTAttribute(_)
            | XlsxError::Unexpected(_)
            | XlsxError::UnexpectedNode(_)
            | XlsxError::Unrecognized { .. }
    )
}

fn read_error(error: &XlsxError) -> ReadError {
    match error {
        XlsxError::Password => ReadError::PasswordProtected,
        XlsxError::Zip(_) | XlsxError::Io(_) => ReadError::damaged("one of its parts"),
        XlsxError::FileNotFound(_) | XlsxError::RelationshipNotFound | XlsxError::WorksheetNotFound(_) => {
            ReadError::damaged("a part is missing")
        }
        _ => ReadError::damaged("the contents of a part"),
    }
}
