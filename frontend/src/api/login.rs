//! The token endpoint of the login service (OAuth 2.0, as implemented by Cognito's managed login).

use easy_crm_shared::site::SiteConfig;
use gloo_net::http::Request;
use serde::Deserialize;

use super::{ApiError, http};
use crate::query_string::query;

/// Tokens as issued by the login service.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct TokenResponse {
    /// Identifies the user; this is the token the API requires.
    pub(crate) id_token: String,
    /// Absent in responses to a refresh, unless the service rotates refresh tokens.
    #[serde(default)]
    pub(crate) refresh_token: Option<String>,
    /// Seconds the ID token is valid for.
    pub(crate) expires_in: u32,
}

/// Exchanges the code of a sign-in for tokens.
pub(crate) async fn exchange_code(
    config: &SiteConfig,
    code: &str,
    verifier: &str,
    redirect_uri: &str,
) -> Result<TokenResponse, ApiError> {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", &config.client_id),
        ("code", code),
        ("code_verifier", verifier),
        ("redirect_uri", redirect_uri),
    ];
    post_form(config, &form).await
}

/// Gets a new ID token.
pub(crate) async fn refresh(config: &SiteConfig, refresh_token: &str) -> Result<TokenResponse, ApiError> {
    let form =
        [("grant_type", "refresh_token"), ("client_id", &config.client_id), ("refresh_token", refresh_token)];
    post_form(config, &form).await
}

/// Revokes a refresh token. The request is sent even if the user is leaving the page; its response is not awaited, as it
/// would change nothing.
pub(crate) fn revoke(config: &SiteConfig, refresh_token: &str) {
    let form = query([("token", refresh_token), ("client_id", config.client_id.as_str())]);
    if let Ok(form) = web_sys::UrlSearchParams::new_with_str(&form) {
        let url = format!("{}/oauth2/revoke", config.auth_base);
        let _ =
            leptos::prelude::window().navigator().send_beacon_with_opt_url_search_params(&url, Some(&form));
    }
}

async fn post_form(config: &SiteConfig, form: &[(&str, &str)]) -> Result<TokenResponse, ApiError> {
    let request = Request::post(&format!("{}/oauth2/token", config.auth_base))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(query(form.iter().copied()))
        .map_err(|_| ApiError::Unreachable)?;
    http::parse(&http::send(request).await?.text)
}
