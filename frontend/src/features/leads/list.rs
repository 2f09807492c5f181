//! The list's data: what the address asks for, and the page of leads that answers it.

use std::collections::BTreeMap;

use easy_crm_shared::lead::Lead;
use easy_crm_shared::query::ListLeadsResponse;
use easy_crm_shared::status::ProcessingStatus;
use gloo_timers::callback::Timeout;
use leptos::prelude::*;

use super::state::{FilterKey, ListState};
use crate::api::{ApiError, leads, use_client};
use crate::browser;
use crate::router::{Router, use_router};
use crate::routes::{self, Route};

/// How long typing has to rest before the list is asked for again.
const DEBOUNCE_MS: u32 = 250;

/// What was asked of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ListRequest {
    query: String,
    /// Counts presses of "refresh" and "try again".
    refreshes: u32,
}

/// The import that ended last.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Import {
    file_name: String,
    began_at: String,
}

type Answer = (ListRequest, Result<ListLeadsResponse, ApiError>);

/// What the list's body shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ListView {
    Loading,
    Failed(String),
    /// There is no lead at all.
    Empty,
    /// No lead passes the filters.
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
    request: Memo<ListRequest>,
    answer: RwSignal<Option<Answer>>,
    view: Memo<ListView>,
    as_of: RwSignal<Option<String>>,
    last_import: RwSignal<Option<Import>>,
    refreshes: RwSignal<u32>,
    // What is typed but not yet asked for.
    drafts: RwSignal<BTreeMap<FilterKey, String>>,
    debounce: StoredValue<Option<Timeout>, LocalStorage>,
    router: Router,
}

/// The page's list.
pub(crate) fn use_lead_list() -> LeadList {
    expect_context()
}

impl LeadList {
    /// Starts to read what the address asks for. Needs a router and a client.
    pub(crate) fn new() -> Self {
        let client = use_client();
        let router = use_router();
        let search = router.search();
        // Other screens have other addresses; the list stays as it was.
        let state = Memo::new(move |before: Option<&ListState>| match (router.route(), before) {
            (Route::Home, _) | (_, None) => ListState::from_query(&search.read()),
            (_, Some(before)) => before.clone(),
        });
        let as_of = RwSignal::new(None::<String>);
        let refreshes = RwSignal::new(0);
        let request = Memo::new(move |_| ListRequest {
            query: state.read().request_query(as_of.read().as_deref()),
            refreshes: refreshes.get(),
        });
        let answer = RwSignal::new(None::<Answer>);
        Effect::new(move |_| {
            let asked = request.get();
            leptos::task::spawn_local(async move {
                let result = leads::list(client, &asked.query).await;
                // Only the answer to the latest question counts, in whatever order they come.
                if request.try_with_untracked(|newest| *newest == asked) == Some(true) {
                    answer.try_set(Some((asked, result)));
                }
            });
        });
        Self {
            state,
            request,
            answer,
            view: Memo::new(move |_| {
                view_of(answer.read().as_ref(), &request.read(), state.read().filter_count() > 0)
            }),
            as_of,
            last_import: RwSignal::new(None),
            refreshes,
            drafts: RwSignal::new(BTreeMap::new()),
            debounce: StoredValue::new_local(None),
            router,
        }
    }

    /// What the address asks for.
    pub(super) fn state(self) -> Memo<ListState> {
        self.state
    }

    /// The address of the list as it is, without an open lead.
    pub(crate) fn path(self) -> String {
        path_of(&ListState { open: None, ..self.state.get() })
    }

    /// Changes what is asked for, as a new entry of the browser's history.
    pub(super) fn change(self, change: impl FnOnce(&mut ListState)) {
        self.change_with(change, false);
    }

    /// Changes what is asked for, from outside the list: what is being typed is dropped.
    pub(crate) fn show(self, change: impl FnOnce(&mut ListState)) {
        self.debounce.set_value(None);
        self.drafts.set(BTreeMap::new());
        self.change(change);
    }

