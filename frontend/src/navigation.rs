//! Moving between the page's URLs. The router's own navigation does not suffice: it does not add a path to the browser
//! history that it added last, even if the user has gone back since; and it panics if the browser refuses.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::browser;

/// Shows another URL of the page, as a new entry in the browser history or in place of the current one. Does nothing if
/// the browser refuses because there were too many.
pub(crate) fn show(path: &str, replace: bool) {
    if browser::set_path(path, replace) {
        // The router reads the new path, as it does when the user goes back.
        browser::fire("popstate");
    }
}

/// Adds to the browser history what the router did not add after a click on a link. Needs a router.
pub(crate) fn keep_address_bar_current() {
    let location = use_location();
    Effect::new(move |_| {
        let (pathname, search) = (location.pathname.get(), location.search.get());
        let path = if search.is_empty() { pathname } else { format!("{pathname}?{search}") };
        // Not before the router is done. Dropping the timeout, when the location changes again, cancels it.
        Timeout::new(0, move || {
            if browser::current_path() != path {
                browser::set_path(&path, false);
            }
        })
    });
}
