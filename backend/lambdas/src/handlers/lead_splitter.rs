//! `lead-splitter`: splits an uploaded file into batches in the queue.
//!
//! Splitting is deterministic and every batch has a number, so an event that is redelivered, because this function
//! crashed half-way or S3 sent it twice, sends the same batches, and each is counted once.

use aws_lambda_events::s3::S3Event;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use easy_crm_domain::batch::{BatchLimits, BatchMessage, ImportPlan, plan_import};
use easy_crm_domain::problem_report::FailedRows;
use easy_crm_domain::spreadsheet::{self, Limits, ReadError, Workbook};
use easy_crm_domain::standardize::model::columns::{ColumnQuestion, apply, open_questions};
use easy_crm_domain::standardize::{PlannedTable, plan_workbook};
use easy_crm_shared::status::{TablePlanSummary, UploadErrorCode, UploadStatus, UploadWarning};
use jiff::Timestamp;
use lambda_http::Error;
use serde::Deserialize;

use crate::app::App;
use crate::aws::AwsError;
use crate::aws::files::Files;
use crate::aws::statuses::{FileSummary, StatusRecord};
use crate::column_questions::{self, Decision};
use crate::config::DataPolicy;
use crate::problems;

mod given_up;

#[cfg(any(test, fuzzing))]
pub(crate) use given_up::failed_uploads;

// A DynamoDB item is limited to 400 kB; the record's plan and warnings must fit whatever a file looks like.
const MAX_PLAN_TABLES: usize = 100;
const MAX_PLAN_COLUMNS: usize = 400;
const MAX_HEADER_CHARS: usize = 80;
const MAX_WARNINGS: usize = 50;

/// What starts this function.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Invocation {
    /// Files have arrived: `ObjectCreated` events.
    Arrived(S3Event),
    /// Its own failures, delivered by its dead-letter queue.
    GivenUp(SqsEvent),
}

/// Handles any event of this function; for queue messages it returns those to be redelivered.
///
/// # Errors
/// When an S3 event should be redelivered.
pub async fn invoke(app: &App, invocation: Invocation) -> Result<Option<SqsBatchResponse>, Error> {
    match invocation {
        Invocation::Arrived(event) => handle(app, event).await.map(|()| None),
        Invocation::GivenUp(event) => Ok(Some(given_up::handle(app, event).await)),
    }
}

/// Handles S3 `ObjectCreated` events.
///
/// # Errors
/// When the event should be redelivered.
pub async fn handle(app: &App, event: S3Event) -> Result<(), Error> {
    for upload_id in upload_ids(event) {
        split(app, &upload_id).await?;
    }
    Ok(())
}

/// The uploads an event is about.
pub(crate) fn upload_ids(event: S3Event) -> Vec<String> {
    let mut ids = Vec::new();
    for record in event.records {
        let key = form_url_decode(&record.s3.object.key.unwrap_or_default());
        match Files::upload_id_of(&key) {
            Some(upload_id) => ids.push(upload_id.to_owned()),
            None => tracing::warn!("event for an object that is not an upload"),
        }
    }
    ids
}

