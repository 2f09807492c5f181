//! JSON log lines on standard error. Never a cell value, an e-mail address, a token or a body: ids and counts.

use easy_crm_lambdas::bootstrap;
use tracing_subscriber::EnvFilter;

/// The filter of log lines for levels as in `RUST_LOG`; nothing makes it let values through.
#[must_use]
pub fn log_filter(levels: &str) -> EnvFilter {
    held(bootstrap::capped(EnvFilter::new(levels)))
}

/// These write whole requests and errors with item contents at high levels.
fn held(filter: EnvFilter) -> EnvFilter {
    ["s3s=off", "s3s_fs=off", "dynoxide=off"]
        .into_iter()
        .filter_map(|directive| directive.parse().ok())
        .fold(filter, EnvFilter::add_directive)
}

/// Starts logging; `RUST_LOG` sets the level (default `info`). Later calls do nothing.
pub fn init() {
    let filter = held(bootstrap::log_filter());
    bootstrap::hide_panic_messages();
    // An error says that the process logs already.
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}
