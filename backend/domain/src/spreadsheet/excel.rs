//! Excel's own formats, read with calamine: XLSX and XLSB cell by cell, XLS as a whole.

mod biff;
mod xls;
mod xlsb;
mod xlsx;

use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Sheet as SheetInfo, SheetType, SheetVisible};

use super::ReadError;
use super::error::TooMuch;
use super::number;

pub(super) use xls::read_ole;
pub(super) use xlsb::read_xlsb;
pub(super) use xlsx::read_xlsx;

/// Maximum number of sheets in a workbook: each is looked up by name among all of them.
const MAX_SHEETS: usize = 10_000;

fn check_sheet_count(sheets: &[SheetInfo]) -> Result<(), ReadError> {
    if sheets.len() > MAX_SHEETS {
        return Err(ReadError::too_complex(TooMuch::Sheets(MAX_SHEETS)));
    }
    Ok(())
}

/// Whether it is a sheet of cells (not a chart or a macro sheet).
fn is_worksheet(sheet: &SheetInfo) -> bool {
    sheet.typ == SheetType::WorkSheet
}

fn is_visible(sheet: &SheetInfo) -> bool {
    sheet.visible == SheetVisible::Visible
}

/// Runs calamine's parsers, which index into records without checking their length: a truncated or hostile XLS or XLSB
/// file panics there (`tests.rs` has such files), as does an XLSX sheet whose stated range runs backwards in a build
/// with overflow checks. A panic in a pure function over borrowed bytes leaves nothing half done, so it is turned into
/// the error it means.
fn contain_panic<T>(read: impl FnOnce() -> Result<T, ReadError>) -> Result<T, ReadError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(ReadError::damaged("its cells")))
}

/// Writes a cell as text.
fn push_value(out: &mut String, value: &DataRef<'_>) {
    match value {
        DataRef::Int(value) => out.push_str(&value.to_string()),
        DataRef::Float(value) => number::push_number(out, *value),
        DataRef::String(text) => out.push_str(text),
        DataRef::SharedString(text) => out.push_str(text),
        DataRef::Bool(value) => out.push_str(if *value { "TRUE" } else { "FALSE" }),
        DataRef::DateTime(value) => number::push_date_time(out, value),
        DataRef::DateTimeIso(iso) => number::push_iso_date_time(out, iso),
        DataRef::DurationIso(iso) => number::push_iso_duration(out, iso),
        DataRef::Error(error) => out.push_str(&error.to_string()),
        DataRef::Empty => {}
    }
}
