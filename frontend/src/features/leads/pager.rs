//! Below the list: the range shown, the page size, and the page buttons.

use leptos::prelude::*;

use super::address::PAGE_SIZES;
use super::list::use_lead_list;
use super::text::{self, PageLink};
use crate::components::button::IconButton;
use crate::components::icon::IconName;
use crate::format;

/// Range, page size and page buttons.
#[component]
pub(super) fn Pager() -> impl IntoView {
    let list = use_lead_list();
    let state = list.state();
    let range = move || {
        list.with_page(|answer| {
            let place = answer.pagination;
            text::range(place.page, place.page_size, answer.leads.len(), place.total_count, format::count)
        })
    };
    let total_pages = move || list.with_page(|answer| answer.pagination.total_pages).unwrap_or_default();
    let page = move || state.read().page;
    let links = move || text::page_links(page(), total_pages());
    let go = move |page: u64| list.change(|state| state.page = page.max(1));
    let choose_size = move |event| {
        if let Ok(size) = event_target_value(&event).parse() {
            list.change(|state| state.set_page_size(size));
        }
    };
    view! {
        <div class="pager">
            <p class="pager-range" role="status" data-testid="range">{range}</p>
            <label class="pager-size">
                <span>"Rows per page"</span>
                <select
                    id="page-size"
                    class="select"
                    data-testid="page-size"
                    prop:value=move || state.read().page_size.to_string()
                    on:change=choose_size
                >
                    {PAGE_SIZES.map(|size| view! {
                        <option value=size selected=move || state.read().page_size == size>{size}</option>
                    }).collect_view()}
                </select>
            </label>
            <nav class="pages" aria-label="Pages">
                <IconButton test_id="page-previous" icon=IconName::ChevronLeft label="Previous page" disabled=Signal::derive(move || page() <= 1) on_click=move |_| go(state.read_untracked().page - 1) />
                <ol>
                    {move || links().into_iter().map(|link| match link {
                        PageLink::Gap(_) => view! { <li class="pages-gap" aria-hidden="true">"…"</li> }.into_any(),
                        PageLink::Page(number) => view! {
                            <li>
                                <button
                                    type="button"
                                    class="page-button"
                                    aria-label=format!("Page {}", format::count(number))
                                    aria-current=move || (page() == number).then_some("page")
                                    on:click=move |_| go(number)
                                >
                                    {format::count(number)}
                                </button>
                            </li>
                        }.into_any(),
                    }).collect_view()}
                </ol>
                <IconButton test_id="page-next" icon=IconName::ChevronRight label="Next page" disabled=Signal::derive(move || page() >= total_pages()) on_click=move |_| go(state.read_untracked().page + 1) />
            </nav>
        </div>
    }
}
