//! JSON log lines on standard error. Never a cell value, an e-mail address, a token or a body: ids and counts.

use easy_crm_lambdas::bootstrap;
use tracing_subscriber::filter::{LevelFilter, ParseError, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// These write whole requests and errors with item contents at high levels.
const SILENT: [&str; 3] = ["s3s", "s3s_fs", "dynoxide"];

/// The filter of log lines for levels as in `RUST_LOG`; nothing makes it let values through.
///
/// # Errors
/// When the levels cannot be read.
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
    // An error says that the process logs already.
    let _ = tracing_subscriber::registry().with(held(bootstrap::log_filter())).with(lines).try_init();
}
