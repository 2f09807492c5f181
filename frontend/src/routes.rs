//! The page's own screens and their paths. Paths of the API are in `easy_crm_shared::routes`.

/// The workspace, or the sign-in screen in its place.
pub(crate) const HOME: &str = "/";
/// My uploads of the last day.
pub(crate) const IMPORTS: &str = "/imports";
/// Where the login service sends the browser back to.
pub(crate) const SIGNED_IN: &str = "/signed-in";

/// A screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    Home,
    Imports,
    SignedIn,
    NotFound,
}

impl Route {
    /// The screen of a path; a slash at the end does not count.
    pub(crate) fn from_path(path: &str) -> Self {
        match path.trim_end_matches('/') {
            "" => Self::Home,
            IMPORTS => Self::Imports,
            SIGNED_IN => Self::SignedIn,
            _ => Self::NotFound,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_has_a_screen() {
        let check = |path, expected| assert_eq!(Route::from_path(path), expected);
        check(HOME, Route::Home);
        check("", Route::Home);
        check(IMPORTS, Route::Imports);
        check(SIGNED_IN, Route::SignedIn);
        check("/signed-in/", Route::SignedIn);
        check("/leads", Route::NotFound);
        check("/signed-in/x", Route::NotFound);
    }
}
