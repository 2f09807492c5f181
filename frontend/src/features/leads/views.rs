//! Saved views: a named search with its sort order and columns, stored per user on the server.

use easy_crm_shared::views::MAX_VIEW_NAME_CHARS;
use leptos::prelude::*;

use super::address::ListState;
use super::columns::{Columns, use_columns};
use super::list::{LeadList, use_lead_list};
use crate::api::views::{self, SavedView};
use crate::api::{ApiError, use_client};
use crate::browser;
use crate::components::button::{Button, IconButton};
use crate::components::icon::{Icon, IconName};
use crate::components::menu;
use crate::components::toast::use_toaster;

/// A view to be stored, and what to say then about it by its name.
type PutView = (SavedView, fn(&str) -> String);

/// The user's views. Cheap to copy.
#[derive(Clone, Copy)]
struct SavedViews {
    list: LeadList,
    columns: Columns,
    views: LocalResource<Result<Vec<SavedView>, ApiError>>,
    put: Action<PutView, ()>,
    forget: Action<SavedView, ()>,
}

impl SavedViews {
    /// Reads the views. Needs a client, a toaster, the list and its columns.
    fn new() -> Self {
        let (client, toaster) = (use_client(), use_toaster());
        let views = LocalResource::new(move || views::all(client));
        let put = Action::new_local(move |(view, said): &PutView| {
            let (view, said) = (view.clone(), *said);
            async move {
                match views::put(client, &view).await {
                    Ok(view) => toaster.success(said(&view.name)),
                    Err(error) => toaster.error(error.message()),
                }
                views.refetch();
            }
        });
        let forget = Action::new_local(move |view: &SavedView| {
            let view = view.clone();
            async move {
                match views::delete(client, &view).await {
                    Ok(_) => {
                        let text = format!("View “{}” deleted.", view.name);
                        let is_back = |name: &str| format!("View “{name}” is back.");
                        toaster.undoable(text, move || drop(put.dispatch_local((view.clone(), is_back))));
                    }
                    Err(error) => toaster.error(error.message()),
                }
                views.refetch();
            }
        });
        Self { list: use_lead_list(), columns: use_columns(), views, put, forget }
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
        self.put.dispatch_local((view, |name| format!("View “{name}” saved.")));
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
                    on_click=move |_| drop(saved.forget.dispatch_local(to_forget.clone())) />
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
                    view! { <p class="muted">"Keep filters, order and columns under a name."</p> }.into_any()
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
