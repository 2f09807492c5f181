//! `POST /leads/erase`: a person's data, gone for good.

use serde::{Deserialize, Serialize};

/// Body of `POST /leads/erase`: `{"leadId": "…"}` or `{"email": "…"}`. With an address also a person who is deleted already, or whose
/// file is still being worked on, is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EraseRequest {
    /// The person this lead is about.
    LeadId(String),
    /// The person with this e-mail address.
    Email(String),
}

/// Answer of `POST /leads/erase`: 200 when nothing is left, 202 when the same request has to be sent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EraseResponse {
    /// Is nothing left to do?
    pub state: EraseState,
    /// Leads, deleted ones included, of which nothing is left but an id.
    pub erased_leads: u64,
    /// Stored files that were removed: uploads and large batches that are done with, exports, problem reports.
    pub removed_files: u64,
    /// Failed rows and answers of the language model that were taken out of stored files.
    pub removed_rows: u64,
    /// Uploads that are still being worked on; their files are kept until they are done. Their rows cannot bring the person back.
    pub waiting_uploads: u64,
    /// The list is without the person when it is read with this as its least `asOf`.
    pub as_of: String,
}

/// How far an erasure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EraseState {
    /// Send the request again.
    Running,
    /// Nothing is left to do.
    Done,
}
