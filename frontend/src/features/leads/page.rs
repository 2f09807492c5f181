//! The list and everything around it: title, search, refresh, table or cards, pager, details.

use leptos::prelude::*;
use leptos_use_media_query::use_media_query;

use super::blank::ListBlank;
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
use crate::components::button::Button;
use crate::components::icon::{Icon, IconName};
use crate::components::later::later;
use crate::format;

/// The list of leads.
#[component]
pub(crate) fn Leads(
    /// Further buttons for the toolbar.
    #[prop(into)]
    tools: ViewFn,
    /// What is shown next to the list.
    #[prop(into)]
    beside: ViewFn,
) -> impl IntoView {
    let list = use_lead_list();
    let (view, state) = (list.view(), list.state());
    let is_loading = list.is_loading();
    let is_narrow = use_media_query(browser::NARROW);
    let has_filters = Memo::new(move |_| state.read().filter_count() != 0);
    let is_empty = Memo::new(move |_| view.get() == ListView::Empty);
    // Marked by a bar at the beginning of the row.
    let has_fresh = Memo::new(move |_| {
        list.with_page(|page| page.leads.iter().any(|lead| list.is_fresh(lead))).unwrap_or_default()
    });
    columns::provide();
    let total = move || list.with_page(|page| format::count(page.pagination.total_count));
    browser::set_title("Leads · Easy CRM");
    view! {
        <section class="leads" aria-labelledby="leads-title">
            <div class="toolbar">
                <h1 id="leads-title">
                    "Leads"
                    {move || total().map(|total| view! { <span class="count" data-testid="total">{total}</span> })}
                </h1>
                <div class="toolbar-tools" hidden=is_empty>
                    <SearchField />
                    {move || has_filters.get().then(|| view! {
                        <Button class="button button-quiet" test_id="clear-filters" on_click=move |_| list.clear_filters()><Icon name=IconName::Close />
                            "Clear filters"</Button>
                    }.into_any())}
                    <ViewMenu />
                    {move || (!is_narrow.get()).then(|| view! { <ColumnChooser /> }.into_any())}
                    {tools.run()}
                </div>
            </div>
            <FilterChips />
            <SelectionBar />
            {move || has_fresh.get().then(|| view! {
                <p class="fresh-legend" data-testid="fresh-legend">"Added or changed by your last import"</p>
            }.into_any())}
            {later(move || view! {
                <div class="card list-card" class:is-loading=is_loading data-testid="leads-list"
                    data-loading=move || is_loading.get().to_string()>
                    {move || match (is_empty.get(), is_narrow.get()) {
                        (true, _) => view! { <ListBlank view=ListView::Empty /> }.into_any(),
                        (false, true) => view! { <LeadCards /> <Pager /> }.into_any(),
                        (false, false) => view! { <LeadTable /> <Pager /> }.into_any(),
                    }}
                </div>
            })}
            {later(move || view! { <LeadDrawer /> {beside.run()} })}
        </section>
    }
}
