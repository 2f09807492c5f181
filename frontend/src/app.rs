//! The app: reads its settings, then shows the route the address names, to those who may see it.

use easy_crm_shared::site::SiteConfig;
use leptos::prelude::*;

use crate::api::{Client, site};
use crate::components::states::{FullPageError, FullPageLoading, NotFound};
use crate::components::toast::{ToastRegion, Toaster};
use crate::features::auth::callback::SignedInCallback;
use crate::features::auth::session::{Session, SessionState, use_session};
use crate::features::auth::sign_in::SignInScreen;
use crate::router::Router;
use crate::routes::Route;
use crate::workspace::Workspace;

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    let config = LocalResource::new(site::load_config);
    provide_context(Toaster::new());
    view! {
        {move || match config.get() {
            None => view! { <FullPageLoading text="Loading Easy CRM…" /> }.into_any(),
            Some(Err(error)) => view! {
                <FullPageError text=error.message() on_retry=move |()| config.refetch() />
            }.into_any(),
            Some(Ok(config)) => view! { <Site config /> }.into_any(),
        }}
        <ToastRegion />
    }
}

#[component]
fn Site(config: SiteConfig) -> impl IntoView {
    let config = StoredValue::new(config);
    let session = Session::new(config);
    provide_context(session);
    provide_context(Client::new(config, session));
    let router = Router::new();
    provide_context(router);
    let route = router.route();
    move || match route.get() {
        Route::Home => view! { <Home config /> }.into_any(),
        Route::SignedIn => view! { <SignedInCallback /> }.into_any(),
        Route::NotFound => view! { <NotFound /> }.into_any(),
    }
}

/// What somebody sees at the front door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Opening,
    Closed { expired: bool },
    Open,
}

/// The workspace for those who are signed in, the sign-in screen for others. The address stays, so that signing in
/// leads to where it points.
#[component]
fn Home(config: StoredValue<SiteConfig>) -> impl IntoView {
    let state = use_session().state();
    // A memo, so that a renewed token does not build the workspace anew.
    let door = Memo::new(move |_| match *state.read() {
        SessionState::Restoring => Door::Opening,
        SessionState::SignedOut { expired } => Door::Closed { expired },
        SessionState::SignedIn { .. } => Door::Open,
    });
    move || match door.get() {
        Door::Opening => view! { <FullPageLoading text="Opening your workspace…" /> }.into_any(),
        Door::Closed { expired } => view! { <SignInScreen expired /> }.into_any(),
        Door::Open => view! { <Workspace config /> }.into_any(),
    }
}
