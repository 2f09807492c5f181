//! The processing status table, written only by conditional updates that follow the state machine, and the markers
//! that make each batch count once.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use easy_crm_domain::status as machine;
use easy_crm_shared::status::{Progress, UploadError, UploadErrorCode, UploadStatus};
use jiff::Timestamp;
use serde::Serialize;
use serde_dynamo::aws_sdk_dynamodb_1::{from_item, to_attribute_value, to_item};

use super::AwsError;
use super::items::sortable;
use super::tables::OWNER_INDEX;

mod counting;
mod markers;
mod record;
mod warnings;

pub use counting::{BatchCounts, CountResult};
pub use markers::BatchState;
pub use record::{FileSummary, StatusRecord};

/// The status table, and the app-state table for its markers.
#[derive(Debug, Clone)]
pub struct Statuses {
    client: Client,
    table: String,
    app_state_table: String,
}

impl Statuses {
    pub(crate) fn new(client: Client, table: String, app_state_table: String) -> Self {
        Self { client, table, app_state_table }
    }

    /// Stores a new record.
    ///
    /// # Errors
    /// When the call fails, or the record already exists.
    pub async fn create(&self, record: &StatusRecord) -> Result<(), AwsError> {
        const PUT: &str = "DynamoDB PutItem status";
        let item =
            to_item(record).map_err(|_| AwsError::malformed(PUT, "record cannot be stored as an item"))?;
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(uploadId)")
            .send()
            .await
            .map_err(|error| AwsError::new(PUT, &error))?;
        Ok(())
    }

    /// A record as it is now; an expired one counts as gone even if it is still in the table.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn get(&self, upload_id: &str, now: Timestamp) -> Result<Option<StatusRecord>, AwsError> {
        const GET: &str = "DynamoDB GetItem status";
        let found = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("uploadId", AttributeValue::S(upload_id.to_owned()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| AwsError::new(GET, &error))?;
        let Some(item) = found.item else { return Ok(None) };
        let record: StatusRecord =
            from_item(item).map_err(|_| AwsError::malformed(GET, "item is not a status record"))?;
        Ok(Some(record).filter(|record| record.ttl > now.as_second()))
    }

    /// A user's records, newest first.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn of_owner(&self, owner: &str, now: Timestamp) -> Result<Vec<StatusRecord>, AwsError> {
        const QUERY: &str = "DynamoDB Query OwnerIndex";
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(OWNER_INDEX)
            .key_condition_expression("#owner = :owner")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":owner", AttributeValue::S(owner.to_owned()))
            .scan_index_forward(false)
            .into_paginator()
            .send();
        let mut records = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| AwsError::new(QUERY, &error))?;
            for item in page.items.unwrap_or_default() {
                let record: StatusRecord =
                    from_item(item).map_err(|_| AwsError::malformed(QUERY, "item is not a status record"))?;
                records.push(record);
            }
        }
        records.retain(|record| record.ttl > now.as_second());
        Ok(records)
    }

    /// Records that the object has arrived. `false` if the state does not allow it (any more).
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn mark_uploaded(&self, upload_id: &str, now: Timestamp) -> Result<bool, AwsError> {
        let update = self
            .transition(upload_id, now, UploadStatus::Uploaded, Some(UploadErrorCode::UploadNotReceived))
            .update_expression(
                "SET #status = :to, stage = :stage, updatedAt = :now, #ttl = :ttl REMOVE #error",
            )
            .expression_attribute_names("#error", "error")
            .expression_attribute_values(":ttl", seconds(machine::unsettled_expiry(now)));
        apply("DynamoDB UpdateItem status uploaded", update).await
    }

    /// Records that the file was read: totals are known, batches follow. `false` if the state does not allow it (any
    /// more).
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn begin_batches(
        &self,
        upload_id: &str,
        summary: &FileSummary,
        now: Timestamp,
    ) -> Result<bool, AwsError> {
        const BEGIN: &str = "DynamoDB UpdateItem status processing";
        let settled = summary.failed_leads;
        let progress = Progress {
            total_batches: summary.total_batches,
            total_leads: summary.total_leads,
            failed_leads: summary.failed_leads,
            processed_leads: settled,
            ..Progress::default()
        };
        let update = self
            .transition(upload_id, now, UploadStatus::Processing, None)
            .update_expression(
                "SET #status = :to, stage = :stage, updatedAt = :now, progress = :progress, #plan = :plan, \
                 warnings = :warnings, batchStageBegan = :now, settledAtStart = :settled, #ttl = :ttl",
            )
            .expression_attribute_values(":ttl", seconds(machine::unsettled_expiry(now)))
            .expression_attribute_names("#plan", "plan")
            .expression_attribute_values(":progress", attribute(BEGIN, &progress)?)
            .expression_attribute_values(":plan", attribute(BEGIN, &summary.plan)?)
            .expression_attribute_values(":warnings", attribute(BEGIN, &summary.warnings)?)
            .expression_attribute_values(":settled", number(settled));
        apply(BEGIN, update).await
    }

    /// Records that every batch is in the queue; a repeated S3 event then has nothing left to do.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn mark_batches_sent(&self, upload_id: &str) -> Result<bool, AwsError> {
        let update = self
            .update(upload_id)
            .update_expression("SET batchesSent = :true")
            .condition_expression("attribute_exists(uploadId)")
            .expression_attribute_values(":true", AttributeValue::Bool(true));
        apply("DynamoDB UpdateItem status batches sent", update).await
    }

    /// Ends an upload in `error`. `false` if it has already ended, or if its batches have begun: then each of them ends
    /// on its own.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn fail(
        &self,
        upload_id: &str,
        code: UploadErrorCode,
        message: &str,
        now: Timestamp,
    ) -> Result<bool, AwsError> {
        const FAIL: &str = "DynamoDB UpdateItem status error";
        let error = UploadError { code, message: message.to_owned(), timestamp: sortable(now) };
        let error = attribute(FAIL, &error)?;
        // Before its rows are counted, an upload has none to account for. After that every row must be, so only an
        // upload whose rows all failed can end in an error.
        let (with_rows, without_rows) = sources_by_rows(UploadStatus::Error);
        let (sources, settled) = match code {
            UploadErrorCode::AllRowsFailed => (with_rows, false),
            // A late object may be in work by now: only an upload that still waits is failed for its absence.
            code if machine::may_start_after(code) => (vec![UploadStatus::Uploading], true),
            _ => (without_rows, true),
        };
        let settle = if settled { ", progress.settled = :settled, #ttl = :ttl" } else { "" };
        let mut update = conditional(self.update(upload_id), UploadStatus::Error, &sources, None, now)
            .update_expression(format!("SET #status = :to, updatedAt = :now, #error = :error{settle}"))
            .expression_attribute_names("#error", "error")
            .expression_attribute_values(":error", error);
        if settled {
            update = update
                .expression_attribute_values(":settled", AttributeValue::Bool(true))
                .expression_attribute_values(":ttl", seconds(machine::settled_expiry(now)));
        }
        apply(FAIL, update).await
    }

    /// Cancels a user's upload. `false` if it has already ended, is somebody else's or does not exist.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn cancel(&self, upload_id: &str, owner: &str, now: Timestamp) -> Result<bool, AwsError> {
        // Before its rows are counted, an upload has none to account for.
        let (with_rows, without_rows) = sources_by_rows(UploadStatus::Cancelled);
        for (sources, settled) in [(&without_rows, true), (&with_rows, false)] {
            let settle = if settled { ", progress.settled = :true, #ttl = :ttl" } else { "" };
            let mut update = conditional(self.update(upload_id), UploadStatus::Cancelled, sources, None, now);
            update = update
                .update_expression(format!("SET #status = :to, stage = :stage, updatedAt = :now{settle}"))
                .expression_attribute_names("#owner", "owner")
                .expression_attribute_values(":owner", AttributeValue::S(owner.to_owned()));
            let states = update.get_condition_expression().clone().unwrap_or_default();
            update = update.condition_expression(format!("({states}) AND #owner = :owner"));
            if settled {
                update = update
                    .expression_attribute_values(":true", AttributeValue::Bool(true))
                    .expression_attribute_values(":ttl", seconds(machine::settled_expiry(now)));
            }
            if apply("DynamoDB UpdateItem status cancelled", update).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn update(&self, upload_id: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .key("uploadId", AttributeValue::S(upload_id.to_owned()))
    }

    fn transition(
        &self,
        upload_id: &str,
        now: Timestamp,
        to: UploadStatus,
        or_after: Option<UploadErrorCode>,
    ) -> UpdateItemFluentBuilder {
        conditional(self.update(upload_id), to, machine::sources(to), or_after, now)
    }
}

