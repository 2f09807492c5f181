//! Changes by hand, and exports.

use easy_crm_shared::export::{ExportRequest, ExportResponse};
use easy_crm_shared::routes;

use super::{ApiError, Client, json, patiently};

/// Makes a file of the leads a query finds.
pub(crate) async fn export(client: Client, request: &ExportRequest) -> Result<ExportResponse, ApiError> {
    let body = json::to_string(request).map_err(|_| ApiError::Unreadable)?;
    patiently(|| client.post(routes::EXPORT.to_owned(), &body)).await
}
