//! Paths of the page's own screens. Paths of the API are in `easy_crm_shared::routes`.

/// The workspace, or the sign-in screen in its place.
pub(crate) const HOME: &str = "/";
/// Where the login service sends the browser back to.
pub(crate) const SIGNED_IN: &str = "/signed-in";
