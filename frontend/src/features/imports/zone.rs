//! The drop zone. Files can be dropped anywhere on the page; the zone invites to do so, and opens the file chooser.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use web_sys::{DragEvent, FileList};

use super::file_checks::accepted_endings;
use super::paste::PasteImport;
use super::queue::use_uploads;
use crate::browser;
use crate::components::icon::{Icon, IconName};
use crate::format;

/// The drop zone; `roomy` makes it the main element of the page, for a list without leads.
#[component]
pub(crate) fn UploadZone(#[prop(into)] roomy: Signal<bool>) -> impl IntoView {
    let uploads = use_uploads();
    let input = NodeRef::<html::Input>::new();
    // Entering a child fires before leaving its parent, hence a counter.
    let depth = RwSignal::new(0_i32);
    let is_over = Memo::new(move |_| depth.get() > 0);
    let add = move |list: Option<FileList>| {
        let Some(list) = list else { return };
        uploads.add((0..list.length()).filter_map(|index| list.get(index)).collect());
    };

    browser::listen(ev::dragenter, move |event| {
        if carries_files(&event) {
            event.prevent_default();
            depth.update(|depth| *depth += 1);
        }
    });
    browser::listen(ev::dragleave, move |event| {
        if carries_files(&event) {
            depth.update(|depth| *depth = (*depth - 1).max(0));
        }
    });
    browser::listen(ev::dragover, move |event| {
        // Without this the browser would open the file and leave the page.
        if carries_files(&event) {
            event.prevent_default();
        }
    });
    browser::listen(ev::drop, move |event| {
        if carries_files(&event) {
            event.prevent_default();
            depth.set(0);
            add(event.data_transfer().and_then(|transfer| transfer.files()));
        }
    });
    browser::listen(ev::beforeunload, move |event| {
        if uploads.is_sending() {
            event.prevent_default();
        }
    });

    let choose = move |_| {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    let chosen = move |_| {
        if let Some(input) = input.get_untracked() {
            add(input.files());
            // So that choosing the same file again fires a change event.
            input.set_value("");
        }
    };
    view! {
        <section
            class="zone"
            class:is-over=is_over
            class:is-roomy=roomy
            aria-label="Import leads"
            data-testid="upload-zone"
        >
            <span class="zone-icon"><Icon name=IconName::Upload /></span>
            <div class="zone-text">
                <p class="zone-title">
                    {move || if is_over.get() { "Drop to import" } else { "Drop spreadsheets here" }}
                </p>
                <p class="zone-hint" id="upload-hint">
                    {format!("CSV, TSV, Excel or OpenDocument · up to {} each · or paste copied rows", format::size(uploads.max_file_size()))}
                </p>
            </div>
            <button
                type="button"
                class="button"
                class:button-primary=roomy
                data-testid="browse-files"
                aria-describedby="upload-hint"
                on:click=choose
            >
                "Browse files"
            </button>
            <input
                node_ref=input
                id="file-input"
                data-testid="file-input"
                class="visually-hidden"
                type="file"
                multiple=true
                accept=accepted_endings()
                tabindex="-1"
                aria-label="Files to import"
                on:change=chosen
            />
        </section>
        <div class="drop-overlay" aria-hidden="true" hidden=move || !is_over.get()>
            <Icon name=IconName::Upload />
            <p>"Drop to import"</p>
        </div>
        <PasteImport />
    }
}

/// Whether files are being dragged, not a part of the page.
fn carries_files(event: &DragEvent) -> bool {
    event.data_transfer().is_some_and(|transfer| transfer.types().includes(&"Files".into(), 0))
}
