//! Below the list: which part of it is shown, how much at a time, and the way to the rest.

use leptos::prelude::*;

use super::list::use_lead_list;
use super::state::PAGE_SIZES;
use super::text::{self, PageLink};
use crate::components::icon::{Icon, IconName};
use crate::format;

/// Range, page size and page buttons.
#[component]
pub(super) fn Pager() -> impl IntoView {
    let list = use_lead_list();
    let (state, pagination, leads) = (list.state(), list.pagination(), list.leads());
    let range = Memo::new(move |_| {
        pagination
            .get()
            .map(|p| text::range(p.page, p.page_size, leads.read().len(), p.total_count, format::count))
    });
    let total_pages = Memo::new(move |_| pagination.get().map_or(0, |p| p.total_pages));
    let page = Memo::new(move |_| state.read().page);
    let links = Memo::new(move |_| text::page_links(page.get(), total_pages.get()));
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
                <button type="button" class="icon-button" data-testid="page-previous" aria-label="Previous page"
                    disabled=move || page.get() <= 1
                    on:click=move |_| go(page.get_untracked() - 1)>
                    <Icon name=IconName::ChevronLeft />
                </button>
                <ol>
                    {move || links.get().into_iter().map(|link| match link {
                        PageLink::Gap(_) => view! { <li class="pages-gap" aria-hidden="true">"…"</li> }.into_any(),
                        PageLink::Page(number) => view! {
                            <li>
                                <button
                                    type="button"
                                    class="page-button"
                                    aria-label=format!("Page {}", format::count(number))
                                    aria-current=move || (page.get() == number).then_some("page")
                                    on:click=move |_| go(number)
                                >
                                    {format::count(number)}
                                </button>
                            </li>
                        }.into_any(),
                    }).collect_view()}
                </ol>
                <button type="button" class="icon-button" data-testid="page-next" aria-label="Next page"
                    disabled={move || page.get() >= total_pages.get()}
                    on:click=move |_| go(page.get_untracked() + 1)>
                    <Icon name=IconName::ChevronRight />
                </button>
            </nav>
        </div>
    }
}
