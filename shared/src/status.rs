//! The processing status of an upload: the record of the `ProcessingStatus` table as the API shows it.

use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoStaticStr};

use crate::upload::UpdatePolicy;

/// An upload's progress, and the outcome of its rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProcessingStatus {
    /// The upload's id.
    pub upload_id: String,
    /// What the upload is doing.
    pub status: UploadStatus,
    /// Its stage in the pipeline; after an error, the stage where it happened.
    pub stage: Stage,
    /// The counters.
    pub progress: Progress,
    /// What was uploaded, and when it is expected to be done.
    pub metadata: UploadMetadata,
    /// Why the upload failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<UploadError>,
    /// What the user should know although the upload did not fail.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<UploadWarning>,
    /// How the columns of each table of the file were interpreted; no cell values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plan: Vec<TablePlanSummary>,
    /// When the upload was announced (RFC 3339, UTC).
    pub created_at: String,
    /// When the record last changed (RFC 3339, UTC).
    pub updated_at: String,
    /// When the record expires, in seconds since 1970.
    pub ttl: i64,
}

/// What an upload is doing. The last three are final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr, EnumIter)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "snake_case")]
pub enum UploadStatus {
    /// The bytes are on their way.
    Uploading,
    /// The object has arrived.
    Uploaded,
    /// The file is read, split and stored.
    Processing,
    /// Every row is accounted for.
    Completed,
    /// It failed; `error` says why.
    Error,
    /// The user stopped it.
    Cancelled,
}

impl UploadStatus {
    /// Whether the state is final.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Error | Self::Cancelled)
    }

    /// The name on the wire and in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Where in the pipeline an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Stage {
    /// Bytes on their way to S3.
    FileUpload,
    /// Reading the file and splitting it into batches.
    FileProcessing,
    /// Standardising and storing batches.
    BatchProcessing,
    /// All stages done.
    Completed,
    /// Stopped by the user.
    Cancelled,
}

impl Stage {
    /// The name on the wire and in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The counters of an upload. Once `settled`,
/// `totalLeads = created + updated + unchanged + duplicate + failed + cancelled`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Progress {
    /// Batches the file was split into.
    pub total_batches: u64,
    /// Batches that are done.
    pub completed_batches: u64,
    /// Rows of the file that are leads.
    pub total_leads: u64,
    /// Rows accounted for so far.
    pub processed_leads: u64,
    /// Share of the work that is done, 0 to 100.
    pub percentage: f64,
    /// Rows that created a lead.
    pub created_leads: u64,
    /// Rows that changed a lead.
    pub updated_leads: u64,
    /// Rows equal to an existing lead.
    pub unchanged_leads: u64,
    /// Rows superseded by a later row with the same email address.
    pub duplicate_leads: u64,
    /// Rows that could not be stored.
    pub failed_leads: u64,
    /// Rows skipped because the upload was cancelled.
    pub cancelled_leads: u64,
    /// Whether every row is accounted for.
    pub settled: bool,
}

impl Progress {
    /// Rows accounted for, summed over all outcomes.
    #[must_use]
    pub const fn accounted_leads(&self) -> u64 {
        self.created_leads
            + self.updated_leads
            + self.unchanged_leads
            + self.duplicate_leads
            + self.failed_leads
            + self.cancelled_leads
    }
}

/// What was uploaded, and when it is expected to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UploadMetadata {
    /// The file's name as the user knows it.
    pub file_name: String,
    /// Its size in bytes.
    pub file_size: u64,
    /// What its rows do to leads that exist; absent for `replace`.
    #[serde(default, skip_serializing_if = "UpdatePolicy::is_replace")]
    pub update_policy: UpdatePolicy,
    /// When work began (RFC 3339, UTC).
    pub start_time: String,
    /// When it is expected to be done at the measured rate (RFC 3339, UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated_completion: Option<String>,
    /// Measured rate of the batch stage, in leads per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leads_per_second: Option<f64>,
}

/// Why an upload failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadError {
    /// A sentence for the user, saying what to do.
    pub message: String,
    /// Machine-readable code.
    pub code: UploadErrorCode,
    /// When it happened (RFC 3339, UTC).
    pub timestamp: String,
}

/// Why an upload failed, as a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UploadErrorCode {
    /// The object never arrived.
    UploadNotReceived,
    /// The object has no bytes.
    EmptyFile,
    /// The object is over the size limit.
    FileTooLarge,
    /// The bytes are not a table of any supported kind.
    UnsupportedFileType,
    /// The workbook is password-protected.
    PasswordProtected,
    /// The file is damaged or truncated.
    DamagedFile,
    /// No row of the file is a lead.
    NoLeadsFound,
    /// A sheet exceeds the limit of rows or columns, or unpacks to too much data.
    FileTooComplex,
    /// Every row failed.
    AllRowsFailed,
    /// Our fault: the file could not be processed.
    ProcessingFailed,
    /// A code this version does not know.
    #[serde(other)]
    Unknown,
}

/// Something the user should know about an upload that did not fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadWarning {
    /// Machine-readable code, e.g. `HIDDEN_SHEET_SKIPPED`.
    pub code: String,
    /// A sentence for the user; no cell values.
    pub message: String,
}

/// How the columns of one table were interpreted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TablePlanSummary {
    /// The sheet's name; absent for delimited text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The header's row number in the sheet, from 1; absent if the table has no header row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header_row: Option<u32>,
    /// Rows of the table that are leads.
    pub lead_rows: u64,
    /// How each column was interpreted.
    pub columns: Vec<ColumnSummary>,
}

/// How one column was interpreted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ColumnSummary {
    /// The header, or `Column 3` if there is none.
    pub header: String,
    /// What it became: a field's name, `fullName`, `remarks`, …
    pub role: String,
    /// Confidence, from 0 to 1.
    pub confidence: f64,
    /// Why, in a few words.
    pub reason: String,
}

/// Response of `GET /status`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UploadListResponse {
    /// My uploads of the last 24 hours, newest first.
    pub uploads: Vec<ProcessingStatus>,
}

/// Response of `POST /status/{uploadId}/cancel`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CancelResponse {
    /// The upload's id.
    pub upload_id: String,
    /// Always `cancelled`.
    pub status: UploadStatus,
    /// A sentence for the user.
    pub message: String,
}

/// Response of `GET /status/{uploadId}/problems`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProblemReportResponse {
    /// Presigned URL of the report, a CSV file with the rows that could not be stored.
    pub download_url: String,
    /// The report's file name.
    pub file_name: String,
    /// Rows in it.
    pub row_count: u64,
}
