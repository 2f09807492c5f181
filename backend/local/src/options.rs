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
use easy_crm_shared::upload::{DEFAULT_MAX_FILE_SIZE, UpdatePolicy};

use crate::site::Dist;
use crate::stand_ins::faults::Faults;

/// What to start and where.
#[derive(Clone)]
pub struct LocalOptions {
    /// Folder for all data; created if missing.
    pub data_dir: PathBuf,
    /// Port on 127.0.0.1; 0 chooses a free one.
    pub port: u16,
    /// The page's files.
    pub dist: Dist,
    /// The current time for handlers, queues and tokens. Signatures of the AWS SDK use the machine's clock.
    pub clock: SharedClock,
    /// Largest accepted file in bytes.
    pub max_file_size: u64,
    /// What the rows of an upload that does not say so do to leads that exist.
    pub update_policy: UpdatePolicy,
    /// Requests a user may make per minute.
    pub rate_limits: RateLimits,
    /// The language model and what it may see; none by default.
    pub model: ModelConfig,
    /// Maximum number of rows in a batch.
    pub batch_rows: usize,
    /// Maximum number of rows exported within a request.
    pub direct_export_rows: u64,
    /// Faults to inject into the functions' calls to AWS; none by default.
    pub faults: Option<Arc<dyn Faults>>,
    /// How messages are delivered.
    pub queues: QueueOptions,
    /// Where the functions' metric lines go; by default to the log at level `debug`.
    pub metric_sink: MetricSink,
    /// Records which AWS calls each function makes ([`crate::LocalApp::recorded_calls`]).
    pub record_calls: bool,
}

impl LocalOptions {
    /// The defaults for a data folder: any port, no page, the machine's clock.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            port: 0,
            dist: Dist::None,
            clock: Arc::new(SystemClock),
            max_file_size: DEFAULT_MAX_FILE_SIZE,
            update_policy: UpdatePolicy::default(),
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
    /// Concurrent `deepseek-caller` invocations.
    pub batch_concurrency: usize,
    /// Messages per `deepseek-caller` invocation, at most 10.
    pub messages_per_invocation: u32,
    /// How long a batch may take before its messages are redelivered.
    pub batch_timeout: Duration,
    /// Deliveries of a batch before it goes to the dead-letter queue.
    pub batch_max_receives: u32,
    /// Concurrent `lead-splitter` invocations.
    pub splitter_concurrency: usize,
    /// How long splitting a file may take before its event is redelivered.
    pub splitter_timeout: Duration,
    /// Deliveries of an S3 event before it is given up: the first, and retries, some of which are due to crashes of
    /// this process.
    pub splitter_max_receives: u32,
    /// Delay before a failed message is redelivered, multiplied by its receive count.
    pub retry_delay: Duration,
    /// Whether the pollers are started; if not, messages wait for [`crate::LocalApp::start_deliveries`].
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
