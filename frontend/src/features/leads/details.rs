//! The drawer with everything about one lead. A modal `<dialog>`: the browser keeps the focus inside, closes it on
//! Escape and restores the focus.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use super::details_view::LeadDetails;
use super::edit::{Edit, EditForm};
use super::list::use_lead_list;
use super::selection::use_selection;

use crate::browser;
use crate::components::button::{Button, IconButton};
use crate::components::icon::IconName;
use crate::components::modal::show_while;
use crate::components::states::Blank;

const ID: &str = "lead-details";

/// Shows the lead in the URL, if there is one.
#[component]
pub(super) fn LeadDrawer() -> impl IntoView {
    let list = use_lead_list();
    let state = list.state();
    let open = Memo::new(move |_| state.read().open.clone());
    let selection = use_selection();
    let edit = Edit::new(open);
    let Edit { seen: lead, draft, .. } = edit;
    Effect::new(move |_| {
        open.track();
        edit.end();
    });
    let dialog = NodeRef::<html::Dialog>::new();
    show_while(dialog, move || open.read().is_some());
    let close = move || {
        edit.end();
        list.open(None);
    };
    // What was typed must not be lost by accident.
    let close_softly = move || {
        if edit.is_untouched() {
            close();
        }
    };
    let is_editing = Memo::new(move |_| draft.read().is_some());
    // The form and the button that opens it replace each other, and the focus moves along.
    let mut was_editing = false;
    Effect::new(move |_| {
        let now = is_editing.get();
        if was_editing != now {
            let next = if now { "[data-testid=edit-firstName]" } else { "[data-testid=edit-lead]" };
            browser::focus_soon(next);
        }
        was_editing = now;
    });
    let has_lead = Memo::new(
        move |_| matches!(&*lead.read(), Some(Some((lead_id, Ok(_)))) if Some(lead_id) == open.read().as_ref()),
    );
    let delete = move |_| {
        if let Some(lead_id) = open.get_untracked() {
            close();
            selection.delete_one(lead_id);
        }
    };
    let actions = move || {
        (has_lead.get() && !is_editing.get()).then(|| view! {
            <IconButton test_id="edit-lead" icon=IconName::Edit label="Edit this lead" on_click=move |_| edit.begin() />
            <IconButton test_id="delete-lead" icon=IconName::Trash label="Delete this lead" on_click=delete />
        }.into_any())
    };
    let body = move || {
        match lead.read().as_ref() {
        Some(Some((lead_id, answer))) if Some(lead_id) == open.read().as_ref() => match answer {
            Ok(seen) if is_editing.get() => view! {
                <EditForm edit lead=seen.clone() on_stale=move |()| lead.refetch() />
            }
            .into_any(),
            Ok(lead) => view! { <LeadDetails lead=lead.clone() /> }.into_any(),
            Err(error) if error.is_status(404) => view! {
                <Blank icon=IconName::Search title="Lead not found" text="It may have been deleted."
                    test_id="lead-missing">
                    <Button test_id="back-to-list" on_click=move |_| close()>"Back to the list"</Button>
                </Blank>
            }
            .into_any(),
            Err(error) => view! {
                <Blank icon=IconName::Alert title="The lead could not be loaded" text=error.message() danger=true
                    test_id="lead-error">
                    <Button test_id="lead-retry" on_click=move |_| lead.refetch()>"Try again"</Button>
                </Blank>
            }
            .into_any(),
        },
        _ => view! {
            <div class="drawer-skeleton" role="status">
                <span class="visually-hidden">"Loading lead"</span>
                {(0..8).map(|_| view! { <span class="skeleton"></span> }).collect_view()}
            </div>
        }
        .into_any(),
    }
    };
    let is_open = Memo::new(move |_| open.read().is_some());
    let frame = move || {
        is_open.get().then(|| view! {
                <div class="drawer-frame">
                    <header class="drawer-head">
                        <h2 id="lead-details-title">"Lead details"</h2>
                        <div class="drawer-actions">
                        {actions}
                        <IconButton test_id="close-details" icon=IconName::Close label="Close details" on_click=move |_| close() />
                        </div>
                    </header>
                    {body}
                </div>
        }.into_any())
    };
    view! {
        <dialog
            node_ref=dialog
            class="drawer"
            id=ID
            data-testid=ID
            aria-labelledby="lead-details-title"
            on:close=move |_| close()
            on:cancel=move |event: web_sys::Event| {
                if event.target() == event.current_target() {
                    event.prevent_default();
                    close_softly();
                }
            }
            on:click=move |event: web_sys::MouseEvent| {
                // The dialog itself is hit only outside its content: on the backdrop.
                let hit = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
                let is_backdrop = hit.is_some_and(|hit| hit.id() == ID);
                if is_backdrop {
                    close_softly();
                }
            }
            on:keydown=move |event: web_sys::KeyboardEvent| {
                if let Some(dialog) = dialog.get_untracked() {
                    keep_focus_inside(&event, &dialog);
                }
            }
        >
            {frame}
        </dialog>
    }
}

/// Wraps around at both ends: otherwise Tab would leave the dialog for the browser's own buttons.
fn keep_focus_inside(event: &KeyboardEvent, dialog: &HtmlElement) {
    if event.key() != "Tab" {
        return;
    }
    let Ok(stops) = dialog
        .query_selector_all("a[href], button:not([disabled]), input, textarea, summary, [tabindex='0']")
    else {
        return;
    };
    let stop = |index: u32| stops.item(index).and_then(|node| node.dyn_into::<HtmlElement>().ok());
    let (Some(first), Some(last)) = (stop(0), stop(stops.length().saturating_sub(1))) else { return };
    let active = document().active_element();
    let is_active = |element: &HtmlElement| active.as_ref() == Some(element.as_ref());
    let wrap_to = match event.shift_key() {
        true if is_active(&first) => last,
        false if is_active(&last) => first,
        _ => return,
    };
    event.prevent_default();
    // Fails only for an element that has been removed; then there is nothing to focus.
    let _ = wrap_to.focus();
}
