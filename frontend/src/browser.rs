//! The browser's clock, storage, location and media queries: the only place that touches them.

use leptos::ev::EventDescriptor;
use leptos::prelude::*;
use leptos_use_event_listener::use_event_listener;
use leptos_use_window::use_window;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Storage;

/// Media query for windows that get the phone layout.
pub(crate) const NARROW: &str = "(max-width: 720px)";

/// Removes the screen that `index.html` shows until the page has loaded.
pub fn remove_boot_screen() {
    if let Some(boot) = document().get_element_by_id("boot") {
        boot.remove();
    }
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> f64 {
    js_sys::Date::now()
}

/// How far the user's clock is ahead of UTC, in minutes.
pub(crate) fn utc_offset_minutes() -> i32 {
    -(js_sys::Date::new_0().get_timezone_offset() as i32)
}

/// Parses an RFC 3339 time into milliseconds since 1970.
pub(crate) fn parse_time_ms(rfc3339: &str) -> Option<f64> {
    let parsed = js_sys::Date::parse(rfc3339);
    parsed.is_finite().then_some(parsed)
}

/// Scheme, host and port of the page.
pub(crate) fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// Path and query of the page, to come back to after signing in.
pub(crate) fn current_path() -> String {
    let (path, search) = path_and_search();
    path + &search
}

/// Path and query of the page, separately.
pub(crate) fn path_and_search() -> (String, String) {
    let location = window().location();
    (location.pathname().unwrap_or_default(), location.search().unwrap_or_default())
}

/// Puts another path of the page into the address bar, as a new entry in the browser history or in place of the current
/// one. Browsers refuse this if it happens too often; returns whether it worked.
pub(crate) fn set_path(path: &str, replace: bool) -> bool {
    let Ok(history) = window().history() else { return false };
    let set = match replace {
        true => history.replace_state_with_url(&JsValue::NULL, "", Some(path)),
        false => history.push_state_with_url(&JsValue::NULL, "", Some(path)),
    };
    set.is_ok()
}

/// Makes the window fire an event.
pub(crate) fn fire(event: &str) {
    if let Ok(event) = web_sys::Event::new(event) {
        let _ = window().dispatch_event(&event);
    }
}

/// Leaves the page for another URL.
pub(crate) fn go_to(url: &str) {
    // Fails only for a malformed URL, i.e. a wrong setting: the page then stays where it is.
    let _ = window().location().set_href(url);
}

/// Whether the browser has a network connection.
pub(crate) fn is_online() -> bool {
    window().navigator().on_line()
}

/// Opens the browser's print dialog.
pub(crate) fn print() {
    // Fails only where the browser does not allow dialogs.
    let _ = window().print();
}

/// Whether the window is as narrow as a phone's.
pub(crate) fn is_narrow() -> bool {
    window().match_media(NARROW).ok().flatten().is_some_and(|list| list.matches())
}

/// Focuses an element of the page; returns whether that worked.
pub(crate) fn focus(selector: &str) -> bool {
    let found = document().query_selector(selector).ok().flatten();
    let Some(element) = found.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) else {
        return false;
    };
    element.focus().is_ok()
}

/// Focuses an element that is about to appear, if it does.
pub(crate) fn focus_soon(selector: &'static str) {
    request_animation_frame(move || {
        focus(selector);
    });
}

/// Listens to an event of the window until the caller's reactive owner is cleaned up.
pub(crate) fn listen<E>(event: E, handle: impl FnMut(E::EventType) + 'static)
where
    E: EventDescriptor + 'static,
    E::EventType: JsCast,
{
    let _stop_earlier = use_event_listener(use_window(), event, handle);
}

/// Sets the title of the browser's tab.
pub(crate) fn set_title(title: &str) {
    document().set_title(title);
}

/// Waits that many milliseconds.
pub(crate) async fn sleep_ms(milliseconds: u32) {
    gloo_timers::future::TimeoutFuture::new(milliseconds).await;
}

/// Storage that lasts as long as the tab. `None` where the browser blocks it.
fn session_storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

/// Storage that persists. `None` where the browser blocks it.
fn local_storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// Reads a value of this tab.
pub(crate) fn session_get(key: &str) -> Option<String> {
    session_storage()?.get_item(key).ok().flatten()
}

/// Stores a value for this tab; `None` removes it. Full or blocked storage is not an error: the value is lost.
pub(crate) fn session_set(key: &str, value: Option<&str>) {
    set(session_storage(), key, value);
}

/// Reads a value of this tab that was stored as JSON; `None` also if this version of the page cannot parse it.
pub(crate) fn session_get_json<T: DeserializeOwned>(key: &str) -> Option<T> {
    serde_json::from_str(&session_get(key)?).ok()
}

/// Stores a value for this tab as JSON.
pub(crate) fn session_set_json(key: &str, value: &impl Serialize) {
    session_set(key, serde_json::to_string(value).ok().as_deref());
}

/// Reads a value of this browser.
pub(crate) fn local_get(key: &str) -> Option<String> {
    local_storage()?.get_item(key).ok().flatten()
}

/// Stores a value for this browser; `None` removes it.
pub(crate) fn local_set(key: &str, value: Option<&str>) {
    set(local_storage(), key, value);
}

fn set(storage: Option<Storage>, key: &str, value: Option<&str>) {
    let Some(storage) = storage else { return };
    let _ = match value {
        Some(value) => storage.set_item(key, value),
        None => storage.remove_item(key),
    };
}

/// Copies text to the clipboard; returns whether that worked.
pub(crate) async fn copy_text(text: &str) -> bool {
    let promise = window().navigator().clipboard().write_text(text);
    wasm_bindgen_futures::JsFuture::from(promise).await.is_ok()
}

/// Downloads a file under a name. The server sends it as an attachment, so the page stays open.
pub(crate) fn download(url: &str, file_name: &str) {
    let link: web_sys::HtmlAnchorElement = match document().create_element("a") {
        Ok(link) => link.unchecked_into(),
        Err(_) => return go_to(url),
    };
    link.set_href(url);
    link.set_download(file_name);
    link.click();
}
