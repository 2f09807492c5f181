//! Exporting leads to a file: the menu button, and what the list and the chat share.

use easy_crm_shared::export::{ExportFormat, ExportRequest};
use easy_crm_shared::query::LeadQuery;
use leptos::prelude::*;

use crate::api::{Client, changes, use_client};
use crate::browser;
use crate::components::button::Button;
use crate::components::icon::{Icon, IconName};
use crate::components::menu;
use crate::components::toast::{Toaster, use_toaster};
use crate::format;

/// Creates files and starts their download. Cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Exports {
    client: Client,
    toaster: Toaster,
    is_busy: RwSignal<bool>,
    /// Percentage of the rows written, if that takes a while.
    percent: RwSignal<Option<u64>>,
}

/// The page's exports.
pub(crate) fn use_exports() -> Exports {
    expect_context()
}

impl Exports {
    /// No export is running. Needs a client and a toaster in the context.
    pub(crate) fn new() -> Self {
        Self {
            client: use_client(),
            toaster: use_toaster(),
            is_busy: RwSignal::new(false),
            percent: RwSignal::new(None),
        }
    }

    /// Whether an export is running.
    pub(crate) fn is_busy(self) -> Signal<bool> {
        self.is_busy.into()
    }

    /// The button's text: `Exporting… 40%` while an export is running.
    fn label(self) -> String {
        match self.percent.get() {
            Some(percent) => format!("Exporting… {percent}%"),
            None if self.is_busy.get() => "Exporting…".to_owned(),
            None => "Export".to_owned(),
        }
    }

    /// Has the server export exactly the leads the query finds, in its order, and downloads the file. Reports the
    /// outcome, even if no lead matches. Does nothing while another export is running.
    pub(crate) fn start(self, query: LeadQuery, format: ExportFormat) {
        if self.is_busy.get_untracked() {
            return;
        }
        self.is_busy.set(true);
        leptos::task::spawn_local(async move {
            let progress = move |done: u64, total: u64| {
                self.percent.try_set(Some(done * 100 / total.max(1)));
            };
            let answer = changes::export(self.client, &ExportRequest::new(query, format), progress).await;
            self.percent.try_set(None);
            self.is_busy.try_set(false);
            match answer {
                Ok(file) => {
                    browser::download(&file.download_url, &file.file_name);
                    let leads = format::leads(file.row_count);
                    self.toaster.success(format!("{leads} exported to {}.", file.file_name));
                }
                Err(error) => self.toaster.error(error.message()),
            }
        });
    }
}

/// A menu of formats; `query` returns the query whose leads are exported.
#[component]
pub(crate) fn ExportMenu(#[prop(into)] query: Callback<(), LeadQuery>) -> impl IntoView {
    let exports = use_exports();
    let is_busy = exports.is_busy();
    let item = move |test_id: &'static str, label: &'static str, format: ExportFormat| {
        let start = move |_| {
            menu::close_all();
            exports.start(query.run(()), format);
        };
        view! { <Button class="menu-item" test_id on_click=start>{label}</Button> }
    };
    view! {
        <details class="menu" name="menu" data-testid="export" aria-busy=move || is_busy.get().to_string()>
            <summary class="button"><Icon name=IconName::Download />{move || exports.label()}</summary>
            <div class="menu-body card" role="group" aria-label="Export as">
                {item("export-csv", "CSV file", ExportFormat::Csv)}
                {item("export-xlsx", "Excel workbook", ExportFormat::Xlsx)}
            </div>
        </details>
    }
}
