//! `lead-reader`: pages of the lead list and single leads.

use easy_crm_domain::identity::LeadId;
use easy_crm_shared::lead::{Lead, LeadField, LeadResponse};
use easy_crm_shared::query::{
    DEFAULT_PAGE_SIZE, FILTER_PREFIX, LeadQuery, ListLeadsResponse, MAX_PAGE_SIZE, Pagination, SortField,
    SortOrder, Sorting,
};
use jiff::Timestamp;
use lambda_http::{Body, Error, Request, RequestExt, Response};

use crate::app::App;
use crate::aws::items::sortable;
use crate::aws::leads::There;
use crate::error::ApiError;
use crate::http::{Claims, answer, json, number_parameter};

/// Longest filter or search text, in characters.
const MAX_FILTER_CHARS: usize = 200;

/// Handles `GET /leads` and `GET /leads/{leadId}`.
///
/// # Errors
/// When not even an error answer can be built.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Error> {
    let lead_id =
        request.path_parameters_ref().and_then(|parameters| parameters.first("leadId")).map(str::to_owned);
    let result = match lead_id {
        Some(lead_id) => one(app, &request, &lead_id).await,
        None => page(app, &request).await,
    };
    answer(app, result)
}

async fn page(app: &App, request: &Request) -> Result<Response<Body>, ApiError> {
    Claims::of(request)?;
    let page: u64 = number_parameter(request, "page", 1, 1..=u64::from(u32::MAX))?;
    let page_size = number_parameter(request, "pageSize", DEFAULT_PAGE_SIZE, 1..=MAX_PAGE_SIZE)?;
    let query = query_of(request)?;
    let at_least = match request.query_string_parameters_ref().and_then(|all| all.first("asOf")) {
        None => None,
        Some(text) => Some(
            text.parse::<Timestamp>()
                .map_err(|_| ApiError::field("asOf", "asOf must be a time like 2026-01-31T09:30:00Z."))?,
        ),
    };
    let (index, as_of) = app.lead_list.read(app.now(), at_least).await?;
    let list = index.list(&query, page, page_size);
    drop(index);
    let total_pages = list.total_count.div_ceil(u64::from(page_size));
    json(
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
            filters: query.filters,
            sorting: query.sorting,
            as_of: sortable(as_of),
        },
    )
}

async fn one(app: &App, request: &Request, lead_id: &str) -> Result<Response<Body>, ApiError> {
    Claims::of(request)?;
    let lead_id = LeadId::parse(lead_id).ok_or_else(|| ApiError::not_found("lead"))?;
    let There::Lead(stored) = app.leads.get(lead_id).await? else { return Err(ApiError::not_found("lead")) };
    if stored.deleted_at.is_some() {
        return Err(ApiError::not_found("lead"));
    }
    let shown = |field| stored.values.shown(field).to_owned();
    let lead = Lead {
        lead_id: stored.lead_id.to_string(),
        first_name: shown(LeadField::FirstName),
        last_name: shown(LeadField::LastName),
        title: shown(LeadField::Title),
        company: shown(LeadField::Company),
        email: shown(LeadField::Email),
        phone: shown(LeadField::Phone),
        remarks: shown(LeadField::Remarks),
        source_file: stored.source_file.clone(),
        created_at: sortable(stored.created_at),
        updated_at: sortable(stored.updated_at),
    };
    json(200, &LeadResponse { lead })
}

/// The query of a request's parameters. Unknown parameters that start with the filter prefix are errors, so that a
/// misspelt filter never shows everything.
fn query_of(request: &Request) -> Result<LeadQuery, ApiError> {
    let parameters = request.query_string_parameters();
    let mut query = LeadQuery::default();
    for (name, text) in parameters.iter() {
        let Some(field) = name.strip_prefix(FILTER_PREFIX) else { continue };
        let field: LeadField = field.parse().map_err(|_| {
            let known = LeadField::ALL.map(LeadField::name).join(", ");
            ApiError::field(name, format!("There is no field of this name. Fields are {known}."))
        })?;
        let text = checked_text(name, text)?;
        if !text.is_empty() {
            query.filters.insert(field, text.to_owned());
        }
    }
    query.q = checked_text("q", parameters.first("q").unwrap_or_default())?.to_owned();
    query.sorting = sorting_of(parameters.first("sortBy"), parameters.first("sortOrder"))?;
    Ok(query)
}

fn checked_text<'a>(name: &str, text: &'a str) -> Result<&'a str, ApiError> {
    if text.chars().count() > MAX_FILTER_CHARS {
        return Err(ApiError::field(
            name,
            format!("{name} must not be longer than {MAX_FILTER_CHARS} characters."),
        ));
    }
    Ok(text.trim())
}

fn sorting_of(sort_by: Option<&str>, sort_order: Option<&str>) -> Result<Sorting, ApiError> {
    let default = Sorting::default();
    let sort_by = match sort_by {
        None => default.sort_by,
        Some(name) => name.parse().map_err(|_| {
            let known = SortField::ALL.map(SortField::name).join(", ");
            ApiError::field("sortBy", format!("sortBy must be one of {known}."))
        })?,
    };
    let sort_order = match sort_order {
        None => default.sort_order,
        Some("asc") => SortOrder::Asc,
        Some("desc") => SortOrder::Desc,
        Some(_) => return Err(ApiError::field("sortOrder", "sortOrder must be asc or desc.")),
    };
    Ok(Sorting { sort_by, sort_order })
}
