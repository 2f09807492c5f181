//! Counting batches once, and ending an upload when every row is accounted for.

use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use easy_crm_domain::status as machine;
use easy_crm_domain::upsert::RowOutcome;
use easy_crm_shared::status::{UploadErrorCode, UploadStatus, UploadWarning};
use jiff::Timestamp;

use super::{Statuses, apply, attribute, number, state};
use crate::aws::AwsError;
use crate::aws::items::sortable;

/// How long a batch marker is kept beyond its record, in seconds: longer than a message can stay in the queues.
const MARKER_EXTRA_SECONDS: i64 = 14 * 24 * 3600;
/// Tries of a counting transaction that meets others on the same record.
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

/// What a counting transaction met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountResult {
    /// The batch is counted now.
    Counted,
    /// It was counted before.
    AlreadyCounted,
    /// The record expired; nothing is left to count in.
    RecordGone,
}

impl Statuses {
    /// Counts a batch: its marker and the counters in one transaction, so once, however often it is called.
    ///
    /// # Errors
    /// When the call fails after all tries.
    pub async fn count_batch(
        &self,
        upload_id: &str,
        batch_index: u32,
        counts: &BatchCounts,
        now: Timestamp,
    ) -> Result<CountResult, AwsError> {
        const COUNT: &str = "DynamoDB TransactWriteItems batch";
        let ttl = now.as_second() + machine::RECORD_LIFETIME.as_secs() + MARKER_EXTRA_SECONDS;
        let marker = Put::builder()
            .table_name(&self.app_state_table)
            .item("pk", AttributeValue::S(format!("upload#{upload_id}")))
            .item("sk", AttributeValue::S(format!("batch#{batch_index:08}")))
            .item("ttl", AttributeValue::N(ttl.to_string()))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(|_| AwsError::malformed(COUNT, "marker"))?;
        let mut processed = 0;
        let mut sets = vec![
            "updatedAt = :now".to_owned(),
            "progress.completedBatches = progress.completedBatches + :one".to_owned(),
        ];
        let mut counters = Update::builder()
            .table_name(&self.table)
            .key("uploadId", AttributeValue::S(upload_id.to_owned()))
            .condition_expression("attribute_exists(uploadId)")
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
            TransactWriteItem::builder().put(marker).build(),
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
                return Ok(CountResult::AlreadyCounted);
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

    /// Ends an upload when every row is accounted for; does nothing when not, or when that was done before.
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
        let update = match record.status {
            UploadStatus::Cancelled | UploadStatus::Error => self
                .update(upload_id)
                .update_expression("SET progress.settled = :true, updatedAt = :now")
                .condition_expression("#status = :same")
                .expression_attribute_names("#status", "status")
                .expression_attribute_values(":same", state(record.status))
                .expression_attribute_values(":now", AttributeValue::S(sortable(now))),
            UploadStatus::Processing if machine::outcome(&record.progress) == UploadStatus::Error => {
                let message = "None of the rows could be stored. Nothing was changed; please check the file and \
                               upload it again.";
                self.fail(upload_id, UploadErrorCode::AllRowsFailed, message, now).await?;
                self.update(upload_id)
                    .update_expression("SET progress.settled = :true")
                    .condition_expression("#status = :error")
                    .expression_attribute_names("#status", "status")
                    .expression_attribute_values(":error", state(UploadStatus::Error))
            }
            UploadStatus::Processing => {
                let update = self.transition(upload_id, now, UploadStatus::Completed, None);
                let set = "SET #status = :to, stage = :stage, updatedAt = :now, progress.settled = :true";
                if failed > 0 {
                    let warning = UploadWarning {
                        code: "ROWS_FAILED".to_owned(),
                        message: format!(
                            "{failed} of {} rows could not be stored.",
                            record.progress.total_leads
                        ),
                    };
                    update
                        .update_expression(format!("{set}, warnings = list_append(warnings, :warning)"))
                        .expression_attribute_values(":warning", attribute(SETTLE, &[warning])?)
                } else {
                    update.update_expression(set)
                }
            }
            _ => return Ok(()),
        };
        let update = update.expression_attribute_values(":true", AttributeValue::Bool(true));
        apply(SETTLE, update).await?;
        Ok(())
    }
}

/// A pause that doubles with each try, up to 2 s, with half of it left to chance.
fn jittered(tries: u32) -> Duration {
    let ceiling_ms = (20_u64 << tries.min(7)).min(2_000);
    let chance = uuid::Uuid::new_v4().as_u128() as u64 % ceiling_ms.max(1);
    Duration::from_millis(ceiling_ms / 2 + chance / 2)
}
