//! The address bar as a signal. An own file instead of `leptos_router`, because the page has three addresses and no
//! nesting, and the crate would be a fifth of what the browser downloads.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlAnchorElement, MouseEvent};

use crate::browser;
use crate::routes::Route;

/// Where the browser is. Cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Router {
    path: RwSignal<String>,
    search: RwSignal<String>,
}

/// The page's router.
pub(crate) fn use_router() -> Router {
    expect_context()
}

impl Router {
    /// Starts where the browser is; follows its back and forward buttons and the page's own links.
    pub(crate) fn new() -> Self {
        let (path, search) = browser::path_and_search();
        let router = Self { path: RwSignal::new(path), search: RwSignal::new(search) };
        let back = browser::listen("popstate", move |_: web_sys::Event| router.read_location());
        let links = browser::listen("click", move |event: web_sys::MouseEvent| {
            if let Some(url) = own_link(&event) {
                event.prevent_default();
                router.go(&url);
            }
        });
        on_cleanup(move || {
            back.remove();
            links.remove();
        });
        router
    }

    /// The screen the path stands for.
    pub(crate) fn route(self) -> Route {
        Route::from_path(&self.path.read())
    }

    /// The query string, with its question mark if there is one.
    pub(crate) fn search(self) -> RwSignal<String> {
        self.search
    }

    /// Goes to an address of this page, as a new entry of the history.
    pub(crate) fn go(self, url: &str) {
        // The browser refuses addresses of other sites, and too many calls in a row: then the page stays.
        let _ = history().push_state_with_url(&JsValue::NULL, "", Some(url));
        self.read_location();
    }

    /// Goes to an address of this page in place of the present one.
    pub(crate) fn replace(self, url: &str) {
        let _ = history().replace_state_with_url(&JsValue::NULL, "", Some(url));
        self.read_location();
    }

    fn read_location(self) {
        let (path, search) = browser::path_and_search();
        // The query first: a screen that appears reads it at once.
        if self.search.with_untracked(|known| *known != search) {
            self.search.set(search);
        }
        if self.path.with_untracked(|known| *known != path) {
            self.path.set(path);
        }
    }
}

fn history() -> web_sys::History {
    // Fails only in documents that are not shown, which run no script.
    window().history().unwrap_or_else(|_| JsValue::UNDEFINED.unchecked_into())
}

/// The address of a plain click on a link to a screen of this page.
fn own_link(event: &MouseEvent) -> Option<String> {
    let wants_more = event.meta_key() || event.ctrl_key() || event.shift_key() || event.alt_key();
    if event.default_prevented() || event.button() != 0 || wants_more {
        return None;
    }
    let target: Element = event.target()?.dyn_into().ok()?;
    let link: HtmlAnchorElement = target.closest("a[href]").ok()??.dyn_into().ok()?;
    let is_own = link.origin() == browser::origin() && link.hash().is_empty();
    let stays = link.target().is_empty() && !link.has_attribute("download");
    let is_screen = Route::from_path(&link.pathname()) != Route::NotFound;
    (is_own && stays && is_screen).then(|| format!("{}{}", link.pathname(), link.search()))
}
