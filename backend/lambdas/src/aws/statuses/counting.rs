//! Counts each batch once, and ends an upload when every row is accounted for.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use easy_crm_domain::status as machine;
use easy_crm_domain::upsert::RowOutcome;
use easy_crm_shared::status::{UploadErrorCode, UploadStatus, UploadWarning};
use jiff::Timestamp;

use super::markers::{BatchState, expires, partition, sort_key};
use super::{Statuses, apply, attribute, number, seconds, state};
use crate::aws::items::sortable;
use crate::aws::{AwsError, jittered};

/// Tries of a counting transaction that conflicts with others on the same record.
const COUNT_TRIES: u32 = 12;

/// How many rows of a batch had which outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BatchCounts {
    /// See [`RowOutcome::Created`].
    pub created: u64,
    /// See [`RowOutcome::Updated`].
    pub updated: u64,
    /// See [`RowOutcome::Unchanged`].
    pub unchanged: u64,
    /// See [`RowOutcome::Duplicate`].
    pub duplicate: u64,
    /// See [`RowOutcome::Failed`].
    pub failed: u64,
    /// See [`RowOutcome::Cancelled`].
    pub cancelled: u64,
}

impl BatchCounts {
    /// Counts one row.
    pub fn add(&mut self, outcome: RowOutcome) {
        *match outcome {
            RowOutcome::Created => &mut self.created,
            RowOutcome::Updated => &mut self.updated,
            RowOutcome::Unchanged => &mut self.unchanged,
            RowOutcome::Duplicate => &mut self.duplicate,
            RowOutcome::Failed => &mut self.failed,
            RowOutcome::Cancelled => &mut self.cancelled,
        } += 1;
    }

    const fn by_attribute(&self) -> [(&'static str, u64); 6] {
        [
            ("createdLeads", self.created),
            ("updatedLeads", self.updated),
            ("unchangedLeads", self.unchanged),
            ("duplicateLeads", self.duplicate),
            ("failedLeads", self.failed),
            ("cancelledLeads", self.cancelled),
        ]
    }
}

/// The result of a counting transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountResult {
    /// The batch is counted now.
    Counted,
    /// It had been counted before.
    AlreadyCounted,
    /// It was to be counted as cancelled, but storing its rows has already begun.
    Begun,
    /// The record expired; there is nothing left to count in.
    RecordGone,
}

