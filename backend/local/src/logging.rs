//! JSON log lines on standard error. Never a cell value, an e-mail address, a token or a body: ids and counts.

use easy_crm_lambdas::bootstrap;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts logging; `RUST_LOG` sets the level (default `info`). Later calls do nothing.
pub fn init() {
    // These write whole requests and errors with item contents at high levels.
    let silent = ["s3s", "s3s_fs", "dynoxide"].map(|target| (target, LevelFilter::OFF));
    bootstrap::hide_panic_messages();
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_writer(std::io::stderr);
    // An error says that the process logs already.
    let _ = tracing_subscriber::registry()
        .with(bootstrap::log_filter().with_targets(silent))
        .with(lines)
        .try_init();
}
