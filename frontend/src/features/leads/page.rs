//! The list with all that belongs to it: title, search, refresh, table or cards, pager, details.

use leptos::prelude::*;

use super::cards::LeadCards;
use super::chips::FilterChips;
use super::columns::{self, ColumnChooser};
use super::details::LeadDrawer;
use super::filters::SearchField;
use super::list::{ListView, use_lead_list};
use super::pager::Pager;
use super::selection::SelectionBar;
use super::table::LeadTable;
use super::views::ViewMenu;
use crate::browser;
use crate::components::button::{Button, IconButton};
use crate::components::dynamic::{dynamic, later, part};
use crate::components::icon::{Icon, IconName};
use crate::components::states::Blank;
use crate::features::chat::panel::{ChatButton, ChatPanel};
use crate::features::export::ExportMenu;
use crate::format;

/// The list of leads.
#[component]
pub(crate) fn Leads() -> impl IntoView {
    let list = use_lead_list();
    let (view, state) = (list.view(), list.state());
    let is_loading = list.is_loading();
    let is_narrow = browser::media_query(browser::NARROW);
    let has_filters = Memo::new(move |_| state.read().filter_count() != 0);
    let is_empty = Memo::new(move |_| view.get() == ListView::Empty);
    columns::provide();
    let total = move || list.with_page(|page| format::count(page.pagination.total_count));
    browser::set_title("Leads · Easy CRM");
    view! {
        <section class="leads" aria-labelledby="leads-title">
            <div class="toolbar">
                <h1 id="leads-title">
                    "Leads"
                    {part(move || total().map(|total| view! { <span class="count" data-testid="total">{total}</span> }))}
                </h1>
                <div class="toolbar-tools" hidden=is_empty>
                    {part(move || has_filters.get().then(|| view! {
                        <Button class="button button-quiet" test_id="clear-filters" on_click=move |_| list.clear_filters()><Icon name=IconName::Close />
                            "Clear filters"</Button>
                    }.into_any()))}
                    <SearchField />
                    <ViewMenu />
                    {part(move || (!is_narrow.get()).then(|| view! { <ColumnChooser /> }.into_any()))}
                    <ChatButton />
                    <ExportMenu query=move |()| state.get_untracked().lead_query() />
                    <IconButton class="icon-button icon-button-framed refresh" test_id="refresh" icon=IconName::Refresh label="Refresh the list" on_click=move |_| list.refresh() />
                </div>
            </div>
            <FilterChips />
            <SelectionBar />
            {later(move || view! {
                <div class="card list-card" class:is-loading=is_loading data-testid="leads-list"
                    data-loading=dynamic(move || is_loading.get().to_string())>
                    {part(move || match (is_empty.get(), is_narrow.get()) {
                        (true, _) => view! { <ListBlank view=ListView::Empty /> }.into_any(),
                        (false, true) => view! { <LeadCards /> <Pager /> }.into_any(),
                        (false, false) => view! { <LeadTable /> <Pager /> }.into_any(),
                    })}
                </div>
            })}
            {later(|| view! { <LeadDrawer /> <ChatPanel /> })}
        </section>
    }
}

/// What stands in the list's place when there are no rows to show.
#[component]
pub(super) fn ListBlank(view: ListView) -> impl IntoView {
    let list = use_lead_list();
    match view {
        ListView::Failed(message) => view! {
            <Blank icon=IconName::Alert title="The leads could not be loaded" text=message danger=true test_id="list-error">
                <Button test_id="retry" on_click=move |_| list.refresh()>"Try again"</Button>
            </Blank>
        }
        .into_any(),
        ListView::NoMatch => view! {
            <Blank icon=IconName::Search title="No lead matches" test_id="list-no-match"
                text="Check the spelling, or take a filter away. Case and accents do not matter.">
                <Button test_id="clear-filters-blank" on_click=move |_| list.clear_filters()>"Clear filters"</Button>
            </Blank>
        }
        .into_any(),
        ListView::PastEnd { last_page } => view! {
            <Blank icon=IconName::Search title="The list ends before this page" test_id="list-past-end"
                text="There are fewer leads than when this address was made.">
                <Button test_id="go-to-last-page" on_click=move |_| list.change(|state| state.page = last_page)>"Go to the last page"</Button>
            </Blank>
        }
        .into_any(),
        ListView::Empty => view! { <FirstSteps /> }.into_any(),
        ListView::Loading | ListView::Rows => ().into_any(),
    }
}

/// What a new user sees instead of an empty table.
#[component]
fn FirstSteps() -> impl IntoView {
    let steps = [
        ("Drop a file", "Any spreadsheet of leads, as messy as it is. All sheets are read."),
        (
            "We find the columns",
            "Names, companies, emails and phones go to their place. All else becomes remarks.",
        ),
        ("One lead per email", "Duplicates are merged, and every row is accounted for."),
    ];
    view! {
        <div class="first-steps" data-testid="list-empty">
            <p class="blank-title">"Your leads will be here"</p>
            <ol>
                {steps.map(|(title, text)| view! {
                    <li>
                        <p class="step-title">{title}</p>
                        <p class="muted">{text}</p>
                    </li>
                }).collect_view()}
            </ol>
        </div>
    }
}
