//! The page's run-time settings.

use easy_crm_shared::{routes, site::SiteConfig};
use gloo_net::http::Request;

use super::{ApiError, http};

/// Reads `config.json`. Needs no token.
pub(crate) async fn load_config() -> Result<SiteConfig, ApiError> {
    let request = http::without_body(Request::get(routes::SITE_CONFIG))?;
    http::parse(&http::send(request).await?.text)
}
