//! The import dialog, and the button that opens it.

use leptos::prelude::*;

use super::queue::use_uploads;
use super::update_choice::UpdateChoice;
use super::zone::DropZone;
use crate::components::icon::{Icon, IconName};
use crate::components::modal::Modal;

/// The page's primary button: opens the import dialog.
#[component]
pub(crate) fn ImportButton() -> impl IntoView {
    let open = use_uploads().dialog;
    view! {
        <button type="button" class="button button-primary import-open" data-testid="import-open" aria-haspopup="dialog"
            on:click=move |_| open.set(true)>
            <Icon name=IconName::Upload />
            "Import"
        </button>
    }
}

/// Files to import, and what to do with leads that already exist.
#[component]
pub(super) fn ImportDialog(
    /// Files are being dragged over the page.
    #[prop(into)]
    is_over: Signal<bool>,
    /// Opens the file chooser.
    choose: Callback<()>,
) -> impl IntoView {
    let open = use_uploads().dialog;
    view! {
        <Modal test_id="import-dialog" title="Import leads" open=open on_close=move |()| open.set(false)>
            <DropZone is_over choose />
            <UpdateChoice group="update-policy" />
        </Modal>
    }
}
