//! Importing files: the drop zone, the queue that sends them one by one, the cards that follow each to its end, and the history of
//! the last day.

pub(crate) mod card;
mod card_parts;
mod file_checks;
pub(crate) mod history;
mod job;
mod paste;
mod polling;
pub(crate) mod queue;
mod record;
pub(crate) mod remembered;
pub(crate) mod zone;
