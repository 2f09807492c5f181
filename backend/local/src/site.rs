//! The page's files, from `dist/` or from the binary itself, and the page's settings.

mod files;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use axum::{Router, middleware};
use easy_crm_shared::routes::{API_BASE, SITE_CONFIG};
use easy_crm_shared::site::SiteConfig;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
    HeaderValue, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{Method, StatusCode};

use crate::login::tokens::CLIENT_ID;
use crate::loopback;
pub use files::Dist;
use files::SiteFile;

/// The page. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) dist: Dist,
    pub(crate) environment: String,
    pub(crate) max_file_size: u64,
}

impl Site {
    /// Its routes; any path not served otherwise is a file or a route inside the page.
    pub(crate) fn router(self) -> Router {
        let config = Router::new()
            .route(SITE_CONFIG, get(config))
            .layer(loopback::cors([Method::GET], []))
            .with_state(self.clone());
        Router::new().merge(config).fallback(get(file).with_state(self))
    }
}

/// Adds the headers that CloudFront adds. `upload_origin` is where presigned URLs point.
pub(crate) fn with_security_headers(router: Router, upload_origin: &str) -> Router {
    let headers: Vec<(HeaderName, Option<HeaderValue>)> = security_headers(upload_origin)
        .map(|(name, value)| (name, HeaderValue::from_str(&value).ok()))
        .collect();
    router.layer(middleware::map_response(move |mut response: Response| {
        let headers = headers.clone();
        async move {
            for (name, value) in headers {
                if let Some(value) = value {
                    response.headers_mut().entry(name).or_insert(value);
                }
            }
            response
        }
    }))
}

/// The headers of every response; scripts may connect to the page's own host and to `other_origins`.
pub fn security_headers(other_origins: &str) -> impl Iterator<Item = (HeaderName, String)> {
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self' {other_origins}; font-src 'self'; form-action 'self'; frame-ancestors 'none'; \
         base-uri 'none'; manifest-src 'self'; require-trusted-types-for 'script'; trusted-types default"
    );
    let fixed = SECURITY_HEADERS.into_iter().map(|(name, value)| (name, value.to_owned()));
    std::iter::once((CONTENT_SECURITY_POLICY, policy)).chain(fixed)
}

/// `same-origin` and not `no-referrer`: with the latter, browsers send `Origin: null` with forms.
const SECURITY_HEADERS: [(HeaderName, &str); 6] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("x-frame-options"), "DENY"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

async fn config(State(site): State<Site>) -> Response {
    let config = SiteConfig {
        api_base: API_BASE.to_owned(),
        // The login is where the page came from: this server, or a development server in front of it.
        auth_base: String::new(),
        client_id: CLIENT_ID.to_owned(),
        environment: site.environment,
        max_file_size: site.max_file_size,
    };
    ([(CACHE_CONTROL, "no-cache")], Json(config)).into_response()
}

async fn file(State(site): State<Site>, request: Request) -> Response {
    let path = percent_encoding::percent_decode_str(request.uri().path()).decode_utf8_lossy().into_owned();
    let accepts =
        request.headers().get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = path.trim_start_matches('/');
    if !files::is_safe(name) {
        return not_found();
    }
    if !name.is_empty()
        && let Some(found) = site.dist.find(name, accepts).await
    {
        return file_response(name, found);
    }
    // A missing file; everything else is a route inside the page.
    if name.rsplit('/').next().is_some_and(|last| last.contains('.')) {
        return not_found();
    }
    match site.dist.find("index.html", accepts).await {
        Some(found) => file_response("index.html", found),
        None => no_page(),
    }
}

fn file_response(name: &str, file: SiteFile) -> Response {
    let cache = if files::is_hashed(name) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = (
        [(CONTENT_TYPE, files::media_type(name)), (CACHE_CONTROL, cache), (VARY, "accept-encoding")],
        file.bytes,
    )
        .into_response();
    if let Some(encoding) = file.encoding {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "There is no such file.\n").into_response()
}

fn no_page() -> Response {
    const HTML: &str = "<!doctype html>
<html lang=\"en\">
<head><meta charset=\"utf-8\"><title>Easy CRM</title></head>
<body>
<h1>The server runs, but there is no page yet</h1>
<p>Build it with <code>trunk build --release</code> in the project's folder, or run <code>./scripts/dev.sh</code>,
which does everything, and reload. The API answers already.</p>
</body>
</html>
";
    (
        StatusCode::SERVICE_UNAVAILABLE,
        [(CONTENT_TYPE, "text/html; charset=utf-8"), (CACHE_CONTROL, "no-store")],
        HTML,
    )
        .into_response()
}
