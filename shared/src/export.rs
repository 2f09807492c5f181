//! `POST /export`: the same query as the list, every row of it, as a file; large ones made by a job.

use serde::{Deserialize, Serialize};

use crate::changes::JobState;
use crate::query::condition::Condition;
use crate::query::{Filters, LeadQuery, Sorting};

/// Most rows of a file that is made while the request waits; more are made by a job ([`ExportJob`], 202).
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
    /// What else the leads have to fulfil.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// Only the first so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Where days begin, in minutes ahead of UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utc_offset_minutes: Option<i32>,
    /// File format.
    pub format: ExportFormat,
}

impl ExportRequest {
    /// Asks for the leads a query finds.
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

/// Answer of `POST /export` (200) for files of up to [`MAX_DIRECT_ROWS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportResponse {
    /// Presigned URL to fetch the file from.
    pub download_url: String,
    /// `leads_export_YYYYMMDD_HHMMSS.csv`.
    pub file_name: String,
    /// Rows in the file.
    pub row_count: u64,
}

/// A file that is being made, and how far it is. Answer of `POST /export` (202) for more than [`MAX_DIRECT_ROWS`], and of
/// `GET /jobs/{jobId}` (202 while it runs, 200 then). Unlike other jobs it goes on whether somebody asks or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportJob {
    /// Its id.
    pub job_id: String,
    /// What it does.
    pub kind: ExportJobKind,
    /// How far it is.
    pub state: JobState,
    /// Rows the file will have, as counted when the job began.
    pub total: u64,
    /// Rows written so far.
    pub done: u64,
    /// Why it failed, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The file, when it is done and its link is still valid.
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
