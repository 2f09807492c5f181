//! The screen shown to users who are not signed in.

use easy_crm_shared::example;
use leptos::prelude::*;

use crate::browser;
use crate::components::brand::{Brand, Mark};
use crate::components::button::Button;
use crate::components::icon::{Icon, IconName};
use crate::components::theme::ThemeToggle;
use crate::session::use_session;

/// Explains what Easy CRM does and offers to sign in. `message` is shown above the button as an error.
#[component]
pub(crate) fn SignInScreen(
    /// The session expired.
    #[prop(optional)]
    expired: bool,
    /// Why the last attempt failed.
    #[prop(optional, into)]
    message: Option<String>,
    /// Where to go afterwards; the current page if empty.
    #[prop(optional, into)]
    return_to: Option<String>,
) -> impl IntoView {
    let session = use_session();
    let failure = RwSignal::new(message);
    let leaving = RwSignal::new(false);
    let sign_in = move |_| {
        let return_to = return_to.clone().unwrap_or_else(browser::current_path);
        leaving.set(true);
        leptos::task::spawn_local(async move {
            if let Err(message) = session.begin_sign_in(return_to).await {
                failure.try_set(Some(message));
                leaving.try_set(false);
            }
        });
    };
    browser::set_title("Sign in · Easy CRM");
    view! {
        <div class="sign-in" data-testid="sign-in-screen">
            <header class="sign-in-top">
                <Brand />
                <ThemeToggle />
            </header>
            <main id="main" class="sign-in-main">
                <section class="sign-in-form" aria-labelledby="sign-in-title">
                    <h1 id="sign-in-title">
                        {if expired {
                            view! { "Your session has expired" }.into_any()
                        } else {
                            view! { <span>"Messy spreadsheets in. "</span> <span>"One clean list out."</span> }.into_any()
                        }}
                    </h1>
                    <p class="sign-in-lead">
                        {if expired {
                            "You were signed out for your security. Sign in again to continue where you left off."
                        } else {
                            "Drop any file of leads. Easy CRM finds the columns, merges the duplicates and accounts for every row."
                        }}
                    </p>
                    <div role="alert">
                        {move || {
                            failure.get().map(|text| view! {
                                <p class="notice notice-danger" data-testid="sign-in-error">
                                    <Icon name=IconName::Alert />
                                    <span>{text}</span>
                                </p>
                            })
                        }}
                    </div>
                    <Button class="button button-primary button-large" test_id="sign-in" disabled=leaving on_click=sign_in>{move || if leaving.get() { "Opening sign-in…" } else { "Sign in" }}
                        <Icon name=IconName::ArrowRight /></Button>
                    <p class="sign-in-note">"Access is by invitation. Ask your administrator for an account."</p>
                </section>
                <Promise />
            </main>
        </div>
    }
}

/// The picture next to the form: messy rows of a file, and the lead they become when it is imported.
#[component]
fn Promise() -> impl IntoView {
    let rows = example::FILE.lines().count() - 1;
    view! {
        <div class="promise" aria-hidden="true">
            <div class="promise-sheet" data-testid="example-file">
                <p class="promise-file">{example::FILE_NAME}</p>
                {example::FILE.lines().map(|line| view! { <p>{line}</p> }).collect_view()}
            </div>
            <Icon name=IconName::ArrowDown />
            <div class="promise-lead" data-testid="example-lead">
                <Mark />
                <div>
                    <p class="promise-name">{format!("{} {}", example::FIRST_NAME, example::LAST_NAME)}</p>
                    <p>{format!("{} · {}", example::TITLE, example::COMPANY)}</p>
                    <p>{example::EMAIL}</p>
                </div>
                <span class="badge badge-success">{format!("{rows} rows, 1 lead, 0 lost")}</span>
            </div>
        </div>
    }
}
