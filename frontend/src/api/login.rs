//! The token endpoint of the login service (OAuth 2.0, as Cognito's managed login speaks it).

use easy_crm_shared::site::SiteConfig;
use gloo_net::http::Request;
use serde::Deserialize;

use super::{ApiError, http};
use crate::query_string::query;

/// Tokens as the login service hands them out.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct TokenResponse {
    /// Says who the user is; the API wants this one.
    pub(crate) id_token: String,
    /// Absent in answers to a refresh, unless the service rotates refresh tokens.
    #[serde(default)]
    pub(crate) refresh_token: Option<String>,
    /// Seconds the ID token is good for.
    pub(crate) expires_in: u32,
}

/// Swaps the code of a sign-in for tokens.
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

/// Ends what a refresh token can go on with. Is sent even while the page is left; nobody waits for the answer, which would
/// change nothing.
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
