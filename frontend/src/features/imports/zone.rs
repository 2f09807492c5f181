//! The drop zone: large on a list without leads, and in the import dialog.

use leptos::prelude::*;

use super::queue::use_uploads;
use crate::components::icon::{Icon, IconName};
use crate::format;

/// Says what can be dropped, with a button that opens the file chooser.
#[component]
pub(super) fn DropZone(
    /// Makes it the main element of the page.
    #[prop(optional)]
    roomy: bool,
    /// Files are being dragged over the page.
    #[prop(into)]
    is_over: Signal<bool>,
    /// Opens the file chooser.
    choose: Callback<()>,
) -> impl IntoView {
    let max_file_size = format::size(use_uploads().max_file_size());
    view! {
        <section class="zone" class:is-over=is_over class:is-roomy=roomy aria-label="Import leads" data-testid="upload-zone">
            <span class="zone-icon"><Icon name=IconName::Upload /></span>
            <div class="zone-text">
                <p class="zone-title">"Drop spreadsheets here"</p>
                <p class="zone-hint" id="upload-hint">
                    {format!("CSV, TSV, Excel or OpenDocument · up to {max_file_size} each · or paste copied rows")}
                </p>
            </div>
            <button type="button" class="button button-primary" data-testid="browse-files" aria-describedby="upload-hint"
                on:click=move |_| choose.run(())>
                "Browse files"
            </button>
        </section>
    }
}
