//! A lead as the API shows it, and the names of its fields.

use serde::{Deserialize, Serialize};
use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

/// The value of a field that the file did not provide.
pub const MISSING: &str = "N/A";

/// A lead: the seven standard fields and where they came from.
///
/// A missing field is [`MISSING`], never absent. Times are RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lead {
    /// The lead's stable id (UUID).
    pub lead_id: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Job title.
    pub title: String,
    /// Company or organisation.
    pub company: String,
    /// Email address in lower case.
    pub email: String,
    /// Phone number as written in the file.
    pub phone: String,
    /// Everything else in the row, as `Header: value; Header: value`.
    pub remarks: String,
    /// Name of the file that last provided the data.
    pub source_file: String,
    /// When the lead was first stored.
    pub created_at: String,
    /// When a field of the lead last changed.
    pub updated_at: String,
}

/// One of the seven standard fields, in the order they are shown.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    EnumCount,
    EnumIter,
    EnumString,
    IntoStaticStr,
    strum::Display,
)]
#[serde(rename_all = "camelCase")]
#[strum(serialize_all = "camelCase")]
pub enum LeadField {
    /// Given name.
    FirstName,
    /// Family name.
    LastName,
    /// Job title.
    Title,
    /// Company or organisation.
    Company,
    /// Email address.
    Email,
    /// Phone number.
    Phone,
    /// Everything else.
    Remarks,
}

impl LeadField {
    /// The name on the wire and in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The field's value in a lead.
    #[must_use]
    pub fn of(self, lead: &Lead) -> &str {
        match self {
            Self::FirstName => &lead.first_name,
            Self::LastName => &lead.last_name,
            Self::Title => &lead.title,
            Self::Company => &lead.company,
            Self::Email => &lead.email,
            Self::Phone => &lead.phone,
            Self::Remarks => &lead.remarks,
        }
    }

    /// The field's value in a lead, mutable.
    #[must_use]
    pub fn of_mut(self, lead: &mut Lead) -> &mut String {
        match self {
            Self::FirstName => &mut lead.first_name,
            Self::LastName => &mut lead.last_name,
            Self::Title => &mut lead.title,
            Self::Company => &mut lead.company,
            Self::Email => &mut lead.email,
            Self::Phone => &mut lead.phone,
            Self::Remarks => &mut lead.remarks,
        }
    }
}

/// Response of `GET /leads/{leadId}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadResponse {
    /// The lead, with full remarks.
    pub lead: Lead,
}
