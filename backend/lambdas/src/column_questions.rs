//! What the language model says about the columns of an upload: asked once per layout, cached for 30 days, and settled
//! once per upload, so that a splitter that runs again makes the same plan.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use easy_crm_domain::standardize::model::Question;
use easy_crm_domain::standardize::model::columns::{ColumnAnswer, ColumnQuestion};
use easy_crm_shared::status::UploadWarning;
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::aws::AwsError;
use crate::aws::model_answers::Decided;
use crate::config::DataPolicy;
use crate::language_model::Prompt;

/// How many incomplete answers the model may give to a question.
const ANSWERS: u32 = 2;
/// How long a splitter waits in all for another splitter's answer about the same layout, and the poll interval.
const WAIT_FOR_OTHER: Duration = Duration::from_secs(10);
const LOOK_INTERVAL: Duration = Duration::from_millis(250);

/// What was settled for an upload.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Decision {
    /// Answers by layout; layouts without one are left to the rules.
    answers: BTreeMap<String, ColumnAnswer>,
    /// Whether the model was unavailable or its answer unusable.
    failed: bool,
    /// Whether the model reads business cards, in small batches.
    pub(crate) reads_cards: bool,
}

impl Decision {
    pub(crate) fn answer(&self, question: &ColumnQuestion) -> Option<&ColumnAnswer> {
        self.answers.get(&question.fingerprint)
    }

    pub(crate) fn warning(&self) -> Option<UploadWarning> {
        self.failed.then(|| UploadWarning {
            code: "MODEL_UNAVAILABLE".to_owned(),
            message: "Some columns of this file are unusual, and the language model could not be asked about them. \
                      They were interpreted by fixed rules alone; please check the result."
                .to_owned(),
        })
    }
}

/// Settles the open questions of an upload. The first decision wins, whatever happens to the splitter; an upload whose
/// batches were begun without one is left to the rules.
pub(crate) async fn settle(
    app: &App,
    upload_id: &str,
    begun: bool,
    questions: &[ColumnQuestion],
) -> Result<Decision, AwsError> {
    let about = Decided::Columns { upload_id };
    let policy = app.config.model.policy;
    if !begun && questions.is_empty() && policy != DataPolicy::Rows {
        return Ok(Decision::default());
    }
    if let Some(decision) = app.model_answers.decided(about, app.now()).await? {
        return Ok(decision);
    }
    if begun || policy == DataPolicy::Off {
        return Ok(Decision::default());
    }
    let mut decision = Decision { reads_cards: policy == DataPolicy::Rows, ..Decision::default() };
    let layouts: BTreeMap<&str, &ColumnQuestion> =
        questions.iter().map(|question| (question.fingerprint.as_str(), question)).collect();
    let deadline = Instant::now() + app.config.model.deadlines.columns;
    let answers = layouts.values().map(|question| answer(app, question, deadline));
    let answers = try_join_all(answers).await?;
    for (fingerprint, answer) in layouts.keys().zip(answers) {
        match answer {
            Some(answer) => _ = decision.answers.insert((*fingerprint).to_owned(), answer),
            None => decision.failed = true,
        }
    }
    let (asked, answered) = (questions.len(), decision.answers.len());
    tracing::info!(upload_id, asked, answered, "unsure of columns");
    app.model_answers.decide(about, decision, app.now()).await
}

/// The answer about one layout: the cached one, the model's, or that of another splitter that is just asking.
async fn answer(
    app: &App,
    question: &ColumnQuestion,
    deadline: Instant,
) -> Result<Option<ColumnAnswer>, AwsError> {
    let fingerprint = question.fingerprint.as_str();
    if let Some(known) = app.model_answers.layout(fingerprint, app.now()).await? {
        return Ok(Some(known));
    }
    // After a failure, nobody asks again for as long either.
    if !app.model_answers.lock_layout(fingerprint, app.config.model.deadlines.columns, app.now()).await? {
        return wait_for_other(app, fingerprint, deadline).await;
    }
    let prompt = prompt(&question.question);
    let mut partial = None;
    for _ in 0..ANSWERS {
        let said = match app.model.answer(&prompt, deadline).await {
            Ok(said) => said,
            Err(error) => {
                tracing::warn!(%error, fingerprint, "no answer about a layout");
                break;
            }
        };
        match question.parse(&said) {
            Some(answer) if question.is_answered_by(&answer) => {
                app.model_answers.keep_layout(fingerprint, &answer, app.now()).await?;
                return Ok(Some(answer));
            }
            // Used for this file, but not cached for others.
            Some(answer) => partial = Some(answer),
            None => {}
        }
        tracing::info!(fingerprint, "answer about a layout is incomplete");
    }
    Ok(partial)
}

async fn wait_for_other(
    app: &App,
    fingerprint: &str,
    deadline: Instant,
) -> Result<Option<ColumnAnswer>, AwsError> {
    let until = deadline.min(Instant::now() + WAIT_FOR_OTHER);
    while Instant::now() < until {
        tokio::time::sleep(LOOK_INTERVAL).await;
        if let Some(known) = app.model_answers.layout(fingerprint, app.now()).await? {
            return Ok(Some(known));
        }
    }
    Ok(None)
}

pub(crate) fn prompt(question: &Question) -> Prompt {
    Prompt { instructions: question.instructions.clone(), material: question.material.clone() }
}
