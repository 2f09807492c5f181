//! What a view shows when it has no data: loading, empty, error with retry; also full-page versions.

use leptos::prelude::*;

use super::brand::Brand;
use super::button::Button;
use super::icon::{Icon, IconName};
use crate::browser;

/// An icon, a heading, a sentence, and buttons.
#[component]
pub(crate) fn Blank(
    icon: IconName,
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    /// Marks an error: announced immediately, and coloured.
    #[prop(optional)]
    danger: bool,
    #[prop(into)] test_id: String,
    /// Buttons.
    children: Children,
) -> impl IntoView {
    let role = if danger { "alert" } else { "status" };
    view! {
        <div class="blank" class:is-danger=danger role=role data-testid=test_id>
            <span class="blank-icon"><Icon name=icon /></span>
            <p class="blank-title">{title}</p>
            <p class="blank-text">{text}</p>
            <div class="blank-actions">{children()}</div>
        </div>
    }
}

/// The page is not ready yet.
#[component]
pub(crate) fn FullPageLoading(text: &'static str) -> impl IntoView {
    view! {
        <main id="main" class="boot" role="status" aria-live="polite">
            <span class="boot-mark" aria-hidden="true"></span>
            <p>{text}</p>
        </main>
    }
}

/// The page cannot be shown.
#[component]
pub(crate) fn FullPageError(
    #[prop(into)] text: String,
    #[prop(into)] on_retry: Callback<()>,
) -> impl IntoView {
    browser::set_title("Not available · Easy CRM");
    view! {
        <main id="main" class="full-page">
            <Brand />
            <Blank icon=IconName::Alert title="Easy CRM is not available" text danger=true test_id="page-error">
                <Button class="button button-primary" test_id="page-retry" on_click=move |_| on_retry.run(())>"Try again"</Button>
            </Blank>
        </main>
    }
}

/// There is nothing at this address.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    browser::set_title("Page not found · Easy CRM");
    view! {
        <main id="main" class="full-page" data-testid="not-found">
            <Brand />
            <h1 class="visually-hidden">"Page not found"</h1>
            <Blank
                icon=IconName::Search
                title="This page does not exist"
                text="The address may be mistyped, or the page may have moved."
                test_id="not-found-text"
            >
                <a class="button button-primary" href="/">"Go to your leads"</a>
            </Blank>
        </main>
    }
}
