//! Bytes of any spreadsheet file to sheets of text cells.

mod sheet;

pub use sheet::{Row, Sheet, Workbook};
