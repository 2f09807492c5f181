//! Converts API Gateway events to requests, and responses to the form API Gateway expects.
//!
//! `lambda_http::run` does the same for responses of every kind. It supports every text encoding, and so links the
//! tables of all of them into every function; our responses are always UTF-8.

use aws_lambda_events::apigw::ApiGatewayProxyResponse;
use lambda_http::{Body, Error, Request, Response};
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::value::RawValue;

use crate::bootstrap::without_panic_message;

/// Serves requests until the process is stopped.
///
/// # Errors
/// When Lambda's Runtime API cannot be reached.
pub async fn run<H, F>(handle: H) -> Result<(), Error>
where
    H: Fn(Request) -> F,
    F: Future<Output = Result<Response<Body>, Error>>,
{
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        without_panic_message(async {
            Ok::<_, Error>(answer(Box::pin(handle(request(event.payload.get())?)).await?))
        })
        .await
    }))
    .await
}

/// The request in an event. `lambda_http` panics if the parts do not form a valid one, such as a host with a space in
/// it.
///
/// # Errors
/// When the event is not a request.
pub fn request(event: &str) -> Result<Request, Error> {
    let read = std::panic::catch_unwind(|| lambda_http::request::from_str(event));
    Ok(read.map_err(|_| "the event is not a request")??)
}

/// Converts a response to API Gateway's format.
#[must_use]
pub fn answer(response: Response<Body>) -> ApiGatewayProxyResponse {
    let (parts, body) = response.into_parts();
    let mut answer = ApiGatewayProxyResponse::default();
    answer.status_code = i64::from(parts.status.as_u16());
    // Only these: API Gateway would send anything that is also among the single-value headers twice.
    answer.multi_value_headers = parts.headers;
    answer.is_base64_encoded = matches!(body, Body::Binary(_));
    answer.body = (!matches!(body, Body::Empty)).then_some(body);
    answer
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_that_is_no_request_is_refused() {
        let event = |host: &str| {
            json!({
                "resource": "/leads", "path": "/leads", "httpMethod": "GET", "isBase64Encoded": false,
                "headers": { "Host": host }, "multiValueHeaders": { "Host": [host] },
                "requestContext": { "httpMethod": "GET", "path": "/leads" },
            })
            .to_string()
        };
        assert_eq!(request(&event("x.example")).unwrap().uri().host(), Some("x.example"));
        assert!(request(&event("a b")).is_err());
        assert!(request("{}").is_err());
    }

    #[track_caller]
    fn check(body: Body, expected: &serde_json::Value) {
        let response = Response::builder().status(201).header("etag", "W/\"a\"").body(body).unwrap();
        let answer = serde_json::to_value(answer(response)).unwrap();
        let body = json!([answer["statusCode"], answer["body"], answer["isBase64Encoded"]]);
        assert_eq!(&body, expected);
        assert_eq!(answer["multiValueHeaders"], json!({ "etag": ["W/\"a\""] }));
    }

    #[test]
    fn answers_have_the_form_of_a_proxy_integration() {
        check(Body::Text("é".to_owned()), &json!([201, "é", false]));
        check(Body::Empty, &json!([201, null, false]));
        check(Body::Binary(vec![1, 2]), &json!([201, "AQI=", true]));
    }
}
