//! The list as a table, for screens that are wide enough.

use easy_crm_shared::lead::{Lead, LeadField};
use easy_crm_shared::query::{SortField, SortOrder};
use leptos::html;
use leptos::prelude::*;
use strum::{EnumCount as _, IntoEnumIterator as _};

use super::actions::use_actions;
use super::address::FilterKey;
use super::blank::ListBlank;
use super::columns::{Columns, Resizer, use_columns};
use super::filters::FilterInput;
use super::list::{LeadList, ListView, use_lead_list};
use super::selection::{SelectBox, use_selection};
use super::viewport::scroll::{Frame, Scroll};
use super::{row, text};
use crate::components::icon::{Icon, IconName};
use crate::format;

/// Rows of the skeleton.
const SKELETON_ROWS: usize = 12;
/// The checkbox, the seven fields and the date the lead was added.
const COLUMNS: usize = LeadField::COUNT + 2;
/// Header rows: column names and filters.
const HEAD_ROWS: u64 = 2;

/// Sortable headers, a filter per column, and rows that open the details.
#[component]
pub(super) fn LeadTable() -> impl IntoView {
    let list = use_lead_list();
    let view = list.view();
    let is_loading = list.is_loading();
    let columns = use_columns();
    let selection = use_selection();
    let frame = NodeRef::<html::Div>::new();
    let scroll = Scroll::new(list, Frame::Table(frame));
    use_actions().scrolls_with(scroll);
    let row_count = move || list.with_page(|page| page.pagination.total_count + HEAD_ROWS);
    view! {
        <div class="table-scroll" role="region" aria-label="Leads, scrollable" tabindex="0" data-testid="leads-scroll"
            node_ref=frame on:scroll=move |_| scroll.moved()>
            <table class="table" id="leads-table" data-testid="leads-table" aria-rowcount=row_count
                data-hidden=move || columns.hidden_names()
                aria-busy=move || is_loading.get().to_string()>
                <caption class="visually-hidden">"Leads"</caption>
                <thead>
                    <tr class="table-heads">
                        <td class="select-cell">
                            <input type="checkbox" class="check" data-testid="select-page" aria-label="Select this page"
                                prop:checked=move || selection.has_page()
                                on:change=move |event: web_sys::Event| selection.set_page(event_target_checked(&event)) />
                        </td>
                        {LeadField::iter().map(|field| column_head(list, columns, SortField::from(field), text::label(field)))
                            .collect_view()}
                        {column_head(list, columns, SortField::CreatedAt, "Added")}
                    </tr>
                    <tr class="table-filters">
                        <td></td>
                        {LeadField::iter().map(|field| view! {
                            <td data-field=field.name()><FilterInput key=FilterKey::Field(field) /></td>
                        }).collect_view()}
                        <td data-field="createdAt"></td>
                    </tr>
                </thead>
                <tbody data-testid="leads-body">
                    {move || match view.get() {
                        ListView::Rows => row::rows(list, scroll, LOOK),
                        ListView::Loading => skeleton().into_any(),
                        other => view! {
                            <tr class="table-blank"><td colspan=COLUMNS><ListBlank view=other /></td></tr>
                        }.into_any(),
                    }}
                </tbody>
            </table>
        </div>
    }
}

fn column_head(list: LeadList, columns: Columns, sort_by: SortField, label: &'static str) -> impl IntoView {
    let state = list.state();
    let order = move || state.read().order_of(sort_by);
    let aria_sort = move || match order() {
        Some(SortOrder::Asc) => "ascending",
        Some(SortOrder::Desc) => "descending",
        None => "none",
    };
    let icon = Signal::derive(move || match order() {
        Some(SortOrder::Asc) => IconName::SortAscending,
        Some(SortOrder::Desc) => IconName::SortDescending,
        None => IconName::SortNone,
    });
    view! {
        <th scope="col" aria-sort=aria_sort data-field=sort_by.name()
            style:inline-size=move || columns.width(sort_by).map(|width| format!("{width}px"))>
            <button
                type="button"
                class="sort"
                class:is-sorted=move || order().is_some()
                data-testid=format!("sort-{sort_by}")
                on:click=move |_| list.change(|state| state.toggle_sort(sort_by))
            >
                <span>{label}</span>
                <Icon name=icon />
            </button>
            <Resizer columns sort_by label />
        </th>
    }
}

const LOOK: row::Look = row::Look {
    lead: table_row,
    unread: || skeleton_row().into_any(),
    room: |height| {
        view! { <tr aria-hidden="true" class="table-space"><td colspan=COLUMNS style:block-size=height></td></tr> }.into_any()
    },
};

fn table_row(list: LeadList, place: u64, lead: &Lead) -> AnyView {
    let lead_id = lead.lead_id.clone();
    let is_open = {
        let (state, lead_id) = (list.state(), lead_id.clone());
        move || state.read().open.as_deref() == Some(lead_id.as_str())
    };
    let open_row = {
        let lead_id = lead_id.clone();
        move |_| list.open(Some(lead_id.clone()))
    };
    let name = text::display_name(lead);
    let (box_id, box_name) = (lead_id.clone(), name.clone());
    let is_fresh = row::is_fresh(list, lead);
    let cells = LeadField::iter().map(|field| {
        let title = text::present(field.of(lead)).map(str::to_owned);
        let shown = row::text(lead, field);
        // Opens the lead for keyboard and screen reader users; for the mouse, the whole row does.
        let shown = if field == LeadField::FirstName {
            let lead_id = lead_id.clone();
            view! {
                <button
                    type="button"
                    class="row-open"
                    aria-haspopup="dialog"
                    aria-label=format!("{}, open details of {name}", text::present(&lead.first_name).unwrap_or("No first name"))
                    on:click=move |event: web_sys::MouseEvent| {
                        event.stop_propagation();
                        list.open(Some(lead_id.clone()));
                    }
                >
                    {shown}
                </button>
            }
            .into_any()
        } else {
            shown
        };
        view! { <td title=title data-field=field.name()>{shown}</td> }
    });
    view! {
        <tr class="table-row" class:is-open=is_open class:is-fresh=is_fresh data-testid="lead-row" data-lead-id=lead_id
            data-row=place aria-rowindex=place + HEAD_ROWS + 1 on:click=open_row>
            <td class="select-cell" on:click=|event: web_sys::MouseEvent| event.stop_propagation()><SelectBox lead_id=box_id name=box_name /></td>
            {cells.collect_view()}
            <td class="table-date" data-field="createdAt" title=format::date_time(&lead.created_at)>
                <time datetime=lead.created_at.clone()>{format::date(&lead.created_at)}</time>
            </td>
        </tr>
    }
    .into_any()
}

fn skeleton() -> impl IntoView {
    (0..SKELETON_ROWS).map(|_| skeleton_row()).collect_view()
}

fn skeleton_row() -> impl IntoView {
    let cells = (0..COLUMNS).map(|_| view! { <td><span class="skeleton"></span></td> });
    view! { <tr aria-hidden="true" class="table-skeleton">{cells.collect_view()}</tr> }
}
