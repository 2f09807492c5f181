//! Turns tables of text cells into leads: where tables begin and end, what each column means, and what a row says.
//!
//! [`plan_workbook`] examines a whole workbook once and returns its tables, each with a [`TableLayout`] (what the
//! columns are) and the rows that are leads. The layout travels with the batches; [`RowStandardizer`] applies it to a
//! row.
//!
//! What a column is follows from the words of its header (`headers`), its values and the other columns, weighed by a
//! small trained model ([`planner`]); what a row says follows from fixed rules. A value of a lead is a piece of a cell,
//! or is derived by one rule (a name or a company from the email address); what fits no field goes to the remarks. No
//! input can cause a panic, and planning examines a bounded sample.

mod cards;
mod cleaning;
mod company;
mod emails;
mod headers;
mod layout;
mod leads;
mod lexicon;
pub mod model;
mod names;
mod own_export;
mod phones;
pub mod planner;
mod public_suffix;
mod raw_table;
mod remarks;
mod row;
mod tables;
#[cfg(test)]
mod tests;
mod text;
mod unfold;
mod uses;
mod values;

pub use emails::is_email_address;
pub use layout::{ColumnPlan, Reason, Role, TableLayout};
pub use leads::{PlannedTable, plan_workbook};
pub use names::NameOrder;
pub use raw_table::{LeftOut, LeftOutRow};
pub use row::{RowStandardizer, StandardizedRow};
