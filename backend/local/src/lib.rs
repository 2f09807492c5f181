//! All of Easy CRM in one process on a laptop: the same handlers as on Lambda, with stand-ins for the AWS services that
//! the AWS SDK calls in-process. The whole-system tests run against it too.
//!
//! One port, on loopback: the page, the login (`/oauth2/…`), the API (`/api/…`) and presigned URLs
//! (`/easy-crm-files-local/…`). DynamoDB and the queues have no port.

mod data_folder;
mod deliveries;
mod gateway;
mod local_app;
mod logging;
mod login;
mod loopback;
pub mod made_up_leads;
mod options;
mod site;
mod stand_ins;
#[cfg(test)]
mod tests;

pub use data_folder::{DEMO_USER, DataFolder, DataFolderError, SignIn, SignIns};
pub use easy_crm_lambdas as functions;
pub use easy_crm_lambdas::app::App;
pub use easy_crm_lambdas::clock;
pub use easy_crm_lambdas::deadline::Deadline;
pub use easy_crm_lambdas::handlers;
pub use easy_crm_lambdas::rate_limit::RateLimits;
/// The language model's settings and client.
pub mod model {
    pub use easy_crm_lambdas::config::{DataPolicy, Deadlines, DeepSeekConfig, ModelConfig, Secret};
    pub use easy_crm_lambdas::deepseek::DeepSeek;
    pub use easy_crm_lambdas::language_model::{LanguageModel, ModelError, Prompt};
}
/// What the templates of the AWS deployment have to agree with.
pub mod deployment {
    pub use crate::gateway::api_routes;
    pub use crate::site::security_headers;
    pub use crate::stand_ins::s3::LIFECYCLE;
    pub use easy_crm_lambdas::aws::tables;
    pub use easy_crm_lambdas::config::{Config, ConfigError};
}
pub use local_app::{AccessKeys, LocalApp, LocalError};
pub use logging::{init as init_logging, log_filter};
pub use login::tokens::{CLIENT_ID, TokenError};
pub use login::{LoginError, token_for};
pub use options::{LocalOptions, QueueOptions};
pub use site::Dist;
pub use stand_ins::counters::{CallCount, CallCounters, InvocationTime, InvocationTimes};
pub use stand_ins::dynamodb::DatabaseError;
pub use stand_ins::faults::{Call, Fault, Faults};
pub use stand_ins::queue_store::{Message, QueueDepth, QueueError};
pub use stand_ins::recorder::RecordedCall;
pub use stand_ins::s3::S3Error;

/// Region of the stand-ins.
const REGION: &str = "us-east-1";
