//! The parts of the screen, one folder each.

pub(crate) mod auth;
pub(crate) mod chat;
pub(crate) mod export;
pub(crate) mod leads;
pub(crate) mod status;
pub(crate) mod upload;
