//! The whole system, running.

mod http;
mod outside;
mod wiring;

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use easy_crm_lambdas::app::{App, Clients};
use easy_crm_lambdas::clock::SharedClock;
use easy_crm_lambdas::handlers::lead_exporter;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::data_folder::{DataFolder, DataFolderError, DataFolderLock, SignIns};
use crate::deliveries;
use crate::gateway::Gateway;
use crate::login::tokens::{TokenError, Tokens};
use crate::login::{Login, LoginError};
use crate::options::{LocalOptions, QueueOptions};
use crate::site::Site;
use crate::stand_ins::connector::StandIns;
use crate::stand_ins::counters::{CallClock, CallCounters, InvocationTimes};
use crate::stand_ins::dynamodb::DatabaseError;
use crate::stand_ins::queue_store::{Message, QueueDepth, QueueError};
use crate::stand_ins::recorder::RecordedCall;
use crate::stand_ins::s3::S3Error;

pub use outside::AccessKeys;

/// How often a snapshot of the list is written.
const SNAPSHOT_INTERVAL: Duration = Duration::from_secs(3_600);
/// How often expired items are deleted.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

/// Why the system could not be started, or failed.
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
    /// Another program uses the port.
    #[error("port {port} is taken ({source}); give another one with --port")]
    Port {
        /// The port.
        port: u16,
        /// The operating system's error.
        source: std::io::Error,
    },
}

/// The whole system in one process: page, login, API, functions and the stand-ins behind them.
///
/// Dropping it stops everything at once, like a crash; [`LocalApp::shutdown`] finishes running work.
pub struct LocalApp {
    port: u16,
    app: App,
    clients: Clients,
    tokens: Tokens,
    folder: DataFolder,
    stand_ins: StandIns,
    access_keys: AccessKeys,
    times: Arc<InvocationTimes>,
    queue_options: QueueOptions,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
    sweeper: JoinHandle<()>,
    schedule: JoinHandle<()>,
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

        let config = wiring::config(&base_url, &secrets, &options);
        let stand_ins = wiring::open_stand_ins(&folder, &secrets, &config, &options)?;
        stand_ins.s3.reconcile().await?;
        let clients = wiring::clients(&stand_ins, &base_url, &secrets);
        let app = App::new(config, clients.clone(), Arc::clone(&options.clock))
            .with_metric_sink(options.metric_sink);
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
            environment: wiring::ENVIRONMENT.to_owned(),
            max_file_size: options.max_file_size,
        };
        let login = Login::open(&folder, tokens.clone())?;
        let router = http::router(gateway, site, login, stand_ins.clone(), &base_url);
        let (stop, stopped) = watch::channel(false);
        let server = tokio::spawn(http::serve(listener, router, stopped));
        let sweeper = tokio::spawn(sweep(stand_ins.clone(), Arc::clone(&options.clock), stop.subscribe()));
        let schedule = tokio::spawn(run_on_schedule(app.clone(), stop.subscribe()));
        let local = Self {
            port,
            app,
            clients,
            tokens,
            folder,
            stand_ins,
            access_keys: AccessKeys {
                access_key_id: secrets.s3_access_key_id,
                secret_access_key: secrets.s3_secret_access_key,
            },
            times,
            queue_options: options.queues,
            stop,
            server,
            sweeper,
            schedule,
            deliveries: Mutex::default(),
            _lock: lock,
        };
        if local.queue_options.deliver {
            local.start_deliveries();
        }
        Ok(local)
    }

    /// Starts the pollers, unless they are already running.
    pub fn start_deliveries(&self) {
        let mut running = self.deliveries.lock().unwrap_or_else(PoisonError::into_inner);
        if !running.is_empty() {
            return;
        }
        for source in wiring::event_sources(&self.app, &self.queue_options) {
            running.push(tokio::spawn(deliveries::run(
                source,
                self.stand_ins.queues.clone(),
                Arc::clone(&self.times),
                self.stop.subscribe(),
            )));
        }
    }

    /// The page's URL, without a trailing slash.
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

    /// An ID token for a user, whether or not the login knows them.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn token_for(&self, email: &str) -> Result<String, LocalError> {
        Ok(self.tokens.id_token(email, self.tokens.now())?)
    }

    /// Waits until every uploaded object and every batch has been processed or given up.
    ///
    /// # Errors
    /// When the queue fails.
    pub async fn wait_idle(&self) -> Result<(), LocalError> {
        Ok(self.stand_ins.queues.wait_until_empty().await?)
    }

    /// Makes the queues check the clock again; call it after moving an injected clock.
    pub fn clock_moved(&self) {
        self.stand_ins.queues.look_again();
    }

    /// How many batches are waiting, in flight or delayed.
    ///
    /// # Errors
    /// When the queue fails.
    pub async fn batch_queue_depth(&self) -> Result<QueueDepth, LocalError> {
        Ok(self.stand_ins.queues.depth(wiring::BATCH_QUEUE).await?)
    }

    /// Number of messages in all queues except dead-letter queues.
    #[cfg(test)]
    pub(crate) async fn stand_ins_depth(&self) -> u64 {
        let objects = self.stand_ins.queues.depth(wiring::OBJECT_QUEUE).await.unwrap();
        let batches = self.stand_ins.queues.depth(wiring::BATCH_QUEUE).await.unwrap();
        objects.total() + batches.total()
    }

    #[cfg(test)]
    pub(crate) fn stand_ins_s3(&self) -> &crate::stand_ins::s3::S3 {
        &self.stand_ins.s3
    }

    /// Batches waiting in the queue.
    ///
    /// # Errors
    /// When the queue fails.
    pub async fn waiting_batches(&self) -> Result<Vec<Message>, LocalError> {
        Ok(self.stand_ins.queues.peek(wiring::BATCH_QUEUE).await?)
    }

    /// Batches and S3 events that were given up, batches first.
    ///
    /// # Errors
    /// When the queue fails.
    pub async fn dead_letters(&self) -> Result<Vec<Message>, LocalError> {
        let mut messages = self.stand_ins.queues.peek(wiring::BATCH_DEAD_LETTERS).await?;
        messages.extend(self.stand_ins.queues.peek(wiring::OBJECT_DEAD_LETTERS).await?);
        Ok(messages)
    }

    /// Calls of the stand-ins so far.
    #[must_use]
    pub fn call_counters(&self) -> &CallCounters {
        &self.stand_ins.counters
    }

    /// The tables in the format of `DescribeTable`, and the settings by the names of the functions' variables.
    #[must_use]
    pub fn describe(&self) -> serde_json::Value {
        let config = self.app.config();
        let tables: serde_json::Map<String, serde_json::Value> =
            [&config.leads_table, &config.status_table, &config.app_state_table]
                .into_iter()
                .map(|name| (name.clone(), self.stand_ins.dynamodb.describe(name)))
                .collect();
        serde_json::json!({
            "tables": tables,
            "settings": {
                "LEADS_TABLE": config.leads_table,
                "STATUS_TABLE": config.status_table,
                "APP_STATE_TABLE": config.app_state_table,
                "FILES_BUCKET": config.files_bucket,
                "BATCH_QUEUE_URL": config.batch_queue_url,
                "ENVIRONMENT": config.environment,
                "DEPLOYMENT_SECRET": "(kept in the data folder)",
                "MAX_FILE_SIZE": config.max_file_size.to_string(),
                "UPDATE_POLICY": config.update_policy.name(),
            },
        })
    }

    /// The calls each function has made so far, in IAM's terms; empty unless [`LocalOptions::record_calls`] is set.
    #[must_use]
    pub fn recorded_calls(&self) -> BTreeSet<RecordedCall> {
        self.stand_ins.recorder.as_ref().map(|recorder| recorder.snapshot()).unwrap_or_default()
    }

    /// Sends `lead-exporter` its scheduled event; it writes a snapshot of the list.
    ///
    /// # Errors
    /// When the function fails.
    pub async fn run_schedule(&self) -> Result<(), lambda_http::Error> {
        scheduled(&self.app).await
    }

    /// Times of the functions' invocations so far.
    #[must_use]
    pub fn invocation_times(&self) -> &InvocationTimes {
        &self.times
    }

    /// Stops accepting requests and messages, and finishes those in progress.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        let deliveries = std::mem::take(self.deliveries.get_mut().unwrap_or_else(PoisonError::into_inner));
        for delivery in deliveries {
            // An error means that the task panicked, which has already been logged.
            let _ = delivery.await;
        }
        let _ = (&mut self.server).await;
        let _ = (&mut self.sweeper).await;
        let _ = (&mut self.schedule).await;
    }
}

