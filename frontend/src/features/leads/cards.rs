//! The list on a phone: a card per lead instead of a cramped table, with sorting and filters in a disclosure.

use easy_crm_shared::lead::{Lead, LeadField};
use easy_crm_shared::query::{SortField, SortOrder, Sorting};
use leptos::html;
use leptos::prelude::*;
use strum::IntoEnumIterator as _;

use super::actions::use_actions;
use super::address::FilterKey;
use super::blank::ListBlank;
use super::filters::FilterInput;
use super::list::{LeadList, ListView, use_lead_list};
use super::selection::SelectBox;
use super::viewport::scroll::{Frame, Scroll};
use super::{row, text};

/// Leads as cards.
#[component]
pub(super) fn LeadCards() -> impl IntoView {
    let list = use_lead_list();
    let view = list.view();
    let is_loading = list.is_loading();
    let cards = NodeRef::<html::Ul>::new();
    let scroll = Scroll::new(list, Frame::Cards(cards));
    use_actions().scrolls_with(scroll);
    view! {
        <SortAndFilter />
        <div class="lead-cards-frame" aria-busy=move || is_loading.get().to_string()>
            {move || match view.get() {
                ListView::Rows => view! {
                    <ul class="lead-cards" data-testid="lead-cards" aria-label="Leads" node_ref=cards>
                        {row::rows(list, scroll, LOOK)}
                    </ul>
                }.into_any(),
                ListView::Loading => view! {
                    <div class="lead-cards" aria-hidden="true">
                        {(0..6).map(|_| view! {
                            <div class="lead-card"><span class="skeleton"></span><span class="skeleton"></span></div>
                        }).collect_view()}
                    </div>
                }.into_any(),
                other => view! { <ListBlank view=other /> }.into_any(),
            }}
        </div>
    }
}

const LOOK: row::Look = row::Look {
    lead: card,
    unread: || {
        view! { <li class="lead-card" aria-hidden="true"><span class="skeleton"></span></li> }.into_any()
    },
    room: |height| view! { <li aria-hidden="true" style:block-size=height></li> }.into_any(),
};

fn card(list: LeadList, place: u64, lead: &Lead) -> AnyView {
    let lead_id = lead.lead_id.clone();
    let opened_id = lead_id.clone();
    let name = text::display_name(lead);
    let (box_id, box_name) = (lead_id.clone(), name.clone());
    let is_fresh = row::is_fresh(list, lead);
    let line = |field: LeadField| {
        text::present(field.of(lead)).map(|_| {
            view! { <p class="lead-card-line" data-field=field.name()>{row::value(lead, field)}</p> }
        })
    };
    view! {
        <li class="lead-card" class:is-fresh=is_fresh data-testid="lead-row" data-lead-id=lead_id
            data-row=place aria-posinset=place + 1 aria-setsize=move || list.with_page(|page| page.pagination.total_count)>
            <span class="avatar" aria-hidden="true">{text::initials(&name)}</span>
            <div class="lead-card-text">
                <button type="button" class="row-open lead-card-name" aria-haspopup="dialog"
                    on:click=move |_| list.open(Some(opened_id.clone()))>
                    {name}
                </button>
                {text::position(lead).map(|position| view! { <p class="lead-card-line muted">{position}</p> })}
                {line(LeadField::Email)}
                {line(LeadField::Phone)}
            </div>
            <SelectBox lead_id=box_id name=box_name />
        </li>
    }
    .into_any()
}

/// Everything the table's header offers.
#[component]
fn SortAndFilter() -> impl IntoView {
    let list = use_lead_list();
    let state = list.state();
    let chosen = move || {
        let Sorting { sort_by, sort_order } = state.read().sorting;
        format!("{sort_by} {}", sort_order.name())
    };
    let choose = move |event| {
        let value = event_target_value(&event);
        let Some((field, order)) = value.split_once(' ') else { return };
        let Ok(sort_by) = field.parse::<SortField>() else { return };
        let sort_order = if order == SortOrder::Asc.name() { SortOrder::Asc } else { SortOrder::Desc };
        list.change(|state| {
            state.sorting = Sorting { sort_by, sort_order };
            state.page = 1;
        });
    };
    let option = move |sort_by: SortField, order: SortOrder, label: String| {
        let value = format!("{sort_by} {}", order.name());
        let selected = {
            let value = value.clone();
            move || chosen() == value
        };
        view! { <option value=value selected=selected>{label}</option> }
    };
    let times = [
        (SortOrder::Desc, SortField::CreatedAt, "Newest first"),
        (SortOrder::Asc, SortField::CreatedAt, "Oldest first"),
        (SortOrder::Desc, SortField::UpdatedAt, "Last changed first"),
    ];
    let fields = move || {
        view! {
            <label class="field">
                <span>"Sort by"</span>
                <select class="select" id="sort" data-testid="sort" on:change=choose prop:value=chosen>
                    {times.map(|(order, field, label)| option(field, order, label.to_owned())).collect_view()}
                    {LeadField::iter().map(|field| {
                        let label = text::label(field);
                        (
                            option(field.into(), SortOrder::Asc, format!("{label}, A to Z")),
                            option(field.into(), SortOrder::Desc, format!("{label}, Z to A")),
                        )
                    }).collect_view()}
                </select>
            </label>
            {LeadField::iter().map(|field| view! {
                <div class="field">
                    <span aria-hidden="true">{text::label(field)}</span>
                    <FilterInput key=FilterKey::Field(field) />
                </div>
            }).collect_view()}
        }
    };
    // Rarely opened, and slow to render on a phone.
    let was_opened = RwSignal::new(false);
    view! {
        <details class="sort-and-filter" data-testid="sort-and-filter" on:toggle=move |_: web_sys::Event| was_opened.set(true)>
            <summary>
                "Sort and filter "
                {move || {
                    let count = state.read().filters.len();
                    (count > 0).then(|| view! { <span class="badge badge-accent">{count}</span> })
                }}
            </summary>
            {move || was_opened.get().then(fields)}
        </details>
    }
}
