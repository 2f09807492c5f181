//! Which leads are selected; deleting them, with undo, and erasing a person.

use easy_crm_shared::changes::{LeadSelection, RestoreRequest};
use easy_crm_shared::erasure::EraseRequest;
use leptos::prelude::*;

use super::list::{LeadList, use_lead_list};
use crate::api::{ApiError, Client, changes, use_client};
use crate::components::button::Button;
use crate::components::icon::{Icon, IconName};
use crate::components::modal::Modal;
use crate::components::toast::{Toaster, use_toaster};
use crate::format;

/// Changes of up to this many leads show no progress: they take a fraction of a second.
const AT_ONCE: u64 = 500;

/// What is selected.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Selected {
    /// These leads.
    Leads(Vec<String>),
    /// All matching leads, on all pages.
    All,
}

/// The selection. Cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Selection {
    client: Client,
    toaster: Toaster,
    list: LeadList,
    selected: RwSignal<Selected>,
    is_busy: RwSignal<bool>,
    /// What a longer job is doing, and the percentage done.
    work: RwSignal<Option<(&'static str, u64)>>,
    /// Whether the confirmation for deleting the selected leads is open.
    is_asking: RwSignal<bool>,
}

/// The list's selection.
pub(crate) fn use_selection() -> Selection {
    expect_context()
}

impl Selection {
    /// Nothing is selected. Needs a client, a toaster and the list in the context.
    pub(crate) fn new() -> Self {
        let list = use_lead_list();
        let selected = RwSignal::new(Selected::Leads(Vec::new()));
        // Another filter shows other leads: leads that are no longer shown must not stay selected.
        let shown = Memo::new(move |_| list.state().read().search_key());
        let mut is_first = true;
        Effect::new(move |_| {
            shown.track();
            if !std::mem::take(&mut is_first) {
                selected.set(Selected::Leads(Vec::new()));
            }
        });
        Self {
            client: use_client(),
            toaster: use_toaster(),
            list,
            selected,
            is_busy: RwSignal::new(false),
            work: RwSignal::new(None),
            is_asking: RwSignal::new(false),
        }
    }

    pub(super) fn has(self, lead_id: &str) -> bool {
        match &*self.selected.read() {
            Selected::Leads(ids) => ids.iter().any(|id| id == lead_id),
            Selected::All => true,
        }
    }

    pub(super) fn set(self, lead_id: &str, is_selected: bool) {
        let mut ids = match self.selected.get_untracked() {
            Selected::Leads(ids) => ids,
            Selected::All => self.page_ids(),
        };
        ids.retain(|id| id != lead_id);
        if is_selected {
            ids.push(lead_id.to_owned());
        }
        self.selected.set(Selected::Leads(ids));
    }

    fn page_ids(self) -> Vec<String> {
        let ids = |lead: &easy_crm_shared::lead::Lead| lead.lead_id.clone();
        self.list.with_page(|page| page.leads.iter().map(ids).collect()).unwrap_or_default()
    }

    /// Whether every lead of this page is selected.
    pub(super) fn has_page(self) -> bool {
        let ids = self.page_ids();
        !ids.is_empty() && ids.iter().all(|id| self.has(id))
    }

    pub(super) fn set_page(self, is_selected: bool) {
        let page = self.page_ids();
        let mut ids = match self.selected.get_untracked() {
            Selected::Leads(ids) => ids,
            Selected::All => Vec::new(),
        };
        ids.retain(|id| !page.contains(id));
        if is_selected {
            ids.extend(page);
        }
        self.selected.set(Selected::Leads(ids));
    }

    fn clear(self) {
        self.selected.set(Selected::Leads(Vec::new()));
    }

    fn total(self) -> u64 {
        self.list.with_page(|page| page.pagination.total_count).unwrap_or_default()
    }

    fn count(self) -> u64 {
        match &*self.selected.read() {
            Selected::Leads(ids) => ids.len() as u64,
            Selected::All => self.total(),
        }
    }

    /// Asks the user to confirm deleting the selected leads; returns whether it did.
    pub(super) fn ask_to_delete(self) -> bool {
        let can = untrack(|| self.count() > 0) && !self.is_busy.get_untracked();
        if can {
            self.is_asking.set(true);
        }
        can
    }

    /// Deletes one lead.
    pub(super) fn delete_one(self, lead_id: String) {
        self.delete(Selected::Leads(vec![lead_id]), 1);
    }

    fn delete(self, which: Selected, leads: u64) {
        let selection = match which {
            Selected::Leads(ids) => LeadSelection::LeadIds(ids),
            Selected::All => LeadSelection::Query(self.list.state().get_untracked().lead_query()),
        };
        leptos::task::spawn_local(async move {
            let Some(progress) = self.begin("Deleting", leads) else { return };
            let job = changes::delete(self.client, &selection, progress).await;
            let Some(job) = self.end(job, |job| job.as_of.clone()) else { return };
            self.clear();
            let (job_id, done) = (job.job_id, job.done);
            let undo = move || self.restore(job_id.clone(), done);
            self.toaster.undoable(format!("{} deleted.", format::leads(done)), undo);
        });
    }

