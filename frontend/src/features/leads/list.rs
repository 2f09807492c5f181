//! The list's data: what the URL asks for, and the leads that match it.

use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use easy_crm_shared::lead::Lead;
use easy_crm_shared::query::ListLeadsResponse;
use easy_crm_shared::status::ProcessingStatus;
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::address::{FilterKey, ListState};
use crate::api::{ApiError, Client, leads, use_client};
use crate::browser;
use crate::navigation;
use crate::routes;

/// How long typing must pause before the list is requested again, in milliseconds.
const DEBOUNCE_MS: u32 = 250;

/// Most pages in the cache; the oldest is evicted first.
const MOST_PAGES: usize = 24;

/// A request to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ListRequest {
    /// Search, order and page size.
    query: String,
    page: u64,
    as_of: Option<String>,
    /// Counts presses of "refresh" and "try again".
    refreshes: u32,
}

type Page = Arc<ListLeadsResponse>;

/// The most recently ended import.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Import {
    file_name: String,
    began_at: String,
}

type Answer = (ListRequest, Result<Page, ApiError>);

/// What the list's body shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ListView {
    Loading,
    Failed(String),
    /// There are no leads at all.
    Empty,
    /// No lead matches the filters.
    NoMatch,
    /// The page number is past the last page.
    PastEnd {
        last_page: u64,
    },
    Rows,
}

/// The list. Cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct LeadList {
    state: Memo<ListState>,
    client: Client,
    request: Memo<ListRequest>,
    /// The response for the page in the URL.
    answer: RwSignal<Option<Answer>>,
    /// Cached pages, the newest last: rows of neighbouring pages can be in view too.
    pages: RwSignal<Vec<(ListRequest, Page)>>,
    under_way: StoredValue<Vec<ListRequest>>,
    /// The pages in view, or about to be.
    wanted: RwSignal<RangeInclusive<u64>>,
    view: Memo<ListView>,
    as_of: RwSignal<Option<String>>,
    last_import: RwSignal<Option<Import>>,
    refreshes: RwSignal<u32>,
    // What has been typed but not yet requested.
    drafts: RwSignal<Vec<(FilterKey, String)>>,
    debounce: StoredValue<Option<Timeout>, LocalStorage>,
}

/// The page's list.
pub(crate) fn use_lead_list() -> LeadList {
    expect_context()
}

impl LeadList {
    /// Starts loading what the URL asks for. Needs a router and a client in the context.
    pub(crate) fn new() -> Self {
        let client = use_client();
        let location = use_location();
        // Other screens have other URLs; the list stays as it was.
        let state = Memo::new(move |before: Option<&ListState>| match before {
            Some(before) if *location.pathname.read() != routes::HOME => before.clone(),
            _ => ListState::from_query(&location.search.read()),
        });
        let as_of = RwSignal::new(None::<String>);
        let refreshes = RwSignal::new(0);
        let request = Memo::new(move |_| ListRequest {
            query: state.read().request_query(),
            page: state.read().page,
            as_of: as_of.get(),
            refreshes: refreshes.get(),
        });
        let answer = RwSignal::new(None::<Answer>);
        let list = Self {
            state,
            client,
            request,
            answer,
            pages: RwSignal::new(Vec::new()),
            under_way: StoredValue::new(Vec::new()),
            wanted: RwSignal::new(1..=1),
            view: Memo::new(move |_| {
                view_of(answer.read().as_ref(), &request.read(), state.read().filter_count() > 0)
            }),
            as_of,
            last_import: RwSignal::new(None),
            refreshes,
            drafts: RwSignal::new(Vec::new()),
            debounce: StoredValue::new_local(None),
        };
        Effect::new(move |_| {
            let asked = request.get();
            match untrack(|| list.page_of(|known| *known == asked)) {
                Some(page) => answer.set(Some((asked, Ok(page)))),
                None => list.ask(asked),
            }
        });
        Effect::new(move |_| {
            let Some((asked, last_page)) = list.answered() else { return };
            let wanted = list.wanted.get();
            for page in *wanted.start()..=(*wanted.end()).min(last_page) {
                let asked = ListRequest { page, ..asked.clone() };
                if untrack(|| list.page_of(|known| *known == asked)).is_none() {
                    list.ask(asked);
                }
            }
        });
        list
    }

