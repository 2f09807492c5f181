//! What every handler works with: settings, stores, clock and state shared between requests.

use std::sync::Arc;

use easy_crm_domain::identity::IdNamespace;
use jiff::Timestamp;

use crate::aws::batch_queue::BatchQueue;
use crate::aws::files::Files;
use crate::aws::jobs::Jobs;
use crate::aws::leads::Leads;
use crate::aws::model_answers::ModelAnswers;
use crate::aws::snapshots::Snapshots;
use crate::aws::statuses::Statuses;
use crate::aws::views::Views;
use crate::clock::SharedClock;
use crate::config::Config;
use crate::deepseek::DeepSeek;
use crate::error::ApiError;
use crate::language_model::{LanguageModel, NoModel};
use crate::lead_list::{LeadList, ListError, WrittenSnapshot};
use crate::metrics::{self, Metric, MetricSink};
use crate::rate_limit::{self, Limited, Polls};

/// The AWS clients. Locally their endpoints are in-process stand-ins.
#[derive(Debug, Clone)]
pub struct Clients {
    /// DynamoDB.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// S3; its endpoint must be the one browsers use, because presigned URLs are made with it.
    pub s3: aws_sdk_s3::Client,
    /// SQS.
    pub sqs: aws_sdk_sqs::Client,
}

/// Settings, stores, clock and the lead list. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub(crate) config: Arc<Config>,
    pub(crate) ids: IdNamespace,
    pub(crate) leads: Leads,
    pub(crate) statuses: Statuses,
    pub(crate) files: Files,
    pub(crate) jobs: Jobs,
    pub(crate) views: Views,
    pub(crate) batch_queue: BatchQueue,
    pub(crate) lead_list: Arc<LeadList>,
    pub(crate) polls: Arc<Polls>,
    pub(crate) model: Arc<dyn LanguageModel>,
    pub(crate) model_answers: ModelAnswers,
    clock: SharedClock,
    metric_sink: MetricSink,
}

impl App {
    /// Assembles all parts, for a process that runs every function. Metrics go to standard output.
    #[must_use]
    pub fn new(config: Config, clients: Clients, clock: SharedClock) -> Self {
        let Clients { dynamodb, s3, sqs } = clients;
        Self::basic(config, dynamodb, s3, clock).with_batch_queue(sqs).with_language_model()
    }

    /// Assembles what every function needs. Batches can be read but not sent, and there is no language model: only
    /// functions that ask for those get them, so that code a program cannot reach is not linked into it.
    #[must_use]
    pub fn basic(
        config: Config,
        dynamodb: aws_sdk_dynamodb::Client,
        s3: aws_sdk_s3::Client,
        clock: SharedClock,
    ) -> Self {
        let model_answers = ModelAnswers::new(dynamodb.clone(), config.app_state_table.clone());
        let leads = Leads::new(dynamodb.clone(), config.leads_table.clone());
        let files = Files::new(s3.clone(), config.files_bucket.clone());
        let jobs = Jobs::new(dynamodb.clone(), config.app_state_table.clone(), files.clone());
        let views = Views::new(dynamodb.clone(), config.app_state_table.clone());
        let statuses = Statuses::new(dynamodb, config.status_table.clone(), config.app_state_table.clone());
        let snapshots = Snapshots::new(s3, config.files_bucket.clone(), files.clone());
        let batch_queue = BatchQueue::new(config.batch_queue_url.clone(), files.clone());
        Self {
            ids: IdNamespace::new(config.deployment_secret.expose()),
            lead_list: Arc::new(LeadList::new(leads.clone(), snapshots)),
            config: Arc::new(config),
            leads,
            model: Arc::new(NoModel),
            model_answers,
            statuses,
            files,
            jobs,
            views,
            batch_queue,
            polls: Arc::default(),
            clock,
            metric_sink: metrics::stdout_sink(),
        }
    }

    /// Enables sending batches.
    #[must_use]
    pub fn with_batch_queue(mut self, client: aws_sdk_sqs::Client) -> Self {
        self.batch_queue.connect(client);
        self
    }

    /// Enables the language model of the settings, if they name one.
    #[must_use]
    pub fn with_language_model(mut self) -> Self {
        if let Some(deepseek) = &self.config.model.deepseek {
            self.model = Arc::new(DeepSeek::new(deepseek.clone()));
        }
        self
    }

    /// Sends metrics somewhere other than standard output.
    #[must_use]
    pub fn with_metric_sink(mut self, sink: MetricSink) -> Self {
        self.metric_sink = sink;
        self
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The current time, as handlers see it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Counts a user's request towards the rate limit.
    ///
    /// # Errors
    /// 429 when the limit is exceeded; the response says when to retry.
    pub(crate) async fn count_request(&self, user: &str, what: Limited) -> Result<(), ApiError> {
        let now = self.now();
        let window = rate_limit::window(now);
        let count = match what {
            Limited::Status => self.polls.count(user, window),
            _ => {
                let expiry = rate_limit::expiry(window);
                self.statuses.count_request(user, what.name(), window, expiry).await?
            }
        };
        if count > self.config.rate_limits.limit(what) {
            return Err(ApiError::TooMany { retry_after_seconds: rate_limit::seconds_left(now) });
        }
        Ok(())
    }

    /// Writes a snapshot of the lead list, from which cold starts begin. Meant to run on a schedule.
    ///
    /// # Errors
    /// When the feed cannot be read or the file cannot be stored; existing snapshots are kept.
    pub async fn write_snapshot(&self) -> Result<WrittenSnapshot, ListError> {
        self.lead_list.write_snapshot(self.now()).await
    }

    pub(crate) fn measure(&self, function: &str, values: &[(Metric, f64)]) {
        (self.metric_sink)(&metrics::line(self.now(), &self.config.environment, function, values));
    }
}
