//! `status-reader` (in work).

use lambda_http::{Body, Error, Request, Response};

use crate::app::App;

/// Handles one request of the API.
///
/// # Errors
/// None that the caller could answer better: every failure is an error response.
pub async fn handle(_app: &App, _request: Request) -> Result<Response<Body>, Error> {
    Err("in work".into())
}
