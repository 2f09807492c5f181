//! Permanently erasing the person a lead is about.

use leptos::prelude::*;

use super::list::use_lead_list;
use super::selection::use_selection;
use crate::browser;
use crate::components::button::Button;

/// A button with a confirmation.
#[component]
pub(super) fn EraseLead(lead_id: String) -> impl IntoView {
    let (list, selection) = (use_lead_list(), use_selection());
    let is_asking = RwSignal::new(false);
    // The button and the confirmation replace each other, and the focus moves along, to the harmless choice.
    let ask = move |is_asked: bool| {
        is_asking.set(is_asked);
        browser::focus_soon(if is_asked { "[data-testid=erase-cancel]" } else { "[data-testid=erase]" });
    };
    let body = move || {
        if !is_asking.get() {
            return view! { <Button test_id="erase" on_click=move |_| ask(true)>"Erase this person…"</Button> }.into_any();
        }
        let lead_id = lead_id.clone();
        let erase = move |_| {
            list.open(None);
            selection.erase(lead_id.clone());
        };
        view! {
            <p class="notice notice-danger">
                "Removes this person from the list and from all stored files, reports and exports. This cannot be undone."
            </p>
            <div class="modal-actions">
                <Button test_id="erase-cancel" on_click=move |_| ask(false)>"Cancel"</Button>
                <Button class="button button-primary" test_id="erase-confirm" on_click=erase>"Erase permanently"</Button>
            </div>
        }
        .into_any()
    };
    view! { <div class="edit" role="status">{body}</div> }
}