    /// Restores what a job deleted; returns whether that worked.
    async fn restore(self, job_id: String, leads: u64) -> bool {
        let Some(progress) = self.begin("Restoring", leads) else { return false };
        let job = changes::restore(self.client, &RestoreRequest::JobId(job_id), progress).await;
        let Some(job) = self.end(job, |job| job.as_of.clone()) else { return false };
        self.toaster.success(format!("{} restored.", format::leads(job.done)));
        if job.conflicts > 0 {
            let leads = format::leads(job.conflicts);
            self.toaster.error(format!("{leads} not restored: another lead now has the address."));
        }
        true
    }

    /// Permanently erases the person a lead is about.
    pub(super) fn erase(self, lead_id: String) {
        leptos::task::spawn_local(async move {
            if self.begin("Erasing", 1).is_none() {
                return;
            }
            let erased = changes::erase(self.client, &EraseRequest::LeadId(lead_id)).await;
            let Some(erased) = self.end(erased, |erased| erased.as_of.clone()) else { return };
            self.clear();
            self.toaster.success(format!("{} permanently erased.", format::leads(erased.erased_leads)));
            if erased.waiting_uploads > 0 {
                self.toaster.error("Some imports are still running: their files are deleted within 7 days and cannot bring this person back.");
            }
        });
    }

    /// Begins a change, unless another one is running. Returns a function that shows progress: leads done, and total.
    fn begin(self, doing: &'static str, leads: u64) -> Option<impl Fn(u64, u64)> {
        if self.is_busy.get_untracked() {
            self.toaster.error("Another change is still running. Try again when it is done.");
            return None;
        }
        self.is_busy.set(true);
        self.work.set((leads > AT_ONCE).then_some((doing, 0)));
        Some(move |done: u64, total: u64| {
            self.work.try_set(Some((doing, done * 100 / total.max(1))));
        })
    }

    /// Ends a change: refreshes the list and reports a failure. `as_of` returns the time from which the list includes
    /// the change.
    fn end<T>(self, answer: Result<T, ApiError>, as_of: impl Fn(&T) -> String) -> Option<T> {
        if self.is_busy.try_set(false).is_some() {
            // The user has signed out.
            return None;
        }
        self.work.try_set(None);
        match answer {
            Ok(answer) => {
                self.list.refresh_since(as_of(&answer));
                Some(answer)
            }
            Err(error) => {
                self.list.refresh();
                self.toaster.error(error.message());
                None
            }
        }
    }
}

/// A lead's check box.
#[component]
pub(super) fn SelectBox(lead_id: String, name: String) -> impl IntoView {
    let selection = use_selection();
    let own_id = lead_id.clone();
    view! {
        <input type="checkbox" class="check" data-testid="select-lead" aria-label=format!("Select {name}")
            prop:checked=move || selection.has(&own_id)
            on:click=|event: web_sys::MouseEvent| event.stop_propagation()
            on:change=move |event: web_sys::Event| selection.set(&lead_id, event_target_checked(&event)) />
    }
}

/// Actions on the selected leads; empty if none are selected.
#[component]
pub(super) fn SelectionBar() -> impl IntoView {
    let selection = use_selection();
    let is_asking = selection.is_asking;
    let count = Memo::new(move |_| selection.count());
    let is_busy = Signal::derive(move || selection.is_busy.get());
    let more = move || {
        let is_more = selection.has_page() && count.get() < selection.total();
        is_more.then(|| {
            let all = move |_| selection.selected.set(Selected::All);
            let label = format!("Select all {}", format::count(selection.total()));
            view! { <Button class="button button-quiet" test_id="select-all" on_click=all>{label}</Button> }
                .into_any()
        })
    };
    let said = move || match selection.work.get() {
        Some((doing, percent)) => format!("{doing}… {percent}%"),
        None => format!("{} selected", format::leads(count.get())),
    };
    let is_shown = Memo::new(move |_| count.get() > 0 || selection.work.read().is_some());
    let bar = move || {
        is_shown.get().then(|| {
            view! {
                <div class="selection card" data-testid="selection">
                    <p>{said}</p>
                    {more}
                    <Button class="button button-quiet" test_id="select-none" on_click=move |_| selection.clear()>"Clear"</Button>
                    <Button test_id="bulk-delete" disabled=is_busy on_click=move |_| { selection.ask_to_delete(); }><Icon name=IconName::Trash />"Delete"</Button>
                </div>
            }
            .into_any()
        })
    };
    let delete = move |_| {
        is_asking.set(false);
        selection.delete(selection.selected.get_untracked(), count.get_untracked());
    };
    view! {
        <div role="status" class="no-box">{bar}</div>
        <Modal test_id="delete-dialog" title="Delete the selected leads?" open=is_asking on_close=move |()| is_asking.set(false)>
            <p>{move || format!("{} will be removed from the list. You can undo this in the message that follows.", format::leads(count.get()))}</p>
            <div class="modal-actions">
                <Button test_id="delete-cancel" on_click=move |_| is_asking.set(false)>"Cancel"</Button>
                <Button class="button button-primary" test_id="delete-confirm" on_click=delete>"Delete"</Button>
            </div>
        </Modal>
    }
}
