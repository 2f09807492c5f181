//! The event API Gateway (REST, payload format 1.0) sends to a function behind a Cognito authorizer.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::routes::Route;
use crate::login::tokens::IdClaims;

/// Name of the API's stage. `lambda_http` would put any other name in front of the path; on AWS a variable in the
/// functions' environment prevents that.
const STAGE: &str = "$default";

pub(super) fn proxy_event(
    route: &Route,
    parts: &Parts,
    body: &[u8],
    claims: &IdClaims,
    now: Timestamp,
) -> Value {
    let path = parts.uri.path();
    let (headers, multi_value_headers) = headers(parts);
    let queries = queries(parts.uri.query().unwrap_or_default());
    let last_queries: Map<String, Value> = queries
        .iter()
        .filter_map(|(name, values)| Some((name.clone(), Value::String(values.last()?.clone()))))
        .collect();
    let (body, is_base64_encoded) = match std::str::from_utf8(body) {
        Ok("") => (Value::Null, false),
        Ok(text) => (Value::String(text.to_owned()), false),
        Err(_) => (Value::String(STANDARD.encode(body)), true),
    };
    json!({
        "resource": route.pattern,
        "path": path,
        "httpMethod": parts.method.as_str(),
        "headers": headers,
        "multiValueHeaders": multi_value_headers,
        "queryStringParameters": null_if_empty(last_queries),
        "multiValueQueryStringParameters": null_if_empty(queries.into_iter().map(|(name, values)| (name, values.into())).collect()),
        "pathParameters": null_if_empty(route.path_parameters.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect()),
        "stageVariables": null,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "stage": STAGE,
            "resourceId": "local",
            "resourcePath": route.pattern,
            "httpMethod": parts.method.as_str(),
            "path": path,
            "protocol": "HTTP/1.1",
            "requestId": uuid::Uuid::new_v4().to_string(),
            "requestTimeEpoch": now.as_millisecond(),
            "identity": { "sourceIp": "127.0.0.1" },
            "authorizer": { "claims": authorizer_claims(claims) },
        },
        "body": body,
        "isBase64Encoded": is_base64_encoded,
    })
}

/// API Gateway passes every claim as a string.
fn authorizer_claims(claims: &IdClaims) -> Map<String, Value> {
    let Ok(Value::Object(claims)) = serde_json::to_value(claims) else { return Map::new() };
    claims
        .into_iter()
        .map(|(name, value)| {
            let text = match value {
                Value::String(text) => text,
                other => other.to_string(),
            };
            (name, Value::String(text))
        })
        .collect()
}

fn headers(parts: &Parts) -> (Map<String, Value>, Map<String, Value>) {
    let mut single = Map::new();
    let mut multi = Map::new();
    for name in parts.headers.keys() {
        let values: Vec<Value> = parts
            .headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .map(|value| Value::String(value.to_owned()))
            .collect();
        if let Some(last) = values.last() {
            single.insert(name.as_str().to_owned(), last.clone());
            multi.insert(name.as_str().to_owned(), values.into());
        }
    }
    (single, multi)
}

fn queries(query: &str) -> BTreeMap<String, Vec<String>> {
    let mut queries: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        queries.entry(name.into_owned()).or_default().push(value.into_owned());
    }
    queries
}

fn null_if_empty(map: Map<String, Value>) -> Value {
    if map.is_empty() { Value::Null } else { Value::Object(map) }
}

#[cfg(test)]
mod tests {
    use lambda_http::RequestExt as _;
    use lambda_http::request::RequestContext;

    use super::super::routes::{Routed, find};
    use super::*;

    #[test]
    fn lambda_http_reads_the_event() {
        let Routed::Found(route) = find(&http::Method::POST, "/status/u%201/cancel") else {
            panic!("no route")
        };
        let request = http::Request::post("/api/status/u%201/cancel?q=a%26b&q=%C3%BC+x&empty=")
            .header("host", "127.0.0.1:8080")
            .header("x-two", "1")
            .header("x-two", "2")
            .body(())
            .unwrap();
        let claims = IdClaims {
            sub: "s".to_owned(),
            email: "ann@example.com".to_owned(),
            email_verified: true,
            username: "s".to_owned(),
            token_use: "id".to_owned(),
            iss: "i".to_owned(),
            aud: "a".to_owned(),
            auth_time: 1,
            iat: 1,
            exp: 2,
            jti: "j".to_owned(),
        };
        let (parts, ()) = request.into_parts();
        let event = proxy_event(&route, &parts, "{\"ä\":1}".as_bytes(), &claims, Timestamp::UNIX_EPOCH);
        let request = lambda_http::request::from_str(&event.to_string()).unwrap();
        assert_eq!(request.method(), http::Method::POST);
        assert_eq!(request.raw_http_path(), "/api/status/u%201/cancel");
        assert_eq!(request.path_parameters().first("uploadId"), Some("u 1"));
        assert_eq!(request.query_string_parameters().all("q"), Some(vec!["a&b", "ü x"]));
        assert_eq!(request.query_string_parameters().first("empty"), Some(""));
        // For duplicate headers, `lambda_http` uses the last value instead of the list.
        assert_eq!(request.headers()["x-two"], "2");
        assert_eq!(request.body().as_ref(), "{\"ä\":1}".as_bytes());
        let Some(RequestContext::ApiGatewayV1(context)) = request.request_context_ref() else {
            panic!("another kind of event")
        };
        let claims = &context.authorizer.fields["claims"];
        assert_eq!(claims["sub"], "s");
        assert_eq!(claims["cognito:username"], "s");
        assert_eq!(claims["email_verified"], "true");
    }
}
