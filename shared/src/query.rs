//! The one query type of list, export, bulk changes and chat, and the response of `GET /leads`.

pub mod analysis;
pub mod condition;
mod limits;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

use crate::lead::{Lead, LeadField};
use condition::Condition;

pub use limits::{
    MAX_CONDITION_DEPTH, MAX_CONDITIONS, MAX_IDS, MAX_SPAN, MAX_UTC_OFFSET_MINUTES, MAX_VALUE_CHARS,
    QueryError,
};

/// Prefix of the filter parameters of `GET /leads`: `filter_company=acme`.
pub const FILTER_PREFIX: &str = "filter_";
/// Parameter of `GET /leads` that contains a complete [`LeadQuery`] as JSON, instead of the simple parameters.
pub const QUERY_PARAMETER: &str = "query";
/// Page size if the request does not specify one.
pub const DEFAULT_PAGE_SIZE: u32 = 50;
/// Largest page size.
pub const MAX_PAGE_SIZE: u32 = 500;
/// Characters of remarks shown in a list; the details show all.
pub const LIST_REMARKS_CHARS: usize = 500;

/// Text that each field must contain. Case and accents are ignored; phone numbers are compared by their digits.
pub type Filters = BTreeMap<LeadField, String>;

/// Which leads, in which order. A lead must match filters, words and condition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct LeadQuery {
    /// Text that each named field must contain.
    pub filters: Filters,
    /// Words that must all occur somewhere in the lead.
    pub q: String,
    /// Order of the result.
    pub sorting: Sorting,
    /// Further conditions on the leads.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// Limits the result to the first so many: with [`sorting`](Self::sorting) the newest ten, for example. Totals,
    /// groups and exports then cover only those.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Where days begin: how many minutes the user's clock is ahead of UTC.
    #[serde(skip_serializing_if = "is_zero")]
    pub utc_offset_minutes: i32,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_zero(number: &i32) -> bool {
    *number == 0
}

/// Order of a list. Ties are broken by lead id; missing values come last in both directions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Sorting {
    /// What to sort by.
    pub sort_by: SortField,
    /// The direction.
    pub sort_order: SortOrder,
}

/// What lists can be sorted by.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
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
pub enum SortField {
    /// Given name.
    FirstName,
    /// Family name.
    LastName,
    /// Job title.
    Title,
    /// Company.
    Company,
    /// Email address.
    Email,
    /// Phone number.
    Phone,
    /// Remarks.
    Remarks,
    /// When the lead was first stored.
    #[default]
    CreatedAt,
    /// When a field of the lead last changed.
    UpdatedAt,
}

impl SortField {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The lead field sorted by, if it is one of the seven.
    #[must_use]
    pub fn lead_field(self) -> Option<LeadField> {
        match self {
            Self::FirstName => Some(LeadField::FirstName),
            Self::LastName => Some(LeadField::LastName),
            Self::Title => Some(LeadField::Title),
            Self::Company => Some(LeadField::Company),
            Self::Email => Some(LeadField::Email),
            Self::Phone => Some(LeadField::Phone),
            Self::Remarks => Some(LeadField::Remarks),
            Self::CreatedAt | Self::UpdatedAt => None,
        }
    }
}

impl From<LeadField> for SortField {
    fn from(field: LeadField) -> Self {
        match field {
            LeadField::FirstName => Self::FirstName,
            LeadField::LastName => Self::LastName,
            LeadField::Title => Self::Title,
            LeadField::Company => Self::Company,
            LeadField::Email => Self::Email,
            LeadField::Phone => Self::Phone,
            LeadField::Remarks => Self::Remarks,
        }
    }
}

/// Sort direction of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum SortOrder {
    /// Ascending.
    Asc,
    /// Descending.
    #[default]
    Desc,
}

impl SortOrder {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Response of `GET /leads`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListLeadsResponse {
    /// The page's leads; remarks are truncated to [`LIST_REMARKS_CHARS`].
    pub leads: Vec<Lead>,
    /// Where the page is.
    pub pagination: Pagination,
    /// The filters that were applied.
    pub filters: Filters,
    /// The order that was applied.
    pub sorting: Sorting,
    /// A query's further conditions and limit, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// The list contains every change up to this time (RFC 3339, UTC). A request's `asOf` parameter asks for at least
    /// that.
    pub as_of: String,
}

/// Position of a page in the whole result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pagination {
    /// Page number, from 1.
    pub page: u64,
    /// Leads per page.
    pub page_size: u32,
    /// Leads on all pages, exactly.
    pub total_count: u64,
    /// Number of pages; 0 if there are no leads.
    pub total_pages: u64,
    /// Whether there is a page after this one.
    pub has_more: bool,
}
