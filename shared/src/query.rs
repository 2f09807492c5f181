//! The one query type of list, export, bulk changes and chat, and the answer of `GET /leads`.

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
/// Parameter of `GET /leads` that holds a whole [`LeadQuery`] as JSON, instead of the simple parameters.
pub const QUERY_PARAMETER: &str = "query";
/// Page size where the request names none.
pub const DEFAULT_PAGE_SIZE: u32 = 50;
/// Largest page size.
pub const MAX_PAGE_SIZE: u32 = 500;
/// Characters of remarks that a list shows; details give all.
pub const LIST_REMARKS_CHARS: usize = 500;

/// Text a field has to contain, by field. Case and accents do not count; phone numbers compare by digits.
pub type Filters = BTreeMap<LeadField, String>;

/// Which leads, in which order. A lead must pass filters, words and condition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct LeadQuery {
    /// Text each named field has to contain.
    pub filters: Filters,
    /// Words that all have to occur somewhere in the lead.
    pub q: String,
    /// Order of the result.
    pub sorting: Sorting,
    /// What else the leads have to fulfil.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// Only the first so many of the result: with [`sorting`](Self::sorting) the newest ten, say. They are then all
    /// there is: totals, groups and exports are about them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Where days begin: minutes ahead of UTC of the user's clock.
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
    /// In which direction.
    pub sort_order: SortOrder,
}

/// What a list can be sorted by.
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
    /// E-mail address.
    Email,
    /// Telephone number.
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
        self.name().parse().ok()
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

/// Direction of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum SortOrder {
    /// Smallest first.
    Asc,
    /// Largest first.
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

/// Answer of `GET /leads`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListLeadsResponse {
    /// The page's leads; remarks are cut at [`LIST_REMARKS_CHARS`].
    pub leads: Vec<Lead>,
    /// Where the page is.
    pub pagination: Pagination,
    /// The filters that were applied.
    pub filters: Filters,
    /// The order that was applied.
    pub sorting: Sorting,
    /// What else was asked of the leads, as text: a query's condition and limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// The list holds every change up to this time (RFC 3339, UTC). A request's `asOf` parameter asks for at least
    /// that.
    pub as_of: String,
}

/// Where a page is in the whole result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pagination {
    /// Page number, from 1.
    pub page: u64,
    /// Leads a page.
    pub page_size: u32,
    /// Leads in all pages, exactly.
    pub total_count: u64,
    /// Pages; 0 when there is no lead.
    pub total_pages: u64,
    /// Is there a page after this one?
    pub has_more: bool,
}