impl Drop for LocalApp {
    fn drop(&mut self) {
        self.stand_ins.stopped.store(true, Ordering::Release);
        self.server.abort();
        self.sweeper.abort();
        self.schedule.abort();
        for delivery in self.deliveries.get_mut().unwrap_or_else(PoisonError::into_inner) {
            delivery.abort();
        }
    }
}

/// The work of EventBridge: an event for `lead-exporter` at regular intervals.
async fn run_on_schedule(app: App, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(SNAPSHOT_INTERVAL) => {}
        }
        if let Err(error) = scheduled(&app).await {
            tracing::warn!(%error, "the scheduled snapshot of the list failed");
        }
    }
}

async fn scheduled(app: &App) -> Result<(), lambda_http::Error> {
    // Only the parts of the event that are read:
    // <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html>
    let event = serde_json::json!({ "source": "aws.events", "detail-type": "Scheduled Event", "detail": {} });
    let clock = Arc::new(CallClock::new("lead-exporter"));
    clock.scope(lead_exporter::handle_event(app, event)).await.map(|_| ())
}

/// The work of DynamoDB's time to live and S3's lifecycle rules.
async fn sweep(stand_ins: StandIns, clock: SharedClock, mut stop: watch::Receiver<bool>) {
    let mut interval = tokio::time::interval(SWEEP_INTERVAL);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = interval.tick() => {}
        }
        let dynamodb = stand_ins.dynamodb.clone();
        match tokio::task::spawn_blocking(move || dynamodb.sweep_expired()).await {
            Ok(Ok(0)) => {}
            Ok(Ok(items)) => tracing::info!(items, "expired items deleted"),
            Ok(Err(error)) => tracing::warn!(%error, "deleting expired items failed"),
            Err(_) => return,
        }
        match stand_ins.s3.expire(clock.now()).await {
            Ok(0) => {}
            Ok(objects) => tracing::info!(objects, "expired objects deleted"),
            Err(error) => tracing::warn!(%error, "deleting expired objects failed"),
        }
    }
}
