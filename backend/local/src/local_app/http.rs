//! The one port, and the routing of its paths.

use std::sync::atomic::Ordering;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::header::{ETAG, HeaderName};
use http::{Method, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_http::compression::CompressionLayer;

use crate::gateway::Gateway;
use crate::login::Login;
use crate::loopback;
use crate::site::{self, Site};
use crate::stand_ins::connector::StandIns;

pub(super) fn router(
    gateway: Gateway,
    site: Site,
    login: Login,
    stand_ins: StandIns,
    base_url: &str,
) -> Router {
    let objects = Router::new()
        .route(&format!("/{}/{{*key}}", stand_ins.s3.bucket()), any(object))
        .layer(DefaultBodyLimit::disable())
        .layer(loopback::cors([Method::GET, Method::HEAD, Method::PUT], [ETAG]))
        // Pages on other ports of this machine may read them; the page's own policy must not forbid that.
        .layer(axum::middleware::map_response(|mut response: Response| async move {
            response.headers_mut().insert(
                HeaderName::from_static("cross-origin-resource-policy"),
                http::HeaderValue::from_static("cross-origin"),
            );
            response
        }))
        .with_state(stand_ins);
    let rest = Router::new()
        .merge(gateway.router())
        .merge(login.router())
        .merge(site.router())
        .layer(CompressionLayer::new());
    site::with_security_headers(rest.merge(objects), base_url)
        .layer(axum::middleware::from_fn(loopback::guard))
}

/// A presigned request from a browser.
async fn object(State(stand_ins): State<StandIns>, request: Request) -> Response {
    if stand_ins.stopped.load(Ordering::Acquire) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if let Some(recorder) = &stand_ins.recorder {
        recorder.s3(request.method().as_str(), request.uri().path(), false);
    }
    // A separate task: a browser that disconnects at the end of its PUT must not leave an object without an event.
    let call = tokio::spawn(async move { stand_ins.s3.call(request.map(s3s::Body::http_body_unsync)).await });
    match call.await {
        Ok(Ok(response)) => response.map(axum::body::Body::new),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Ok(Err(error)) => {
            tracing::error!(%error, "the object store failed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

pub(super) async fn serve(listener: TcpListener, router: Router, mut stopped: watch::Receiver<bool>) {
    let stop = async move {
        // An error means that the sender is gone: stop as well.
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stop).await {
        tracing::error!(%error, "serving failed");
    }
}
