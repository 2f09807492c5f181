//! Saved views: reading, saving and deleting them.

use easy_crm_shared::routes;
use easy_crm_shared::views::{DeleteViewResponse, PutViewRequest, View, ViewListResponse};
use gloo_net::http::Method;
use serde_json::Value;

use super::{ApiError, Client};
use crate::query_string::encode;

/// A saved view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SavedView {
    pub(crate) view_id: String,
    pub(crate) name: String,
    /// What it restores: the list's query string and the table's columns, joined by `#`.
    pub(crate) state: String,
}

impl From<View> for SavedView {
    fn from(View { view_id, name, state, .. }: View) -> Self {
        // A state saved by an incompatible version of the page restores the default list.
        Self { view_id, name, state: state.as_str().unwrap_or_default().to_owned() }
    }
}

/// The user's views, by name.
pub(crate) async fn all(client: Client) -> Result<Vec<SavedView>, ApiError> {
    let answer: ViewListResponse = client.get(routes::VIEWS.to_owned()).await?;
    Ok(answer.views.into_iter().map(SavedView::from).collect())
}

/// Saves a view, replacing one with the same id.
pub(crate) async fn put(client: Client, view: &SavedView) -> Result<SavedView, ApiError> {
    let body = PutViewRequest { name: view.name.clone(), state: Value::String(view.state.clone()) };
    let saved: View = client.change(Method::PUT, path(view), &body).await?;
    Ok(saved.into())
}

/// Deletes a view.
pub(crate) async fn delete(client: Client, view: &SavedView) -> Result<DeleteViewResponse, ApiError> {
    client.delete(path(view)).await
}

fn path(view: &SavedView) -> String {
    routes::view(&encode(&view.view_id))
}
