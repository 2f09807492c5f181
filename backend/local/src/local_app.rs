//! The whole system, running.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{SharedHttpConnector, http_client_fn};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use easy_crm_lambdas::app::{App, Clients};
use easy_crm_lambdas::config::{Config, Secret};
use http::header::{ETAG, HeaderName};
use http::{Method, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tower_http::compression::CompressionLayer;

use crate::data_folder::{DataFolder, DataFolderError, DataFolderLock, Secrets, SignIns};
use crate::deliveries::{self, EventSource};
use crate::gateway::Gateway;
use crate::login::tokens::{TokenError, Tokens};
use crate::login::{Login, LoginError};
use crate::options::{LocalOptions, QueueOptions};
use crate::site::{self, Site};
use crate::stand_ins::connector::StandIns;
use crate::stand_ins::counters::{CallCounters, InvocationTimes};
use crate::stand_ins::dynamodb::{DatabaseError, DynamoDb};
use crate::stand_ins::queue_protocol::queue_url;
use crate::stand_ins::queue_store::{Message, QueueDepth, QueueError, QueueShape, QueueStore, Redrive};
use crate::stand_ins::s3::{AccessKeys, S3, S3Error};
use crate::{REGION, loopback};

/// Queue of the batches.
const BATCH_QUEUE: &str = "easy-crm-batches-local";
/// Queue behind the batches' queue.
const BATCH_DEAD_LETTERS: &str = "easy-crm-batches-local-dlq";
/// Deliveries of S3 events to `lead-splitter`.
const OBJECT_QUEUE: &str = "easy-crm-object-created-local";
/// S3 events that were given up.
const OBJECT_DEAD_LETTERS: &str = "easy-crm-object-created-local-dlq";
/// Bucket of the uploads; its name is the first segment of their paths.
const FILES_BUCKET: &str = "easy-crm-files-local";
/// Expired items are deleted this often.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

/// The system could not be started or failed.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// The data folder.
    #[error(transparent)]
    DataFolder(#[from] DataFolderError),
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The queues.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The object store.
    #[error(transparent)]
    S3(#[from] S3Error),
    /// The login.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// Tokens.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Another program has the port.
    #[error("port {port} is taken ({source}); give another one with --port")]
    Port {
        /// The port.
        port: u16,
        /// What the operating system said.
        source: std::io::Error,
    },
}

/// The whole system in one process: page, login, API, functions and the stand-ins behind them.
///
/// Dropping it stops everything at once, as a crash would; [`LocalApp::shutdown`] finishes what is under way.
pub struct LocalApp {
    port: u16,
    app: App,
    clients: Clients,
    tokens: Tokens,
    folder: DataFolder,
    stand_ins: StandIns,
    times: Arc<InvocationTimes>,
    queue_options: QueueOptions,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
    sweeper: JoinHandle<()>,
    deliveries: Mutex<Vec<JoinHandle<()>>>,
    _lock: DataFolderLock,
}

impl LocalApp {
    /// Starts everything.
    ///
    /// # Errors
    /// When the data folder is in use or damaged, or the port is taken.
    pub async fn start(options: LocalOptions) -> Result<Self, LocalError> {
        let folder = DataFolder::open(&options.data_dir)?;
        let lock = folder.lock()?;
        let secrets = folder.secrets()?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
        let taken = |source| LocalError::Port { port: options.port, source };
        let listener = TcpListener::bind(address).await.map_err(taken)?;
        let port = listener.local_addr().map_err(taken)?.port();
        let base_url = format!("http://127.0.0.1:{port}");

        let config = config(&base_url, &secrets, options.max_file_size);
        let stand_ins = open_stand_ins(&folder, &secrets, &config, &options)?;
        stand_ins.s3.reconcile().await?;
        let clients = clients(&stand_ins, &base_url, &secrets);
        let app = App::new(config, clients.clone(), Arc::clone(&options.clock));
        let tokens = Tokens::open(&folder, Arc::clone(&options.clock))?;
        let times = Arc::new(InvocationTimes::default());

        let gateway = Gateway {
            app: app.clone(),
            tokens: tokens.clone(),
            clock: Arc::clone(&options.clock),
            times: Arc::clone(&times),
        };
        let site = Site {
            dist: options.dist,
            environment: ENVIRONMENT.to_owned(),
            max_file_size: options.max_file_size,
        };
        let login = Login::open(&folder, tokens.clone())?;
        let router = router(gateway, site, login, stand_ins.clone(), &base_url);
        let (stop, stopped) = watch::channel(false);
        let server = tokio::spawn(serve(listener, router, stopped));
        let sweeper = tokio::spawn(sweep(stand_ins.dynamodb.clone(), stop.subscribe()));
        let local = Self {
            port,
            app,
            clients,
            tokens,
            folder,
            stand_ins,
            times,
            queue_options: options.queues,
            stop,
            server,
            sweeper,
            deliveries: Mutex::default(),
            _lock: lock,
        };
        if local.queue_options.deliver {
            local.start_deliveries();
        }
        Ok(local)
    }

    /// Starts the pollers, when they do not run yet.
    pub fn start_deliveries(&self) {
        let mut running = self.deliveries.lock().unwrap_or_else(PoisonError::into_inner);
        if !running.is_empty() {
            return;
        }
        for source in event_sources(&self.app, &self.queue_options) {
            running.push(tokio::spawn(deliveries::run(
                source,
                self.stand_ins.queues.clone(),
                Arc::clone(&self.times),
                self.stop.subscribe(),
            )));
        }
    }

    /// Where the page is, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What the handlers work with, for calling them directly.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The AWS clients the handlers use, wired to the stand-ins.
    #[must_use]
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// The data folder.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        self.folder.path()
    }

    /// Who can sign in.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn sign_ins(&self) -> Result<SignIns, LocalError> {
        Ok(self.folder.sign_ins()?)
    }

    /// An ID token for a user, known to the login or not.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn token_for(&self, email: &str) -> Result<String, LocalError> {
        Ok(self.tokens.id_token(email, self.tokens.now())?)
    }

    /// Waits until every uploaded object and every batch was worked on or given up.
    ///
    /// # Errors
    /// When the queue fails.
    pub async fn wait_idle(&self) -> Result<(), LocalError> {
        Ok(self.stand_ins.queues.wait_until_empty().await?)
    }

    /// Lets the queues look at the clock again; call it after moving an injected clock.
    pub fn clock_moved(&self) {
        self.stand_ins.queues.look_again();
    }

    /// How many batches wait, are under way or are delayed.
    ///
    /// # Errors
    /// When the queue fails.
    pub async fn batch_queue_depth(&self) -> Result<QueueDepth, LocalError> {
        Ok(self.stand_ins.queues.depth(BATCH_QUEUE).await?)
    }

    /// How many messages all queues hold, dead-letter queues aside.
    #[cfg(test)]
    pub(crate) async fn stand_ins_depth(&self) -> u64 {
        let objects = self.stand_ins.queues.depth(OBJECT_QUEUE).await.unwrap();
        let batches = self.stand_ins.queues.depth(BATCH_QUEUE).await.unwrap();
        objects.total() + batches.total()
    }

    /// Batches and S3 events that were given up, batches first.
    ///
    /// # Errors
    /// When the queue fails.
    pub async fn dead_letters(&self) -> Result<Vec<Message>, LocalError> {
        let mut messages = self.stand_ins.queues.peek(BATCH_DEAD_LETTERS).await?;
        messages.extend(self.stand_ins.queues.peek(OBJECT_DEAD_LETTERS).await?);
        Ok(messages)
    }

    /// Calls of the stand-ins so far.
    #[must_use]
    pub fn call_counters(&self) -> &CallCounters {
        &self.stand_ins.counters
    }

    /// Times of the functions' invocations so far.
    #[must_use]
    pub fn invocation_times(&self) -> &InvocationTimes {
        &self.times
    }

    /// Stops taking requests and messages, and finishes those under way.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        let deliveries = std::mem::take(self.deliveries.get_mut().unwrap_or_else(PoisonError::into_inner));
        for delivery in deliveries {
            // An error says that the task panicked, which was logged then.
            let _ = delivery.await;
        }
        let _ = (&mut self.server).await;
        let _ = (&mut self.sweeper).await;
    }
}

