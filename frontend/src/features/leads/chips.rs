//! The active filters, as chips that remove them.

use easy_crm_shared::lead::LeadField;
use leptos::prelude::*;
use strum::IntoEnumIterator as _;

use super::address::FilterKey;
use super::list::use_lead_list;
use super::text;
use crate::components::button::Button;
use crate::components::icon::{Icon, IconName};

/// One chip per filter.
#[component]
pub(super) fn FilterChips() -> impl IntoView {
    let list = use_lead_list();
    let state = list.state();
    let keys = move || {
        let all = [FilterKey::Everything, FilterKey::Restriction].into_iter();
        let all = all.chain(LeadField::iter().map(FilterKey::Field));
        all.filter(|key| state.read().has(*key)).collect::<Vec<_>>()
    };
    let chip = move |key: FilterKey| {
        let label = match key {
            FilterKey::Everything => "Search",
            FilterKey::Restriction => "Only",
            FilterKey::Field(field) => text::label(field),
        };
        let shown = move || match key {
            FilterKey::Restriction => {
                let said = list.with_page(|page| page.condition.clone()).flatten();
                format!("{label}: {}", said.unwrap_or_else(|| "…".to_owned()))
            }
            _ => format!("{label}: {}", state.read().filter(key)),
        };
        view! {
            <li>
                <Button class="chip" test_id="filter-chip" on_click=move |_| list.remove_filter(key)>
                    <span class="visually-hidden">"Remove "</span>
                    <span>{shown}</span>
                    <Icon name=IconName::Close />
                </Button>
            </li>
        }
    };
    view! {
        <ul class="chips" aria-label="Filters" hidden=move || state.read().filter_count() == 0>
            {move || keys().into_iter().map(chip).collect_view()}
        </ul>
    }
}
