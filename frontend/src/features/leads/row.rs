//! How one value of a lead looks in a cell.

use easy_crm_shared::lead::{Lead, LeadField};
use leptos::prelude::*;

use super::list::LeadList;
use super::text;
use super::viewport::scroll::Scroll;

/// A missing value: a dash to the eye, words to a screen reader.
pub(super) fn missing() -> impl IntoView {
    view! {
        <span class="missing">
            <span aria-hidden="true">"—"</span>
            <span class="visually-hidden">"not given"</span>
        </span>
    }
}

/// A field's value as text, a missing one as a dash. No links in the table: a click on a row opens the lead.
pub(super) fn text(lead: &Lead, field: LeadField) -> AnyView {
    match text::present(field.of(lead)) {
        Some(shown) => shown.to_owned().into_any(),
        None => missing().into_any(),
    }
}

/// A field's value: addresses and numbers as links, a missing one as a dash.
pub(super) fn value(lead: &Lead, field: LeadField) -> AnyView {
    let Some(shown) = text::present(field.of(lead)).map(str::to_owned) else {
        return missing().into_any();
    };
    let link = match field {
        LeadField::Email => text::email_link(&shown),
        LeadField::Phone => text::phone_link(&shown),
        _ => None,
    };
    match link {
        Some(href) => view! { <a href=href>{shown}</a> }.into_any(),
        None => shown.into_any(),
    }
}

/// How rows are shown: a lead with its place in the list, a place whose lead is still being read, and room of some height.
#[derive(Clone, Copy)]
pub(super) struct Look {
    pub(super) lead: fn(LeadList, u64, &Lead) -> AnyView,
    pub(super) unread: fn() -> AnyView,
    pub(super) room: fn(Signal<String>) -> AnyView,
}

/// The rows in view, between as much room as all others take. Rows of leads that did not change stay as they are.
pub(super) fn rows(list: LeadList, scroll: Scroll, look: Look) -> AnyView {
    // In whole pixels: writing fractions would cost the page a library.
    let room = move |px: fn((f64, f64)) -> f64| {
        (look.room)(Signal::derive(move || format!("{}px", px(scroll.around_px()).round() as u32)))
    };
    let key = |(row, lead): &(u64, Option<Lead>)| (*row, lead.as_ref().map(key));
    let show = move |(row, lead): (u64, Option<Lead>)| match lead {
        Some(lead) => {
            scroll.is_there(row);
            (look.lead)(list, row, &lead)
        }
        None => (look.unread)(),
    };
    view! {
        {room(|(above, _)| above)}
        <For each=move || list.rows(scroll.rows()) key children=show />
        {room(|(_, below)| below)}
    }
    .into_any()
}

/// Was the lead made or changed by the import that ended last?
pub(super) fn is_fresh(list: LeadList, lead: &Lead) -> impl Fn() -> bool + Clone + use<> {
    let lead = lead.clone();
    move || list.is_fresh(&lead)
}

/// What tells a changed row from the one that was shown before.
fn key(lead: &Lead) -> (String, String, String) {
    (lead.lead_id.clone(), lead.updated_at.clone(), lead.source_file.clone())
}
