//! A request's [`LeadQuery`]: from the simple parameters of `GET /leads`, or complete, as JSON.

use easy_crm_shared::lead::LeadField;
use easy_crm_shared::query::{FILTER_PREFIX, LeadQuery, QUERY_PARAMETER, SortField, SortOrder, Sorting};
use lambda_http::aws_lambda_events::query_map::QueryMap;
use serde::de::DeserializeOwned;
use serde_json::Value;
use strum::IntoEnumIterator as _;

use crate::error::ApiError;

/// Maximum length of a filter or search text in the simple parameters, in characters.
const MAX_FILTER_CHARS: usize = 200;

/// The query in the parameters of `GET /leads`. Unknown parameters that start with the filter prefix are errors, so
/// that a misspelt filter never shows everything.
///
/// # Errors
/// 400 that names the parameter, or the field of the JSON, at fault.
pub fn of_parameters(parameters: &QueryMap) -> Result<LeadQuery, ApiError> {
    if let Some(text) = parameters.first(QUERY_PARAMETER) {
        let simple = parameters.iter().map(|(name, _)| name);
        let simple = simple.into_iter().find(|name| SIMPLE.contains(name) || name.starts_with(FILTER_PREFIX));
        if let Some(simple) = simple {
            return Err(ApiError::field(simple, format!("Give either query or {simple}, not both.")));
        }
        return parse(text, QUERY_PARAMETER);
    }
    let mut query = LeadQuery::default();
    for (name, text) in parameters.iter() {
        let Some(field) = name.strip_prefix(FILTER_PREFIX) else { continue };
        let field: LeadField = field.parse().map_err(|_| {
            let known = LeadField::iter().map(LeadField::name).collect::<Vec<_>>().join(", ");
            ApiError::field(name, format!("There is no field with this name. Fields are {known}."))
        })?;
        let text = checked_text(name, text)?;
        if !text.is_empty() {
            query.filters.insert(field, text.to_owned());
        }
    }
    query.q = checked_text("q", parameters.first("q").unwrap_or_default())?.to_owned();
    query.sorting = sorting_of(parameters.first(SORT_BY), parameters.first(SORT_ORDER))?;
    Ok(query)
}

const SORT_BY: &str = "sortBy";
const SORT_ORDER: &str = "sortOrder";
/// The simple parameters other than filters.
const SIMPLE: [&str; 3] = ["q", SORT_BY, SORT_ORDER];

/// Parses a JSON object as a wire type, such as a query or a request body that contains one. `whole` is what errors
/// call the object itself.
///
/// # Errors
/// 400 that names the field at fault by its path: `where.all[2].op`.
pub fn parse<T: DeserializeOwned>(json: &str, whole: &str) -> Result<T, ApiError> {
    let value: Value = serde_json::from_str(json)
        .map_err(|error| ApiError::field(whole, format!("{whole} is not valid JSON: {error}.")))?;
    if !value.is_object() {
        return Err(ApiError::field(whole, format!("{whole} must be a JSON object.")));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        // An invalid map key has no name.
        let path = path.trim_end_matches(".?");
        let field = if path == "." { whole.to_owned() } else { path.to_owned() };
        ApiError::field(field.clone(), format!("{field}: {}.", error.into_inner()))
    })
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
            let known = SortField::iter().map(SortField::name).collect::<Vec<_>>().join(", ");
            ApiError::field(SORT_BY, format!("sortBy must be one of {known}."))
        })?,
    };
    let sort_order = match sort_order {
        None => default.sort_order,
        Some("asc") => SortOrder::Asc,
        Some("desc") => SortOrder::Desc,
        Some(_) => return Err(ApiError::field(SORT_ORDER, "sortOrder must be asc or desc.")),
    };
    Ok(Sorting { sort_by, sort_order })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn read(parameters: &[(&str, &str)]) -> Result<LeadQuery, ApiError> {
        let parameters: HashMap<String, String> =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        of_parameters(&QueryMap::from(parameters))
    }

    #[track_caller]
    fn check_refused(parameters: &[(&str, &str)], expected: &str) {
        match read(parameters) {
            Err(ApiError::Client { field: Some(field), .. }) => assert_eq!(field, expected),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn simple_parameters() {
        let query =
            read(&[("filter_company", " acme "), ("q", "ada"), ("sortBy", "title"), ("sortOrder", "asc")]);
        let query = query.unwrap();
        assert_eq!(query.filters[&LeadField::Company], "acme");
        assert_eq!(query.sorting, Sorting { sort_by: SortField::Title, sort_order: SortOrder::Asc });
        assert_eq!(query.q, "ada");
        check_refused(&[("filter_city", "x")], "filter_city");
        check_refused(&[("sortOrder", "up")], "sortOrder");
        check_refused(&[("sortBy", "city")], "sortBy");
        check_refused(&[("q", &"x".repeat(201))], "q");
    }

    #[test]
    fn a_whole_query() {
        let text = r#"{"q":"ada","where":{"field":"title","op":"isEmpty"},"limit":3}"#;
        let query = read(&[("query", text), ("page", "2")]).unwrap();
        assert_eq!((query.q.as_str(), query.limit, query.condition.is_some()), ("ada", Some(3), true));
        check_refused(&[("query", "{}"), ("q", "x")], "q");
        check_refused(&[("query", "{}"), ("filter_title", "x")], "filter_title");
        check_refused(&[("query", "[]")], "query");
        check_refused(&[("query", "{")], "query");
        check_refused(&[("query", r#"{"having":1}"#)], "having");
        check_refused(&[("query", r#"{"filters":{"city":"x"}}"#)], "filters");
        let nested = |inner: &str| format!(r#"{{"where":{{"all":[{{"ids":[]}},{{"not":{inner}}}]}}}}"#);
        check_refused(&[("query", &nested(r#"{"field":"title","op":"like"}"#))], "where.all[1].not.op");
        check_refused(&[("query", &nested(r#"{"field":"title"}"#))], "where.all[1].not");
        check_refused(&[("query", &nested(r#"{"field":"city"}"#))], "where.all[1].not.field");
    }
}
