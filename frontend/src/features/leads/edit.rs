//! Changing a lead's fields in its drawer. The new values are shown at once; if the server refuses them, the old ones
//! are restored and the form is shown again with what was typed.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use easy_crm_shared::changes::EditLeadRequest;
use easy_crm_shared::lead::{Lead, LeadField, MISSING};
use futures::lock::Mutex;
use leptos::prelude::*;
use strum::IntoEnumIterator as _;

use super::list::{LeadList, use_lead_list};
use super::text;
use crate::api::{ApiError, Client, changes, leads, use_client};
use crate::components::button::Button;
use crate::components::toast::{Toaster, use_toaster};

/// The typed values by field; untouched fields are absent.
pub(super) type Draft = BTreeMap<LeadField, String>;

/// The id of the drawer's lead, and the lead as it was loaded.
pub(super) type Seen = Option<(String, Result<Lead, ApiError>)>;

/// The edit of the drawer's lead. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Edit {
    client: Client,
    list: LeadList,
    toaster: Toaster,
    /// The lead being shown.
    pub(super) seen: LocalResource<Seen>,
    /// What is typed while the form is open.
    pub(super) draft: RwSignal<Option<Draft>>,
    /// Why the last save was refused.
    failure: RwSignal<Option<ApiError>>,
    saves: StoredValue<Arc<Mutex<SavedVersions>>>,
}

/// The versions of leads that this page's saves replaced, each with its successor: an edit that began before the
/// response to the last save arrived still refers to the old version.
#[derive(Default)]
struct SavedVersions(HashMap<(String, String), String>);

impl SavedVersions {
    /// The newest version that followed the given one of a lead.
    fn newest(&self, seen: &Lead) -> String {
        let mut version = seen.updated_at.clone();
        while let Some(next) = self.0.get(&(seen.lead_id.clone(), version.clone())) {
            version.clone_from(next);
        }
        version
    }

    fn replaced(&mut self, version: String, saved: &Lead) {
        if version != saved.updated_at {
            self.0.insert((saved.lead_id.clone(), version), saved.updated_at.clone());
        }
    }
}

impl Edit {
    /// Nothing is being edited.
    pub(super) fn new(open: Memo<Option<String>>) -> Self {
        let client = use_client();
        let seen = LocalResource::new(move || {
            let lead_id = open.get();
            async move {
                let lead_id = lead_id?;
                let answer = leads::get(client, &lead_id).await;
                Some((lead_id, answer))
            }
        });
        Self {
            client,
            list: use_lead_list(),
            toaster: use_toaster(),
            seen,
            draft: RwSignal::new(None),
            failure: RwSignal::new(None),
            saves: StoredValue::default(),
        }
    }

    /// Opens the form.
    pub(super) fn begin(self) {
        self.failure.set(None);
        self.draft.set(Some(Draft::new()));
    }

    /// Closes the form and discards what was typed.
    pub(super) fn end(self) {
        self.draft.set(None);
    }

    /// Whether nothing has been typed that could be lost.
    pub(super) fn is_untouched(self) -> bool {
        self.draft.read_untracked().as_ref().is_none_or(Draft::is_empty)
    }

    /// Updates a lead wherever it is on the screen.
    fn show(self, lead: &Lead) {
        self.list.replace(lead);
        // The drawer may be gone, or show another lead or the next edit of this one.
        let is_typing = self.draft.try_with_untracked(Option::is_some).unwrap_or_default();
        let is_open =
            self.list.state().try_with_untracked(|state| state.open.as_ref() == Some(&lead.lead_id));
        // Writing while another lead is being loaded would drop the response.
        if is_typing || is_open != Some(true) {
            return;
        }
        self.seen.try_update(|seen| {
            if let Some(Some((id, answer))) = seen
                && *id == lead.lead_id
            {
                *answer = Ok(lead.clone());
            }
        });
    }