/// Processes one upload. Problems with the file end up in its status; our own failures are errors, and the event is
/// redelivered.
async fn split(app: &App, upload_id: &str) -> Result<(), AwsError> {
    let Some(record) = app.statuses.get(upload_id, app.now()).await? else {
        tracing::warn!(%upload_id, "object without a status record");
        return Ok(());
    };
    // Also if it has been cancelled meanwhile: rows whose batch was never sent would stay unaccounted for.
    let resumes = record.must_send_batches();
    if !resumes && !record.awaits_object() {
        tracing::info!(%upload_id, status = record.status.name(), "nothing to do");
        return Ok(());
    }
    if !resumes && record.status != UploadStatus::Uploaded {
        app.statuses.mark_uploaded(upload_id, app.now()).await?;
    }
    let fail = async |code, message: &str| {
        app.statuses.fail(upload_id, code, message, app.now()).await?;
        tracing::info!(%upload_id, ?code, "file refused");
        Ok(())
    };
    let size = app.files.upload_size(upload_id).await?.unwrap_or_default();
    if size > app.config.max_file_size {
        return fail(UploadErrorCode::FileTooLarge, "The file is over the size limit. Please split it.")
            .await;
    }
    let bytes = app.files.read_upload(upload_id).await?;
    let file_name = record.metadata.file_name.clone();
    let limits = BatchLimits { rows: app.config.batch_rows.max(1), ..BatchLimits::default() };
    let asks = resumes || app.config.model.policy != DataPolicy::Off;
    let cut = match tokio::task::spawn_blocking(move || CutFile::read(&file_name, &bytes, limits, asks)).await
    {
        Ok(Ok(cut)) => cut,
        Ok(Err(error)) => return fail(error.code(), &error.to_string()).await,
        // The same file would fail the same way again.
        Err(_) => {
            tracing::error!(%upload_id, "the reader panicked");
            let message = "This file could not be read because of a problem on our side. Saving it as CSV and \
                           uploading that may help; please tell your administrator.";
            return fail(UploadErrorCode::ProcessingFailed, message).await;
        }
    };
    let cut = if cut.is_open {
        let decision = column_questions::settle(app, upload_id, resumes, &cut.questions).await?;
        tokio::task::spawn_blocking(move || cut.decided(&decision))
            .await
            .map_err(|_| AwsError::malformed("lead-splitter", "applying a plan panicked"))?
    } else {
        cut
    };
    if cut.plan.total_leads == 0 {
        let message = "No leads were found in this file. A lead needs at least a name, an email address or a phone \
                       number. Please check that the file has a header row and rows below it.";
        return fail(UploadErrorCode::NoLeadsFound, message).await;
    }
    send(app, &record, &cut, resumes).await
}

async fn send(app: &App, record: &StatusRecord, cut: &CutFile, resumes: bool) -> Result<(), AwsError> {
    let upload_id = &record.upload_id;
    if !resumes && !cut.failed.is_empty() {
        problems::store_of_file(app, upload_id, &cut.failed).await?;
    }
    if !resumes && !app.statuses.begin_batches(upload_id, &cut.summary(), app.now()).await? {
        // Either it ended meanwhile, or the batch stage was begun: by another delivery of the event, or by this one,
        // whose response was lost. Then the event has to be redelivered, to continue from there.
        if app.statuses.get(upload_id, app.now()).await?.is_some_and(|record| record.must_send_batches()) {
            return Err(AwsError::malformed("lead-splitter", "the batch stage was begun meanwhile"));
        }
        tracing::info!(%upload_id, "upload ended while its file was read");
        return Ok(());
    }
    let uploaded_at: Timestamp = record
        .created_at
        .parse()
        .map_err(|_| AwsError::malformed("status record", "createdAt is not a time"))?;
    let mut sender = app.batch_queue.sender();
    for (batch_index, batch) in (0..).zip(&cut.plan.batches) {
        let table = &cut.tables[batch.table];
        let message = BatchMessage {
            upload_id: upload_id.clone(),
            batch_index,
            file_name: record.metadata.file_name.clone(),
            uploaded_at,
            update_policy: record.metadata.update_policy,
            sheet_index: u32::try_from(table.sheet_index).unwrap_or(u32::MAX),
            layout: table.layout.clone(),
            rows: BatchMessage::rows_of(&cut.workbook, table, batch),
        };
        sender.push(&message).await?;
    }
    sender.finish().await?;
    app.statuses.mark_batches_sent(upload_id).await?;
    // If there are no batches, nobody else would end the upload.
    app.statuses.settle(upload_id, app.now()).await?;
    let (batches, leads) = (cut.plan.batches.len(), cut.plan.total_leads);
    tracing::info!(%upload_id, batches, leads, tables = cut.tables.len(), "batches sent");
    Ok(())
}

