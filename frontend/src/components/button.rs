//! Buttons. One component per kind, so that all buttons of the page share their code as well as their look.

use leptos::prelude::*;
use web_sys::MouseEvent;

use super::icon::{Icon, IconName};

/// A button with text.
#[component]
pub(crate) fn Button(
    /// Its look.
    #[prop(default = "button")]
    class: &'static str,
    test_id: &'static str,
    /// Name for screen readers, if the text alone does not say what the button acts on.
    #[prop(optional, into)]
    label: Option<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(into)] on_click: Callback<MouseEvent>,
    children: Children,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class=class
            data-testid=test_id
            aria-label=label
            disabled=disabled
            on:click=move |event: web_sys::MouseEvent| on_click.run(event)
        >
            {children()}
        </button>
    }
}

/// A button with only an icon; its label is shown as a tooltip and read by screen readers.
#[component]
pub(crate) fn IconButton(
    /// Its look.
    #[prop(default = "icon-button")]
    class: &'static str,
    test_id: &'static str,
    #[prop(into)] icon: Signal<IconName>,
    #[prop(into)] label: Signal<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(into)] on_click: Callback<MouseEvent>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class=class
            data-testid=test_id
            title=label
            aria-label=label
            disabled=disabled
            on:click=move |event: web_sys::MouseEvent| on_click.run(event)
        >
            <Icon name=icon />
        </button>
    }
}
