//! Saved views, each user's own: `GET /views`, `PUT /views/{viewId}` and `DELETE /views/{viewId}`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Maximum number of views per user.
pub const MAX_VIEWS: usize = 50;
/// Maximum length of a view's name, in characters.
pub const MAX_VIEW_NAME_CHARS: usize = 100;
/// Maximum length of a view's id, in characters.
pub const MAX_VIEW_ID_CHARS: usize = 64;
/// Maximum size of a view's state, in bytes of JSON.
pub const MAX_VIEW_STATE_BYTES: usize = 16 * 1024;

/// Body of `PUT /views/{viewId}`. The page chooses the id: letters, digits, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutViewRequest {
    /// What the user calls it.
    pub name: String,
    /// The page's own data; the server does not interpret it.
    pub state: Value,
}

/// A saved view. Response of `PUT /views/{viewId}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct View {
    /// Its id.
    pub view_id: String,
    /// What the user calls it.
    pub name: String,
    /// The page's own data.
    pub state: Value,
    /// When it was saved (RFC 3339, UTC).
    pub updated_at: String,
}

/// Response of `GET /views`: the user's own views, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewListResponse {
    /// The views.
    pub views: Vec<View>,
}

/// Response of `DELETE /views/{viewId}`, even if there was no such view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeleteViewResponse {
    /// The view that was deleted.
    pub view_id: String,
}
