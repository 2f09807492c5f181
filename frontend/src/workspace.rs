//! The signed-in screen: header, upload zone, status cards, list.

use easy_crm_shared::site::SiteConfig;
use leptos::prelude::*;

use crate::api::use_client;
use crate::browser;
use crate::components::brand::Brand;
use crate::components::button::Button;
use crate::components::icon::{Icon, IconName};
use crate::components::theme::ThemeToggle;
use crate::components::toast::use_toaster;
use crate::features::auth::session::use_session;
use crate::features::leads::list::LeadList;
use crate::features::leads::page::Leads;
use crate::features::status::card::StatusCards;
use crate::features::upload::queue::Uploads;
use crate::features::upload::zone::UploadZone;

/// Everything a signed-in user works with.
#[component]
pub(crate) fn Workspace(config: StoredValue<SiteConfig>) -> impl IntoView {
    let list = LeadList::new();
    provide_context(list);
    let max_file_size = config.with_value(|config| config.max_file_size);
    let refresh = Callback::new(move |as_of| list.refresh_since(as_of));
    let uploads = Uploads::new(use_client(), use_toaster(), max_file_size, refresh);
    provide_context(uploads);
    uploads.restore();
    browser::set_title("Leads · Easy CRM");
    view! {
        <a class="skip-link" href="#main">"Skip to the leads"</a>
        <Header environment=config.with_value(|config| config.environment.clone()) />
        <main id="main" class="workspace" tabindex="-1" data-testid="workspace">
            <UploadZone roomy=list.is_empty() />
            <StatusCards />
            <Leads />
        </main>
    }
}

#[component]
fn Header(environment: String) -> impl IntoView {
    let session = use_session();
    let email = session.email();
    let tag = (!environment.is_empty() && environment != "prod")
        .then(|| view! { <span class="badge" data-testid="environment">{environment}</span> });
    view! {
        <header class="header">
            <a class="header-home" href="/" aria-label="Easy CRM, all leads">
                <Brand />
            </a>
            {tag}
            <div class="header-user">
                <span class="header-email" data-testid="user-email" title=email>{email}</span>
                <ThemeToggle />
                <Button class="button button-quiet" test_id="sign-out" label="Sign out" on_click=move |_| session.sign_out()><Icon name=IconName::SignOut />
                    <span class="header-sign-out">"Sign out"</span></Button>
            </div>
        </header>
    }
}
