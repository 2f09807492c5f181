//! Importing files: the drop zone and the import dialog, the queue that sends files one by one, the panels that follow each
//! to its end, and the history of the last day.

pub(crate) mod dialog;
mod file_checks;
pub(crate) mod history;
pub(crate) mod intake;
mod job;
pub(crate) mod panel;
mod panel_parts;
mod paste;
mod polling;
pub(crate) mod queue;
mod record;
pub(crate) mod remembered;
mod update_choice;
mod update_policy;
mod zone;
