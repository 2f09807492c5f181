//! The HTTP API against a whole running system, with real presigned uploads.

mod access;
mod bad_input;
mod chat;
mod concurrency;
mod erasure;
mod export;
mod faults;
mod hand_change_schedules;
mod hand_changes;
mod import;
mod list;
mod model_cards;
mod model_columns;
mod privacy;
mod recovery;
