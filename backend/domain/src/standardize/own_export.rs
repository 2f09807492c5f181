//! Files we exported ourselves ([`crate::lead_file`]) are imported unchanged: no rule looks at their values.
//!
//! A file is an export if its first row consists of exactly the headers of one. Its rows name their lead, so that leads
//! without an address are matched too; where the lead came from and its times are maintained by us and are ignored.

use easy_crm_shared::lead::{LeadField, MISSING};
use strum::IntoEnumIterator as _;

use super::PlannedTable;
use super::layout::{ColumnPlan, Reason, Role, TableLayout};
use crate::identity::LeadId;
use crate::lead::LeadValues;
use crate::lead_file::HEADERS;
use crate::manual_edit::MAX_EMAIL_BYTES;
use crate::spreadsheet::Sheet;

/// Column of the lead's id.
const ID: usize = 0;

/// The layout of a sheet that is an export.
fn layout_of(sheet: &Sheet) -> Option<TableLayout> {
    if sheet.row_count() == 0 {
        return None;
    }
    let header = sheet.row(0);
    let headers: Vec<&str> = header.cells().map(str::trim).collect();
    let used = headers.iter().rposition(|header| !header.is_empty()).map_or(0, |last| last + 1);
    if headers[..used] != HEADERS {
        return None;
    }
    let role = |at: usize| match LeadField::iter().find(|field| field.name() == HEADERS[at]) {
        Some(LeadField::FirstName) => Role::FirstName,
        Some(LeadField::LastName) => Role::LastName,
        Some(LeadField::Title) => Role::Title,
        Some(LeadField::Company) => Role::Company,
        Some(LeadField::Email) => Role::Email(0),
        Some(LeadField::Phone) => Role::Phone(0),
        Some(LeadField::Remarks) => Role::Remark,
        None => Role::Report,
    };
    let columns = (0..HEADERS.len()).map(|at| ColumnPlan::new(role(at), 1.0, Reason::Export));
    Some(TableLayout {
        confidence: 1.0,
        sheet: sheet.name().map(str::to_owned),
        header_row: Some(header.number()),
        headers: HEADERS.map(str::to_owned).to_vec(),
        columns: columns.collect(),
        bare_na: false,
        own_export: true,
    })
}

/// The sheet as a table, if it is an export: every row below the header is a lead.
pub(super) fn table(sheet: &Sheet, sheet_index: usize) -> Option<PlannedTable> {
    let layout = layout_of(sheet)?;
    let is_blank = |position: &usize| sheet.row(*position).cells().all(|cell| cell.trim().is_empty());
    let rows = (1..sheet.row_count()).filter(|position| !is_blank(position)).collect();
    Some(PlannedTable::whole_sheet(sheet_index, layout, rows))
}

/// The lead of a row of an export.
pub(super) fn values(cells: &[&str]) -> LeadValues {
    let mut values = LeadValues::default();
    for (header, cell) in HEADERS.iter().zip(cells) {
        let Ok(field) = header.parse::<LeadField>() else { continue };
        let cell = if field == LeadField::Email { cell.trim() } else { cell };
        if !cell.trim().is_empty() && cell != MISSING {
            *values.get_mut(field) = cell.to_owned();
        }
    }
    if !values.email.is_empty() && !could_be_address(&values.email) {
        // Somebody edited the file. What is not an address must not become a lead's key, and nothing gets lost.
        let between = if values.remarks.is_empty() { "" } else { "; " };
        values.remarks = format!("{}{between}email: {}", values.remarks, std::mem::take(&mut values.email));
    }
    values.email = values.email.to_lowercase();
    values
}

/// Any address that was ever stored has to pass, so this is a weak check.
fn could_be_address(text: &str) -> bool {
    text.contains('@') && text.len() <= MAX_EMAIL_BYTES && !text.contains(char::is_whitespace)
}

/// The lead that a row of an export names.
pub(super) fn lead_id(cells: &[&str]) -> Option<LeadId> {
    cells.get(ID).and_then(|cell| LeadId::parse(cell.trim()))
}
