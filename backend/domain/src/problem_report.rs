//! The problem report of an upload: the rows that could not be stored, with their cells as they were, as a CSV file
//! that can be corrected and uploaded again.
//!
//! The report's own columns come first and have names no other file uses, so that reading it back ignores them.
//! Rows of tables with different headers are in sections of their own, each below its header.

use serde::{Deserialize, Serialize};

use crate::csv_cells::neutralize;
use crate::standardize::{Role, TableLayout};

/// Headers of the report's own columns.
pub const REPORT_HEADERS: [&str; 3] = ["Easy CRM: sheet", "Easy CRM: row", "Easy CRM: problem"];

/// Failed rows of one table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FailedRows {
    /// Position of the sheet in the file.
    pub sheet_index: u32,
    /// How the table's columns were understood.
    pub layout: TableLayout,
    /// The rows.
    pub rows: Vec<FailedRow>,
}

/// A row that could not be stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedRow {
    /// Row number in the sheet, from 1.
    pub row: u32,
    /// A sentence for the user; no cell values.
    pub reason: String,
    /// The cells as they were in the file.
    pub cells: Vec<String>,
}

/// Splits parts, in order, into parts of about this many bytes of cells, with at least one row each.
pub fn cut(parts: &[FailedRows], bytes: usize) -> impl Iterator<Item = FailedRows> + '_ {
    parts.iter().flat_map(move |part| {
        let mut rest = part.rows.as_slice();
        std::iter::from_fn(move || {
            let mut held = 0;
            let fits = |row: &&FailedRow| {
                let was_empty = held == 0;
                held += row.cells.iter().map(String::len).sum::<usize>();
                was_empty || held <= bytes
            };
            let (piece, left) = rest.split_at(rest.iter().take_while(fits).count());
            rest = left;
            (!piece.is_empty()).then(|| FailedRows {
                rows: piece.to_vec(),
                layout: part.layout.clone(),
                ..*part
            })
        })
    })
}

