//! The status record as stored in the table.

use easy_crm_domain::status as machine;
use easy_crm_shared::status::{
    ProcessingStatus, Progress, Stage, TablePlanSummary, UploadError, UploadMetadata, UploadStatus,
    UploadWarning,
};
use easy_crm_shared::upload::UpdatePolicy;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::aws::items::sortable;

/// A status record, including what only the back end needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusRecord {
    /// The upload.
    pub upload_id: String,
    /// Id of the user whose upload it is.
    pub owner: String,
    /// State.
    pub status: UploadStatus,
    /// Stage.
    pub stage: Stage,
    /// Counters; the percentage is computed when it is shown.
    pub progress: Progress,
    /// What was uploaded.
    pub metadata: UploadMetadata,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<UploadError>,
    /// Warnings.
    #[serde(default)]
    pub warnings: Vec<UploadWarning>,
    /// Column plans.
    #[serde(default)]
    pub plan: Vec<TablePlanSummary>,
    /// When the upload was announced.
    pub created_at: String,
    /// When the record last changed.
    pub updated_at: String,
    /// When it expires, in seconds since 1970.
    pub ttl: i64,
    /// Whether the splitter has sent every batch.
    #[serde(default)]
    pub batches_sent: bool,
    /// When the batch stage began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_stage_began: Option<String>,
    /// Rows settled before the batch stage began.
    #[serde(default)]
    pub settled_at_start: u64,
}

/// What the splitter found in a file.
#[derive(Debug)]
pub struct FileSummary {
    /// Batches.
    pub total_batches: u64,
    /// Rows that are leads.
    pub total_leads: u64,
    /// Rows that cannot be stored.
    pub failed_leads: u64,
    /// Column plans.
    pub plan: Vec<TablePlanSummary>,
    /// Warnings.
    pub warnings: Vec<UploadWarning>,
}

impl StatusRecord {
    /// The record of an upload announced now.
    #[must_use]
    pub fn announced(
        upload_id: String,
        owner: String,
        file_name: String,
        file_size: u64,
        update_policy: UpdatePolicy,
        now: Timestamp,
    ) -> Self {
        Self {
            upload_id,
            owner,
            status: UploadStatus::Uploading,
            stage: Stage::FileUpload,
            progress: Progress::default(),
            metadata: UploadMetadata {
                file_name,
                file_size,
                update_policy,
                start_time: sortable(now),
                estimated_completion: None,
                leads_per_second: None,
            },
            error: None,
            warnings: Vec::new(),
            plan: Vec::new(),
            created_at: sortable(now),
            updated_at: sortable(now),
            ttl: machine::settled_expiry(now),
            batches_sent: false,
            batch_stage_began: None,
            settled_at_start: 0,
        }
    }

    /// The record as the API shows it.
    #[must_use]
    pub fn into_status(self, now: Timestamp) -> ProcessingStatus {
        let mut progress = self.progress;
        progress.percentage =
            machine::percentage(self.status, progress.processed_leads, progress.total_leads);
        let mut metadata = self.metadata;
        let began = self.batch_stage_began.as_deref().and_then(|time| time.parse().ok());
        let forecast = began
            .filter(|_| self.status == UploadStatus::Processing)
            .and_then(|began| machine::forecast(began, now, self.settled_at_start, &progress));
        if let Some(forecast) = forecast {
            metadata.leads_per_second = Some((forecast.leads_per_second * 10.0).round() / 10.0);
            metadata.estimated_completion = Some(sortable(forecast.estimated_completion));
        }
        ProcessingStatus {
            upload_id: self.upload_id,
            status: self.status,
            stage: self.stage,
            progress,
            metadata,
            error: self.error,
            warnings: self.warnings,
            plan: self.plan,
            created_at: self.created_at,
            updated_at: self.updated_at,
            ttl: self.ttl,
        }
    }

    /// Whether the batch stage has begun, but not every batch was sent.
    #[must_use]
    pub fn must_send_batches(&self) -> bool {
        self.batch_stage_began.is_some()
            && !self.batches_sent
            && matches!(self.status, UploadStatus::Processing | UploadStatus::Cancelled)
    }

    /// Whether the upload's object may be processed: the upload waits for it, or failed because it was missing.
    #[must_use]
    pub fn awaits_object(&self) -> bool {
        match self.status {
            UploadStatus::Uploading | UploadStatus::Uploaded => true,
            UploadStatus::Error => {
                self.error.as_ref().is_some_and(|error| machine::may_start_after(error.code))
            }
            _ => false,
        }
    }
}
