//! Keyboard shortcuts, and the dialog that lists them.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use crate::browser;
use crate::components::modal::Modal;
use crate::components::toast::use_toaster;
use crate::features::chat::state::use_chat;
use crate::features::leads::actions::{Move, use_actions};

/// Keys and what they do, for the dialog.
const KEYS: [(&str, &str); 12] = [
    ("/", "Search all leads"),
    ("c", "Ask about your leads"),
    ("↓ ↑", "Next and previous lead"),
    ("Home End", "First and last lead"),
    ("Enter", "Open the lead"),
    ("Space", "Select the lead"),
    ("a", "Select or clear all leads on the page"),
    ("Delete", "Delete the selected leads"),
    ("u", "Undo the last change"),
    ("Esc", "Close the open dialog, panel or menu"),
    ("Ctrl V", "Import rows copied from a spreadsheet"),
    ("?", "Show this help"),
];

/// Handles the page's shortcuts; `?` lists them.
#[component]
pub(crate) fn Keyboard(open: RwSignal<bool>) -> impl IntoView {
    let (chat, actions, toaster) = (use_chat(), use_actions(), use_toaster());
    browser::listen(ev::keydown, move |event| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || is_busy(&event) {
            return;
        }
        let done = match event.key().as_str() {
            "/" => actions.search(),
            // Only on the list's screen, where the panel is.
            "c" if browser::focus(".chat-open") => {
                chat.open.set(true);
                true
            }
            "?" => {
                open.set(true);
                true
            }
            "ArrowDown" => actions.focus(Move::Next),
            "ArrowUp" => actions.focus(Move::Previous),
            "Home" => actions.focus(Move::First),
            "End" => actions.focus(Move::Last),
            " " => actions.toggle_focused(),
            "a" => actions.toggle_page(),
            "Delete" => actions.ask_to_delete(),
            "u" => toaster.undo_newest(),
            _ => false,
        };
        if done {
            event.prevent_default();
        }
    });
    view! {
        <Modal test_id="help" title="Keyboard shortcuts" open=open on_close=move |()| open.set(false)>
            <dl class="keys">
                {KEYS.map(|(keys, what)| view! {
                    <div>
                        <dt>{keys.split(' ').map(|key| view! { <kbd>{key}</kbd> }).collect_view()}</dt>
                        <dd>{what}</dd>
                    </div>
                }).collect_view()}
            </dl>
        </Modal>
    }
}

/// Whether the key is meant for a field or a dialog.
fn is_busy(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    let fields = "input:not([type=checkbox]), select, textarea";
    let in_field = target.is_some_and(|target| target.matches(fields).unwrap_or(false));
    in_field || document().query_selector("dialog[open]").ok().flatten().is_some()
}
