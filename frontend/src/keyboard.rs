//! The keyboard's way through the page, and the dialog that explains it.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use crate::browser;
use crate::components::modal::Modal;
use crate::features::chat::state::use_chat;
use crate::features::leads::list::{LeadList, use_lead_list};

/// What a key does, for the dialog.
const KEYS: [(&str, &str); 12] = [
    ("/", "Search all leads"),
    ("c", "Ask about your leads"),
    ("↓ ↑", "Next and previous lead"),
    ("Home End", "First and last lead"),
    ("Enter", "Open the lead"),
    ("Space", "Select the lead"),
    ("a", "Select all leads of the page, or none"),
    ("Delete", "Delete the selected leads"),
    ("u", "Undo what the last message tells of"),
    ("Esc", "Close what is open"),
    ("Ctrl V", "Import rows copied from a spreadsheet"),
    ("?", "This help"),
];

/// Listens to the page's keys, and shows what they are on `?`.
#[component]
pub(crate) fn Keyboard(open: RwSignal<bool>) -> impl IntoView {
    let (chat, list) = (use_chat(), use_lead_list());
    let handle = browser::listen("keydown", move |event: web_sys::KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || is_busy(&event) {
            return;
        }
        let done = match event.key().as_str() {
            "/" => browser::focus("#filter-q"),
            // Only where the list is, which the panel stands beside.
            "c" if browser::focus(".chat-open") => {
                chat.open.set(true);
                true
            }
            "?" => {
                open.set(true);
                true
            }
            "ArrowDown" => focus_row(list, |at, first, _| at.map_or(first, |at| at + 1)),
            "ArrowUp" => focus_row(list, |at, first, _| at.map_or(first, |at| at.saturating_sub(1))),
            " " => click_in_row("[data-testid=select-lead]"),
            "a" => browser::click("[data-testid=select-page]"),
            "u" => browser::click("[data-testid=undo]"),
            "Delete" => browser::click("[data-testid=bulk-delete]"),
            "Home" => focus_row(list, |_, _, _| 0),
            "End" => focus_row(list, |_, _, count| count.saturating_sub(1)),
            _ => false,
        };
        if done {
            event.prevent_default();
        }
    });
    on_cleanup(move || handle.remove());
    view! {
        <Modal test_id="help" title="Keyboard" open=open on_close=move |()| open.set(false)>
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

/// Is the key meant for a field or a dialog?
fn is_busy(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    let fields = "input:not([type=checkbox]), select, textarea";
    let in_field = target.is_some_and(|target| target.matches(fields).unwrap_or(false));
    in_field || document().query_selector("dialog[open]").ok().flatten().is_some()
}

/// Moves the focus to the row `choose` names, from the row that has it or is about to, the first row in view and the number of
/// rows.
fn focus_row(list: LeadList, choose: fn(Option<u64>, u64, u64) -> u64) -> bool {
    let active = document().active_element();
    // Other controls have their own use for these keys; the page as a whole and the list have not.
    let is_list = active.as_ref().is_none_or(|element| {
        matches!(element.tag_name().as_str(), "BODY" | "MAIN")
            || element.closest(".list-card").is_ok_and(|c| c.is_some())
    });
    let Some(scroll) = list.scroll().filter(|scroll| is_list && scroll.total() > 0) else { return false };
    let row = active.and_then(|active| active.closest("[data-row]").ok().flatten());
    let at = row.and_then(|row| row.get_attribute("data-row")).and_then(|row| row.parse().ok());
    let at = scroll.awaited().or(at);
    let next = choose(at, scroll.first(), scroll.total());
    if next < scroll.total() {
        scroll.focus(next);
    }
    true
}

/// Clicks something in the row that has the focus.
fn click_in_row(selector: &str) -> bool {
    let active = document().active_element().filter(|active| active.class_list().contains("row-open"));
    let row = active.and_then(|active| active.closest("[data-lead-id]").ok().flatten());
    let found = row.and_then(|row| row.query_selector(selector).ok().flatten());
    let Some(found) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) else { return false };
    found.click();
    true
}
