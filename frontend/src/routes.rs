//! The paths of the page's own screens. API paths are in `easy_crm_shared::routes`.

/// The list.
pub(crate) const HOME: &str = "/";
/// The user's uploads of the last day.
pub(crate) const IMPORTS: &str = "/imports";
/// Where the login service redirects the browser to.
pub(crate) const SIGNED_IN: &str = "/signed-in";