    fn change_with(self, change: impl FnOnce(&mut ListState), replace: bool) {
        let before = self.state.get_untracked();
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return;
        }
        let path = path_of(&after);
        if replace { self.router.replace(&path) } else { self.router.go(&path) }
    }

    /// What a search field shows: what is being typed, else what the address says.
    pub(super) fn filter_text(self, key: FilterKey) -> Signal<String> {
        Signal::derive(move || {
            let draft = self.drafts.read().get(&key).cloned();
            draft.unwrap_or_else(|| self.state.read().filter(key).to_owned())
        })
    }

    /// Takes a keystroke. Asks when typing rests, so the latest keystroke is what counts.
    pub(super) fn type_filter(self, key: FilterKey, text: String) {
        self.drafts.update(|drafts| {
            drafts.insert(key, text);
        });
        let timeout = Timeout::new(DEBOUNCE_MS, move || self.commit_filters());
        // Dropping the earlier timeout cancels it.
        self.debounce.set_value(Some(timeout));
    }

    /// Asks for what was typed now.
    pub(super) fn commit_filters(self) {
        let Some(drafts) = self.drafts.try_get_untracked() else { return };
        self.change_with(
            |state| drafts.into_iter().for_each(|(key, text)| state.set_filter(key, text.trim().to_owned())),
            true,
        );
    }

    /// The field is left: from now on it shows what the address says.
    pub(super) fn leave_filter(self, key: FilterKey) {
        self.commit_filters();
        self.drafts.update(|drafts| {
            drafts.remove(&key);
        });
    }

    /// Takes one filter away.
    pub(super) fn remove_filter(self, key: FilterKey) {
        self.drafts.update(|drafts| {
            drafts.remove(&key);
        });
        self.change(|state| state.set_filter(key, String::new()));
    }

    /// Takes all filters and the search away.
    pub(super) fn clear_filters(self) {
        self.show(ListState::clear_filters);
    }

    /// Opens a lead's details, or closes them.
    pub(super) fn open(self, lead_id: Option<String>) {
        self.change(|state| state.open = lead_id);
    }

    /// Reads again.
    pub(crate) fn refresh(self) {
        self.refreshes.update(|count| *count += 1);
    }

    /// Was this lead made or changed by the import that ended last?
    pub(super) fn is_fresh(self, lead: &Lead) -> bool {
        let of_import = |import: &Import| {
            import.file_name == lead.source_file
                && browser::parse_time_ms(&lead.updated_at) >= browser::parse_time_ms(&import.began_at)
        };
        self.last_import.read().as_ref().is_some_and(of_import)
    }

    /// An import changed leads: reads again, at least as new as its record, and marks what it changed.
    pub(crate) fn show_import(self, record: &ProcessingStatus) {
        let (file_name, began_at) = (record.metadata.file_name.clone(), record.metadata.start_time.clone());
        self.last_import.set(Some(Import { file_name, began_at }));
        self.refresh_since(record.updated_at.clone());
    }

    /// Reads again, at least as new as this time (RFC 3339).
    pub(super) fn refresh_since(self, as_of: String) {
        let later = |a: &str, b: &str| browser::parse_time_ms(a) > browser::parse_time_ms(b);
        if self.as_of.read_untracked().as_ref().is_none_or(|known| later(&as_of, known)) {
            self.as_of.set(Some(as_of));
        }
        self.refresh();
    }

    /// Is an answer under way to what is asked for now?
    pub(super) fn is_loading(self) -> Signal<bool> {
        Signal::derive(move || {
            let answered = self.answer.read();
            answered.as_ref().is_none_or(|(request, _)| *request != *self.request.read())
        })
    }

    /// What to show in the list's body. An older answer stays until the next is there.
    pub(super) fn view(self) -> Memo<ListView> {
        self.view
    }

    /// Is there no lead at all?
    pub(crate) fn is_empty(self) -> Signal<bool> {
        Signal::derive(move || *self.view.read() == ListView::Empty)
    }

    /// Reads the newest page of leads; `None` before the first answer, and after one that failed.
    pub(super) fn with_page<T>(self, read: impl FnOnce(&ListLeadsResponse) -> T) -> Option<T> {
        let answer = self.answer.read();
        let (_, answer) = answer.as_ref()?;
        answer.as_ref().ok().map(read)
    }
}

/// The address of the list in this state.
fn path_of(state: &ListState) -> String {
    let query = state.to_query();
    if query.is_empty() { routes::HOME.to_owned() } else { format!("{}?{query}", routes::HOME) }
}

/// What an answer means for the screen.
fn view_of(answer: Option<&Answer>, asked: &ListRequest, has_filters: bool) -> ListView {
    match answer {
        None => ListView::Loading,
        Some((_, Ok(answer))) if !answer.leads.is_empty() => ListView::Rows,
        // Nothing worth keeping on the screen while the next answer is under way.
        Some((request, _)) if request != asked => ListView::Loading,
        Some((_, Err(error))) => ListView::Failed(error.message()),
        Some((_, Ok(answer))) if answer.pagination.total_count > 0 => {
            ListView::PastEnd { last_page: answer.pagination.total_pages.max(1) }
        }
        Some(_) if has_filters => ListView::NoMatch,
        Some(_) => ListView::Empty,
    }
}
