//! The page the login service redirects to.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use super::sign_in::SignInScreen;
use crate::components::states::FullPageLoading;
use crate::routes;
use crate::session::use_session;

/// Completes the sign-in and goes to the page the user wanted.
#[component]
pub(crate) fn SignedInCallback() -> impl IntoView {
    let session = use_session();
    let navigate = use_navigate();
    let search = use_location().search.get_untracked();
    let failure = RwSignal::new(None::<String>);
    leptos::task::spawn_local(async move {
        match session.finish_sign_in(&search).await {
            Ok(path) => {
                navigate(&path, NavigateOptions { resolve: false, replace: true, ..Default::default() })
            }
            Err(message) => {
                failure.try_set(Some(message));
            }
        }
    });
    move || match failure.get() {
        None => view! { <FullPageLoading text="Signing you in…" /> }.into_any(),
        Some(message) => view! { <SignInScreen message return_to=routes::HOME /> }.into_any(),
    }
}
