//! `deepseek-caller` (in work).

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_http::Error;

use crate::app::App;

/// Handles a delivery of SQS messages; messages to be delivered again are named in the answer.
///
/// # Errors
/// When the whole delivery should come again.
pub async fn handle(_app: &App, _event: SqsEvent) -> Result<SqsBatchResponse, Error> {
    Err("in work".into())
}
