//! Names, queues and clients of the local deployment: the counterpart of the templates on AWS.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{SharedHttpConnector, http_client_fn};
use easy_crm_lambdas::app::{App, Clients};
use easy_crm_lambdas::aws::files::{EXPORT_JOBS_PREFIX, UPLOADS_PREFIX};
use easy_crm_lambdas::config::{Config, Secret};

use super::LocalError;
use crate::REGION;
use crate::data_folder::{DataFolder, Secrets};
use crate::deliveries::{self, EventSource};
use crate::options::{LocalOptions, QueueOptions};
use crate::stand_ins::connector::StandIns;
use crate::stand_ins::dynamodb::DynamoDb;
use crate::stand_ins::queue_protocol::queue_url;
use crate::stand_ins::queue_store::{QueueShape, QueueStore, Redrive};
use crate::stand_ins::s3::{AccessKeys, S3};

/// Queue of the batches.
pub(super) const BATCH_QUEUE: &str = "easy-crm-batches-local";
/// Dead-letter queue of the batches.
pub(super) const BATCH_DEAD_LETTERS: &str = "easy-crm-batches-local-dlq";
/// Deliveries of S3 events to `lead-splitter`.
pub(super) const OBJECT_QUEUE: &str = "easy-crm-object-created-local";
/// S3 events that were given up.
pub(super) const OBJECT_DEAD_LETTERS: &str = "easy-crm-object-created-local-dlq";
/// Deliveries of S3 events to `lead-exporter`: exports made by jobs.
pub(super) const EXPORT_QUEUE: &str = "easy-crm-export-requested-local";
/// Exports that were given up; their jobs report it themselves.
pub(super) const EXPORT_DEAD_LETTERS: &str = "easy-crm-export-requested-local-dlq";
/// Bucket of the uploads; its name is the first segment of their paths.
const FILES_BUCKET: &str = "easy-crm-files-local";

/// Name of the deployment.
pub(super) const ENVIRONMENT: &str = "local";

pub(super) fn config(base_url: &str, secrets: &Secrets, options: &LocalOptions) -> Config {
    Config {
        leads_table: "easy-crm-leads-local".to_owned(),
        status_table: "ProcessingStatus-local".to_owned(),
        app_state_table: "easy-crm-app-state-local".to_owned(),
        files_bucket: FILES_BUCKET.to_owned(),
        batch_queue_url: queue_url(base_url, BATCH_QUEUE),
        environment: ENVIRONMENT.to_owned(),
        deployment_secret: Secret::new(&secrets.deployment_secret),
        max_file_size: options.max_file_size,
        update_policy: options.update_policy,
        rate_limits: options.rate_limits,
        batch_rows: options.batch_rows,
        direct_export_rows: options.direct_export_rows,
        model: options.model.clone(),
    }
}

pub(super) fn open_stand_ins(
    folder: &DataFolder,
    secrets: &Secrets,
    config: &Config,
    options: &LocalOptions,
) -> Result<StandIns, LocalError> {
    let queues = QueueStore::open(
        &folder.file("queues.sqlite"),
        queue_shapes(&options.queues),
        Arc::clone(&options.clock),
    )?;
    let keys = AccessKeys {
        access_key_id: secrets.s3_access_key_id.clone(),
        secret_access_key: secrets.s3_secret_access_key.clone(),
    };
    let s3 = S3::open(
        &folder.file("objects"),
        FILES_BUCKET,
        &keys,
        queues.clone(),
        [(UPLOADS_PREFIX, OBJECT_QUEUE), (EXPORT_JOBS_PREFIX, EXPORT_QUEUE)],
    )?;
    Ok(StandIns {
        dynamodb: DynamoDb::open(&folder.file("dynamodb.sqlite"), config)?,
        queues,
        s3: Arc::new(s3),
        counters: Arc::default(),
        recorder: options.record_calls.then(Arc::default),
        stopped: Arc::default(),
        faults: options.faults.clone(),
    })
}

