//! The imports of the last day: the result of each file, how its columns were read, and which rows failed.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::dialog::ImportButton;
use super::job::{Job, Phase};
use super::panel::ProcessingStatusIndicator;
use super::queue::{Uploads, use_uploads};
use super::record;
use crate::api::uploads as api;
use crate::browser;
use crate::components::button::{Button, IconButton};
use crate::components::icon::IconName;
use crate::components::states::Blank;
use crate::routes;

/// Time between two polls while an import is running, in milliseconds.
const LOOK_AGAIN_MS: u32 = 4_000;

/// What has been loaded of the history.
#[derive(Clone)]
enum Known {
    Loading,
    Failed(String),
    Uploads(Vec<Job>),
}

/// All imports of the last day, newest first; refreshes itself while one is running.
#[component]
pub(crate) fn ImportHistory() -> impl IntoView {
    let uploads = use_uploads();
    let known = RwSignal::new(Known::Loading);
    let is_loading = RwSignal::new(false);
    let load = move || {
        if is_loading.try_get_untracked() != Some(false) {
            return;
        }
        is_loading.set(true);
        spawn_local(async move {
            let answer = api::recent(uploads.client).await;
            is_loading.try_set(false);
            known.try_update(|known| match answer {
                Ok(records) => {
                    let before = match std::mem::replace(known, Known::Loading) {
                        Known::Uploads(jobs) => jobs,
                        _ => Vec::new(),
                    };
                    let jobs = records.into_iter().map(|record| job_of(uploads, &before, record));
                    *known = Known::Uploads(jobs.collect());
                }
                // One failed poll is no reason to drop what is shown.
                Err(_) if matches!(known, Known::Uploads(_)) => {}
                Err(error) => *known = Known::Failed(error.message()),
            });
        });
    };
    let shown = move || {
        let mut jobs = uploads.jobs().get();
        if let Known::Uploads(past) = known.get() {
            let live: Vec<_> = jobs.iter().filter_map(|job| job.upload_id.get()).collect();
            jobs.extend(
                past.into_iter().filter(|job| job.upload_id.get().is_none_or(|id| !live.contains(&id))),
            );
        }
        jobs
    };
    let is_blank = Memo::new(move |_| shown().is_empty());
    load();
    browser::listen(ev::online, move |_| load());
    spawn_local(async move {
        loop {
            browser::sleep_ms(LOOK_AGAIN_MS).await;
            let is_moving =
                |job: &Job| job.status.get_untracked().is_some_and(|record| !record::is_over(&record));
            let moving = known.try_with_untracked(|known| match known {
                Known::Uploads(jobs) => jobs.iter().any(is_moving),
                _ => false,
            });
            match moving {
                Some(true) => load(),
                Some(false) => {}
                // The page was left.
                None => return,
            }
        }
    });
    browser::set_title("Imports · Easy CRM");
    view! {
        <section class="history" aria-labelledby="imports-title" data-testid="imports">
            <div class="toolbar">
                <h1 id="imports-title">"Imports"<span class="count">"last 24 hours"</span></h1>
                <div class="toolbar-tools">
                    <ImportButton />
                    <IconButton class="icon-button icon-button-framed" test_id="imports-refresh" icon=IconName::Refresh
                        label="Refresh imports" disabled=is_loading on_click=move |_| load() />
                </div>
            </div>
            <div class="history-panels">
                <For each=shown key=|job| job.id let:job>
                    <ProcessingStatusIndicator job in_history=true />
                </For>
            </div>
            {move || match (is_blank.get(), known.get()) {
                (_, Known::Failed(message)) => view! {
                    <div class="card">
                        <Blank icon=IconName::Alert title="Imports could not be loaded" text=message danger=true test_id="imports-error">
                            <Button test_id="imports-retry" on_click=move |_| load()>"Try again"</Button>
                        </Blank>
                    </div>
                }.into_any(),
                (true, Known::Uploads(_)) => view! {
                    <div class="card">
                        <Blank icon=IconName::File title="No imports in the last 24 hours" test_id="imports-empty"
                            text="Every file you import is listed here for a day: how its columns were read, what happened to each row, and which rows failed, so that you can correct and import them again.">
                            <a class="button button-primary" href=routes::HOME>"Go to your leads"</a>
                        </Blank>
                    </div>
                }.into_any(),
                (true, Known::Loading) => view! {
                    <div class="card drawer-skeleton" role="status">
                        <span class="visually-hidden">"Loading imports"</span>
                        {(0..4).map(|_| view! { <span class="skeleton"></span> }).collect_view()}
                    </div>
                }.into_any(),
                _ => ().into_any(),
            }}
        </section>
    }
}

/// The entry for a record; an existing entry is kept and gets the new record.
fn job_of(uploads: Uploads, before: &[Job], record: easy_crm_shared::status::ProcessingStatus) -> Job {
    let known = before.iter().find(|job| job.upload_id.get_untracked().as_ref() == Some(&record.upload_id));
    let job = known.cloned().unwrap_or_else(|| {
        let metadata = &record.metadata;
        let job =
            Job::new(uploads.fresh_id(), metadata.file_name.clone(), metadata.file_size, Phase::Following);
        job.upload_id.set(Some(record.upload_id.clone()));
        job
    });
    job.status.set(Some(record));
    job
}
