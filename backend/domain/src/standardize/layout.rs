//! How a table's columns were understood: the part of a plan that travels with every batch.

use easy_crm_shared::status::{ColumnSummary, TablePlanSummary};
use serde::{Deserialize, Serialize};

use super::names::NameOrder;
use super::planner::kinds::ValueKind;

/// What a column contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// The given name.
    FirstName,
    /// The family name.
    LastName,
    /// A second family name, joined to the first.
    SecondLastName,
    /// The particle of a family name in a column of its own (`van der`).
    NameParticle,
    /// The whole name in one cell.
    FullName(NameOrder),
    /// The job title.
    Title,
    /// The company.
    Company,
    /// An email address; the smallest rank is preferred.
    Email(u8),
    /// A phone number; the smallest rank is preferred.
    Phone(u8),
    /// The country calling code of the phone number next to it.
    PhoneCountryCode,
    /// The area code of the phone number next to it.
    PhoneAreaCode,
    /// The extension of the phone number next to it.
    PhoneExtension,
    /// Email address and phone number in one cell.
    ContactDetails,
    /// A business card or signature as text.
    Card,
    /// A person who is not the lead; kept in the remarks.
    OtherPerson,
    /// Anything else; kept in the remarks.
    Remark,
    /// Nothing at all in the sample; whatever turns up is kept in the remarks.
    Empty,
    /// A column that a problem report ([`crate::problem_report`]) or an export of ours added; the lead does not need
    /// anything from it.
    Report,
}

impl Role {
    /// The name shown to users.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FirstName => "firstName",
            Self::LastName | Self::SecondLastName | Self::NameParticle => "lastName",
            Self::FullName(_) => "fullName",
            Self::Title => "title",
            Self::Company => "company",
            Self::Email(_) => "email",
            Self::Phone(_) | Self::PhoneCountryCode | Self::PhoneAreaCode | Self::PhoneExtension => "phone",
            Self::ContactDetails => "emailAndPhone",
            Self::Card => "card",
            Self::OtherPerson | Self::Remark | Self::Empty => "remarks",
            Self::Report => "leftOut",
        }
    }

    /// Whether the column feeds one of the six fields.
    #[must_use]
    pub const fn is_field(self) -> bool {
        !matches!(self, Self::OtherPerson | Self::Remark | Self::Empty | Self::Report)
    }
}

/// Why a column was given its role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reason {
    /// The header says so, and nothing in the values contradicts it.
    Header,
    /// Header and values agree.
    HeaderAndValues,
    /// The values say so; there is no informative header.
    Values,
    /// The values say so, against the header.
    ValuesAgainstHeader,
    /// The header leaves it open; the other columns of the table decide.
    OtherColumns,
    /// Another column already provides this field.
    Spare,
    /// The header names somebody who is not the lead.
    OtherPerson,
    /// No field is for such values.
    NoField,
    /// The values are plainly something that no field is for.
    OtherValues(ValueKind),
    /// The column is empty.
    Empty,
    /// A problem report of ours added the column.
    Report,
    /// The file is an export of ours.
    Export,
    /// A language model read the header, and the values agree.
    Model,
}

impl Reason {
    /// A short explanation for users.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Header => "the header says so",
            Self::HeaderAndValues => "header and values agree",
            Self::Values => "the values look like it",
            Self::ValuesAgainstHeader => "the values contradict the header",
            Self::OtherColumns => "follows from the other columns",
            Self::Spare => "another column provides this field",
            Self::OtherPerson => "about somebody who is not the lead",
            Self::NoField => "no matching lead field",
            Self::OtherValues(kind) => of_values(kind),
            Self::Empty => "the column is empty",
            Self::Report => "a column of our own problem report",
            Self::Export => "the file is an export of ours",
            Self::Model => "the language model says so, and the values fit",
        }
    }
}

/// What values without a field are, as a short explanation for users.
const fn of_values(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Date => "the values are dates",
        ValueKind::Id | ValueKind::Postal => "the values are numbers or codes",
        ValueKind::Username => "the values are user names",
        ValueKind::Url => "the values are links",
        ValueKind::Street => "the values are addresses",
        ValueKind::City | ValueKind::Region => "the values are places",
        ValueKind::Industry => "the values are industries",
        ValueKind::Department => "the values are departments",
        ValueKind::Boolean => "the values say yes or no",
        ValueKind::Number => "the values are numbers",
        ValueKind::Money => "the values are amounts of money",
        ValueKind::Note => "the values are notes",
        ValueKind::Honorific => "the values are forms of address",
        ValueKind::Status | ValueKind::Source | ValueKind::Tag => "the values are choices from a list",
        _ => "no matching lead field",
    }
}

/// How one column was understood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnPlan {
    /// What it contains.
    pub role: Role,
    /// Confidence, 0 to 1.
    pub confidence: f64,
    /// The reason.
    pub reason: Reason,
    /// The column whose cells say what kind of address or number this one holds (`E-mail 1 - Type`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_column: Option<u16>,
}

impl ColumnPlan {
    pub(super) fn new(role: Role, confidence: f32, reason: Reason) -> Self {
        // no more than two digits are meaningful, so no more are sent
        Self { role, confidence: (f64::from(confidence) * 100.0).round() / 100.0, reason, label_column: None }
    }
}

/// How the rows of one table become leads. Travels in queue messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TableLayout {
    /// The sheet's name; `None` for delimited text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The header's row number in the sheet, from 1; `None` when the table has no header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header_row: Option<u32>,
    /// The headers in column order; empty where a column has none.
    pub headers: Vec<String>,
    /// How each column was understood; as many as headers.
    pub columns: Vec<ColumnPlan>,
    /// Confidence that every column that feeds a lead was understood, 0 to 1.
    #[serde(default = "sure", skip_serializing_if = "is_sure")]
    pub confidence: f64,
    /// Whether a bare `NA` means missing, as in files written by R.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bare_na: bool,
    /// Whether the table is an export of ours, whose values are taken unchanged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own_export: bool,
}

const fn sure() -> f64 {
    1.0
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes references; on 32 bits there is nothing to allow"
)]
fn is_sure(confidence: &f64) -> bool {
    *confidence >= sure()
}

impl TableLayout {
    /// Whether it has text that no column plan fits: whole contacts in one cell.
    #[must_use]
    pub fn has_cards(&self) -> bool {
        self.columns.iter().any(|column| column.role == Role::Card)
    }

    /// How the columns were understood, without any cell value. `lead_rows`: rows of the table that are leads.
    #[must_use]
    pub fn summary(&self, lead_rows: u64) -> TablePlanSummary {
        let columns = self.columns.iter().enumerate().map(|(at, plan)| ColumnSummary {
            header: match self.headers.get(at) {
                Some(header) if !header.is_empty() => header.clone(),
                _ => format!("Column {}", at + 1),
            },
            role: plan.role.name().to_owned(),
            confidence: plan.confidence,
            reason: plan.reason.text().to_owned(),
        });
        TablePlanSummary {
            sheet: self.sheet.clone(),
            header_row: self.header_row,
            lead_rows,
            columns: columns.collect(),
        }
    }
}
