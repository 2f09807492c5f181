//! `POST /leads/erase`: permanently erases a person's data.

use serde::{Deserialize, Serialize};

/// Body of `POST /leads/erase`: `{"leadId": "…"}` or `{"email": "…"}`. An address also finds a person who is already
/// deleted or whose file is still being processed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EraseRequest {
    /// The person this lead is about.
    LeadId(String),
    /// The person with this email address.
    Email(String),
}

/// Response of `POST /leads/erase`: 200 when nothing is left, 202 when the same request has to be sent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EraseResponse {
    /// Whether nothing is left to do.
    pub state: EraseState,
    /// Leads, including deleted ones, of which only an id is left.
    pub erased_leads: u64,
    /// Stored files that were removed: uploads and large batches no longer needed, exports, problem reports.
    pub removed_files: u64,
    /// Failed rows and language model answers that were removed from stored files.
    pub removed_rows: u64,
    /// Uploads still being processed; their files are kept until they are done. Their rows cannot bring the person
    /// back.
    pub waiting_uploads: u64,
    /// A list read with at least this `asOf` no longer contains the person.
    pub as_of: String,
}

/// State of an erasure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EraseState {
    /// Send the request again.
    Running,
    /// Nothing is left to do.
    Done,
}
