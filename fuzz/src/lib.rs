//! What the fuzz targets share: reading under tight limits, standardising what was read, and zipped workbooks whose
//! parts come from the fuzzer (mutated archives seldom unpack).

use std::io::{Cursor, Write as _};

use easy_crm_domain::spreadsheet::{Limits, Sheet, Workbook, read};
use easy_crm_domain::standardize::{RowStandardizer, plan_workbook};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Panics inside the Excel parsers are contained by the reader; the fuzzer's own hook would end the process before.
pub fn contained_panics() {
    std::panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
}

/// Limits that keep one run short.
#[must_use]
pub fn limits() -> Limits {
    Limits {
        max_rows: 20_000,
        max_columns: 300,
        max_unpacked_bytes: 8 * 1024 * 1024,
        max_text_bytes: 4 * 1024 * 1024,
        max_cells: 200_000,
        ..Limits::default()
    }
}

/// Reads a file of that name and standardises every row.
pub fn whole_way(name: &str, bytes: &[u8]) {
    if let Ok(workbook) = read(name, bytes, &limits()) {
        standardize(&workbook);
    }
}

/// Every row to a lead. Two promises are checked: the cheap address is the lead's, and a name, title or
/// company holds no word that is not in the row (digits inside an address's local part are left out of names).
pub fn standardize(workbook: &Workbook) {
    for table in plan_workbook(workbook) {
        let sheet = table.sheet(workbook);
        let row = RowStandardizer::new(&table.layout);
        for position in table.rows.iter().take(500) {
            let cells: Vec<&str> = sheet.row(*position).cells().collect();
            let lead = row.standardize(&cells);
            assert_eq!(row.email(&cells).unwrap_or_default(), lead.email);
            let letters = |text: &str| -> String {
                text.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect()
            };
            let all = letters(&cells.concat());
            for field in [&lead.first_name, &lead.last_name, &lead.title, &lead.company] {
                for word in field.to_lowercase().split(|c: char| !c.is_alphabetic()) {
                    assert!(all.contains(&letters(word)), "a field holds a word that is not in the row");
                }
            }
        }
    }
}

/// A sheet of one line a row, one tab a cell.
#[must_use]
pub fn sheet(text: &str) -> Workbook {
    let mut sheet = Sheet::new(None);
    for (at, line) in text.split('\n').take(2_000).enumerate() {
        for cell in line.split('\t').take(200) {
            sheet.push_cell(cell);
        }
        sheet.end_row(at as u32 + 1);
    }
    Workbook { sheets: vec![sheet], ..Workbook::default() }
}

/// A zip archive of the parts, stored.
#[must_use]
pub fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in parts {
        if zip.start_file(*name, options).is_err() || zip.write_all(bytes).is_err() {
            return Vec::new();
        }
    }
    zip.finish().map(Cursor::into_inner).unwrap_or_default()
}

/// The pieces of the input between `\xff\xfe\xff`; as many as asked for, empty where the input has fewer.
#[must_use]
pub fn pieces<const N: usize>(bytes: &[u8]) -> [&[u8]; N] {
    const MARK: &[u8] = b"\xff\xfe\xff";
    let mut rest = bytes;
    std::array::from_fn(|at| {
        let end = if at + 1 < N { rest.windows(MARK.len()).position(|window| window == MARK) } else { None };
        let (piece, after) = end.map_or((rest, &[][..]), |end| (&rest[..end], &rest[end + MARK.len()..]));
        rest = after;
        piece
    })
}
