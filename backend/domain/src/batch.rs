//! Cutting a file into batches, and the message a batch travels in.

use std::collections::HashSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::dedupe::{RowOrdinals, overtaken};
use crate::email::NormalizedEmail;
use crate::identity::RowFingerprint;
use crate::spreadsheet::Workbook;
use crate::standardize::{PlannedTable, RowStandardizer, TableLayout};

/// How large a batch may be.
#[derive(Debug, Clone, Copy)]
pub struct BatchLimits {
    /// Most rows in a batch.
    pub rows: usize,
    /// Most bytes of cell text in a batch; a single larger row makes a batch of its own.
    pub bytes: usize,
}

impl Default for BatchLimits {
    /// Sizes for rows that need no model: `bytes` leaves room for headers and JSON in the 256 kB of an SQS message.
    fn default() -> Self {
        Self { rows: 200, bytes: 150_000 }
    }
}

/// A file cut into batches, before anything is sent.
#[derive(Debug, Default)]
pub struct ImportPlan {
    /// The batches, in file order.
    pub batches: Vec<BatchPlan>,
    /// Rows of the file that are leads.
    pub total_leads: u64,
    /// Rows that a later row with the same address overtakes; they are in no batch.
    pub duplicate_leads: u64,
    /// Rows over the size limit; they are in no batch.
    pub failed_leads: u64,
}

/// The rows of one batch, all of one table.
#[derive(Debug)]
pub struct BatchPlan {
    /// Position of the table in the plan of the workbook.
    pub table: usize,
    /// Rows, in file order.
    pub rows: Vec<PlannedRow>,
}

/// A row of a batch.
#[derive(Debug, Clone, Copy)]
pub struct PlannedRow {
    /// Position in the sheet.
    pub position: usize,
    /// How many rows without an address and with equal cells the file has before this one.
    pub ordinal: u32,
}

/// Cuts a file into batches. Settles the duplicates that the column plans show, so that the last row in file order
/// wins. Rows the reader found too large are counted as failed.
#[must_use]
pub fn plan_import(workbook: &Workbook, tables: &[PlannedTable], limits: BatchLimits) -> ImportPlan {
    let unusable: HashSet<_> = workbook.problems.iter().map(|problem| (problem.sheet, problem.row)).collect();
    let mut places = Vec::new();
    let mut emails = Vec::new();
    let mut plan = ImportPlan::default();
    let mut cells = Vec::new();
    for (table, planned) in tables.iter().enumerate() {
        let sheet = &workbook.sheets[planned.sheet_index];
        let standardizer = RowStandardizer::new(&planned.layout);
        for &position in &planned.rows {
            let row = sheet.row(position);
            if unusable.contains(&(planned.sheet_index, row.number())) {
                plan.failed_leads += 1;
                continue;
            }
            cells.clear();
            cells.extend(row.cells());
            places.push((table, position));
            emails.push(standardizer.email(&cells).and_then(|email| NormalizedEmail::parse(&email)));
        }
    }
    plan.total_leads = places.len() as u64 + plan.failed_leads;
    let overtaken = overtaken(emails.iter().map(Option::as_ref));
    let mut ordinals = RowOrdinals::default();
    let mut bytes = 0;
    for (((table, position), email), overtaken) in places.into_iter().zip(&emails).zip(overtaken) {
        if overtaken {
            plan.duplicate_leads += 1;
            continue;
        }
        cells.clear();
        cells.extend(workbook.sheets[tables[table].sheet_index].row(position).cells());
        let size: usize = cells.iter().map(|cell| cell.len() + 4).sum();
        let ordinal = if email.is_some() { 0 } else { ordinals.next(RowFingerprint::of(&cells)) };
        let row = PlannedRow { position, ordinal };
        match plan.batches.last_mut() {
            Some(batch)
                if batch.table == table && batch.rows.len() < limits.rows && bytes + size <= limits.bytes =>
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
    /// Position of the sheet in the file.
    pub sheet_index: u32,
    /// What the columns mean.
    pub layout: TableLayout,
    /// The rows, in file order.
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
        let sheet = &workbook.sheets[table.sheet_index];
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

    /// The batch's id, the same whenever the file is cut again.
    #[must_use]
    pub fn batch_id(&self) -> String {
        format!("{}/{}", self.upload_id, self.batch_index)
    }
}
