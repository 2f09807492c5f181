//! The rules of Easy CRM, as pure functions: no async, no AWS, no clock, no environment.
//!
//! Bytes become sheets of text cells ([`spreadsheet`]), sheets become planned tables and tables become leads
//! ([`standardize`]); [`batch`], [`dedupe`], [`upsert`] and [`revision`] define how leads are written to the table exactly
//! once, [`manual_edit`] what users change there; [`status`] is the state machine of an upload and [`lead_index`] the query
//! engine of the list.

pub mod batch;
pub mod chat;
pub mod csv_cells;
pub mod dedupe;
pub mod email;
pub mod erasure;
pub mod identity;
pub mod lead;
pub mod lead_file;
pub mod lead_index;
pub mod manual_edit;
pub mod problem_report;
pub mod revision;
pub mod spreadsheet;
pub mod standardize;
pub mod status;
pub mod upsert;
