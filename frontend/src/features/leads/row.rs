//! How a lead's values and rows are rendered, in the table and as cards.

use easy_crm_shared::lead::{Lead, LeadField};
use leptos::prelude::*;

use super::list::LeadList;
use super::text;
use super::viewport::scroll::Scroll;

/// A missing value: shown as a dash, read as words by screen readers.
pub(super) fn missing() -> impl IntoView {
    view! {
        <span class="missing">
            <span aria-hidden="true">"—"</span>
            <span class="visually-hidden">"not given"</span>
        </span>
    }
}

/// A field's value as text, or a dash if missing. No links in the table: clicking a row opens the lead.
pub(super) fn text(lead: &Lead, field: LeadField) -> AnyView {
    match text::present(field.of(lead)) {
        Some(shown) => shown.to_owned().into_any(),
        None => missing().into_any(),
    }
}

/// A field's value, or a dash if missing; email addresses and phone numbers are links.
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

/// How to render rows: a lead with its position in the list, a lead that is still loading, and empty space of some
/// height.
#[derive(Clone, Copy)]
pub(super) struct Look {
    pub(super) lead: fn(LeadList, u64, &Lead) -> AnyView,
    pub(super) unread: fn() -> AnyView,
    pub(super) room: fn(Signal<String>) -> AnyView,
}

/// The rows in view, between spacers as tall as all other rows. Rows of unchanged leads are not rendered again.
pub(super) fn rows(list: LeadList, scroll: Scroll, look: Look) -> AnyView {
    // Whole pixels: code to format fractions would add to the download.
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

/// Whether the lead was created or changed by the most recently ended import.
pub(super) fn is_fresh(list: LeadList, lead: &Lead) -> impl Fn() -> bool + Clone + use<> {
    let lead = lead.clone();
    move || list.is_fresh(&lead)
}

/// The identity of a row: changes when the lead does.
fn key(lead: &Lead) -> (String, String, String) {
    (lead.lead_id.clone(), lead.updated_at.clone(), lead.source_file.clone())
}