    /// Sends a request, unless it is already in flight.
    fn ask(self, asked: ListRequest) {
        if self.under_way.with_value(|under_way| under_way.contains(&asked)) {
            return;
        }
        self.under_way.update_value(|under_way| under_way.push(asked.clone()));
        leptos::task::spawn_local(async move {
            let ListRequest { query, page, as_of, .. } = &asked;
            let result = leads::list(self.client, query, *page, as_of.as_deref()).await.map(Arc::new);
            // The screen may be gone by now.
            self.under_way.try_update_value(|under_way| under_way.retain(|one| *one != asked));
            if let Ok(page) = &result {
                self.pages.try_update(|pages| {
                    let is_newer = |known: &ListRequest| {
                        (&known.query, known.page) == (query, asked.page) && known.refreshes > asked.refreshes
                    };
                    // The responses can arrive in any order.
                    if pages.iter().any(|(known, _)| is_newer(known)) {
                        return;
                    }
                    pages.retain(|(known, _)| *known != asked);
                    pages.push((asked.clone(), Arc::clone(page)));
                    let surplus = pages.len().saturating_sub(MOST_PAGES);
                    pages.drain(..surplus);
                });
            }
            // Only the response to the latest request counts, in whatever order they arrive.
            if self.request.try_with_untracked(|newest| *newest == asked) == Some(true) {
                self.answer.try_set(Some((asked, result)));
            }
        });
    }

    /// The newest cached page whose request matches.
    fn page_of(self, is_meant: impl Fn(&ListRequest) -> bool) -> Option<Page> {
        let pages = self.pages.read();
        pages.iter().rev().find(|(known, _)| is_meant(known)).map(|(_, page)| Arc::clone(page))
    }

    /// The request last answered, and the number of pages.
    fn answered(self) -> Option<(ListRequest, u64)> {
        let answer = self.answer.read();
        let (asked, page) = answer.as_ref()?;
        Some((asked.clone(), page.as_ref().ok()?.pagination.total_pages))
    }

    /// The leads in a range of rows of the whole list, counted from 0; `None` where they are still loading. After a
    /// change, earlier rows stay until the new ones have arrived.
    pub(super) fn rows(self, range: Range<u64>) -> Vec<(u64, Option<Lead>)> {
        let Some((asked, size)) = self.answered().zip(self.page_size()) else { return Vec::new() };
        let (asked, _) = asked;
        let mut rows = Vec::new();
        let mut current = None;
        for row in range {
            let number = row / size + 1;
            if current.as_ref().is_none_or(|(known, _)| *known != number) {
                let found = self.page_of(|known| known.query == asked.query && known.page == number);
                current = Some((number, found));
            }
            let page = current.as_ref().and_then(|(_, page)| page.as_ref());
            rows.push((row, page.and_then(|page| page.leads.get((row % size) as usize).cloned())));
        }
        rows
    }

    /// Leads per page, of the newest response.
    fn page_size(self) -> Option<u64> {
        self.with_page(|page| u64::from(page.pagination.page_size).max(1))
    }

    /// Shows this version of a lead wherever it is in the list, until the next request.
    pub(super) fn replace(self, lead: &Lead) {
        let change = |page: &mut Page| {
            if let Some(at) = page.leads.iter().position(|known| known.lead_id == lead.lead_id) {
                Arc::make_mut(page).leads[at] = lead.clone();
            }
        };
        self.pages.try_update(|pages| pages.iter_mut().for_each(|(_, page)| change(page)));
        self.answer.try_update(|answer| {
            if let Some((_, Ok(page))) = answer {
                change(page);
            }
        });
    }

    /// Loads the missing pages of these rows, which are in view.
    pub(super) fn want(self, rows: Range<u64>) {
        let Some(size) = untrack(|| self.page_size()) else { return };
        let wanted = rows.start / size + 1..=rows.end.saturating_sub(1) / size + 1;
        if *self.wanted.read_untracked() != wanted {
            self.wanted.set(wanted);
        }
    }

    /// Another page has come into view, because the user scrolled.
    pub(super) fn turn_to(self, page: u64) {
        self.change_with(|state| state.page = page, true);
    }

    /// What the URL asks for.
    pub(crate) fn state(self) -> Memo<ListState> {
        self.state
    }

    /// The URL of the list as it is, without an open lead.
    pub(crate) fn path(self) -> String {
        path_of(&ListState { open: None, ..self.state.get() })
    }

    /// Changes what the URL asks for, as a new entry in the browser history.
    pub(super) fn change(self, change: impl FnOnce(&mut ListState)) {
        self.change_with(change, false);
    }

    /// Changes what the URL asks for from outside the list: drops what is being typed.
    pub(crate) fn show(self, change: impl FnOnce(&mut ListState)) {
        self.debounce.set_value(None);
        self.drafts.set(Vec::new());
        self.change(change);
    }