impl Drop for LocalApp {
    fn drop(&mut self) {
        self.stand_ins.stopped.store(true, Ordering::Release);
        self.server.abort();
        self.sweeper.abort();
        for delivery in self.deliveries.get_mut().unwrap_or_else(PoisonError::into_inner) {
            delivery.abort();
        }
    }
}

/// Name of the deployment.
const ENVIRONMENT: &str = "local";

fn config(base_url: &str, secrets: &Secrets, max_file_size: u64) -> Config {
    Config {
        leads_table: "easy-crm-leads-local".to_owned(),
        status_table: "easy-crm-processing-status-local".to_owned(),
        app_state_table: "easy-crm-app-state-local".to_owned(),
        files_bucket: FILES_BUCKET.to_owned(),
        batch_queue_url: queue_url(base_url, BATCH_QUEUE),
        environment: ENVIRONMENT.to_owned(),
        deployment_secret: Secret::new(&secrets.deployment_secret),
        max_file_size,
    }
}

fn open_stand_ins(
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
    let s3 = S3::open(&folder.file("objects"), FILES_BUCKET, &keys, queues.clone(), OBJECT_QUEUE)?;
    Ok(StandIns {
        dynamodb: DynamoDb::open(&folder.file("dynamodb.sqlite"), config)?,
        queues,
        s3: Arc::new(s3),
        counters: Arc::default(),
        stopped: Arc::default(),
    })
}

