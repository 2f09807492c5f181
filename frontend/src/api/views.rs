//! Saved views: reading, saving and forgetting them.

use easy_crm_shared::routes;
use gloo_net::http::Method;
use serde::{Deserialize, Serialize};

use super::{ApiError, Client, json};
use crate::url_encoding::encode;

/// A saved view (`easy_crm_shared::views::View`, as far as the page reads it).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct View {
    pub(crate) view_id: String,
    pub(crate) name: String,
    /// What it brings back: the list's query string and the table's columns, joined by `#`.
    pub(crate) state: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Views {
    views: Vec<View>,
}

#[derive(Serialize)]
struct PutView<'a> {
    name: &'a str,
    state: &'a str,
}

/// The user's views, by name.
pub(crate) async fn all(client: Client) -> Result<Vec<View>, ApiError> {
    let answer: Views = client.get(routes::VIEWS.to_owned()).await?;
    Ok(answer.views)
}

/// Saves a view, in the place of one with its id.
pub(crate) async fn put(client: Client, view: &View) -> Result<(), ApiError> {
    let body = PutView { name: &view.name, state: &view.state };
    let body = json::to_string(&body).map_err(|_| ApiError::Unreadable)?;
    client.call(Method::PUT, path(view), Some(body), None).await.map(drop)
}

/// Forgets a view.
pub(crate) async fn delete(client: Client, view: &View) -> Result<(), ApiError> {
    client.call(Method::DELETE, path(view), None, None).await.map(drop)
}

fn path(view: &View) -> String {
    routes::view(&encode(&view.view_id))
}
