//! What is asked about the leads of a query: the list itself, its size, or groups.

use serde::{Deserialize, Serialize};

/// Number of groups shown if the question does not specify one.
pub const DEFAULT_GROUPS: u32 = 10;
/// Maximum number of groups in an answer.
pub const MAX_GROUPS: u32 = 1_000;

/// What is asked about the leads of a query. On the wire: `"list"`, `"count"` or `{"groupBy": {"by": "company"}}`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LeadAnalysis {
    /// The leads.
    #[default]
    List,
    /// Their number.
    Count,
    /// How many leads share each value of a key.
    GroupBy(GroupBy),
}

/// A grouping of leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupBy {
    /// What the leads of a group have in common.
    pub by: GroupKey,
    /// Maximum number of groups in the answer, from 1 to [`MAX_GROUPS`].
    #[serde(default = "default_groups")]
    pub limit: u32,
    /// Which groups come first, and are kept if there are more than `limit`.
    #[serde(default)]
    pub order: GroupOrder,
}

const fn default_groups() -> u32 {
    DEFAULT_GROUPS
}

/// What the leads of a group have in common. Texts are equal if they differ only in case or accents, phone numbers if
/// their digits are equal.
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
    /// Email address.
    Email,
    /// Phone number.
    Phone,
    /// Remarks.
    Remarks,
    /// The part after the `@` of the email address.
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

/// Order of groups. Groups of the same size are ordered by key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GroupOrder {
    /// Most leads first.
    #[default]
    LargestFirst,
    /// Fewest leads first.
    SmallestFirst,
    /// By key: texts in list order, times from the earliest.
    ByKey,
    /// By key in reverse: the latest first.
    ByKeyDescending,
}

/// One group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LeadGroup {
    /// The common value, in its most frequent spelling.
    pub key: String,
    /// The key in a form for people, if it differs: `2026-W05` for a week.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Number of leads in the group.
    pub count: u64,
}

/// Groups of a query's leads. All groups, shown or not, and the leads without a key add up to `total_count`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LeadGroups {
    /// The first groups.
    pub groups: Vec<LeadGroup>,
    /// Total number of groups, not counting missing values.
    pub group_count: u64,
    /// Leads whose value is missing; they form no group.
    pub missing_count: u64,
    /// Leads of the query.
    pub total_count: u64,
}
