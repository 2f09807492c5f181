//! Importing files: the drop zone, the queue that sends them one by one, the panels that follow each to its end, and the
//! history of the last day.

mod file_checks;
pub(crate) mod history;
mod job;
pub(crate) mod panel;
mod panel_parts;
mod paste;
mod polling;
pub(crate) mod queue;
mod record;
pub(crate) mod remembered;
pub(crate) mod zone;
