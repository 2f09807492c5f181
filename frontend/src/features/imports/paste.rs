//! Rows copied from a spreadsheet and pasted onto the page become an upload, once the user confirms.

use js_sys::Array;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, File, HtmlElement};

use super::file_checks::PastedTable;
use super::queue::use_uploads;
use super::update_choice::UpdateChoice;
use crate::browser;
use crate::components::button::Button;
use crate::components::modal::Modal;
use crate::components::toast::use_toaster;
use crate::format;

/// File name of the upload.
const FILE_NAME: &str = "pasted.tsv";

/// Handles pasting anywhere but in a field.
#[component]
pub(super) fn PasteImport() -> impl IntoView {
    let (uploads, toaster) = (use_uploads(), use_toaster());
    let table = RwSignal::new(None::<PastedTable>);
    browser::listen(ev::paste, move |event| {
        let Some(clipboard) = clipboard_of(&event) else { return };
        let files = clipboard.files().map(|list| (0..list.length()).filter_map(move |index| list.get(index)));
        let files: Vec<File> = files.into_iter().flatten().collect();
        if !files.is_empty() {
            uploads.add(files);
            return;
        }
        let text = clipboard.get_data("text/plain").unwrap_or_default();
        match PastedTable::read(&text) {
            Some(found) => table.set(Some(found)),
            None if text.trim().is_empty() => {}
            None => toaster.error("That is not a table. Copy rows in a spreadsheet and paste them here."),
        }
    });
    let import = move |_| {
        let Some(found) = table.get_untracked() else { return };
        table.set(None);
        let parts = Array::of1(&found.text.into());
        match File::new_with_str_sequence(&parts, FILE_NAME) {
            Ok(file) => uploads.add(vec![file]),
            Err(_) => toaster.error("The rows could not be read. Save them as a file and drop it here."),
        }
    };
    let shown = move || {
        table.get().map(|table| {
            let cells =
                |row: Vec<String>| row.into_iter().map(|cell| view! { <td>{cell}</td> }).collect_view();
            let rows = table.preview().into_iter().map(|row| view! { <tr>{cells(row)}</tr> }).collect_view();
            let (count, columns) = (format::count(table.rows as u64), format::count(table.columns as u64));
            let noun = if table.columns == 1 { "column" } else { "columns" };
            view! {
                <p>{format!("{count} rows with up to {columns} {noun}. The first rows:")}</p>
                <div class="paste-preview" tabindex="0" role="region" aria-label="The first rows">
                    <table><tbody>{rows}</tbody></table>
                </div>
            }
        })
    };
    view! {
        <Modal test_id="paste-dialog" title="Import the copied rows?" open=Signal::derive(move || table.read().is_some())
            on_close=move |()| table.set(None)>
            {shown}
            <UpdateChoice group="update-policy-pasted" />
            <div class="modal-actions">
                <Button test_id="paste-cancel" on_click=move |_| table.set(None)>"Cancel"</Button>
                <Button class="button button-primary" test_id="paste-import" on_click=import>"Import"</Button>
            </div>
        </Modal>
    }
}

/// The pasted data, unless it goes into a field.
fn clipboard_of(event: &web_sys::Event) -> Option<web_sys::DataTransfer> {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    let in_field = target.is_some_and(|target| matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA"));
    if in_field { None } else { event.dyn_ref::<ClipboardEvent>()?.clipboard_data() }
}
