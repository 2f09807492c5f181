//! The paths of the page's own screens. Paths of the API are in `easy_crm_shared::routes`.

/// The list, or the sign-in screen in its place.
pub(crate) const HOME: &str = "/";
/// My uploads of the last day.
pub(crate) const IMPORTS: &str = "/imports";
/// Where the login service sends the browser back to.
pub(crate) const SIGNED_IN: &str = "/signed-in";
