//! `config.json`: what the page needs to know about its deployment before anybody signs in.

use serde::{Deserialize, Serialize};

/// The page's run-time settings; public, so no secret belongs here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SiteConfig {
    /// Base of the API: a path on the site's host (`/api`).
    pub api_base: String,
    /// Base URL of the login service, without a trailing slash: Cognito's managed login domain, or empty if the site
    /// itself handles the login.
    pub auth_base: String,
    /// OAuth client id of the page.
    pub client_id: String,
    /// Name of the deployment (`dev`, `staging`, `prod`, `local`).
    pub environment: String,
    /// Largest accepted file in bytes.
    pub max_file_size: u64,
}
