//! How a [`crate::LocalApp`] is started.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use easy_crm_lambdas::clock::{SharedClock, SystemClock};
use easy_crm_lambdas::config::DEFAULT_BATCH_ROWS;
use easy_crm_lambdas::config::ModelConfig;
use easy_crm_lambdas::metrics::MetricSink;
use easy_crm_lambdas::rate_limit::RateLimits;
use easy_crm_shared::export::MAX_DIRECT_ROWS;
use easy_crm_shared::upload::DEFAULT_MAX_FILE_SIZE;

use crate::site::Dist;
use crate::stand_ins::faults::Faults;

/// What to start and where.
#[derive(Clone)]
pub struct LocalOptions {
    /// Folder everything is kept in; made when missing.
    pub data_dir: PathBuf,
    /// Port on 127.0.0.1; 0 takes any that is free.
    pub port: u16,
    /// The page's files.
    pub dist: Dist,
    /// The time of day for handlers, queues and tokens. Signatures of the AWS SDK use the machine's clock.
    pub clock: SharedClock,
    /// Largest accepted file in bytes.
    pub max_file_size: u64,
    /// Requests a user may make in a minute.
    pub rate_limits: RateLimits,
    /// The language model and what it may see; none when nothing else is said.
    pub model: ModelConfig,
    /// Most rows in a batch.
    pub batch_rows: usize,
    /// Most rows of an export that is made while its request waits.
    pub direct_export_rows: u64,
    /// What goes wrong with the functions' calls to AWS; nothing, where nobody says so.
    pub faults: Option<Arc<dyn Faults>>,
    /// How messages are delivered.
    pub queues: QueueOptions,
    /// Where the functions' metric lines go; to the log at level `debug` when nothing else is said.
    pub metric_sink: MetricSink,
    /// Notes which calls of AWS each function makes ([`crate::LocalApp::recorded_calls`]).
    pub record_calls: bool,
}

impl LocalOptions {
    /// The defaults on a data folder: any port, no page, the machine's clock.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            port: 0,
            dist: Dist::None,
            clock: Arc::new(SystemClock),
            max_file_size: DEFAULT_MAX_FILE_SIZE,
            rate_limits: RateLimits::default(),
            batch_rows: DEFAULT_BATCH_ROWS,
            direct_export_rows: MAX_DIRECT_ROWS,
            faults: None,
            model: ModelConfig::default(),
            queues: QueueOptions::default(),
            metric_sink: Arc::new(|line| tracing::debug!(target: "easy_crm::metrics", line)),
            record_calls: false,
        }
    }
}

/// How messages are delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueOptions {
    /// `deepseek-caller` invocations at a time.
    pub batch_concurrency: usize,
    /// Messages a `deepseek-caller` invocation, at most 10.
    pub messages_per_invocation: u32,
    /// How long a batch may take; then its messages come again.
    pub batch_timeout: Duration,
    /// Deliveries of a batch before it goes to the dead-letter queue.
    pub batch_max_receives: u32,
    /// `lead-splitter` invocations at a time.
    pub splitter_concurrency: usize,
    /// How long splitting a file may take; then its event comes again.
    pub splitter_timeout: Duration,
    /// Deliveries of an S3 event before it is given up: the first, and retries, of which crashes of this process take some.
    pub splitter_max_receives: u32,
    /// Wait before a failed message comes again, times the deliveries it had.
    pub retry_delay: Duration,
    /// Starts the pollers; without them, messages wait for [`crate::LocalApp::start_deliveries`].
    pub deliver: bool,
}

impl Default for QueueOptions {
    fn default() -> Self {
        Self {
            batch_concurrency: 4,
            messages_per_invocation: 10,
            batch_timeout: Duration::from_secs(3 * 60),
            batch_max_receives: 8,
            splitter_concurrency: 2,
            splitter_timeout: Duration::from_secs(15 * 60),
            splitter_max_receives: 6,
            retry_delay: Duration::from_secs(2),
            deliver: true,
        }
    }
}
