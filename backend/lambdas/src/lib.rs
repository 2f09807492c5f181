//! The Lambda functions of Easy CRM: one handler each, and the AWS adapters they share.
//!
//! The same handlers run on Lambda and, through `easy-crm-local`, on a laptop; they only ever see the AWS SDK.

pub mod app;
pub mod aws;
pub mod clock;
pub mod config;
pub mod handlers;
