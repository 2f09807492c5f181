//! Menus are `<details class="menu">`: the browser opens and closes them, one at a time because of their shared name.
//! This adds what it does not do: closing them on Escape or a click elsewhere.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node};

use crate::browser;

const OPEN: &str = "details.menu[open]";

fn open_menu() -> Option<Element> {
    document().query_selector(OPEN).ok().flatten()
}

/// Closes the open menu and focuses its button; returns whether one was open.
pub(crate) fn close_all() -> bool {
    let Some(menu) = open_menu() else { return false };
    // Neither call fails for an element of the page.
    let _ = menu.remove_attribute("open");
    let button = menu.query_selector("summary").ok().flatten();
    if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
        let _ = button.focus();
    }
    true
}

/// Closes the open menu on Escape or a click outside, until the caller's reactive owner is cleaned up.
pub(crate) fn close_on_outside_clicks() {
    browser::listen(ev::pointerdown, |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
        if let Some(menu) = open_menu().filter(|menu| !menu.contains(target.as_ref())) {
            let _ = menu.remove_attribute("open");
        }
    });
    browser::listen(ev::keydown, |event| {
        if event.key() == "Escape" && close_all() {
            event.prevent_default();
        }
    });
}
