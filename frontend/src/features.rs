//! The parts of the screen, one folder each.

pub(crate) mod auth;
pub(crate) mod chat;
pub(crate) mod export;
pub(crate) mod imports;
pub(crate) mod leads;
