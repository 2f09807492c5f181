//! The API's routes and the functions behind them. Names come from [`easy_crm_shared::routes`].

use std::collections::BTreeMap;

use easy_crm_lambdas::app::App;
use easy_crm_lambdas::handlers::{
    chatbot, file_upload, lead_exporter, lead_reader, lead_writer, status_reader,
};
use easy_crm_shared::routes;
use http::Method;
use lambda_http::{Body, Error, Request, Response};
use strum::IntoStaticStr;

/// A function that serves API requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub(super) enum ApiFunction {
    Chatbot,
    FileUpload,
    LeadExporter,
    LeadReader,
    LeadWriter,
    StatusReader,
}

impl ApiFunction {
    pub(super) fn name(self) -> &'static str {
        self.into()
    }

    pub(super) async fn invoke(self, app: &App, request: Request) -> Result<Response<Body>, Error> {
        match self {
            Self::Chatbot => chatbot::handle(app, request).await,
            Self::FileUpload => file_upload::handle(app, request).await,
            Self::LeadExporter => lead_exporter::handle(app, request).await,
            Self::LeadReader => lead_reader::handle(app, request).await,
            Self::LeadWriter => lead_writer::handle(app, request).await,
            Self::StatusReader => status_reader::handle(app, request).await,
        }
    }
}

const TABLE: &[(Method, &str, ApiFunction)] = &[
    (Method::POST, routes::UPLOAD, ApiFunction::FileUpload),
    (Method::GET, routes::LEADS, ApiFunction::LeadReader),
    (Method::GET, routes::LEAD, ApiFunction::LeadReader),
    (Method::POST, routes::CHAT, ApiFunction::Chatbot),
    (Method::POST, routes::EXPORT, ApiFunction::LeadExporter),
    (Method::PATCH, routes::LEAD, ApiFunction::LeadWriter),
    (Method::POST, routes::LEADS_DELETE, ApiFunction::LeadWriter),
    (Method::POST, routes::LEADS_RESTORE, ApiFunction::LeadWriter),
    (Method::POST, routes::LEADS_ERASE, ApiFunction::LeadWriter),
    (Method::GET, routes::JOB, ApiFunction::LeadWriter),
    (Method::GET, routes::VIEWS, ApiFunction::LeadWriter),
    (Method::PUT, routes::VIEW, ApiFunction::LeadWriter),
    (Method::DELETE, routes::VIEW, ApiFunction::LeadWriter),
    (Method::GET, routes::STATUS_LIST, ApiFunction::StatusReader),
    (Method::GET, routes::STATUS, ApiFunction::StatusReader),
    (Method::GET, routes::STATUS_PROBLEMS, ApiFunction::StatusReader),
    (Method::POST, routes::STATUS_CANCEL, ApiFunction::StatusReader),
];

/// Method, path and function of every route of the API.
pub fn api_routes() -> impl Iterator<Item = (&'static Method, &'static str, &'static str)> {
    TABLE.iter().map(|(method, path, function)| (method, *path, function.name()))
}

/// The route of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// As in the route table, e.g. `/leads/{leadId}`.
    pub(super) pattern: &'static str,
    pub(super) function: ApiFunction,
    pub(super) path_parameters: BTreeMap<String, String>,
}

/// Where a request is routed to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Routed {
    Found(Route),
    WrongMethod { allowed: String },
    Unknown,
}

/// Finds the route of a path below the API's base.
pub(super) fn find(method: &Method, path: &str) -> Routed {
    let mut allowed = Vec::new();
    for (route_method, pattern, function) in TABLE {
        let Some(path_parameters) = match_pattern(pattern, path) else { continue };
        if route_method == method {
            return Routed::Found(Route { pattern, function: *function, path_parameters });
        }
        allowed.push(route_method.as_str());
    }
    if allowed.is_empty() { Routed::Unknown } else { Routed::WrongMethod { allowed: allowed.join(", ") } }
}

fn match_pattern(pattern: &str, path: &str) -> Option<BTreeMap<String, String>> {
    let mut parameters = BTreeMap::new();
    let mut segments = path.split('/');
    for expected in pattern.split('/') {
        let segment = segments.next()?;
        match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => {
                let value = percent_encoding::percent_decode_str(segment).decode_utf8().ok()?;
                if value.is_empty() {
                    return None;
                }
                parameters.insert(name.to_owned(), value.into_owned());
            }
            None if segment == expected => {}
            None => return None,
        }
    }
    segments.next().is_none().then_some(parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &Method, path: &str, expected: Option<(&str, &[(&str, &str)])>) {
        match (find(method, path), expected) {
            (Routed::Found(route), Some((pattern, parameters))) => {
                assert_eq!(route.pattern, pattern);
                let expected: BTreeMap<_, _> = parameters
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                    .collect();
                assert_eq!(route.path_parameters, expected);
            }
            (Routed::Unknown | Routed::WrongMethod { .. }, None) => {}
            (found, expected) => panic!("{method} {path}: {found:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn routes_are_found() {
        check(&Method::GET, "/leads", Some((routes::LEADS, &[])));
        check(&Method::GET, "/leads/a%20b", Some((routes::LEAD, &[("leadId", "a b")])));
        check(&Method::POST, "/status/u1/cancel", Some((routes::STATUS_CANCEL, &[("uploadId", "u1")])));
        check(&Method::GET, "/leads/", None);
        check(&Method::GET, "/leads/a/b", None);
        check(&Method::GET, "", None);
        check(&Method::GET, "/nothing", None);
        check(&Method::DELETE, "/leads", None);
    }

    #[test]
    fn a_wrong_method_names_the_right_one() {
        assert_eq!(
            find(&Method::DELETE, "/status/u1/cancel"),
            Routed::WrongMethod { allowed: "POST".to_owned() }
        );
    }
}
