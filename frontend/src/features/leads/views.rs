//! Saved views: a search with its order and columns under a name, kept for the user on the server.

use easy_crm_shared::views::MAX_VIEW_NAME_CHARS;
use leptos::prelude::*;

use super::address::ListState;
use super::columns::{Columns, use_columns};
use super::list::{LeadList, use_lead_list};
use crate::api::views::{self, SavedView};
use crate::api::{Client, use_client};
use crate::browser;
use crate::components::button::IconButton;
use crate::components::icon::{Icon, IconName};
use crate::components::menu;
use crate::components::toast::{Toaster, use_toaster};

/// The user's views. Cheap to copy.
#[derive(Clone, Copy)]
struct SavedViews {
    client: Client,
    toaster: Toaster,
    list: LeadList,
    columns: Columns,
    /// `None` until they were read.
    views: RwSignal<Option<Vec<SavedView>>>,
}

impl SavedViews {
    /// What would be saved now.
    fn now(self) -> String {
        let state = ListState { page: 1, open: None, ..self.list.state().get() };
        format!("{}#{}", state.to_query(), self.columns.text())
    }

    fn read(self) {
        leptos::task::spawn_local(async move {
            match views::all(self.client).await {
                Ok(all) => drop(self.views.try_set(Some(all))),
                Err(error) => self.toaster.error(error.message()),
            }
        });
    }

    fn show(self, view: &SavedView) {
        let (query, columns) = view.state.split_once('#').unwrap_or((&view.state, ""));
        let state = ListState::from_query(query);
        self.columns.set_text(columns);
        self.list.show(|shown| *shown = state);
        menu::close_all();
    }

    /// Saves what is shown; a view of this name is replaced.
    fn save(self, name: String) {
        let known = self.views.with_untracked(|views| {
            let same = |view: &&SavedView| view.name == name;
            views.as_deref().unwrap_or_default().iter().find(same).map(|view| view.view_id.clone())
        });
        // One user does not save two views in a millisecond.
        let view_id = known.unwrap_or_else(|| format!("v{}", browser::now_ms() as u64));
        let view = SavedView { view_id, state: untrack(|| self.now()), name };
        menu::close_all();
        self.put(view, |name| format!("View “{name}” saved."));
    }

    fn put(self, view: SavedView, said: fn(&str) -> String) {
        leptos::task::spawn_local(async move {
            match views::put(self.client, &view).await {
                Ok(view) => self.toaster.success(said(&view.name)),
                Err(error) => self.toaster.error(error.message()),
            }
            self.read();
        });
    }

    fn forget(self, view: SavedView) {
        leptos::task::spawn_local(async move {
            match views::delete(self.client, &view).await {
                Ok(_) => {
                    let text = format!("View “{}” deleted.", view.name);
                    let undo = move || self.put(view.clone(), |name| format!("View “{name}” is back."));
                    self.toaster.undoable(text, undo);
                }
                Err(error) => self.toaster.error(error.message()),
            }
            self.read();
        });
    }
}

/// The menu of views; its button names the one that is shown.
#[component]
pub(super) fn ViewMenu() -> impl IntoView {
    let saved = SavedViews {
        client: use_client(),
        toaster: use_toaster(),
        list: use_lead_list(),
        columns: use_columns(),
        views: RwSignal::new(None),
    };
    saved.read();
    let shown = Memo::new(move |_| {
        let now = saved.now();
        let views = saved.views.read();
        views.as_deref().unwrap_or_default().iter().find(|view| view.state == now).cloned()
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
                    on_click=move |_| saved.forget(to_forget.clone()) />
            </li>
        }
    };
    let body = move || match saved.views.get() {
        None => view! { <p class="muted">"Loading…"</p> }.into_any(),
        Some(all) if all.is_empty() => {
            view! { <p class="muted">"Keep filters, order and columns under a name."</p> }.into_any()
        }
        Some(all) => view! { <ul>{all.into_iter().map(item).collect_view()}</ul> }.into_any(),
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
                {body}
                <form class="views-form" on:submit=save>
                    <input class="input" data-testid="view-name" aria-label="Name for what is shown now" placeholder="Save this view as…"
                        autocomplete="off" maxlength=MAX_VIEW_NAME_CHARS.to_string()
                        prop:value=name on:input=move |event: web_sys::Event| name.set(event_target_value(&event)) />
                    <button type="submit" class="button" data-testid="view-save" disabled=move || name.read().trim().is_empty()>"Save"</button>
                </form>
            </div>
        </details>
    }
}
