//! Saved views: a named search with its sort order and columns, stored per user on the server.

use easy_crm_shared::views::MAX_VIEW_NAME_CHARS;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::address::ListState;
use super::columns::{Columns, use_columns};
use super::list::{LeadList, use_lead_list};
use crate::api::views::{self, SavedView};
use crate::api::{ApiError, Client, use_client};
use crate::browser;
use crate::components::button::{Button, IconButton};
use crate::components::icon::{Icon, IconName};
use crate::components::menu;
use crate::components::toast::{Toaster, use_toaster};

/// Counts the changes of the views. Outlives the screen, as the message with which a deletion is undone does.
#[derive(Clone, Copy)]
struct Changes(RwSignal<u32>);

/// Provides what the views need in addition to the list's screen.
pub(crate) fn provide() {
    provide_context(Changes(RwSignal::new(0)));
}

/// The user's views. Cheap to copy.
#[derive(Clone, Copy)]
struct SavedViews {
    client: Client,
    toaster: Toaster,
    changes: Changes,
    list: LeadList,
    columns: Columns,
    views: LocalResource<Result<Vec<SavedView>, ApiError>>,
}

impl SavedViews {
    /// Reads the views. Needs a client, a toaster, the list and its columns.
    fn new() -> Self {
        let client = use_client();
        let changes: Changes = expect_context();
        let views = LocalResource::new(move || {
            changes.0.track();
            views::all(client)
        });
        Self { client, toaster: use_toaster(), changes, list: use_lead_list(), columns: use_columns(), views }
    }

    /// Stores a view and reports it as `done`; returns whether that worked.
    async fn put(self, view: SavedView, done: &'static str) -> bool {
        let stored = views::put(self.client, &view).await;
        self.read_again();
        match &stored {
            Ok(view) => self.toaster.success(format!("View “{}” {done}.", view.name)),
            Err(error) => self.toaster.error(error.message()),
        }
        stored.is_ok()
    }

    async fn forget(self, view: SavedView) {
        let deleted = views::delete(self.client, &view).await;
        self.read_again();
        match deleted {
            Ok(_) => {
                let text = format!("View “{}” deleted.", view.name);
                self.toaster.undoable(text, move || self.put(view.clone(), "restored"));
            }
            Err(error) => self.toaster.error(error.message()),
        }
    }

    fn read_again(self) {
        self.changes.0.try_update(|count| *count += 1);
    }

    /// The current state, as it would be saved.
    fn now(self) -> String {
        let state = ListState { page: 1, open: None, ..self.list.state().get() };
        format!("{}#{}", state.to_query(), self.columns.text())
    }

    /// The views, empty until they have been loaded.
    fn all(self) -> Vec<SavedView> {
        self.views.get().and_then(Result::ok).unwrap_or_default()
    }

    fn show(self, view: &SavedView) {
        let (query, columns) = view.state.split_once('#').unwrap_or((&view.state, ""));
        let state = ListState::from_query(query);
        self.columns.set_text(columns);
        self.list.show(|shown| *shown = state);
        menu::close_all();
    }

    /// Saves what is shown, replacing a view of this name.
    fn save(self, name: String) {
        let known =
            untrack(|| self.all()).into_iter().find(|view| view.name == name).map(|view| view.view_id);
        // One user does not save two views in a millisecond.
        let view_id = known.unwrap_or_else(|| format!("v{}", browser::now_ms() as u64));
        let view = SavedView { view_id, state: untrack(|| self.now()), name };
        menu::close_all();
        spawn_local(async move {
            self.put(view, "saved").await;
        });
    }
}

/// The menu of views; its button shows the name of the current one.
#[component]
pub(super) fn ViewMenu() -> impl IntoView {
    let saved = SavedViews::new();
    let shown = Memo::new(move |_| {
        let now = saved.now();
        saved.all().into_iter().find(|view| view.state == now)
    });
    let item = move |view: SavedView| {
        let (id, name) = (view.view_id.clone(), view.name.clone());
        let (to_show, to_forget) = (view.clone(), view);
        let is_shown = move || shown.read().as_ref().is_some_and(|shown| shown.view_id == id);
        view! {
            <li>
                <button type="button" class="menu-item" data-testid="view" aria-current=move || is_shown().then_some("true")
                    on:click=move |_| saved.show(&to_show)>{name.clone()}</button>
                <IconButton class="icon-button icon-button-small" test_id="view-delete" icon=IconName::Trash label=format!("Delete view {name}")
                    on_click=move |_| spawn_local(saved.forget(to_forget.clone())) />
            </li>
        }
    };
    let body = move || {
        Suspend::new(async move {
            match saved.views.await {
                Err(error) => view! {
                    <p class="muted">{error.message()}</p>
                    <Button test_id="views-retry" on_click=move |_| saved.views.refetch()>"Try again"</Button>
                }
                .into_any(),
                Ok(all) if all.is_empty() => {
                    view! { <p class="muted">"Save filters, sort order and columns under a name."</p> }
                        .into_any()
                }
                Ok(all) => view! { <ul>{all.into_iter().map(item).collect_view()}</ul> }.into_any(),
            }
        })
    };
    let name = RwSignal::new(String::new());
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let typed = name.get_untracked().trim().to_owned();
        if !typed.is_empty() {
            name.set(String::new());
            saved.save(typed);
        }
    };
    let title = move || shown.read().as_ref().map_or_else(|| "Views".to_owned(), |view| view.name.clone());
    view! {
        <details class="menu views" name="menu" data-testid="views">
            <summary class="button"><Icon name=IconName::Bookmark /><span class="views-title">{title}</span></summary>
            <div class="menu-body card" role="group" aria-label="Saved views">
                <Transition fallback=|| view! { <p class="muted">"Loading…"</p> }>{body}</Transition>
                <form class="views-form" on:submit=save>
                    <input class="input" data-testid="view-name" aria-label="Name of the view" placeholder="Save this view as…"
                        autocomplete="off" maxlength=MAX_VIEW_NAME_CHARS.to_string()
                        prop:value=name on:input=move |event: web_sys::Event| name.set(event_target_value(&event)) />
                    <button type="submit" class="button" data-testid="view-save" disabled=move || name.read().trim().is_empty()>"Save"</button>
                </form>
            </div>
        </details>
    }
}
