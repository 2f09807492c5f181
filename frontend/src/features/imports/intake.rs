//! How files get into the page: dropped anywhere on it, pasted, or chosen in the file chooser. The drop zone invites to do
//! so: large on a list without leads, otherwise in the import dialog.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use web_sys::{DragEvent, FileList};

use super::dialog::ImportDialog;
use super::file_checks::accepted_endings;
use super::paste::PasteImport;
use super::queue::use_uploads;
use super::update_policy;
use super::zone::DropZone;
use crate::browser;
use crate::components::icon::{Icon, IconName};

/// Takes files from everywhere; `roomy` shows the drop zone as the main element of the page, for a list without leads.
#[component]
pub(crate) fn FileIntake(#[prop(into)] roomy: Signal<bool>) -> impl IntoView {
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

    let choose = Callback::new(move |()| {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    });
    let chosen = move |_| {
        if let Some(input) = input.get_untracked() {
            add(input.files());
            // So that choosing the same file again fires a change event.
            input.set_value("");
        }
    };
    let policy = uploads.update_policy();
    view! {
        {move || roomy.get().then(|| view! { <DropZone roomy=true is_over choose /> })}
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
        <div class="drop-overlay" aria-hidden="true" hidden=move || !is_over.get()>
            <div class="drop-message card">
                <Icon name=IconName::Upload />
                <p>"Drop to import"</p>
                <p class="drop-policy" hidden=roomy>{move || update_policy::in_words(policy.get())}</p>
            </div>
        </div>
        <ImportDialog is_over choose />
        <PasteImport />
    }
}

/// Whether files are being dragged, not a part of the page.
fn carries_files(event: &DragEvent) -> bool {
    event.data_transfer().is_some_and(|transfer| transfer.types().includes(&"Files".into(), 0))
}
