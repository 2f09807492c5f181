//! Business cards and other text that no column plan fits, read by the language model if the data policy allows it:
//! asked at most ten rows at a time, checked against the text, and settled once per batch before its first write, so
//! that a redelivery repeats the decision.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use easy_crm_domain::batch::BatchMessage;
use easy_crm_domain::erasure::Person;
use easy_crm_domain::standardize::RowStandardizer;
use easy_crm_domain::standardize::model::cards::{CardAnswer, CardQuestion, CardReading, MAX_ROWS};
use easy_crm_shared::status::UploadWarning;
use futures::future::join_all;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::aws::AwsError;
use crate::aws::model_answers::Decided;
use crate::column_questions::prompt;
use crate::config::DataPolicy;
use crate::language_model::ModelError;

/// What was settled for a batch.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Readings {
    /// By row number; rows without one are left to the rules.
    readings: BTreeMap<u32, CardReading>,
    /// Whether the model was unavailable.
    failed: bool,
}

impl Readings {
    pub(crate) fn for_row(&self, row: u32) -> Option<&CardReading> {
        self.readings.get(&row)
    }
}

/// What the model says about the cards of a batch; nothing for batches without any. The first answer wins.
pub(crate) async fn settle(app: &App, batch: &BatchMessage) -> Result<Readings, AwsError> {
    if !batch.layout.has_cards() {
        return Ok(Readings::default());
    }
    let upload_id = batch.upload_id.as_str();
    let about = Decided::Rows { upload_id, batch_index: batch.batch_index };
    let readings = match app.model_answers.decided(about, app.now()).await? {
        Some(readings) => readings,
        None if app.config.model.policy != DataPolicy::Rows => return Ok(Readings::default()),
        None => {
            let readings = ask(app, batch).await;
            app.model_answers.decide(about, readings, app.now()).await?
        }
    };
    if readings.failed {
        let warning = UploadWarning {
            code: "MODEL_UNAVAILABLE".to_owned(),
            message: "The language model could not be asked about some business cards of this file. They were read \
                      by fixed rules alone; please check those leads."
                .to_owned(),
        };
        app.statuses.warn(upload_id, &warning).await?;
    }
    Ok(readings)
}

/// Removes a model's readings about a person from the decisions; returns how many were removed. If their batch is
/// redelivered, the person's rows are rejected as too old, so it does not matter that the rules alone read them then.
/// Of finished uploads all readings are removed, whoever they are about: nobody needs them any more, and a reading may
/// not say enough to tell whose it is.
pub(crate) async fn forget(app: &App, person: &Person) -> Result<u64, AwsError> {
    let mut forgotten = 0;
    let mut settled: HashMap<String, bool> = HashMap::new();
    for kept in app.model_answers.settled_rows().await? {
        let Some(mut readings) = app.model_answers.get_kept::<Readings>(&kept, app.now()).await? else {
            continue;
        };
        let upload_id = kept.upload_id();
        let is_settled = match settled.get(upload_id) {
            Some(is_settled) => *is_settled,
            None => {
                let record = app.statuses.get(upload_id, app.now()).await?;
                let is_settled = record.is_none_or(|record| record.progress.settled);
                settled.insert(upload_id.to_owned(), is_settled);
                is_settled
            }
        };
        let before = readings.readings.len();
        readings.readings.retain(|_, reading| !is_settled && !person.is_in(&reading.values()));
        let gone = before - readings.readings.len();
        if gone > 0 {
            app.model_answers.replace(&kept, &readings).await?;
            forgotten += gone as u64;
        }
    }
    Ok(forgotten)
}

async fn ask(app: &App, batch: &BatchMessage) -> Readings {
    let deadline = Instant::now() + app.config.model.deadlines.rows;
    let standardizer = RowStandardizer::new(&batch.layout);
    let mut texts: Vec<(u32, &str)> = Vec::new();
    for row in &batch.rows {
        let cells: Vec<&str> = row.cells.iter().map(String::as_str).collect();
        texts.extend(standardizer.card_text(&cells).map(|text| (row.row, text)));
    }
    let mut settled = Readings::default();
    let mut open = Vec::new();
    let answers = texts.chunks(MAX_ROWS).map(|texts| ask_about(app, texts, deadline));
    for answer in join_all(answers).await {
        settled.take(answer, &mut open);
    }
    let again: Vec<(u32, &str)> = texts.iter().copied().filter(|(row, _)| open.contains(row)).collect();
    let answers = again.chunks(1).map(|text| ask_about(app, text, deadline));
    let mut left = Vec::new();
    for answer in join_all(answers).await {
        settled.take(answer, &mut left);
    }
    let (rows, read, again) = (texts.len(), settled.readings.len(), again.len());
    tracing::info!(batch_id = batch.batch_id(), rows, read, again, "cards read");
    settled
}

impl Readings {
    fn take(&mut self, answer: Result<CardAnswer, ModelError>, open: &mut Vec<u32>) {
        match answer {
            Ok(answer) => {
                self.readings.extend(answer.readings);
                open.extend(answer.open);
            }
            Err(error) => {
                tracing::warn!(%error, "no answer about cards");
                self.failed = true;
            }
        }
    }
}

async fn ask_about(app: &App, texts: &[(u32, &str)], deadline: Instant) -> Result<CardAnswer, ModelError> {
    let question = CardQuestion::new(texts.iter().copied());
    let said = app.model.answer(&prompt(&question.question()), deadline).await?;
    Ok(question.parse(&said))
}
