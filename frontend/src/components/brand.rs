//! The product's mark and name.

use leptos::prelude::*;

/// The mark alone.
#[component]
pub(crate) fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
            <rect class="mark-ground" width="32" height="32" rx="8" />
            <path class="mark-lines" d="M9 10.5h14M9 16h9M9 21.5h5" />
            <circle class="mark-dot" cx="21.5" cy="20.5" r="2.6" />
        </svg>
    }
}

/// Mark and name.
#[component]
pub(crate) fn Brand() -> impl IntoView {
    view! {
        <span class="brand">
            <Mark />
            <span class="brand-name">"Easy CRM"</span>
        </span>
    }
}