/// The report could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the problem report could not be written")]
pub struct ReportError(#[from] csv::Error);

/// Writes the report: UTF-8 with a byte order mark, CRLF line ends (RFC 4180).
///
/// # Errors
/// Never in memory; the CSV writer's signature has an error.
pub fn write(mut parts: Vec<FailedRows>) -> Result<Vec<u8>, ReportError> {
    for part in &mut parts {
        part.rows.sort_by_key(|row| row.row);
    }
    let first_row = |part: &FailedRows| part.rows.first().map_or(0, |row| row.row);
    parts.sort_by_key(|part| (part.sheet_index, part.layout.header_row, first_row(part)));
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .flexible(true)
        .from_writer(vec![0xEF, 0xBB, 0xBF]);
    let mut section: Option<(u32, &TableLayout)> = None;
    for part in parts.iter().filter(|part| !part.rows.is_empty()) {
        let here = (part.sheet_index, &part.layout);
        if section.is_none_or(|open| open != here) {
            if section.is_some() {
                // the reader separates tables at blank rows
                writer.write_record([""; 3])?;
            }
            writer.write_record(
                REPORT_HEADERS.iter().map(|name| (*name).into()).chain(headers(&part.layout)),
            )?;
            section = Some(here);
        }
        for row in &part.rows {
            let number = row.row.to_string();
            let own = [part.layout.sheet.as_deref().unwrap_or_default(), &number, &row.reason];
            let cells = own.into_iter().chain(row.cells.iter().map(String::as_str));
            writer.write_record(cells.map(|cell| neutralize(cell).into_owned()))?;
        }
    }
    Ok(writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?)
}

/// The table's headers; columns without one are named after how they were understood, so that they are understood the
/// same way again.
fn headers(layout: &TableLayout) -> impl Iterator<Item = String> {
    layout.columns.iter().enumerate().map(|(at, column)| {
        let header = layout.headers.get(at).map_or("", String::as_str);
        if !header.trim().is_empty() {
            return neutralize(header).into_owned();
        }
        match column.role {
            Role::FirstName => "First name".to_owned(),
            Role::LastName | Role::SecondLastName | Role::NameParticle => "Last name".to_owned(),
            Role::FullName(_) => "Name".to_owned(),
            Role::Title => "Job title".to_owned(),
            Role::Company => "Company".to_owned(),
            Role::Email(_) => "Email".to_owned(),
            Role::Phone(_) => "Phone".to_owned(),
            _ => format!("Column {}", at + 1),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spreadsheet::{self, Limits};
    use crate::standardize::plan_workbook;

    #[test]
    fn parts_are_cut_by_size_and_lose_no_row() {
        let text: String =
            (0..50).map(|n| format!("Ada{n},ada{n}@x.example,{}\n", "y".repeat(n * 20))).collect();
        let parts = failed("a.csv", &format!("Name,Email,Note\n{text}"));
        let cut: Vec<FailedRows> = super::cut(&parts, 2_000).collect();
        assert!(cut.len() > 10, "{} pieces", cut.len());
        let size = |piece: &FailedRows| -> usize {
            piece.rows.iter().flat_map(|row| &row.cells).map(String::len).sum()
        };
        assert!(cut.iter().all(|piece| size(piece) <= 2_000 && piece.layout == parts[0].layout));
        let rows: Vec<FailedRow> = cut.into_iter().flat_map(|piece| piece.rows).collect();
        assert_eq!(rows, parts[0].rows);
        assert_eq!(super::cut(&parts, 0).count(), 50, "one row at least");
    }

    fn failed(file_name: &str, text: &str) -> Vec<FailedRows> {
        let workbook = spreadsheet::read(file_name, text.as_bytes(), &Limits::default()).unwrap();
        let tables = plan_workbook(&workbook);
        let part = |(index, table): (usize, &crate::standardize::PlannedTable)| FailedRows {
            sheet_index: index as u32,
            layout: table.layout.clone(),
            rows: table
                .rows
                .iter()
                .map(|position| {
                    let row = table.sheet(&workbook).row(*position);
                    FailedRow {
                        row: row.number(),
                        reason: "The store refused it.".to_owned(),
                        cells: row.cells().map(str::to_owned).collect(),
                    }
                })
                .collect(),
        };
        tables.iter().enumerate().map(part).collect()
    }

    fn leads(text: &[u8]) -> Vec<crate::lead::LeadValues> {
        let workbook = spreadsheet::read("report.csv", text, &Limits::default()).unwrap();
        let mut leads = Vec::new();
        for table in plan_workbook(&workbook) {
            for position in &table.rows {
                let row = table.sheet(&workbook).row(*position);
                let cells: Vec<&str> = row.cells().collect();
                leads.push(table.layout.standardize(&cells));
            }
        }
        leads
    }

    #[test]
    fn a_report_read_back_gives_the_leads_of_the_file() {
        let with_header = "Full Name;Mail;Telefon;Ort\r\nJürgen Müller;j@x.example;+49 30 901820;Köln\r\n\
                           \"Zoë \"\"Z\"\" Ortiz\";zoe@y.example;-;=Rom\r\nAda Lovelace;ada@z.example;+44 20 7946 0001;\r\n";
        let without = "Grace,Hopper,grace@navy.example,+1 555 0100 200\r\nAlan,Turing,alan@park.example,+44 20 7946 0002\r\n\
                       Mary,Shelley,mary@books.example,+44 20 7946 0003\r\n";
        for (name, text) in [("a.csv", with_header), ("b.csv", without)] {
            let report = write(failed(name, text)).unwrap();
            assert!(report.starts_with(&[0xEF, 0xBB, 0xBF]));
            let expected = leads(text.as_bytes());
            assert_eq!(expected.len(), 3, "{name}");
            assert_eq!(leads(&report), expected, "{}", String::from_utf8_lossy(&report));
        }
    }

    #[test]
    fn tables_with_other_headers_stand_apart() {
        let mut parts =
            failed("a.csv", "Name,Email\nAda Lovelace,ada@x.example\nAlan Turing,alan@x.example\n");
        let mut second = failed(
            "b.csv",
            "Company,Phone,Name\nNavy,020 7946 0001,Grace Hopper\nPark,020 7946 0002,Mary Shelley\n",
        );
        second[0].sheet_index = 1;
        parts.extend(second);
        parts.reverse();
        let report = write(parts).unwrap();
        let read = leads(&report);
        let names: Vec<_> = read.iter().map(|lead| lead.last_name.as_str()).collect();
        assert_eq!(
            names,
            ["Lovelace", "Turing", "Hopper", "Shelley"],
            "{}",
            String::from_utf8_lossy(&report)
        );
        assert_eq!((read[2].company.as_str(), read[2].remarks.as_str()), ("Navy", ""));
    }
}
