//! The only code of the page that speaks HTTP: one file per part of the API, one error type, and one client that adds
//! the token.

pub(crate) mod changes;
pub(crate) mod chat;
pub(crate) mod client;
pub(crate) mod error;
mod http;
pub(crate) mod leads;
pub(crate) mod login;
pub(crate) mod site;
pub(crate) mod uploads;
pub(crate) mod views;

pub(crate) use client::{Client, TokenSource, use_client};
pub(crate) use error::ApiError;
