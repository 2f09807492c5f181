//! Jobs: the leads they work on are listed in the files bucket, their progress is in the app-state table.
//!
//! The ids are written before the job, and the job before its first change, so that an interrupted job can resume.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use easy_crm_domain::identity::RowOrder;
use easy_crm_shared::changes::{JobKind, JobState};
use easy_crm_shared::export::{ExportJobKind, ExportResponse};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_dynamo::aws_sdk_dynamodb_1::{from_item, to_item};
use uuid::Uuid;

use super::AwsError;
use super::files::{EXPORT_JOBS_PREFIX, Files, JOBS_PREFIX};
use super::items::RESTORABLE_FOR;

/// How long a job is kept: one day longer than it can be undone.
const KEPT_FOR: SignedDuration = RESTORABLE_FOR.saturating_add(SignedDuration::from_hours(24));
/// How long an export is kept.
const EXPORTS_KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);
const PUT: &str = "DynamoDB PutItem job";
/// Bytes per id in the file.
const ID_BYTES: u64 = 16;

/// The jobs.
#[derive(Debug, Clone)]
pub struct Jobs {
    client: Client,
    table: String,
    files: Files,
}

/// A job as stored in the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobRecord {
    /// Its id.
    pub job_id: String,
    /// Who may see it.
    pub owner: String,
    /// What it does.
    pub kind: JobKind,
    /// The row order of all its changes.
    pub order: RowOrder,
    /// The row order of the deletions it undoes; none if it restores leads whoever deleted them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<RowOrder>,
    /// The file with the ids.
    pub ids_key: String,
    /// Leads it works on.
    pub total: u64,
    /// Leads it has processed.
    pub cursor: u64,
    /// Leads it changed.
    pub done: u64,
    /// Leads it left alone.
    pub skipped: u64,
    /// Leads whose address another lead has.
    pub conflicts: u64,
    /// When it expires, in seconds since 1970.
    pub ttl: i64,
}

/// An export as stored in the table. What it exports is in the files bucket ([`super::files::EXPORT_JOBS_PREFIX`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportRecord {
    /// Its id.
    pub job_id: String,
    /// Who may see it.
    pub owner: String,
    /// Distinguishes it from other jobs.
    pub kind: ExportJobKind,
    /// Its progress.
    pub state: JobState,
    /// Rows, as counted at the start.
    pub total: u64,
    /// Rows written.
    pub done: u64,
    /// When it last reported progress, in seconds since 1970.
    pub heard_at: i64,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<ExportResponse>,
    /// When it expires, in seconds since 1970.
    pub ttl: i64,
}

impl ExportRecord {
    /// An export that starts now.
    #[must_use]
    pub fn new(owner: String, total: u64, now: Timestamp) -> Self {
        Self {
            job_id: Uuid::new_v4().to_string(),
            owner,
            kind: ExportJobKind::Export,
            state: JobState::Running,
            total,
            done: 0,
            heard_at: now.as_second(),
            message: None,
            file: None,
            ttl: now.as_second() + EXPORTS_KEPT_FOR.as_secs(),
        }
    }

    /// Key of the object that says what it exports.
    #[must_use]
    pub fn key(job_id: &str) -> String {
        format!("{EXPORT_JOBS_PREFIX}{job_id}")
    }
}

/// A job of any kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnyJob {
    /// Changes leads.
    Change(JobRecord),
    /// Makes a file.
    Export(ExportRecord),
}

impl AnyJob {
    /// Who may see it.
    #[must_use]
    pub fn owner(&self) -> &str {
        match self {
            Self::Change(job) => &job.owner,
            Self::Export(job) => &job.owner,
        }
    }
}

impl JobRecord {
    /// A job that starts now. Its ids are in `ids_key`.
    #[must_use]
    pub fn new(kind: JobKind, owner: String, total: u64, now: Timestamp) -> Self {
        let job_id = Uuid::new_v4().to_string();
        Self {
            order: RowOrder::of_change(now, &job_id),
            ids_key: format!("{JOBS_PREFIX}{job_id}"),
            job_id,
            owner,
            kind,
            undoes: None,
            total,
            cursor: 0,
            done: 0,
            skipped: 0,
            conflicts: 0,
            ttl: now.as_second() + KEPT_FOR.as_secs(),
        }
    }

    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.cursor >= self.total
    }
}

