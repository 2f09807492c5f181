//! What every handler works with: settings, clients and the clock.

use std::sync::Arc;

use crate::clock::SharedClock;
use crate::config::Config;

/// The AWS clients. Locally their endpoints are in-process stand-ins.
#[derive(Debug, Clone)]
pub struct Clients {
    /// DynamoDB.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// S3; its endpoint must be the one browsers reach, because presigned URLs are made with it.
    pub s3: aws_sdk_s3::Client,
    /// SQS.
    pub sqs: aws_sdk_sqs::Client,
}

/// Settings, clients, clock and the state that outlives a request. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub(crate) config: Arc<Config>,
    pub(crate) clients: Clients,
    pub(crate) clock: SharedClock,
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(config: Config, clients: Clients, clock: SharedClock) -> Self {
        Self { config: Arc::new(config), clients, clock }
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }
}
