//! Following uploads: polling their status records and the cards that show them.

pub(crate) mod card;
mod card_parts;
pub(crate) mod follow;
mod state;