fn queue_shapes(options: &QueueOptions) -> Vec<QueueShape> {
    let dead_letters =
        |name: &str| QueueShape { name: name.to_owned(), visibility_timeout: MINUTE, redrive: None };
    let with_redrive = |name: &str, timeout: Duration, dead_letter_queue: &str, max_receives| QueueShape {
        name: name.to_owned(),
        // Longer than an invocation may take, so that nothing comes again while it is worked on.
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
        dead_letters(BATCH_DEAD_LETTERS),
        dead_letters(OBJECT_DEAD_LETTERS),
    ]
}

const MINUTE: Duration = Duration::from_secs(60);

fn event_sources(app: &App, options: &QueueOptions) -> [EventSource; 2] {
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
            invoke: deliveries::deepseek_caller(app.clone(), BATCH_QUEUE),
            queue: BATCH_QUEUE.to_owned(),
            batch_size: options.messages_per_invocation,
            concurrency: options.batch_concurrency,
            timeout: options.batch_timeout,
            retry_delay: options.retry_delay,
        },
    ]
}

/// AWS clients whose HTTP layer is the stand-ins. The endpoint is the page's own, because presigned URLs lead there.
fn clients(stand_ins: &StandIns, base_url: &str, secrets: &Secrets) -> Clients {
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

fn router(gateway: Gateway, site: Site, login: Login, stand_ins: StandIns, base_url: &str) -> Router {
    let objects = Router::new()
        .route(&format!("/{}/{{*key}}", stand_ins.s3.bucket()), any(object))
        .layer(DefaultBodyLimit::disable())
        .layer(loopback::cors([Method::GET, Method::HEAD, Method::PUT], [ETAG]))
        // Pages of this machine on other ports may read them; the page's own policy must not forbid that.
        .layer(axum::middleware::map_response(|mut response: Response| async move {
            response.headers_mut().insert(
                HeaderName::from_static("cross-origin-resource-policy"),
                http::HeaderValue::from_static("cross-origin"),
            );
            response
        }))
        .with_state(stand_ins);
    let rest = Router::new()
        .merge(gateway.router())
        .merge(login.router())
        .merge(site.router())
        .layer(CompressionLayer::new());
    site::with_security_headers(rest.merge(objects), base_url)
        .layer(axum::middleware::from_fn(loopback::guard))
}

/// A presigned request of a browser.
async fn object(State(stand_ins): State<StandIns>, request: Request) -> Response {
    if stand_ins.stopped.load(Ordering::Acquire) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    match stand_ins.s3.call(request.map(s3s::Body::http_body_unsync)).await {
        Ok(response) => response.map(axum::body::Body::new),
        Err(error) => {
            tracing::error!(%error, "the object store failed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn serve(listener: TcpListener, router: Router, mut stopped: watch::Receiver<bool>) {
    let stop = async move {
        // An error says that the sender is gone: stop as well.
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stop).await {
        tracing::error!(%error, "serving failed");
    }
}

async fn sweep(dynamodb: DynamoDb, mut stop: watch::Receiver<bool>) {
    let mut interval = tokio::time::interval(SWEEP_INTERVAL);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = interval.tick() => {}
        }
        let dynamodb = dynamodb.clone();
        match tokio::task::spawn_blocking(move || dynamodb.sweep_expired()).await {
            Ok(Ok(0)) => {}
            Ok(Ok(items)) => tracing::info!(items, "expired items deleted"),
            Ok(Err(error)) => tracing::warn!(%error, "deleting expired items failed"),
            Err(_) => return,
        }
    }
}
