//! XLSB, read as a stream of cells.

use calamine::{Reader, Xlsb, XlsbError};

use crate::spreadsheet::build::WorkbookBuilder;
use crate::spreadsheet::unzip::Metered;
use crate::spreadsheet::{Limits, ReadError, Workbook};

use super::{check_sheet_count, contain_panic, is_visible, is_worksheet, push_value};

/// Reads the visible sheets of an XLSB file.
pub(in crate::spreadsheet) fn read_xlsb(file: Metered<'_>, limits: &Limits) -> Result<Workbook, ReadError> {
    contain_panic(|| {
        let mut xlsb = Xlsb::new(file).map_err(|error| read_error(&error))?;
        check_sheet_count(xlsb.sheets_metadata())?;
        let mut builder = WorkbookBuilder::new(limits);
        let mut text = String::new();
        for info in xlsb.sheets_metadata().to_vec() {
            if !is_worksheet(&info) {
                continue;
            }
            if !is_visible(&info) {
                builder.skip_hidden();
                continue;
            }
            let mut sheet = builder.sheet(Some(info.name.clone()));
            let mut cells = xlsb.worksheet_cells_reader(&info.name).map_err(|error| read_error(&error))?;
            while let Some(cell) = cells.next_cell().map_err(|error| read_error(&error))? {
                let (row, column) = cell.get_position();
                text.clear();
                push_value(&mut text, cell.get_value());
                sheet.set(row.saturating_add(1), column, &text)?;
            }
            let (sheet, problems) = sheet.finish()?;
            builder.push(sheet, problems);
        }
        Ok(builder.finish())
    })
}

fn read_error(error: &XlsbError) -> ReadError {
    match error {
        XlsbError::Password => ReadError::PasswordProtected,
        XlsbError::Zip(_) | XlsbError::Io(_) => ReadError::damaged("one of its parts"),
        _ => ReadError::damaged("the contents of a part"),
    }
}
