//! Search fields: one over all fields, and one per column.

use leptos::prelude::*;

use super::address::FilterKey;
use super::list::use_lead_list;
use super::text;
use crate::components::icon::{Icon, IconName};

/// The search over all fields.
#[component]
pub(super) fn SearchField() -> impl IntoView {
    view! {
        <div class="search">
            <Icon name=IconName::Search />
            <FilterInput key=FilterKey::Everything />
        </div>
    }
}

/// An input for one search or filter.
#[component]
pub(super) fn FilterInput(key: FilterKey) -> impl IntoView {
    let list = use_lead_list();
    let shown = list.filter_text(key);
    let (name, placeholder, label) = match key {
        // A restriction comes from a question and is not typed.
        FilterKey::Everything | FilterKey::Restriction => {
            ("q", "Search all fields", "Search all fields".to_owned())
        }
        FilterKey::Field(field) => (field.name(), "Filter", format!("Filter by {}", text::label(field))),
    };
    view! {
        <input
            type="search"
            class="input"
            class:is-set=move || !shown.read().is_empty()
            id=format!("filter-{name}")
            data-testid=format!("filter-{name}")
            aria-label=label
            placeholder=placeholder
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            prop:value=shown
            on:input=move |event: web_sys::Event| list.type_filter(key, event_target_value(&event))
            on:change=move |event: web_sys::Event| {
                list.type_filter(key, event_target_value(&event));
                list.commit_filters();
            }
            on:blur=move |_| list.leave_filter(key)
        />
    }
}