fn keys(job_id: &str) -> [(&'static str, AttributeValue); 2] {
    [("pk", AttributeValue::S(format!("job#{job_id}"))), ("sk", AttributeValue::S("job".to_owned()))]
}

impl Jobs {
    pub(crate) fn new(client: Client, table: String, files: Files) -> Self {
        Self { client, table, files }
    }

    /// Stores the ids of the leads a job works on.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn put_ids(&self, job: &JobRecord, ids: &[Uuid]) -> Result<(), AwsError> {
        let bytes = ids.iter().flat_map(|id| id.into_bytes()).collect();
        self.files.put(&job.ids_key, "application/octet-stream", bytes).await
    }

    /// Some of the leads a job works on, starting at a position.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn ids(&self, job: &JobRecord, from: u64, most: u64) -> Result<Vec<Uuid>, AwsError> {
        let to = job.total.min(from.saturating_add(most));
        if from >= to {
            return Ok(Vec::new());
        }
        let bytes = self.files.read_range(&job.ids_key, from * ID_BYTES..to * ID_BYTES).await?;
        let ids: Vec<Uuid> =
            bytes.chunks_exact(ID_BYTES as usize).filter_map(|id| Uuid::from_slice(id).ok()).collect();
        if ids.len() as u64 == to - from {
            Ok(ids)
        } else {
            Err(AwsError::malformed("S3 GetObject job", "ids are missing"))
        }
    }

    /// Creates an export or records its progress or outcome; `false` if it has already ended, after which it no longer
    /// changes: an event can arrive twice, and two workers may process one export.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn put_export(&self, job: &ExportRecord) -> Result<bool, AwsError> {
        let put = self
            .put(&job.job_id, job)?
            .condition_expression("attribute_not_exists(pk) OR #state = :running")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":running", AttributeValue::S("running".to_owned()));
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(AwsError::new(PUT, &error)),
            },
        }
    }

    /// Creates a job.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn create(&self, job: &JobRecord) -> Result<(), AwsError> {
        self.put(&job.job_id, job)?.send().await.map_err(|error| AwsError::new(PUT, &error))?;
        Ok(())
    }

    fn put<T: Serialize>(&self, job_id: &str, job: &T) -> Result<PutItemFluentBuilder, AwsError> {
        let item = to_item(job).map_err(|_| AwsError::malformed(PUT, "job cannot be stored as an item"))?;
        let mut put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        for (name, value) in keys(job_id) {
            put = put.item(name, value);
        }
        Ok(put)
    }

    /// A job; `None` if it does not exist (any more).
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn get(&self, job_id: &str, now: Timestamp) -> Result<Option<JobRecord>, AwsError> {
        Ok(match self.any(job_id, now).await? {
            Some(AnyJob::Change(job)) => Some(job),
            Some(AnyJob::Export(_)) | None => None,
        })
    }

    /// A job of any kind; `None` if it does not exist (any more).
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn any(&self, job_id: &str, now: Timestamp) -> Result<Option<AnyJob>, AwsError> {
        const GET: &str = "DynamoDB GetItem job";
        let mut get = self.client.get_item().table_name(&self.table).consistent_read(true);
        for (name, value) in keys(job_id) {
            get = get.key(name, value);
        }
        let found = get.send().await.map_err(|error| AwsError::new(GET, &error))?;
        let Some(item) = found.item else { return Ok(None) };
        let malformed = |_| AwsError::malformed(GET, "item is not a job");
        let is_export =
            item.get("kind").and_then(|kind| kind.as_s().ok()).is_some_and(|kind| kind == "export");
        let job = if is_export {
            AnyJob::Export(from_item(item).map_err(malformed)?)
        } else {
            AnyJob::Change(from_item(item).map_err(malformed)?)
        };
        let ttl = match &job {
            AnyJob::Change(job) => job.ttl,
            AnyJob::Export(job) => job.ttl,
        };
        Ok(Some(job).filter(|_| ttl > now.as_second()))
    }

    /// Records a job's progress, unless somebody else did since it was at `from`; `false` if somebody did.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn advance(&self, job: &JobRecord, from: u64) -> Result<bool, AwsError> {
        let number = |number: u64| AttributeValue::N(number.to_string());
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .update_expression("SET #cursor = :to, done = :done, skipped = :skipped, conflicts = :conflicts")
            .condition_expression("#cursor = :from")
            .expression_attribute_names("#cursor", "cursor")
            .expression_attribute_values(":from", number(from))
            .expression_attribute_values(":to", number(job.cursor))
            .expression_attribute_values(":done", number(job.done))
            .expression_attribute_values(":skipped", number(job.skipped))
            .expression_attribute_values(":conflicts", number(job.conflicts));
        for (name, value) in keys(&job.job_id) {
            update = update.key(name, value);
        }
        match update.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(AwsError::new("DynamoDB UpdateItem job", &error)),
            },
        }
    }
}
