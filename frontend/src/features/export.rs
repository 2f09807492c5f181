//! Leads as a file: the button with its menu, and what the list and the chat share to make one.

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

/// Makes files and starts their download. Cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Exports {
    client: Client,
    toaster: Toaster,
    is_busy: RwSignal<bool>,
    /// Percent of the rows that are written, where that takes a while.
    percent: RwSignal<Option<u64>>,
}

/// The page's exports.
pub(crate) fn use_exports() -> Exports {
    expect_context()
}

impl Exports {
    /// None is under way. Needs a client and a toaster.
    pub(crate) fn new() -> Self {
        Self {
            client: use_client(),
            toaster: use_toaster(),
            is_busy: RwSignal::new(false),
            percent: RwSignal::new(None),
        }
    }

    /// Is a file being made?
    pub(crate) fn is_busy(self) -> Signal<bool> {
        self.is_busy.into()
    }

    /// What the export under way has come to: `Exporting… 40 %`; nothing when there is none.
    fn label(self) -> String {
        match self.percent.get() {
            Some(percent) => format!("Exporting… {percent} %"),
            None if self.is_busy.get() => "Exporting…".to_owned(),
            None => "Export".to_owned(),
        }
    }

    /// Has the server make a file of exactly the leads the query finds, in its order, and downloads it. Says how it
    /// went, also when no lead matches. A second call while one is under way does nothing.
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

/// A button that offers the formats; `query` says whose leads the file gets.
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
