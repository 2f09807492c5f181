//! The HTTP API against a complete running system, with real presigned uploads.

mod access;
mod bad_input;
mod chat;
mod concurrency;
mod erasure;
mod export;
mod faults;
mod import;
mod list;
mod manual_edit_schedules;
mod manual_edits;
mod model_cards;
mod model_columns;
mod privacy;
mod recovery;
mod update_policies;
