//! `deepseek-caller`: a batch of rows to leads in the table, each counted exactly once.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use easy_crm_domain::batch::BatchMessage;
use easy_crm_domain::email::NormalizedEmail;
use easy_crm_domain::identity::{RowFingerprint, RowOrder};
use easy_crm_domain::standardize::RowStandardizer;
use easy_crm_domain::upsert::{IncomingRow, RowOutcome};
use easy_crm_shared::status::UploadStatus;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use lambda_http::Error;

use crate::app::App;
use crate::aws::AwsError;
use crate::aws::statuses::{BatchCounts, CountResult};
use crate::metrics::Metric;
use crate::upsert::{Upsert, Upserter};

/// Messages worked on at once.
const CONCURRENT_BATCHES: usize = 4;
/// Leads of a batch written at once.
const CONCURRENT_WRITES: usize = 16;

/// Handles a delivery of SQS messages; messages to be delivered again are named in the answer.
///
/// # Errors
/// Never: a message that fails is named in the answer, so that it does not take the others with it.
pub async fn handle(app: &App, event: SqsEvent) -> Result<SqsBatchResponse, Error> {
    Ok(work_on_all(app, event, Chance::ToComeAgain).await)
}

/// Handles a delivery of the dead-letter queue: rows that still cannot be stored count as failed, so that the upload
/// ends and says so.
///
/// # Errors
/// Never, as with [`handle`].
pub async fn handle_dead_letters(app: &App, event: SqsEvent) -> Result<SqsBatchResponse, Error> {
    Ok(work_on_all(app, event, Chance::Last).await)
}

/// What happens to a row that cannot be stored now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chance {
    /// Its batch fails and comes again.
    ToComeAgain,
    /// It counts as failed.
    Last,
}

async fn work_on_all(app: &App, event: SqsEvent, chance: Chance) -> SqsBatchResponse {
    let batches = event.records.into_iter().map(|message| async move {
        let message_id = message.message_id.clone().unwrap_or_default();
        match AssertUnwindSafe(work_on(app, &message, chance)).catch_unwind().await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => {
                tracing::error!(%error, message_id, "batch failed, to be delivered again");
                Some(message_id)
            }
            Err(_) => {
                tracing::error!(message_id, "batch panicked, to be delivered again");
                Some(message_id)
            }
        }
    });
    let failed: Vec<String> = stream::iter(batches)
        .buffer_unordered(CONCURRENT_BATCHES)
        .filter_map(futures::future::ready)
        .collect()
        .await;
    let mut response = SqsBatchResponse::default();
    for message_id in failed {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = message_id;
        response.batch_item_failures.push(failure);
    }
    response
}

async fn work_on(app: &App, message: &SqsMessage, chance: Chance) -> Result<(), AwsError> {
    let batch = app.batch_queue.open(message.body.as_deref().unwrap_or_default()).await?;
    let upload_id = batch.upload_id.as_str();
    let delivered_before = message
        .attributes
        .get("ApproximateReceiveCount")
        .and_then(|count| count.parse::<u32>().ok())
        .is_some_and(|count| count > 1);
    let status = app.statuses.get(upload_id, app.now()).await?.map(|record| record.status);
    // A batch under way when the upload is cancelled finishes, also when a crash made it come again.
    let skip = status == Some(UploadStatus::Cancelled) && !delivered_before;
    let began = Instant::now();
    let counts = if skip {
        BatchCounts { cancelled: batch.rows.len() as u64, ..BatchCounts::default() }
    } else {
        store(app, &batch, chance).await?
    };
    let counting = Instant::now();
    let counted = app.statuses.count_batch(upload_id, batch.batch_index, &counts, app.now()).await?;
    app.statuses.settle(upload_id, app.now()).await?;
    if counted == CountResult::Counted {
        app.measure(
            "deepseek-caller",
            &[
                (Metric::LeadsCreated, counts.created as f64),
                (Metric::LeadsUpdated, counts.updated as f64),
                (
                    Metric::DuplicateLeadsDetected,
                    (counts.updated + counts.unchanged + counts.duplicate) as f64,
                ),
                (Metric::StatusUpdateLatency, milliseconds(counting)),
            ],
        );
    }
    let milliseconds = milliseconds(began);
    tracing::info!(
        upload_id,
        batch = batch.batch_index,
        rows = batch.rows.len(),
        ?counted,
        milliseconds,
        "batch done"
    );
    Ok(())
}

/// Standardises and stores the rows of a batch.
async fn store(app: &App, batch: &BatchMessage, chance: Chance) -> Result<BatchCounts, AwsError> {
    let standardizer = RowStandardizer::new(&batch.layout);
    let mut counts = BatchCounts::default();
    let mut without_email = Vec::new();
    // Of the rows with one address the last one wins; those before it are settled here, without a write.
    let mut by_email: HashMap<NormalizedEmail, Upsert> = HashMap::new();
    for row in &batch.rows {
        let cells: Vec<&str> = row.cells.iter().map(String::as_str).collect();
        // A row that trips the rules must not take the others with it.
        let Ok(values) = std::panic::catch_unwind(AssertUnwindSafe(|| standardizer.standardize(&cells)))
        else {
            tracing::error!(batch_id = batch.batch_id(), row = row.row, "the rules panicked on a row");
            counts.add(RowOutcome::Failed);
            continue;
        };
        let incoming = IncomingRow {
            email: NormalizedEmail::parse(&values.email),
            values,
            order: RowOrder::of_row(batch.uploaded_at, &batch.upload_id, batch.sheet_index, row.row),
            upload_id: batch.upload_id.clone(),
            source_file: batch.file_name.clone(),
        };
        match incoming.email.clone() {
            Some(email) => {
                let upsert = Upsert { row: incoming, fallback_id: None };
                if by_email.insert(email, upsert).is_some() {
                    counts.add(RowOutcome::Duplicate);
                }
            }
            None => {
                let id = app.ids.lead_id_of_row(&RowFingerprint::of(&cells), row.ordinal);
                without_email.push(Upsert { row: incoming, fallback_id: Some(id) });
            }
        }
    }
    let upserter = Upserter::new(app, batch.batch_id());
    let outcomes: Vec<RowOutcome> = stream::iter(by_email.into_values().chain(without_email))
        .map(async |upsert| match upserter.run(upsert).await {
            // What DynamoDB refuses for what it is, it refuses every time: an item or a key that is too large.
            Err(error) if chance == Chance::Last || error.is_refusal() => {
                tracing::warn!(%error, batch_id = batch.batch_id(), "a row could not be stored");
                Ok(RowOutcome::Failed)
            }
            other => other,
        })
        .buffer_unordered(CONCURRENT_WRITES)
        .try_collect()
        .await?;
    for outcome in outcomes {
        counts.add(outcome);
    }
    upserter.report();
    Ok(counts)
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
