//! What is asked about the leads of a query: the list itself, their number, or their groups.

use serde::{Deserialize, Serialize};

/// Groups shown where the question names no number.
pub const DEFAULT_GROUPS: u32 = 10;
/// Most groups of an answer.
pub const MAX_GROUPS: u32 = 1_000;

/// What is asked about the leads of a query. On the wire `"list"`, `"count"` or `{"groupBy": {"by": "company"}}`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LeadAnalysis {
    /// The leads.
    #[default]
    List,
    /// How many they are.
    Count,
    /// How many share each value of a key.
    GroupBy(GroupBy),
}

/// A grouping of leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupBy {
    /// What the leads of a group share.
    pub by: GroupKey,
    /// Most groups in the answer, from 1 to [`MAX_GROUPS`].
    #[serde(default = "default_groups")]
    pub limit: u32,
    /// Which groups come first, and are kept when there are more than `limit`.
    #[serde(default)]
    pub order: GroupOrder,
}

const fn default_groups() -> u32 {
    DEFAULT_GROUPS
}

/// What the leads of a group share. Texts are the same when they differ in case or accents only, telephone numbers when
/// their digits are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GroupKey {
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
    /// What follows the `@` of the e-mail address.
    EmailDomain,
    /// Name of the file that last provided the data.
    SourceFile,
    /// Day the lead was first stored; keys are dates.
    CreatedDay,
    /// Week the lead was first stored; keys are the dates of its Mondays.
    CreatedWeek,
    /// Month the lead was first stored; keys are like `2026-01`.
    CreatedMonth,
}

/// Order of groups. Groups of one size are in the order of their keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GroupOrder {
    /// Most leads first.
    #[default]
    LargestFirst,
    /// Fewest leads first.
    SmallestFirst,
    /// By key: texts as lists sort them, times from the earliest.
    ByKey,
    /// By key the other way round: the latest first.
    ByKeyDescending,
}

/// One group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LeadGroup {
    /// What its leads share, as most of them write it.
    pub key: String,
    /// The key for people, where it differs: `2026-W05` for a week.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// How many leads it has.
    pub count: u64,
}

/// Groups of the leads of a query. All groups, shown or not, and the leads without a key add up to `total_count`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LeadGroups {
    /// The first groups.
    pub groups: Vec<LeadGroup>,
    /// How many groups there are in all, without that of the missing values.
    pub group_count: u64,
    /// Leads whose value is missing; they are no group.
    pub missing_count: u64,
    /// Leads of the query.
    pub total_count: u64,
}
