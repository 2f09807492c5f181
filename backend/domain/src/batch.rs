//! Splits a file into batches, and defines the message a batch travels in.

use std::collections::HashMap;

use easy_crm_shared::upload::UpdatePolicy;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::dedupe::{RowOrdinals, grouped};
use crate::email::NormalizedEmail;
use crate::identity::RowFingerprint;
use crate::problem_report::{FailedRow, FailedRows};
use crate::spreadsheet::Workbook;
use crate::standardize::model::cards::MAX_ROWS;
use crate::standardize::{PlannedTable, RowStandardizer, TableLayout};

/// How large a batch may be.
#[derive(Debug, Clone, Copy)]
pub struct BatchLimits {
    /// Maximum number of rows in a batch.
    pub rows: usize,
    /// Maximum number of rows in a batch of a table with text that no column plan fits.
    pub card_rows: usize,
    /// Maximum bytes of cell text in a batch; a single larger row makes a batch of its own.
    pub bytes: usize,
}

impl Default for BatchLimits {
    /// Sizes for rows that need no model: `bytes` leaves room for headers and JSON in the 256 kB of an SQS message.
    fn default() -> Self {
        Self { rows: 200, card_rows: 200, bytes: 150_000 }
    }
}

impl BatchLimits {
    /// The sizes if a language model reads the cards of a batch: the founding document's ten leads.
    #[must_use]
    pub fn with_cards_read(self) -> Self {
        Self { card_rows: MAX_ROWS, ..self }
    }
}

/// A file split into batches, before anything is sent.
#[derive(Debug, Default)]
pub struct ImportPlan {
    /// The batches, in file order.
    pub batches: Vec<BatchPlan>,
    /// Rows of the file that are leads.
    pub total_leads: u64,
    /// Rows the reader found too large; they are in no batch.
    pub failed: Vec<FailedPlace>,
}

/// The place of a row that cannot become a lead.
#[derive(Debug, Clone, Copy)]
pub struct FailedPlace {
    /// Position of the table in the plan of the workbook.
    pub table: usize,
    /// Position of the row in the sheet.
    pub position: usize,
    /// Position of what is wrong with it in [`Workbook::problems`].
    pub problem: usize,
}

impl ImportPlan {
    /// The rows that are in no batch, for the problem report.
    #[must_use]
    pub fn failed_rows(&self, workbook: &Workbook, tables: &[PlannedTable]) -> Vec<FailedRows> {
        let mut parts: Vec<FailedRows> = Vec::new();
        let mut last = None;
        for FailedPlace { table, position, problem } in &self.failed {
            let planned = &tables[*table];
            if last != Some(table) {
                let sheet_index = u32::try_from(planned.sheet_index).unwrap_or(u32::MAX);
                parts.push(FailedRows { sheet_index, layout: planned.layout.clone(), rows: Vec::new() });
                last = Some(table);
            }
            let row = planned.sheet(workbook).row(*position);
            if let Some(part) = parts.last_mut() {
                part.rows.push(FailedRow {
                    row: row.number(),
                    reason: workbook.problems[*problem].reason.clone(),
                    cells: row.cells().map(str::to_owned).collect(),
                });
            }
        }
        parts
    }
}

/// The rows of one batch, all of one table.
#[derive(Debug)]
pub struct BatchPlan {
    /// Position of the table in the plan of the workbook.
    pub table: usize,
    /// Rows, in file order but for those of one person, which are neighbours.
    pub rows: Vec<PlannedRow>,
}

/// A row of a batch.
#[derive(Debug, Clone, Copy)]
pub struct PlannedRow {
    /// Position in the sheet.
    pub position: usize,
    /// How many earlier rows of the file have no address and equal cells.
    pub ordinal: u32,
}

/// Splits a file into batches. Rows of a table whose column plan shows that they have the same address are neighbours,
/// so that they are mostly written at once. Rows the reader found too large are counted as failed.
#[must_use]
pub fn plan_import(workbook: &Workbook, tables: &[PlannedTable], limits: BatchLimits) -> ImportPlan {
    let unusable: HashMap<_, _> = workbook
        .problems
        .iter()
        .enumerate()
        .map(|(at, problem)| ((problem.sheet, problem.row), at))
        .collect();
    let mut places = Vec::new();
    let mut people = Vec::new();
    let mut plan = ImportPlan::default();
    let mut cells = Vec::new();
    for (table, planned) in tables.iter().enumerate() {
        let sheet = planned.sheet(workbook);
        let standardizer = RowStandardizer::new(&planned.layout);
        for &position in &planned.rows {
            let row = sheet.row(position);
            if let Some(&problem) = unusable.get(&(planned.sheet_index, row.number())) {
                plan.failed.push(FailedPlace { table, position, problem });
                continue;
            }
            cells.clear();
            cells.extend(row.cells());
            places.push((table, position));
            let email = standardizer.email(&cells).and_then(|email| NormalizedEmail::parse(&email));
            people.push(email.map(|email| (table, email)));
        }
    }
    plan.total_leads = (places.len() + plan.failed.len()) as u64;
    let mut ordinals = RowOrdinals::default();
    let mut bytes = 0;
    for at in grouped(&people) {
        let (table, position) = places[at];
        cells.clear();
        cells.extend(tables[table].sheet(workbook).row(position).cells());
        let size: usize = cells.iter().map(|cell| cell.len() + 4).sum();
        let ordinal = if people[at].is_some() { 0 } else { ordinals.next(RowFingerprint::of(&cells)) };
        let row = PlannedRow { position, ordinal };
        let most = if tables[table].layout.has_cards() { limits.card_rows } else { limits.rows };
        match plan.batches.last_mut() {
            Some(batch)
                if batch.table == table && batch.rows.len() < most && bytes + size <= limits.bytes =>
            {
                batch.rows.push(row);
                bytes += size;
            }
            _ => {
                plan.batches.push(BatchPlan { table, rows: vec![row] });
                bytes = size;
            }
        }
    }
    plan
}

