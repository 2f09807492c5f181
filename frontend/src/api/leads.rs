//! Reading leads.

use easy_crm_shared::lead::{Lead, LeadResponse};
use easy_crm_shared::query::ListLeadsResponse;
use easy_crm_shared::routes;

use super::{ApiError, Client};
use crate::query_string::encode;

/// One page of leads; `query` is the rest of the query string of `GET /leads`.
pub(crate) async fn list(
    client: Client,
    query: &str,
    page: u64,
    as_of: Option<&str>,
) -> Result<ListLeadsResponse, ApiError> {
    let as_of = as_of.map(|as_of| format!("&asOf={}", encode(as_of))).unwrap_or_default();
    client.get_again(&format!("{}?page={page}&{query}", routes::LEADS), &as_of).await
}

/// One lead with its remarks in full.
pub(crate) async fn get(client: Client, lead_id: &str) -> Result<Lead, ApiError> {
    let answer: LeadResponse = client.get(routes::lead(&encode(lead_id))).await?;
    Ok(answer.lead)
}
