//! Following uploads: polling their status records, the cards that show them, and the history of the last day.

pub(crate) mod card;
mod card_parts;
pub(crate) mod follow;
pub(crate) mod history;
mod state;
