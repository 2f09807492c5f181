//! `deepseek-caller`: stores a batch of rows as leads in the table, each counted exactly once.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use easy_crm_domain::batch::{BatchMessage, BatchRow};
use easy_crm_domain::email::NormalizedEmail;
use easy_crm_domain::identity::{RowFingerprint, RowOrder};
use easy_crm_domain::problem_report::{FailedRow, FailedRows};
use easy_crm_domain::standardize::RowStandardizer;
use easy_crm_domain::upsert::{IncomingLead, IncomingRow, RowOutcome};
use easy_crm_shared::status::UploadStatus;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use lambda_http::Error;

use crate::app::App;
use crate::audit;
use crate::aws::AwsError;
use crate::aws::batch_queue::{BatchLabel, BatchQueue};
use crate::aws::statuses::{BatchCounts, BatchState, CountResult};
use crate::card_questions;
use crate::deadline::Deadline;
use crate::metrics::Metric;
use crate::problems;
use crate::row_writer::{RowIdentity, RowWriter, RowsToWrite};

/// Messages processed at once.
const CONCURRENT_BATCHES: usize = 4;
/// Leads of a batch written at once.
const CONCURRENT_WRITES: usize = 16;

/// Name suffix of dead-letter queues.
const DEAD_LETTERS: &str = "-dlq";

/// Handles a delivery of SQS messages; the response names those to be redelivered. Work stops in time to respond before
/// the deadline; the next delivery finds what was stored by then.
///
/// The dead-letter queue delivers here too: rows that still cannot be stored then count as failed, so that the upload
/// ends and says so.
///
/// # Errors
/// Never: the response names a failed message, so that it does not affect the others.
pub async fn handle(app: &App, event: SqsEvent, deadline: Deadline) -> Result<SqsBatchResponse, Error> {
    let from_dead_letters = |message: &SqsMessage| {
        message.event_source_arn.as_deref().is_some_and(|arn| arn.ends_with(DEAD_LETTERS))
    };
    // A delivery contains messages of one queue only.
    let chance = if event.records.iter().any(from_dead_letters) { Chance::Last } else { Chance::ToComeAgain };
    Ok(work_on_all(app, event, deadline, chance).await)
}

/// What happens to a row that cannot be stored now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chance {
    /// Its batch fails and is redelivered.
    ToComeAgain,
    /// It counts as failed.
    Last,
}

