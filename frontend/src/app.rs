//! The app: reads its settings, then shows the route the address names, to those who may see it.

use easy_crm_shared::site::SiteConfig;
use leptos::prelude::*;

use crate::api::{Client, site};
use crate::components::dynamic::part;
use crate::components::states::{FullPageError, FullPageLoading, NotFound};
use crate::components::toast::{ToastRegion, Toaster};
use crate::features::auth::callback::SignedInCallback;
use crate::features::auth::session::{Session, SessionState};
use crate::features::auth::sign_in::SignInScreen;
use crate::router::Router;
use crate::routes::Route;
use crate::workspace::Workspace;

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    let config = RwSignal::new(None);
    let load = move || {
        config.set(None);
        leptos::task::spawn_local(async move {
            config.try_set(Some(site::load_config().await));
        });
    };
    load();
    provide_context(Toaster::new());
    view! {
        {part(move || match config.get() {
            None => view! { <FullPageLoading text="Loading Easy CRM…" /> }.into_any(),
            Some(Err(error)) => view! {
                <FullPageError text=error.message() on_retry=move |()| load() />
            }.into_any(),
            Some(Ok(config)) => view! { <Site config /> }.into_any(),
        })}
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
    // A memo, so that a renewed token or a new filter does not build the screen anew.
    let screen = Memo::new(move |_| match (router.route(), &*session.state().read()) {
        (Route::NotFound, _) => Screen::NotFound,
        (Route::SignedIn, _) => Screen::SignedIn,
        (_, SessionState::Restoring) => Screen::Opening,
        (_, SessionState::SignedOut { expired }) => Screen::SignIn { expired: *expired },
        (_, SessionState::SignedIn { .. }) => Screen::Workspace,
    });
    move || match screen.get() {
        Screen::Opening => view! { <FullPageLoading text="Opening your workspace…" /> }.into_any(),
        Screen::SignIn { expired } => view! { <SignInScreen expired /> }.into_any(),
        Screen::SignedIn => view! { <SignedInCallback /> }.into_any(),
        Screen::Workspace => view! { <Workspace config /> }.into_any(),
        Screen::NotFound => view! { <NotFound /> }.into_any(),
    }
}

/// What is shown. The workspace's address shows the sign-in screen to those who are not signed in, so that signing in
/// leads to where the address points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Screen {
    Opening,
    SignIn { expired: bool },
    SignedIn,
    Workspace,
    NotFound,
}
