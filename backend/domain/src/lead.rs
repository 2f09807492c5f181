//! The seven values of a lead inside the domain, where a missing value is an empty string.

use easy_crm_shared::lead::{LeadField, MISSING};
use serde::{Deserialize, Serialize};
use strum::IntoEnumIterator as _;

/// The seven standard fields of a lead. An empty string means missing; `N/A` exists only on the wire and in files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LeadValues {
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Job title.
    pub title: String,
    /// Company or organisation.
    pub company: String,
    /// Email address, normalised (see [`crate::email`]).
    pub email: String,
    /// Phone number as written.
    pub phone: String,
    /// Everything else, as `Header: value; Header: value`.
    pub remarks: String,
}

impl LeadValues {
    /// The value of a field; empty when missing.
    #[must_use]
    pub fn get(&self, field: LeadField) -> &str {
        match field {
            LeadField::FirstName => &self.first_name,
            LeadField::LastName => &self.last_name,
            LeadField::Title => &self.title,
            LeadField::Company => &self.company,
            LeadField::Email => &self.email,
            LeadField::Phone => &self.phone,
            LeadField::Remarks => &self.remarks,
        }
    }

    /// The value of a field, for changing it.
    pub fn get_mut(&mut self, field: LeadField) -> &mut String {
        match field {
            LeadField::FirstName => &mut self.first_name,
            LeadField::LastName => &mut self.last_name,
            LeadField::Title => &mut self.title,
            LeadField::Company => &mut self.company,
            LeadField::Email => &mut self.email,
            LeadField::Phone => &mut self.phone,
            LeadField::Remarks => &mut self.remarks,
        }
    }

    /// The value of a field as the API shows it: `N/A` when missing.
    #[must_use]
    pub fn shown(&self, field: LeadField) -> &str {
        or_missing(self.get(field))
    }

    /// The fields in which two leads differ, in display order.
    pub fn fields_changed<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = LeadField> + 'a {
        LeadField::iter().filter(|field| self.get(*field) != other.get(*field))
    }
}

/// `N/A` for an empty value.
#[must_use]
pub fn or_missing(value: &str) -> &str {
    if value.is_empty() { MISSING } else { value }
}