async fn work_on_all(app: &App, event: SqsEvent, deadline: Deadline, chance: Chance) -> SqsBatchResponse {
    let batches = event.records.into_iter().map(|message| async move {
        let message_id = message.message_id.clone().unwrap_or_default();
        let work = AssertUnwindSafe(work_on(app, &message, chance)).catch_unwind();
        match tokio::time::timeout_at(deadline.stop_at(), work).await {
            Ok(Ok(Ok(()))) => None,
            Ok(Ok(Err(error))) => {
                tracing::error!(%error, message_id, "batch failed, to be delivered again");
                Some(message_id)
            }
            Ok(Err(_)) => {
                tracing::error!(message_id, "batch panicked, to be delivered again");
                Some(message_id)
            }
            Err(_) => {
                tracing::warn!(message_id, "out of time, batch to be delivered again");
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
    let body = message.body.as_deref().unwrap_or_default();
    let batch = match app.batch_queue.open(body).await {
        Ok(batch) => batch,
        Err(error) if chance == Chance::Last && !error.is_transient() => {
            return give_up_unread(app, body, &error).await;
        }
        Err(error) => return Err(error),
    };
    let upload_id = batch.upload_id.as_str();
    let began = Instant::now();
    let status = app.statuses.get(upload_id, app.now()).await?.map(|record| record.status);
    let cancelled = status == Some(UploadStatus::Cancelled);
    // A batch that has begun when the upload is cancelled finishes, even if it is redelivered after a crash.
    let before = if cancelled {
        app.statuses.batch_state(upload_id, batch.batch_index).await?
    } else {
        app.statuses.begin_batch(upload_id, batch.batch_index, app.now()).await?
    };
    let left_out = cancelled && before == BatchState::New;
    let (mut counted, mut counts) = (CountResult::AlreadyCounted, BatchCounts::default());
    let mut counting = began;
    if left_out {
        counts = BatchCounts { cancelled: batch.rows.len() as u64, ..BatchCounts::default() };
        counted = app.statuses.count_batch(upload_id, batch.batch_index, &counts, None, app.now()).await?;
    }
    if before != BatchState::Counted && (!left_out || counted == CountResult::Begun) {
        let stored = store(app, &batch, writes_at_once(message), chance).await?;
        counts = stored.counts;
        counting = Instant::now();
        let problems = match stored.failed {
            failed if failed.is_empty() => None,
            rows => {
                let sheet_index = batch.sheet_index;
                let part = FailedRows { sheet_index, layout: batch.layout.clone(), rows };
                Some(problems::store_of_batch(app, upload_id, batch.batch_index, part).await?)
            }
        };
        let index = batch.batch_index;
        counted = app.statuses.count_batch(upload_id, index, &counts, problems.as_deref(), app.now()).await?;
    }
    // Even if it had already been counted: whoever counted it may have crashed before ending the upload.
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

/// Accounts for a batch that cannot be read and never will be. A message that is not a batch belongs to no upload; it
/// is dropped, since a retry would not help.
async fn give_up_unread(app: &App, body: &str, error: &AwsError) -> Result<(), AwsError> {
    let Some(BatchLabel { upload_id, batch_index, row_count }) = BatchQueue::label(body) else {
        tracing::error!(%error, "a dead letter that is not a batch was dropped");
        return Ok(());
    };
    tracing::error!(%error, upload_id, batch = batch_index, "a batch could not be read; its rows count as failed");
    let counts = BatchCounts { failed: row_count, ..BatchCounts::default() };
    app.statuses.count_batch(&upload_id, batch_index, &counts, None, app.now()).await?;
    app.statuses.settle(&upload_id, app.now()).await
}

/// Number of leads written at once: a redelivered batch, because the table is overloaded or time ran out, puts less
/// load on the table, in the end one lead at a time.
fn writes_at_once(message: &SqsMessage) -> usize {
    let received =
        message.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse::<u32>().ok());
    match received {
        None | Some(0 | 1) => CONCURRENT_WRITES,
        Some(2) => CONCURRENT_WRITES / 4,
        Some(_) => 1,
    }
}

/// The outcome of a batch's rows.
#[derive(Default)]
struct Stored {
    counts: BatchCounts,
    failed: Vec<FailedRow>,
}

impl Stored {
    fn fail(&mut self, row: &BatchRow, reason: &str) {
        self.counts.add(RowOutcome::Failed);
        self.failed.push(FailedRow { row: row.row, reason: reason.to_owned(), cells: row.cells.clone() });
    }
}

/// Standardises and stores a batch's rows.
async fn store(
    app: &App,
    batch: &BatchMessage,
    writes_at_once: usize,
    chance: Chance,
) -> Result<Stored, AwsError> {
    let readings = card_questions::settle(app, batch).await?;
    let standardizer = RowStandardizer::new(&batch.layout);
    let mut stored = Stored::default();
    // Rows about one person are written together, with their positions in the batch.
    let mut by_email: BTreeMap<NormalizedEmail, (Vec<usize>, RowsToWrite)> = BTreeMap::new();
    let mut without_email = Vec::new();
    for (at, row) in batch.rows.iter().enumerate() {
        let cells: Vec<&str> = row.cells.iter().map(String::as_str).collect();
        // A row that makes the rules panic must not affect the others.
        let Ok(read) = std::panic::catch_unwind(AssertUnwindSafe(|| {
            standardizer.standardize_with(&cells, readings.for_row(row.row))
        })) else {
            tracing::error!(batch_id = batch.batch_id(), row = row.row, "the rules panicked on a row");
            stored.fail(
                row,
                "The row could not be read because of a problem on our side. Please tell your administrator.",
            );
            continue;
        };
        let email = NormalizedEmail::parse(&read.values.email);
        let incoming = IncomingRow {
            values: read.values,
            derived: read.derived,
            order: RowOrder::of_row(batch.uploaded_at, &batch.upload_id, batch.sheet_index, row.row),
        };
        if let Some((positions, rows)) = email.as_ref().and_then(|email| by_email.get_mut(email)) {
            positions.push(at);
            rows.lead.others.push(incoming);
            continue;
        }
        let lead = IncomingLead {
            email_digest: audit::email_digest(&app.config.deployment_secret, email.as_ref()),
            email: email.clone(),
            upload_id: batch.upload_id.clone(),
            source_file: batch.file_name.clone(),
            policy: batch.update_policy,
            first: incoming,
            others: Vec::new(),
        };
        match email {
            Some(email) => {
                by_email.insert(email, (vec![at], RowsToWrite { lead, identity: None }));
            }
            None => {
                let fingerprint = RowFingerprint::of(&cells);
                let named = standardizer.named_lead(&cells);
                let identity = Some(RowIdentity { fingerprint, ordinal: row.ordinal, named });
                without_email.push((vec![at], RowsToWrite { lead, identity }));
            }
        }
    }
    let emails: Vec<NormalizedEmail> = by_email.keys().cloned().collect();
    let writer = RowWriter::new(app, batch.batch_id(), &emails).await;
    let written: Vec<Written> = stream::iter(by_email.into_values().chain(without_email))
        .map(async |(positions, rows)| write(&writer, positions, rows, chance).await)
        .buffer_unordered(writes_at_once)
        .try_collect()
        .await?;
    for (at, outcome) in written.into_iter().flatten() {
        match outcome {
            Ok(outcome) => stored.counts.add(outcome),
            Err(reason) => stored.fail(&batch.rows[at], reason),
        }
    }
    writer.report();
    Ok(stored)
}

/// Positions of rows in their batch, and the outcome of each or why it could not be stored.
type Written = Vec<(usize, Result<RowOutcome, &'static str>)>;

/// Stores rows about one person.
async fn write(
    writer: &RowWriter<'_>,
    positions: Vec<usize>,
    rows: RowsToWrite,
    chance: Chance,
) -> Result<Written, AwsError> {
    let error = match writer.write(&rows).await {
        Ok(outcomes) => return Ok(positions.into_iter().zip(outcomes.into_iter().map(Ok)).collect()),
        Err(error) => error,
    };
    let reason = if error.is_refusal() {
        // What DynamoDB rejects as invalid it rejects every time: an address too long for an index.
        "The row, or the email address in it, is too large to be stored."
    } else if chance == Chance::Last {
        "The row could not be stored because of a problem on our side. Please upload it again."
    } else {
        return Err(error);
    };
    tracing::warn!(%error, batch_id = writer.batch_id(), "a row could not be stored");
    Ok(positions.into_iter().map(|at| (at, Err(reason))).collect())
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
