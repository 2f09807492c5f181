//! A table as found in a sheet, and the rows around it that are not leads.

use crate::spreadsheet::Sheet;

/// Why a row of a sheet is not a lead. Blank rows are not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// A title, a note or something else outside a table.
    Banner,
    /// A header row, also a second, grouped or repeated one.
    Header,
    /// A heading between the rows of a table.
    GroupHeading,
    /// A total or subtotal.
    Total,
    /// Text below a table: legal notes, when it was exported.
    Footer,
    /// The row has no name, email address or phone number of a person.
    NoContact,
    /// The table is about something else, or about the organiser's own people.
    NotLeads,
}

/// A row that is not a lead, by its position in the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftOutRow {
    /// Position in the sheet, from 0.
    pub position: usize,
    /// The reason.
    pub reason: LeftOut,
}

/// A table as found in the sheet, before its columns are understood.
#[derive(Debug, Default)]
pub(super) struct RawTable {
    pub(super) header: Option<usize>,
    pub(super) headers: Vec<String>,
    pub(super) rows: Vec<usize>,
    /// The line above the table.
    pub(super) title: Option<String>,
    pub(super) left_out: Vec<LeftOutRow>,
    /// The sheet the positions refer to, if the records had to be rearranged.
    pub(super) unfolded: Option<Sheet>,
}

impl RawTable {
    /// Whether it has a header and is unchanged in the sheet.
    pub(super) const fn is_plain(&self) -> bool {
        self.header.is_some() && self.unfolded.is_none()
    }
}
