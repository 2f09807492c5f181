//! Saved views, each user's own: `GET /views`, `PUT /views/{viewId}` and `DELETE /views/{viewId}`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Most views of a user.
pub const MAX_VIEWS: usize = 50;
/// Longest name of a view, in characters.
pub const MAX_VIEW_NAME_CHARS: usize = 100;
/// Longest id of a view, in characters.
pub const MAX_VIEW_ID_CHARS: usize = 64;
/// Longest state of a view, in bytes of JSON.
pub const MAX_VIEW_STATE_BYTES: usize = 16 * 1024;

/// Body of `PUT /views/{viewId}`. The page chooses the id: letters, digits, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutViewRequest {
    /// What the user calls it.
    pub name: String,
    /// What the page wants to find again; the server does not read it.
    pub state: Value,
}

/// A saved view. Answer of `PUT /views/{viewId}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct View {
    /// Its id.
    pub view_id: String,
    /// What the user calls it.
    pub name: String,
    /// What the page wants to find again.
    pub state: Value,
    /// When it was saved (RFC 3339, UTC).
    pub updated_at: String,
}

/// Answer of `GET /views`: the user's own, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewListResponse {
    /// The views.
    pub views: Vec<View>,
}

/// Answer of `DELETE /views/{viewId}`, also when there was no such view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeleteViewResponse {
    /// The view that is gone.
    pub view_id: String,
}
