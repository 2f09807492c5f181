//! Wire types of Easy CRM: every request and response between browser and server.
//!
//! Serde types only, camelCase on the wire, no behaviour beyond names and the limits of a query; front end and back end
//! both depend on this crate, so that neither can misspell a field. And the one example that page and tests share.

pub mod changes;
pub mod chat;
pub mod erasure;
pub mod error;
pub mod example;
pub mod export;
pub mod lead;
pub mod query;
pub mod routes;
pub mod site;
pub mod status;
pub mod upload;
pub mod views;
