//! JSON log lines on standard error: ids and counts, never a cell value, an email address, a token or a body.

use easy_crm_lambdas::bootstrap;
use tracing_subscriber::filter::{LevelFilter, ParseError, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// At high log levels these log whole requests, and errors containing items.
const SILENT: [&str; 3] = ["s3s", "s3s_fs", "dynoxide"];

/// The log filter for levels as in `RUST_LOG`; no setting can make it log values.
///
/// # Errors
/// When the levels cannot be parsed.
pub fn log_filter(levels: &str) -> Result<Targets, ParseError> {
    Ok(held(bootstrap::capped(levels.parse()?)))
}

fn held(filter: Targets) -> Targets {
    filter.with_targets(SILENT.map(|target| (target, LevelFilter::OFF)))
}

/// Starts logging; `RUST_LOG` sets the level (default `info`). Later calls do nothing.
pub fn init() {
    bootstrap::hide_panic_messages();
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_writer(std::io::stderr);
    // An error means that the process already logs.
    let _ = tracing_subscriber::registry().with(held(bootstrap::log_filter())).with(lines).try_init();
}
