//! The signed-in screen: header, import panels, list.

use easy_crm_shared::site::SiteConfig;
use leptos::ev;
use leptos::prelude::*;
use leptos_router::components::{A, Outlet};
use leptos_router::hooks::use_location;

use crate::api::use_client;
use crate::browser;
use crate::components::brand::Brand;
use crate::components::button::{Button, IconButton};
use crate::components::icon::{Icon, IconName};
use crate::components::later::later;
use crate::components::menu;
use crate::components::theme::ThemeToggle;
use crate::components::toast::use_toaster;
use crate::features::chat::panel::{ChatButton, ChatPanel};
use crate::features::chat::state::Chat;
use crate::features::export::{ExportMenu, Exports};
use crate::features::imports::dialog::ImportButton;
use crate::features::imports::intake::FileIntake;
use crate::features::imports::panel::ImportPanels;
use crate::features::imports::queue::Uploads;
use crate::features::leads::actions;
use crate::features::leads::list::{LeadList, use_lead_list};
use crate::features::leads::page::Leads;
use crate::features::leads::selection::Selection;
use crate::features::leads::views;
use crate::keyboard::Keyboard;
use crate::routes;
use crate::session::use_session;

/// Everything a signed-in user works with.
#[component]
pub(crate) fn Workspace(config: StoredValue<SiteConfig>) -> impl IntoView {
    let list = LeadList::new();
    provide_context(list);
    provide_context(Selection::new());
    actions::provide();
    views::provide();
    let max_file_size = config.with_value(|config| config.max_file_size);
    let refresh = Callback::new(move |record| list.show_import(&record));
    let uploads = Uploads::new(use_client(), use_toaster(), max_file_size, refresh);
    provide_context(uploads);
    uploads.restore();
    provide_context(Exports::new());
    provide_context(Chat::new());
    // Messages name leads and offer actions that need a signed-in user; cached responses contain leads.
    let (toaster, client) = (use_toaster(), use_client());
    on_cleanup(move || {
        toaster.clear();
        client.forget();
    });
    menu::close_on_outside_clicks();
    let path = use_location().pathname;
    let is_home = Memo::new(move |_| *path.read() == routes::HOME);
    let help = RwSignal::new(false);
    let roomy = list.is_empty();
    view! {
        // The browser moves the focus there; the router, which leaves external links alone, would only scroll.
        <a class="skip-link" href="#main" rel="external">"Skip to content"</a>
        <Header environment=config.with_value(|config| config.environment.clone()) help />
        <main id="main" class="workspace" tabindex="-1" data-testid="workspace">
            <OfflineBanner />
            {later(move || view! { <FileIntake roomy=Signal::derive(move || roomy.get() && is_home.get()) /> })}
            {later(|| view! { <Outlet /> })}
        </main>
        <Keyboard open=help />
    }
}

/// The list, with the imports in progress above it.
#[component]
pub(crate) fn LeadsScreen() -> impl IntoView {
    let state = use_lead_list().state();
    let tools = move || {
        view! {
            <ExportMenu query=move |()| state.get_untracked().lead_query() />
            <ChatButton />
            <MoreMenu />
            <ImportButton />
        }
    };
    view! {
        <ImportPanels />
        <Leads tools beside=|| view! { <ChatPanel /> } />
    }
}

/// What is rarely needed.
#[component]
fn MoreMenu() -> impl IntoView {
    let list = use_lead_list();
    let refresh = move |_| {
        menu::close_all();
        list.refresh();
    };
    let print = move |_| {
        menu::close_all();
        browser::print();
    };
    view! {
        <details class="menu more" name="menu" data-testid="more">
            <summary class="icon-button" aria-label="More actions" title="More actions"><Icon name=IconName::More /></summary>
            <div class="menu-body card" role="group" aria-label="More actions">
                <Button class="menu-item" test_id="refresh" on_click=refresh>"Refresh the list"</Button>
                <Button class="menu-item" test_id="print" on_click=print>"Print the list"</Button>
            </div>
        </details>
    }
}

/// Tells the user that the browser is offline; refreshes the list when it is online again. Hidden where an error says so.
#[component]
fn OfflineBanner() -> impl IntoView {
    let list = use_lead_list();
    let is_online = RwSignal::new(browser::is_online());
    browser::listen(ev::online, move |_| {
        is_online.set(true);
        list.refresh();
    });
    browser::listen(ev::offline, move |_| is_online.set(false));
    view! {
        <div role="status" class="no-box">
            {move || (!is_online.get()).then(|| view! {
                <p class="notice notice-warning offline" data-testid="offline">
                    <Icon name=IconName::Alert />
                    <span>"You are offline. You see what was last loaded; it updates when you are back online."</span>
                </p>
            }.into_any())}
        </div>
    }
}

#[component]
fn Header(environment: String, help: RwSignal<bool>) -> impl IntoView {
    let list = use_lead_list();
    let session = use_session();
    let email = session.email();
    let explanation = match environment.as_str() {
        "local" => "Easy CRM runs on this computer, and your leads stay on it.",
        _ => "This is a test system with leads of its own.",
    };
    let tag = (!environment.is_empty() && environment != "prod").then(
        || view! { <span class="badge" data-testid="environment" title=explanation>{environment}</span> },
    );
    view! {
        <header class="header">
            <a class="header-home" href="/" aria-label="Easy CRM, all leads">
                <Brand />
            </a>
            {tag}
            <nav class="header-nav" aria-label="Main">
                <A href=move || list.path() exact=true scroll=false attr:data-testid="nav-leads">"Leads"</A>
                <A href=routes::IMPORTS scroll=false attr:data-testid="nav-imports">"Imports"</A>
            </nav>
            <div class="header-user">
                <span class="header-email" data-testid="user-email" title=email>{email}</span>
                <IconButton test_id="help-open" icon=IconName::Keyboard label="Keyboard shortcuts" on_click=move |_| help.set(true) />
                <ThemeToggle />
                <Button class="button button-quiet" test_id="sign-out" label="Sign out" on_click=move |_| session.sign_out()><Icon name=IconName::SignOut />
                    <span class="header-sign-out">"Sign out"</span></Button>
            </div>
        </header>
    }
}