/// A file that was read and split into batches.
struct CutFile {
    workbook: Workbook,
    tables: Vec<PlannedTable>,
    plan: ImportPlan,
    limits: BatchLimits,
    /// Rows that are in no batch because they cannot be leads.
    failed: Vec<FailedRows>,
    /// What the rules are unsure of.
    questions: Vec<ColumnQuestion>,
    /// Whether a language model may be asked about this file.
    is_open: bool,
    model_warning: Option<UploadWarning>,
}

impl CutFile {
    /// Reads and splits a file by the rules alone; `asks` also collects questions for a language model.
    fn read(file_name: &str, bytes: &[u8], limits: BatchLimits, asks: bool) -> Result<Self, ReadError> {
        let workbook = spreadsheet::read(file_name, bytes, &Limits::default())?;
        let tables = plan_workbook(&workbook);
        let plan = plan_import(&workbook, &tables, limits);
        let failed = plan.failed_rows(&workbook, &tables);
        let questions = if asks { open_questions(&workbook, &tables) } else { Vec::new() };
        let is_open = !questions.is_empty() || asks && tables.iter().any(|table| table.layout.has_cards());
        Ok(Self { workbook, tables, plan, limits, failed, questions, is_open, model_warning: None })
    }

    /// The file after applying a decision.
    fn decided(mut self, decision: &Decision) -> Self {
        for question in &self.questions {
            if let Some(answer) = decision.answer(question) {
                apply(&self.workbook, &mut self.tables[question.table], answer);
            }
        }
        let limits = if decision.reads_cards { self.limits.with_cards_read() } else { self.limits };
        self.plan = plan_import(&self.workbook, &self.tables, limits);
        self.failed = self.plan.failed_rows(&self.workbook, &self.tables);
        self.model_warning = decision.warning();
        self
    }

    fn summary(&self) -> FileSummary {
        let warning = |warning: &spreadsheet::ReadWarning| UploadWarning {
            code: warning.code.to_owned(),
            message: warning.message.clone(),
        };
        FileSummary {
            total_batches: self.plan.batches.len() as u64,
            total_leads: self.plan.total_leads,
            failed_leads: self.plan.failed.len() as u64,
            plan: self.plan_summary(),
            warnings: self
                .workbook
                .warnings
                .iter()
                .map(warning)
                .take(MAX_WARNINGS)
                .chain(self.model_warning.clone())
                .collect(),
        }
    }
}

impl CutFile {
    /// The plan as stored in the status record: complete for any ordinary file, the first columns of an enormous one.
    fn plan_summary(&self) -> Vec<TablePlanSummary> {
        let mut left = MAX_PLAN_COLUMNS;
        let mut summaries = Vec::new();
        for table in self.tables.iter().take(MAX_PLAN_TABLES) {
            let mut summary = table.layout.summary(table.rows.len() as u64);
            summary.columns.truncate(left);
            left -= summary.columns.len();
            for column in &mut summary.columns {
                if let Some((end, _)) = column.header.char_indices().nth(MAX_HEADER_CHARS) {
                    column.header.truncate(end);
                    column.header.push('…');
                }
            }
            summaries.push(summary);
        }
        summaries
    }
}

/// Decodes an object key, which S3 sends form-urlencoded.
fn form_url_decode(key: &str) -> String {
    let mut bytes = Vec::with_capacity(key.len());
    let mut rest = key.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let escaped = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match (byte, escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(decoded)) => {
                bytes.push(decoded);
                rest = &after[2..];
            }
            (b'+', _) => bytes.push(b' '),
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded() {
        for (input, expected) in [
            ("uploads/550e8400", "uploads/550e8400"),
            ("uploads%2Fa+b%C3%BC", "uploads/a bü"),
            ("100%", "100%"),
            ("%zz%2", "%zz%2"),
        ] {
            assert_eq!(form_url_decode(input), expected);
        }
    }
}
