//! Changing a lead's fields in its drawer.

use std::collections::BTreeMap;

use easy_crm_shared::changes::EditLeadRequest;
use easy_crm_shared::lead::{Lead, LeadField};
use leptos::prelude::*;

use super::list::LeadList;
use super::list::use_lead_list;
use super::text;
use crate::api::{ApiError, Client, changes, use_client};
use crate::components::button::Button;
use crate::components::toast::{Toaster, use_toaster};

/// What is typed, by field; fields that are not touched are not in it.
pub(super) type Draft = BTreeMap<LeadField, String>;

/// The seven fields as a form. `draft` holds what is typed; `on_end` gets the lead as it is then, or nothing when the edit was
/// given up; `on_stale` is to read the lead again.
#[component]
pub(super) fn EditForm(
    lead: Lead,
    draft: RwSignal<Option<Draft>>,
    #[prop(into)] on_end: Callback<Option<Lead>>,
    #[prop(into)] on_stale: Callback<()>,
) -> impl IntoView {
    let (client, list, toaster) = (use_client(), use_lead_list(), use_toaster());
    let failure = RwSignal::new(None::<ApiError>);
    let is_busy = RwSignal::new(false);
    let inputs = LeadField::ALL.map(|field| {
        let typed = draft.read_untracked().as_ref().and_then(|draft| draft.get(&field).cloned());
        let value = typed.unwrap_or_else(|| text::present(field.of(&lead)).unwrap_or_default().to_owned());
        let type_in = move |event| draft.update(|draft| {
            draft.get_or_insert_default().insert(field, event_target_value(&event));
        });
        let control = if field == LeadField::Remarks {
            view! { <textarea class="input" rows="5" data-testid="edit-remarks" prop:value=value on:input=type_in></textarea> }.into_any()
        } else {
            view! { <input class="input" data-testid=format!("edit-{field}") prop:value=value on:input=type_in /> }.into_any()
        };
        view! { <label class="edit-field"><span>{text::label(field)}</span>{control}</label> }
    });
    let before = lead.clone();
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let fields = draft.get_untracked().unwrap_or_default();
        if is_busy.get_untracked() {
            return;
        }
        if fields.is_empty() {
            on_end.run(None);
            return;
        }
        is_busy.set(true);
        failure.set(None);
        let before = before.clone();
        leptos::task::spawn_local(async move {
            let answer = send(client, list, &before, fields.clone()).await;
            is_busy.try_set(false);
            match answer {
                Ok(after) => {
                    on_end.run(Some(after.clone()));
                    // Not collected: that brings a sort into the page.
                    let mut old = Draft::new();
                    for field in fields.into_keys() {
                        old.insert(field, field.of(&before).to_owned());
                    }
                    let name = text::display_name(&after);
                    toaster.undoable(format!("{name} saved."), move || {
                        undo(client, list, toaster, after.clone(), old.clone())
                    });
                }
                Err(error) => {
                    failure.try_set(Some(error));
                }
            }
        });
    };
    let problem = move || {
        failure.get().map(|error| {
            let other = error.lead_in_the_way();
            let is_stale = other.is_none() && error.is_status(409);
            let open = other.map(|other| view! {
                <Button test_id="open-other" on_click=move |_| {
                    draft.set(None);
                    list.open(Some(other.clone()));
                }>"Open that lead"</Button>
            });
            let again = is_stale.then(|| view! {
                <Button test_id="edit-reload" on_click=move |_| on_stale.run(())>"Load it again and keep what I typed"</Button>
            });
            view! { <div class="notice notice-danger"><p>{error.message()}</p>{open}{again}</div> }.into_any()
        })
    };
    view! {
        <form class="drawer-body edit" data-testid="edit-form" on:submit=save>
            <div role="alert">{problem}</div>
            {inputs.collect_view()}
            <div class="modal-actions">
                <Button test_id="edit-cancel" on_click=move |_| on_end.run(None)>"Cancel"</Button>
                <button type="submit" class="button button-primary" data-testid="edit-save" disabled=is_busy>"Save"</button>
            </div>
        </form>
    }
}

/// Changes the fields of a lead as it was seen; the list shows it then.
async fn send(client: Client, list: LeadList, seen: &Lead, fields: Draft) -> Result<Lead, ApiError> {
    let request = EditLeadRequest { updated_at: seen.updated_at.clone(), fields };
    let answer = changes::edit(client, &seen.lead_id, &request).await?;
    list.refresh_since(answer.as_of);
    Ok(answer.lead)
}

/// Gives the fields their old values back, unless the lead was changed since.
fn undo(client: Client, list: LeadList, toaster: Toaster, seen: Lead, old: Draft) {
    leptos::task::spawn_local(async move {
        match send(client, list, &seen, old).await {
            Ok(lead) => toaster.success(format!("{} is as it was.", text::display_name(&lead))),
            Err(error) => toaster.error(error.message()),
        }
    });
}
