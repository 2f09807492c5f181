//! The Lambda functions of Easy CRM: one handler each, and the AWS adapters they share.
//!
//! The same handlers run on Lambda and, through `easy-crm-local`, on a laptop; all they see is the AWS SDK.

pub mod api_gateway;
pub mod app;
mod audit;
pub mod aws;
pub mod bootstrap;
mod card_questions;
pub mod clock;
mod column_questions;
pub mod config;
pub mod deadline;
pub mod deepseek;
mod erasure;
pub mod error;
mod export;
mod export_jobs;
pub mod handlers;
#[cfg(any(test, fuzzing))]
pub mod hostile_events;
pub mod http;
pub mod http_client;
pub mod language_model;
mod lead_jobs;
pub mod lead_list;
pub mod lead_query;
mod manual_edits;
pub mod metrics;
mod problems;
pub mod rate_limit;
mod row_writer;