    fn save(self, before: &Lead) {
        let fields = self.draft.get_untracked().unwrap_or_default();
        self.end();
        if fields.is_empty() {
            return;
        }
        let mut expected = before.clone();
        for (field, value) in &fields {
            let value = value.trim();
            *field.of_mut(&mut expected) = if value.is_empty() { MISSING } else { value }.to_owned();
        }
        self.show(&expected);
        let mut before = before.clone();
        let saves = self.saves.get_value();
        leptos::task::spawn_local(async move {
            // One save at a time, each based on the version that the previous one created.
            let mut versions = saves.lock().await;
            before.updated_at = versions.newest(&before);
            match self.send(&before, fields.clone()).await {
                Ok(after) => {
                    versions.replaced(before.updated_at.clone(), &after);
                    // Not `collect`, which would add a sort to the download.
                    let mut old = Draft::new();
                    for field in fields.into_keys() {
                        old.insert(field, field.of(&before).to_owned());
                    }
                    let name = text::display_name(&after);
                    self.toaster
                        .undoable(format!("{name} saved."), move || self.undo(after.clone(), old.clone()));
                }
                Err(error) => {
                    self.show(&before);
                    let still_open = self.seen.try_with_untracked(|seen| {
                        seen.as_ref().and_then(Option::as_ref).is_some_and(|(id, _)| *id == before.lead_id)
                    });
                    if still_open == Some(true) && self.draft.read_untracked().is_none() {
                        self.failure.set(Some(error));
                        self.draft.set(Some(fields));
                    } else {
                        let name = text::display_name(&before);
                        self.toaster.error(format!("{name} was not changed: {}", error.message()));
                    }
                }
            }
        });
    }

    /// Sends changed fields of a lead as it was last seen, and updates the list.
    async fn send(self, seen: &Lead, fields: Draft) -> Result<Lead, ApiError> {
        let request = EditLeadRequest { updated_at: seen.updated_at.clone(), fields };
        let answer = changes::edit(self.client, &seen.lead_id, &request).await?;
        self.show(&answer.lead);
        self.list.refresh_since(answer.as_of);
        Ok(answer.lead)
    }

    /// Restores the old values, unless the lead has been changed since; returns whether trying again is pointless.
    async fn undo(self, seen: Lead, old: Draft) -> bool {
        match self.send(&seen, old).await {
            Ok(lead) => {
                self.toaster.success(format!("Changes to {} undone.", text::display_name(&lead)));
                true
            }
            Err(error) => {
                self.toaster.error(error.message());
                error.is_stale()
            }
        }
    }
}

/// The seven fields as a form. `on_stale` must reload the lead.
#[component]
pub(super) fn EditForm(edit: Edit, lead: Lead, #[prop(into)] on_stale: Callback<()>) -> impl IntoView {
    let Edit { list, draft, failure, .. } = edit;
    let inputs = LeadField::iter().map(|field| {
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
    }).collect_view();
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        edit.save(&lead);
    };
    let problem = move || {
        failure.get().map(|error| {
            let other = error.lead_in_the_way();
            let open = other.map(|other| {
                view! {
                    <Button test_id="open-other" on_click=move |_| {
                        edit.end();
                        list.open(Some(other.clone()));
                    }>"Open that lead"</Button>
                }
            });
            let again = error.is_stale().then(|| {
                view! {
                    <Button test_id="edit-reload" on_click=move |_| {
                        failure.set(None);
                        on_stale.run(());
                    }>"Reload it and keep my changes"</Button>
                }
            });
            view! { <div class="notice notice-danger"><p>{error.message()}</p>{open}{again}</div> }.into_any()
        })
    };
    view! {
        <form class="drawer-body edit" data-testid="edit-form" on:submit=save>
            <div role="alert">{problem}</div>
            {inputs}
            <div class="modal-actions">
                <Button test_id="edit-cancel" on_click=move |_| edit.end()>"Cancel"</Button>
                <button type="submit" class="button button-primary" data-testid="edit-save">"Save"</button>
            </div>
        </form>
    }
}