impl Statuses {
    /// Counts a batch: its marker and the counters change in one transaction, so once, however often this is called.
    /// `problems_key` names the object with its failed rows. A batch that is skipped because its upload was cancelled
    /// is counted only if it has not been begun.
    ///
    /// # Errors
    /// When the call fails after all tries.
    pub async fn count_batch(
        &self,
        upload_id: &str,
        batch_index: u32,
        counts: &BatchCounts,
        problems_key: Option<&str>,
        now: Timestamp,
    ) -> Result<CountResult, AwsError> {
        const COUNT: &str = "DynamoDB TransactWriteItems batch";
        let mut condition = "attribute_not_exists(countedAt)".to_owned();
        if counts.cancelled > 0 {
            condition.push_str(" AND attribute_not_exists(begunAt)");
        }
        let mut mark = "SET countedAt = :now, #ttl = :ttl, failedRows = :failed".to_owned();
        let mut marker = Update::builder()
            .table_name(&self.app_state_table)
            .key("pk", partition(upload_id))
            .key("sk", sort_key(batch_index))
            .condition_expression(condition)
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":now", AttributeValue::S(sortable(now)))
            .expression_attribute_values(":ttl", expires(now))
            .expression_attribute_values(":failed", number(counts.failed));
        if let Some(key) = problems_key {
            mark.push_str(", problemsKey = :problems");
            marker = marker.expression_attribute_values(":problems", AttributeValue::S(key.to_owned()));
        }
        let marker =
            marker.update_expression(mark).build().map_err(|_| AwsError::malformed(COUNT, "marker"))?;
        let mut processed = 0;
        let mut sets = vec![
            "updatedAt = :now".to_owned(),
            "#ttl = :ttl".to_owned(),
            "progress.completedBatches = progress.completedBatches + :one".to_owned(),
        ];
        let mut counters = Update::builder()
            .table_name(&self.table)
            .key("uploadId", AttributeValue::S(upload_id.to_owned()))
            .condition_expression("attribute_exists(uploadId) AND #ttl > :alive")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":alive", seconds(now.as_second()))
            .expression_attribute_values(":ttl", seconds(machine::unsettled_expiry(now)))
            .expression_attribute_values(":now", AttributeValue::S(sortable(now)))
            .expression_attribute_values(":one", number(1));
        for (attribute, count) in counts.by_attribute() {
            if count > 0 {
                processed += count;
                sets.push(format!("progress.{attribute} = progress.{attribute} + :{attribute}"));
                counters = counters.expression_attribute_values(format!(":{attribute}"), number(count));
            }
        }
        sets.push("progress.processedLeads = progress.processedLeads + :processed".to_owned());
        let counters = counters
            .expression_attribute_values(":processed", number(processed))
            .update_expression(format!("SET {}", sets.join(", ")))
            .build()
            .map_err(|_| AwsError::malformed(COUNT, "counters"))?;
        let items = [
            TransactWriteItem::builder().update(marker).build(),
            TransactWriteItem::builder().update(counters).build(),
        ];
        let mut tries = 0;
        loop {
            tries += 1;
            let sent =
                self.client.transact_write_items().set_transact_items(Some(items.to_vec())).send().await;
            let Err(error) = sent else { return Ok(CountResult::Counted) };
            let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
                error.as_service_error()
            else {
                return Err(AwsError::new(COUNT, &error));
            };
            let failed = |position: usize| {
                cancelled
                    .cancellation_reasons()
                    .get(position)
                    .is_some_and(|reason| reason.code() == Some("ConditionalCheckFailed"))
            };
            if failed(0) {
                return Ok(match self.batch_state(upload_id, batch_index).await? {
                    BatchState::Counted => CountResult::AlreadyCounted,
                    BatchState::New | BatchState::Begun => CountResult::Begun,
                });
            }
            if failed(1) {
                return Ok(CountResult::RecordGone);
            }
            if tries == COUNT_TRIES {
                return Err(AwsError::new(COUNT, &error));
            }
            tokio::time::sleep(jittered(tries)).await;
        }
    }

    /// Ends an upload when every row is accounted for; otherwise, or if it has already been ended, does nothing.
    ///
    /// # Errors
    /// When a call fails after the SDK's retries.
    pub async fn settle(&self, upload_id: &str, now: Timestamp) -> Result<(), AwsError> {
        const SETTLE: &str = "DynamoDB UpdateItem status settled";
        let Some(record) = self.get(upload_id, now).await? else { return Ok(()) };
        if record.progress.settled || !machine::is_balanced(&record.progress) {
            return Ok(());
        }
        let failed = record.progress.failed_leads;
        if record.status == UploadStatus::Processing
            && machine::outcome(&record.progress) == UploadStatus::Error
        {
            let message = "None of the rows could be stored. Nothing was changed; the problem report says why. Please \
                           correct the rows there and upload it.";
            self.fail(upload_id, UploadErrorCode::AllRowsFailed, message, now).await?;
        }
        let set = "SET progress.settled = :true, updatedAt = :now, #ttl = :ttl";
        let update = match record.status {
            UploadStatus::Processing if machine::outcome(&record.progress) == UploadStatus::Completed => {
                let update = self.transition(upload_id, now, UploadStatus::Completed, None);
                let set = format!("{set}, #status = :to, stage = :stage");
                if failed > 0 {
                    let total = record.progress.total_leads;
                    let warning = UploadWarning {
                        code: "ROWS_FAILED".to_owned(),
                        message: format!(
                            "{failed} of {total} rows could not be stored; see the problem report."
                        ),
                    };
                    update
                        .update_expression(format!("{set}, warnings = list_append(warnings, :warning)"))
                        .expression_attribute_values(":warning", attribute(SETTLE, &[warning])?)
                } else {
                    update.update_expression(set)
                }
            }
            UploadStatus::Processing | UploadStatus::Error | UploadStatus::Cancelled => {
                let ended = if record.status == UploadStatus::Processing {
                    UploadStatus::Error
                } else {
                    record.status
                };
                self.update(upload_id)
                    .update_expression(set)
                    .condition_expression("#status = :ended")
                    .expression_attribute_names("#status", "status")
                    .expression_attribute_names("#ttl", "ttl")
                    .expression_attribute_values(":ended", state(ended))
                    .expression_attribute_values(":now", AttributeValue::S(sortable(now)))
            }
            UploadStatus::Uploading | UploadStatus::Uploaded | UploadStatus::Completed => return Ok(()),
        };
        let update = update.expression_attribute_values(":ttl", seconds(machine::settled_expiry(now)));
        let update = update.expression_attribute_values(":true", AttributeValue::Bool(true));
        apply(SETTLE, update).await?;
        Ok(())
    }
}
