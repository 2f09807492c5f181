//! Changes by hand: `PATCH /leads/{leadId}`, `POST /leads/delete`, `POST /leads/restore` and `GET /jobs/{jobId}`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::lead::{Lead, LeadField};
use crate::query::LeadQuery;

/// Most leads that a request may name by their ids; more are named by a query.
pub const MAX_SELECTED_IDS: usize = crate::query::MAX_IDS;
/// Days in which a deleted lead can be restored.
pub const RESTORABLE_DAYS: u32 = 30;
/// Longest value of remarks that can be typed in, in characters.
pub const MAX_REMARKS_CHARS: usize = 50_000;
/// Longest value of any other field that can be typed in, in characters.
pub const MAX_FIELD_CHARS: usize = 1_000;

/// Body of `PATCH /leads/{leadId}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EditLeadRequest {
    /// The lead's `updatedAt` as the user saw it. If the lead was changed since, the answer is 409 and nothing changes.
    pub updated_at: String,
    /// New values, by field; fields that are not named stay. An empty text and `N/A` stand for a missing value.
    pub fields: BTreeMap<LeadField, String>,
}

/// Answer of `PATCH /leads/{leadId}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EditLeadResponse {
    /// The lead as it is now, remarks in full.
    pub lead: Lead,
    /// The list holds the change when it is read with this as its least `asOf`.
    pub as_of: String,
}

/// Body of `POST /leads/delete`: `{"leadIds": […]}` or `{"query": {…}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LeadSelection {
    /// These leads, at most [`MAX_SELECTED_IDS`].
    LeadIds(Vec<String>),
    /// All leads the query finds when the request arrives.
    Query(LeadQuery),
}

/// Body of `POST /leads/restore`: `{"jobId": "…"}` or `{"leadIds": […]}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RestoreRequest {
    /// The leads that this job of mine deleted, as far as nobody restored or imported them since.
    JobId(String),
    /// These leads, at most [`MAX_SELECTED_IDS`].
    LeadIds(Vec<String>),
}

/// A change of many leads, and how far it is. Answer of `POST /leads/delete`, `POST /leads/restore` (202 while it runs,
/// 200 when it is done) and `GET /jobs/{jobId}`.
///
/// A job goes on while somebody asks for it: every answer has done a part. It can be asked for again after any failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// Its id.
    pub job_id: String,
    /// What it does.
    pub kind: JobKind,
    /// Leads it is about.
    pub total: u64,
    /// Leads it changed so far.
    pub done: u64,
    /// Leads it left alone, because they were gone or so already, or were changed after the job began.
    pub skipped: u64,
    /// Leads that cannot be restored, because another lead has their e-mail address.
    pub conflicts: u64,
    /// Is it done?
    pub state: JobState,
    /// The list holds what is done when it is read with this as its least `asOf`.
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

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// Ask again.
    Running,
    /// There is nothing left to do.
    Done,
    /// It ended without a result; only exports do.
    Failed,
}