fn queue_shapes(options: &QueueOptions) -> Vec<QueueShape> {
    let dead_letters =
        |name: &str| QueueShape { name: name.to_owned(), visibility_timeout: MINUTE, redrive: None };
    let with_redrive = |name: &str, timeout: Duration, dead_letter_queue: &str, max_receives| QueueShape {
        name: name.to_owned(),
        // Longer than an invocation may take, so that no message is redelivered while it is being processed.
        visibility_timeout: timeout + MINUTE,
        redrive: Some(Redrive { dead_letter_queue: dead_letter_queue.to_owned(), max_receives }),
    };
    vec![
        with_redrive(BATCH_QUEUE, options.batch_timeout, BATCH_DEAD_LETTERS, options.batch_max_receives),
        with_redrive(
            OBJECT_QUEUE,
            options.splitter_timeout,
            OBJECT_DEAD_LETTERS,
            options.splitter_max_receives,
        ),
        // As often as Lambda tries an event from EventBridge.
        with_redrive(EXPORT_QUEUE, options.splitter_timeout, EXPORT_DEAD_LETTERS, 3),
        dead_letters(BATCH_DEAD_LETTERS),
        dead_letters(OBJECT_DEAD_LETTERS),
        dead_letters(EXPORT_DEAD_LETTERS),
    ]
}

/// How long until a dead letter that cannot be settled, because a service is unavailable, is tried again.
const DEAD_LETTER_RETRY: Duration = Duration::from_secs(60);

const MINUTE: Duration = Duration::from_secs(60);

pub(super) fn event_sources(app: &App, options: &QueueOptions) -> [EventSource; 5] {
    [
        EventSource {
            function: "lead-splitter",
            invoke: deliveries::lead_splitter(app.clone()),
            queue: OBJECT_QUEUE.to_owned(),
            batch_size: 1,
            concurrency: options.splitter_concurrency,
            timeout: options.splitter_timeout,
            retry_delay: options.retry_delay,
        },
        EventSource {
            function: "deepseek-caller",
            invoke: deliveries::deepseek_caller(app.clone(), BATCH_QUEUE, options.batch_timeout),
            queue: BATCH_QUEUE.to_owned(),
            batch_size: options.messages_per_invocation,
            concurrency: options.batch_concurrency,
            timeout: options.batch_timeout,
            retry_delay: options.retry_delay,
        },
        EventSource {
            function: "lead-exporter",
            invoke: deliveries::lead_exporter(app.clone()),
            queue: EXPORT_QUEUE.to_owned(),
            batch_size: 1,
            concurrency: 2,
            timeout: options.splitter_timeout,
            retry_delay: options.retry_delay,
        },
        EventSource {
            function: "lead-splitter, given up",
            invoke: deliveries::given_up_uploads(app.clone(), OBJECT_DEAD_LETTERS),
            queue: OBJECT_DEAD_LETTERS.to_owned(),
            batch_size: 1,
            concurrency: 1,
            timeout: options.batch_timeout,
            retry_delay: DEAD_LETTER_RETRY,
        },
        EventSource {
            function: "deepseek-caller, given up",
            invoke: deliveries::deepseek_caller(app.clone(), BATCH_DEAD_LETTERS, options.batch_timeout),
            queue: BATCH_DEAD_LETTERS.to_owned(),
            batch_size: 1,
            concurrency: 1,
            timeout: options.batch_timeout,
            retry_delay: DEAD_LETTER_RETRY,
        },
    ]
}

/// AWS clients whose HTTP layer is the stand-ins. The endpoint is the page's own, because presigned URLs point there.
pub(super) fn clients(stand_ins: &StandIns, base_url: &str, secrets: &Secrets) -> Clients {
    let connector = SharedHttpConnector::new(stand_ins.clone());
    let http_client = http_client_fn(move |_, _| connector.clone());
    let credentials = aws_sdk_s3::config::Credentials::new(
        &secrets.s3_access_key_id,
        &secrets.s3_secret_access_key,
        None,
        None,
        "easy-crm-local",
    );
    let region = aws_sdk_s3::config::Region::from_static(REGION);
    let dynamodb = aws_sdk_dynamodb::Config::builder()
        .behavior_version_latest()
        .http_client(http_client.clone())
        .credentials_provider(credentials.clone())
        .region(region.clone())
        .endpoint_url(base_url)
        .build();
    let sqs = aws_sdk_sqs::Config::builder()
        .behavior_version_latest()
        .http_client(http_client.clone())
        .credentials_provider(credentials.clone())
        .region(region.clone())
        .endpoint_url(base_url)
        .build();
    let s3 = aws_sdk_s3::Config::builder()
        .behavior_version_latest()
        .http_client(http_client)
        .credentials_provider(credentials)
        .region(region)
        .endpoint_url(base_url)
        .force_path_style(true)
        .build();
    Clients {
        dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb),
        s3: aws_sdk_s3::Client::from_conf(s3),
        sqs: aws_sdk_sqs::Client::from_conf(sqs),
    }
}
