//! `lead-splitter` (in work).

use aws_lambda_events::s3::S3Event;
use lambda_http::Error;

use crate::app::App;

/// Handles S3 `ObjectCreated` events.
///
/// # Errors
/// When the event should be delivered again.
pub async fn handle(_app: &App, _event: S3Event) -> Result<(), Error> {
    Err("in work".into())
}
