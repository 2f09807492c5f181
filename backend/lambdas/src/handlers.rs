//! One module per function: an event in, domain calls, a response out.

pub mod chatbot;
pub mod deepseek_caller;
pub mod file_upload;
pub mod lead_exporter;
pub mod lead_reader;
pub mod lead_splitter;
pub mod lead_writer;
pub mod status_reader;
