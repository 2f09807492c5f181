//! Reading leads.

use easy_crm_shared::lead::{Lead, LeadResponse};
use easy_crm_shared::query::ListLeadsResponse;
use easy_crm_shared::routes;

use super::{ApiError, Client};
use crate::url_encoding::encode;

/// One page of leads; `query` is the query string of `GET /leads`.
pub(crate) async fn list(client: Client, query: &str) -> Result<ListLeadsResponse, ApiError> {
    client.get(format!("{}?{query}", routes::LEADS)).await
}

/// One lead with all its remarks.
pub(crate) async fn get(client: Client, lead_id: &str) -> Result<Lead, ApiError> {
    let answer: LeadResponse = client.get(routes::lead(&encode(lead_id))).await?;
    Ok(answer.lead)
}
