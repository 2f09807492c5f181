//! What counts as this machine: the server serves nobody else, so that a web page elsewhere can't reach it by pointing
//! its own domain name at 127.0.0.1 (DNS rebinding) or by sending cross-site requests.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{HOST, HeaderName, HeaderValue, ORIGIN};
use http::{HeaderMap, Method, StatusCode, Uri};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// Whether the host, with or without a port, is this machine.
pub(crate) fn is_loopback_host(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (host, None),
    };
    let port_is_good = port.is_none_or(|port| port.parse::<u16>().is_ok());
    port_is_good && (name.eq_ignore_ascii_case("localhost") || matches!(name, "127.0.0.1" | "[::1]"))
}

/// Whether the origin (`http://127.0.0.1:8080`) is a page on this machine.
pub(crate) fn is_loopback_origin(origin: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| origin.strip_prefix(scheme).is_some_and(is_loopback_host))
}

/// Origin and path of a URL on this machine without query and fragment; `None` for any other URL.
pub(crate) fn loopback_url(url: &str) -> Option<(String, String)> {
    if url.contains(['?', '#', '@', '\\']) {
        return None;
    }
    let uri: Uri = url.parse().ok()?;
    let origin = format!("{}://{}", uri.scheme_str()?, uri.authority()?);
    is_loopback_origin(&origin).then(|| (origin, uri.path().to_owned()))
}

/// Rejects requests that name another host, and changes requested by pages of other hosts.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    match refusal(request.method(), request.headers()) {
        Some(refusal) => refusal.into_response(),
        None => next.run(request).await,
    }
}

fn refusal(method: &Method, headers: &HeaderMap) -> Option<(StatusCode, &'static str)> {
    let header = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if !header(HOST).is_some_and(is_loopback_host) {
        return Some((
            StatusCode::MISDIRECTED_REQUEST,
            "This server responds only to requests for this machine's own name.\n",
        ));
    }
    let only_reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    if !only_reads && !header(ORIGIN).is_none_or(is_loopback_origin) {
        return Some((StatusCode::FORBIDDEN, "Pages of other sites must not send requests here.\n"));
    }
    None
}

/// Lets pages on other ports of this machine (a development server) read responses.
pub(crate) fn cors(methods: impl Into<Vec<Method>>, exposed: impl Into<Vec<HeaderName>>) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(|origin: &HeaderValue, _| {
            origin.to_str().is_ok_and(is_loopback_origin)
        }))
        .allow_methods(methods.into())
        .allow_headers(tower_http::cors::AllowHeaders::mirror_request())
        .expose_headers(exposed.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for good in ["127.0.0.1", "127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]", "[::1]:8080"] {
            assert!(is_loopback_host(good), "{good}");
        }
        for bad in [
            "",
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "127.0.0.1:80:80",
            "localhost:99999",
            "localhost:",
            "[::1",
            "::1",
            "0.0.0.0",
            "192.168.0.1",
            "user@localhost",
            "localhost ",
        ] {
            assert!(!is_loopback_host(bad), "{bad}");
        }
    }

    #[test]
    fn origins_and_urls() {
        assert!(is_loopback_origin("http://localhost:1420"));
        for bad in [
            "null",
            "",
            "file://",
            "http://evil.example",
            "http://localhost@evil.example",
            "http://127.0.0.1/",
        ] {
            assert!(!is_loopback_origin(bad), "{bad}");
        }
        assert_eq!(
            loopback_url("http://127.0.0.1:8080/signed-in"),
            Some(("http://127.0.0.1:8080".to_owned(), "/signed-in".to_owned()))
        );
        for bad in [
            "http://evil.example/signed-in",
            "http://127.0.0.1:8080@evil.example/signed-in",
            "//evil.example/signed-in",
            "/signed-in",
            "javascript:alert(1)",
            "http://localhost/signed-in#x",
            "http://localhost/signed-in?x=1",
            "http://localhost\\@evil.example/",
            "data:text/html,x",
        ] {
            assert_eq!(loopback_url(bad), None, "{bad}");
        }
    }
}
