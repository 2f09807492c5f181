//! The app: loads its settings, then shows the screen for the current URL, or the sign-in screen.

use easy_crm_shared::site::SiteConfig;
use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::path;

use crate::api::{Client, site};
use crate::components::states::{FullPageError, FullPageLoading, NotFound};
use crate::components::toast::{ToastRegion, Toaster};
use crate::features::auth::callback::SignedInCallback;
use crate::features::auth::sign_in::SignInScreen;
use crate::features::imports::history::ImportHistory;
use crate::features::imports::remembered;
use crate::navigation;
use crate::session::{Session, SessionState, use_session};
use crate::workspace::{LeadsScreen, Workspace};

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
    session.on_sign_out(remembered::forget_all);
    provide_context(session);
    provide_context(Client::new(config, session));
    view! {
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/signed-in") view=SignedInCallback />
                <ParentRoute path=path!("") view=move || view! { <ForUsers config /> }>
                    <Route path=path!("/") view=LeadsScreen />
                    <Route path=path!("/imports") view=ImportHistory />
                </ParentRoute>
            </Routes>
        </Router>
    }
}

/// The workspace, or the sign-in screen in its place, so that signing in leads to the requested URL.
#[component]
fn ForUsers(config: StoredValue<SiteConfig>) -> impl IntoView {
    let session = use_session();
    navigation::keep_address_bar_current();
    // A memo, so that a renewed token does not rebuild the screen.
    let screen = Memo::new(move |_| match &*session.state().read() {
        SessionState::Restoring => Screen::Opening,
        SessionState::SignedOut { expired } => Screen::SignIn { expired: *expired },
        SessionState::SignedIn { .. } => Screen::Workspace,
    });
    move || match screen.get() {
        Screen::Opening => view! { <FullPageLoading text="Opening your workspace…" /> }.into_any(),
        Screen::SignIn { expired } => view! { <SignInScreen expired /> }.into_any(),
        Screen::Workspace => view! { <Workspace config /> }.into_any(),
    }
}

/// What is shown in place of a screen that requires sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Screen {
    Opening,
    SignIn { expired: bool },
    Workspace,
}
