//! `lead-reader`: pages of the lead list and single leads.

use easy_crm_domain::identity::LeadId;
use easy_crm_domain::lead_index::{CompiledQuery, LeadIndex};
use easy_crm_shared::lead::LeadResponse;
use easy_crm_shared::query::{DEFAULT_PAGE_SIZE, LeadQuery, ListLeadsResponse, MAX_PAGE_SIZE, Pagination};
use jiff::Timestamp;
use lambda_http::{Body, Error, Request, RequestExt, Response};
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::aws::items::{shown, sortable};
use crate::aws::leads::StoredItem;
use crate::error::ApiError;
use crate::http::{self, Claims, answer, json, number_parameter, path_parameter};
use crate::lead_query;

/// Handles `GET /leads` and `GET /leads/{leadId}`.
///
/// # Errors
/// When not even an error response can be built.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Error> {
    let result = match path_parameter(&request, "leadId", "lead") {
        Ok(Some(lead_id)) => get_lead(app, &request, lead_id).await,
        Ok(None) => page(app, &request).await,
        Err(error) => Err(error),
    };
    answer(app, result)
}

async fn page(app: &App, request: &Request) -> Result<Response<Body>, ApiError> {
    Claims::from_request(request)?;
    let page: u64 = number_parameter(request, "page", 1, 1..=u64::from(u32::MAX))?;
    let page_size = number_parameter(request, "pageSize", DEFAULT_PAGE_SIZE, 1..=MAX_PAGE_SIZE)?;
    let query = lead_query::of_parameters(&request.query_string_parameters())?;
    let compiled = CompiledQuery::new(&query, app.now())?;
    let at_least = match request.query_string_parameters_ref().and_then(|all| all.first("asOf")) {
        None => None,
        Some(text) => Some(
            text.parse::<Timestamp>()
                .map_err(|_| ApiError::field("asOf", "asOf must be a time like 2026-01-31T09:30:00Z."))?,
        ),
    };
    let known = http::entity_tags(request);
    let shown = shown_page(&query, page, page_size, app.now());
    let work = move |index: &LeadIndex| {
        let tag = entity_tag(index.fingerprint(), &shown);
        let is_known = known.is_known(&tag);
        (tag, (!is_known).then(|| index.list(&compiled, page, page_size)))
    };
    let ((tag, list), as_of) = app.lead_list.read(app.now(), at_least, work).await?;
    let Some(list) = list else { return http::not_modified(&tag) };
    let total_pages = list.total_count.div_ceil(u64::from(page_size));
    let answer = json(
        200,
        &ListLeadsResponse {
            leads: list.leads,
            pagination: Pagination {
                page,
                page_size,
                total_count: list.total_count,
                total_pages,
                has_more: page < total_pages,
            },
            condition: easy_crm_domain::chat::answer::condition(&query),
            filters: query.filters,
            sorting: query.sorting,
            as_of: sortable(as_of),
        },
    )?;
    http::with_entity_tag(answer, &tag)
}

/// The parts of the request that determine what a page shows.
fn shown_page(query: &LeadQuery, page: u64, page_size: u32, now: Timestamp) -> Vec<u8> {
    // Weeks and months in a condition are relative to the user's local date.
    let local_ms = now.as_millisecond() + i64::from(query.utc_offset_minutes) * 60_000;
    let today = query.condition.as_ref().map(|_| local_ms.div_euclid(24 * 3_600_000));
    let shown = serde_json::json!([env!("CARGO_PKG_VERSION"), query, page, page_size, today]);
    Sha256::digest(shown.to_string()).to_vec()
}

/// A page's entity tag. It is a weak one: `asOf` advances while the page's content stays the same.
fn entity_tag(fingerprint: u64, shown: &[u8]) -> String {
    let digest = Sha256::new_with_prefix(fingerprint.to_le_bytes()).chain_update(shown).finalize();
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("W/\"{hex}\"")
}

async fn get_lead(app: &App, request: &Request, lead_id: LeadId) -> Result<Response<Body>, ApiError> {
    Claims::from_request(request)?;
    let StoredItem::Lead(stored) = app.leads.get(lead_id).await? else {
        return Err(ApiError::not_found("lead"));
    };
    if stored.deleted_at.is_some() {
        return Err(ApiError::not_found("lead"));
    }
    json(200, &LeadResponse { lead: shown(&stored) })
}