/// A batch as it travels through the queue: the column plan and the raw cells of its rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchMessage {
    /// The upload.
    pub upload_id: String,
    /// Position of the batch in the upload, from 0.
    pub batch_index: u32,
    /// The file's name as the user knows it.
    pub file_name: String,
    /// When the upload was announced: the first part of its rows' order.
    pub uploaded_at: Timestamp,
    /// What the rows do to leads that exist.
    #[serde(default)]
    pub update_policy: UpdatePolicy,
    /// Position of the sheet in the file.
    pub sheet_index: u32,
    /// What the columns mean.
    pub layout: TableLayout,
    /// The rows, as in [`BatchPlan::rows`].
    pub rows: Vec<BatchRow>,
}

/// A raw row of a [`BatchMessage`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BatchRow {
    /// Row number in the sheet, from 1.
    pub row: u32,
    /// See [`PlannedRow::ordinal`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub ordinal: u32,
    /// The cells.
    pub cells: Vec<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl BatchMessage {
    /// The rows of a planned batch.
    #[must_use]
    pub fn rows_of(workbook: &Workbook, table: &PlannedTable, batch: &BatchPlan) -> Vec<BatchRow> {
        let sheet = table.sheet(workbook);
        let raw = |planned: &PlannedRow| {
            let row = sheet.row(planned.position);
            BatchRow {
                row: row.number(),
                ordinal: planned.ordinal,
                cells: row.cells().map(str::to_owned).collect(),
            }
        };
        batch.rows.iter().map(raw).collect()
    }

    /// The batch's id, the same whenever the file is split again.
    #[must_use]
    pub fn batch_id(&self) -> String {
        format!("{}/{}", self.upload_id, self.batch_index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spreadsheet::{self, Limits};
    use crate::standardize::plan_workbook;

    fn plan(text: &str, limits: BatchLimits) -> (Workbook, Vec<PlannedTable>, ImportPlan) {
        let workbook = spreadsheet::read("a.csv", text.as_bytes(), &Limits::default()).unwrap();
        let tables = plan_workbook(&workbook);
        let plan = plan_import(&workbook, &tables, limits);
        (workbook, tables, plan)
    }

    #[test]
    fn rows_with_the_same_address_are_neighbours() {
        let text = "Name,Email\nAda Lovelace,a@x.example\nBob Stone,b@x.example\nAda King,A@X.example \n";
        let (workbook, tables, plan) = plan(text, BatchLimits::default());
        assert_eq!((plan.total_leads, plan.failed.len()), (3, 0));
        let rows = BatchMessage::rows_of(&workbook, &tables[plan.batches[0].table], &plan.batches[0]);
        assert_eq!(rows.iter().map(|row| row.row).collect::<Vec<_>>(), [3, 2, 4]);
        assert_eq!(rows[2].cells[0], "Ada King");
    }

    #[test]
    fn equal_rows_without_an_address_are_numbered() {
        let text =
            "Name,Phone\nAda Lovelace,020 7946 0001\nAda Lovelace,020 7946 0001\nBob Stone,020 7946 0002\n";
        let (_, _, plan) = plan(text, BatchLimits::default());
        let ordinals: Vec<_> = plan.batches[0].rows.iter().map(|row| row.ordinal).collect();
        assert_eq!(ordinals, [0, 1, 0]);
    }

    #[test]
    fn batches_keep_to_both_limits_and_lose_no_row() {
        let rows: String = (0..50).map(|n| format!("Person Number{n},p{n}@x.example\n")).collect();
        for limits in [
            BatchLimits { rows: 7, card_rows: 7, bytes: 100_000 },
            BatchLimits { rows: 100, card_rows: 100, bytes: 150 },
        ] {
            let (workbook, tables, plan) = plan(&format!("Name,Email\n{rows}"), limits);
            assert!(plan.batches.len() > 5);
            let mut numbers = Vec::new();
            for batch in &plan.batches {
                let rows = BatchMessage::rows_of(&workbook, &tables[batch.table], batch);
                assert!(rows.len() <= limits.rows);
                numbers.extend(rows.iter().map(|row| row.row));
            }
            assert_eq!(numbers, (2..=51).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_record_that_runs_downwards_keeps_its_cells() {
        let text = "Name,Ada Lovelace\nEmail,ada@x.example\nPhone,020 7946 0001\n\nName,Bob Stone\nEmail,bob@x.example\nPhone,020 7946 0002\n";
        let (workbook, tables, plan) = plan(text, BatchLimits::default());
        assert_eq!(plan.total_leads, 2);
        let batch = &plan.batches[0];
        let table = &tables[batch.table];
        let leads: Vec<_> = BatchMessage::rows_of(&workbook, table, batch)
            .iter()
            .map(|row| {
                let cells: Vec<&str> = row.cells.iter().map(String::as_str).collect();
                RowStandardizer::new(&table.layout).standardize(&cells)
            })
            .collect();
        assert_eq!((leads[0].first_name.as_str(), leads[0].email.as_str()), ("Ada", "ada@x.example"));
        assert_eq!((leads[1].last_name.as_str(), leads[1].phone.as_str()), ("Stone", "020 7946 0002"));
    }
}
