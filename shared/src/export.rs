//! `POST /export`: all rows of a list query as a file; large files are made by a job.

use serde::{Deserialize, Serialize};

use crate::changes::JobState;
use crate::query::condition::Condition;
use crate::query::{Filters, LeadQuery, Sorting};

/// Maximum number of rows in a file made within the request; larger files are made by a job ([`ExportJob`], 202).
pub const MAX_DIRECT_ROWS: u64 = 10_000;

/// Body of `POST /export`: a [`LeadQuery`] and the file format.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ExportRequest {
    /// Filters by field, as in the list.
    pub filters: Filters,
    /// Search over all fields.
    pub q: String,
    /// Order of the rows.
    pub sorting: Sorting,
    /// Further conditions on the leads.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// Limits the result to the first so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Where days begin, in minutes ahead of UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utc_offset_minutes: Option<i32>,
    /// File format.
    pub format: ExportFormat,
}

impl ExportRequest {
    /// Requests the leads matched by a query.
    #[must_use]
    pub fn new(query: LeadQuery, format: ExportFormat) -> Self {
        let LeadQuery { filters, q, sorting, condition, limit, utc_offset_minutes } = query;
        Self { filters, q, sorting, condition, limit, utc_offset_minutes: Some(utc_offset_minutes), format }
    }

    /// The query whose leads are exported.
    #[must_use]
    pub fn query(self) -> LeadQuery {
        LeadQuery {
            filters: self.filters,
            q: self.q,
            sorting: self.sorting,
            condition: self.condition,
            limit: self.limit,
            utc_offset_minutes: self.utc_offset_minutes.unwrap_or_default(),
        }
    }
}

/// Format of an exported file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// UTF-8 with byte order mark, comma-separated.
    #[default]
    Csv,
    /// Excel workbook.
    Xlsx,
}

/// Response of `POST /export` (200) for files of up to [`MAX_DIRECT_ROWS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportResponse {
    /// Presigned URL of the file.
    pub download_url: String,
    /// `leads_export_YYYYMMDD_HHMMSS.csv`.
    pub file_name: String,
    /// Rows in the file.
    pub row_count: u64,
}

/// A file that is being made, and its progress. Response of `POST /export` (202) for more than [`MAX_DIRECT_ROWS`], and
/// of `GET /jobs/{jobId}` (202 while it runs, then 200). Unlike other jobs it advances whether or not it is polled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportJob {
    /// Its id.
    pub job_id: String,
    /// What it does.
    pub kind: ExportJobKind,
    /// Its state.
    pub state: JobState,
    /// Rows the file will have, as counted when the job began.
    pub total: u64,
    /// Rows written so far.
    pub done: u64,
    /// Why it failed, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The file, if it is done and its link is still valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<ExportResponse>,
}

/// What an [`ExportJob`] does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportJobKind {
    /// Makes a file.
    Export,
}