/// The states from which an upload may enter a state: those with counted rows, and those without.
fn sources_by_rows(target: UploadStatus) -> (Vec<UploadStatus>, Vec<UploadStatus>) {
    machine::sources(target).iter().partition(|source| machine::has_counted_rows(**source))
}

/// Makes an update conditional on the state being one of `sources`, or an error with the code `or_after`.
fn conditional(
    mut update: UpdateItemFluentBuilder,
    to: UploadStatus,
    sources: &[UploadStatus],
    or_after: Option<UploadErrorCode>,
    now: Timestamp,
) -> UpdateItemFluentBuilder {
    let mut states = Vec::new();
    for source in sources {
        let name = format!(":from{}", states.len());
        update = update.expression_attribute_values(&name, state(*source));
        states.push(name);
    }
    let mut condition = format!("#status IN ({})", states.join(", "));
    if let Some(code) = or_after {
        condition.push_str(" OR (#status = :failed AND #error.#code = :code)");
        update = update
            .expression_attribute_names("#code", "code")
            .expression_attribute_values(":failed", state(UploadStatus::Error))
            .expression_attribute_values(":code", AttributeValue::S(code_name(code)));
    }
    if let Some(stage) = machine::stage_of(to) {
        update = update.expression_attribute_values(":stage", AttributeValue::S(stage.name().to_owned()));
    }
    // An expired record stays gone, even before the table has removed it.
    update
        .condition_expression(format!("({condition}) AND #ttl > :alive"))
        .expression_attribute_names("#ttl", "ttl")
        .expression_attribute_values(":alive", seconds(now.as_second()))
        .expression_attribute_names("#status", "status")
        .expression_attribute_values(":to", state(to))
        .expression_attribute_values(":now", AttributeValue::S(sortable(now)))
}

/// Runs a conditional update; `false` when the condition did not hold.
async fn apply(operation: &'static str, update: UpdateItemFluentBuilder) -> Result<bool, AwsError> {
    match update.send().await {
        Ok(_) => Ok(true),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
            _ => Err(AwsError::new(operation, &error)),
        },
    }
}

fn state(status: UploadStatus) -> AttributeValue {
    AttributeValue::S(status.name().to_owned())
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A time in seconds since 1970.
fn seconds(time: i64) -> AttributeValue {
    AttributeValue::N(time.to_string())
}

fn code_name(code: UploadErrorCode) -> String {
    serde_json::to_value(code).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

fn attribute<T: Serialize + ?Sized>(operation: &'static str, value: &T) -> Result<AttributeValue, AwsError> {
    to_attribute_value(value)
        .map_err(|_| AwsError::malformed(operation, "value cannot be stored as an attribute"))
}