    fn change_with(self, change: impl FnOnce(&mut ListState), replace: bool) {
        let before = self.state.get_untracked();
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return;
        }
        navigation::show(&path_of(&after), replace);
    }

    /// The text of a search field: what is being typed, otherwise what the URL says.
    pub(super) fn filter_text(self, key: FilterKey) -> Signal<String> {
        Signal::derive(move || {
            let drafts = self.drafts.read();
            let draft = drafts.iter().find(|(typed, _)| *typed == key).map(|(_, text)| text.clone());
            draft.unwrap_or_else(|| self.state.read().filter(key).to_owned())
        })
    }

    /// Handles a keystroke. Sends the request once typing pauses.
    pub(super) fn type_filter(self, key: FilterKey, text: String) {
        self.drafts.update(|drafts| {
            drafts.retain(|(typed, _)| *typed != key);
            drafts.push((key, text));
        });
        let timeout = Timeout::new(DEBOUNCE_MS, move || self.commit_filters());
        // Dropping the earlier timeout cancels it.
        self.debounce.set_value(Some(timeout));
    }

    /// Requests what was typed, without waiting.
    pub(super) fn commit_filters(self) {
        let Some(drafts) = self.drafts.try_get_untracked() else { return };
        self.change_with(
            |state| drafts.into_iter().for_each(|(key, text)| state.set_filter(key, text.trim().to_owned())),
            true,
        );
    }

    /// The field lost the focus: from now on it shows what the URL says.
    pub(super) fn leave_filter(self, key: FilterKey) {
        self.commit_filters();
        self.drafts.update(|drafts| {
            drafts.retain(|(typed, _)| *typed != key);
        });
    }

    /// Removes one filter.
    pub(super) fn remove_filter(self, key: FilterKey) {
        self.drafts.update(|drafts| {
            drafts.retain(|(typed, _)| *typed != key);
        });
        self.change(|state| state.remove(key));
    }

    /// Removes all filters and the search.
    pub(super) fn clear_filters(self) {
        self.show(ListState::clear_filters);
    }

    /// Opens a lead's details, or closes them.
    pub(super) fn open(self, lead_id: Option<String>) {
        self.change(|state| state.open = lead_id);
    }

    /// Reloads the list.
    pub(crate) fn refresh(self) {
        self.refreshes.update(|count| *count += 1);
    }

    /// Whether this lead was created or changed by the most recently ended import.
    pub(super) fn is_fresh(self, lead: &Lead) -> bool {
        let of_import = |import: &Import| {
            import.file_name == lead.source_file
                && browser::parse_time_ms(&lead.updated_at) >= browser::parse_time_ms(&import.began_at)
        };
        self.last_import.read().as_ref().is_some_and(of_import)
    }

    /// An import changed leads: reloads the list, at least as recent as its record, and highlights what it changed.
    pub(crate) fn show_import(self, record: &ProcessingStatus) {
        let (file_name, began_at) = (record.metadata.file_name.clone(), record.metadata.start_time.clone());
        self.last_import.set(Some(Import { file_name, began_at }));
        self.refresh_since(record.updated_at.clone());
    }

    /// Reloads the list, at least as recent as this time (RFC 3339).
    pub(super) fn refresh_since(self, as_of: String) {
        let later = |a: &str, b: &str| browser::parse_time_ms(a) > browser::parse_time_ms(b);
        let is_later = |known: &Option<String>| known.as_ref().is_none_or(|known| later(&as_of, known));
        // After sign-out, there is no list.
        if self.as_of.try_with_untracked(is_later) == Some(true) {
            self.as_of.set(Some(as_of));
        }
        self.refresh();
    }

    /// Whether the current request is still in flight.
    pub(super) fn is_loading(self) -> Signal<bool> {
        Signal::derive(move || {
            let answered = self.answer.read();
            answered.as_ref().is_none_or(|(request, _)| *request != *self.request.read())
        })
    }

    /// Whether the screen shows the response to the current request.
    pub(super) fn is_answered(self) -> bool {
        !untrack(|| self.is_loading().get())
    }

    /// What to show in the list's body. An older response stays until the next one arrives.
    pub(super) fn view(self) -> Memo<ListView> {
        self.view
    }

    /// Whether there are no leads at all.
    pub(crate) fn is_empty(self) -> Signal<bool> {
        Signal::derive(move || *self.view.read() == ListView::Empty)
    }

    /// Reads the newest page of leads; `None` before the first response, and after a failure.
    pub(super) fn with_page<T>(self, read: impl FnOnce(&ListLeadsResponse) -> T) -> Option<T> {
        let answer = self.answer.read();
        let (_, answer) = answer.as_ref()?;
        answer.as_ref().ok().map(|page| read(page))
    }
}

/// The URL of the list in this state.
fn path_of(state: &ListState) -> String {
    let query = state.to_query();
    if query.is_empty() { routes::HOME.to_owned() } else { format!("{}?{query}", routes::HOME) }
}

/// What to show for a response.
fn view_of(answer: Option<&Answer>, asked: &ListRequest, has_filters: bool) -> ListView {
    match answer {
        None => ListView::Loading,
        Some((_, Ok(answer))) if !answer.leads.is_empty() => ListView::Rows,
        // Not worth keeping on the screen while the next request is in flight.
        Some((request, _)) if request != asked => ListView::Loading,
        Some((_, Err(error))) => ListView::Failed(error.message()),
        Some((_, Ok(answer))) if answer.pagination.total_count > 0 => {
            ListView::PastEnd { last_page: answer.pagination.total_pages.max(1) }
        }
        Some(_) if has_filters => ListView::NoMatch,
        Some(_) => ListView::Empty,
    }
}
