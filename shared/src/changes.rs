//! Manual changes: `PATCH /leads/{leadId}`, `POST /leads/delete`, `POST /leads/restore` and `GET /jobs/{jobId}`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::lead::{Lead, LeadField};
use crate::query::LeadQuery;

/// Maximum number of leads a request may name by id; larger selections use a query.
pub const MAX_SELECTED_IDS: usize = crate::query::MAX_IDS;
/// Days during which a deleted lead can be restored.
pub const RESTORABLE_DAYS: u32 = 30;
/// Maximum length of remarks typed in by a user, in characters.
pub const MAX_REMARKS_CHARS: usize = 50_000;
/// Maximum length of any other field typed in by a user, in characters.
pub const MAX_FIELD_CHARS: usize = 1_000;

/// Body of `PATCH /leads/{leadId}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EditLeadRequest {
    /// The lead's `updatedAt` as the user saw it. If the lead has changed since, the response is 409 and nothing
    /// changes.
    pub updated_at: String,
    /// New values, by field; fields that are not named keep theirs. An empty string and `N/A` mean a missing value.
    pub fields: BTreeMap<LeadField, String>,
}

/// Response of `PATCH /leads/{leadId}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EditLeadResponse {
    /// The current lead, with full remarks.
    pub lead: Lead,
    /// A list read with at least this `asOf` contains the change.
    pub as_of: String,
}

/// Body of `POST /leads/delete`: `{"leadIds": […]}` or `{"query": {…}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LeadSelection {
    /// These leads, at most [`MAX_SELECTED_IDS`].
    LeadIds(Vec<String>),
    /// All leads that match the query when the request arrives.
    Query(LeadQuery),
}

/// Body of `POST /leads/restore`: `{"jobId": "…"}` or `{"leadIds": […]}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RestoreRequest {
    /// The leads deleted by this job of the user's, except those restored or imported since.
    JobId(String),
    /// These leads, at most [`MAX_SELECTED_IDS`].
    LeadIds(Vec<String>),
}

/// A change of many leads, and its progress. Response of `POST /leads/delete`, `POST /leads/restore` (202 while it
/// runs, 200 when it is done) and `GET /jobs/{jobId}`.
///
/// A job advances only while it is polled: each request does a part. After any failure it can be polled again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// Its id.
    pub job_id: String,
    /// What it does.
    pub kind: JobKind,
    /// Leads it works on.
    pub total: u64,
    /// Leads it changed so far.
    pub done: u64,
    /// Leads it left alone, because they were gone, already in that state, or changed after the job began.
    pub skipped: u64,
    /// Leads that cannot be restored, because another lead has their email address.
    pub conflicts: u64,
    /// Whether it is done.
    pub state: JobState,
    /// A list read with at least this `asOf` contains what is done so far.
    pub as_of: String,
}

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobKind {
    /// Deletes leads.
    Delete,
    /// Restores deleted leads.
    Restore,
}

/// A job's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// Poll again.
    Running,
    /// There is nothing left to do.
    Done,
    /// It ended without a result; only exports do.
    Failed,
}
