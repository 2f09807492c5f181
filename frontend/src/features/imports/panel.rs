//! `ProcessingStatusIndicator`, the panel of one upload, and the stack of panels.

use easy_crm_shared::status::{ProcessingStatus, UploadStatus};
use leptos::prelude::*;

use super::file_checks::percent_sent;
use super::job::{Job, Phase};
use super::panel_parts::{Counters, Facts, ImportedLeads, Messages, PlanDisclosure, ProblemReport};
use super::queue::use_uploads;
use super::record;
use crate::components::button::{Button, IconButton};
use crate::components::icon::{Icon, IconName};
use crate::format;

/// All panels, newest first.
#[component]
pub(crate) fn ImportPanels() -> impl IntoView {
    let uploads = use_uploads();
    let jobs = uploads.jobs();
    let is_empty = Memo::new(move |_| jobs.with(Vec::is_empty));
    view! {
        <section class="import-panels" aria-label="Imports" data-testid="import-panels" hidden=is_empty>
            <For each=move || jobs.get() key=|job| job.id let:job>
                <ProcessingStatusIndicator job />
            </For>
        </section>
    }
}

/// How a panel looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Running,
    Done,
    /// Imported, except for some rows.
    Partly,
    Stopped,
    Failed,
}

fn look_of(job: &Job) -> Look {
    match (&*job.phase.read(), job.status.read().as_ref().map(|record| record.status)) {
        (Phase::Failed { .. }, _) | (Phase::Following, Some(UploadStatus::Error)) => Look::Failed,
        (Phase::Following, Some(UploadStatus::Completed)) if has_failed_rows(job) => Look::Partly,
        (Phase::Following, Some(UploadStatus::Completed)) => Look::Done,
        (Phase::Following, Some(UploadStatus::Cancelled)) => Look::Stopped,
        _ => Look::Running,
    }
}

fn has_failed_rows(job: &Job) -> bool {
    job.status.read().as_ref().is_some_and(|record| record.progress.failed_leads > 0)
}

fn stage_of(job: &Job) -> &'static str {
    match *job.phase.read() {
        Phase::Waiting => "Queued",
        Phase::Preparing => "Preparing",
        Phase::Sending { .. } => "Sending the file",
        Phase::Failed { .. } => "Not imported",
        Phase::Following => job.status.read().as_ref().map_or("Checking", record::stage_text),
    }
}

fn percentage_of(job: &Job) -> Option<u32> {
    match *job.phase.read() {
        Phase::Sending { sent_bytes } => Some(percent_sent(sent_bytes, job.file_size)),
        Phase::Following => job.status.read().as_ref().map(|record| record.progress.percentage as u32),
        _ => None,
    }
}

fn spoken_of(job: &Job) -> String {
    match job.status.read().as_ref() {
        Some(record) => record::spoken(record, format::count),
        None => format!("{}: {}", job.file_name, stage_of(job)),
    }
}

/// One upload: its stage, its progress and the results of its rows.
#[component]
pub(crate) fn ProcessingStatusIndicator(
    /// The upload.
    job: Job,
    /// The panel is in the history, where it cannot be closed.
    #[prop(optional)]
    in_history: bool,
) -> impl IntoView {
    let shown = StoredValue::new(job.clone());
    let look = Memo::new(move |_| shown.with_value(look_of));
    let stage = move || shown.with_value(stage_of);
    let percentage = move || shown.with_value(percentage_of);
    let spoken = move || shown.with_value(spoken_of);
    let has_bar = Memo::new(move |_| look.get() == Look::Running);
    // A panel that had the focus loses it while it is being removed.
    let hold = move |held: bool| {
        shown.try_with_value(|job| job.held.set(held));
    };
    let icon = Signal::derive(move || match look.get() {
        Look::Running => IconName::File,
        Look::Done => IconName::Check,
        Look::Stopped => IconName::Stop,
        Look::Failed | Look::Partly => IconName::Alert,
    });

    let name = job.file_name.clone();
    let title_id = format!("upload-{}-title", job.id);
    let labelled_by = title_id.clone();
    let bar_name = name.clone();
    let bar = move || {
        has_bar.get().then(|| {
            let label = format!("Progress of {bar_name}");
            view! { <progress class="bar" max="100" aria-label=label prop:value=move || percentage().unwrap_or(0)></progress> }
                .into_any()
        })
    };
    view! {
        <article
            class="card import-panel"
            class:is-done=move || look.get() == Look::Done
            class:is-warned=move || look.get() == Look::Partly
            class:is-failed=move || look.get() == Look::Failed
            aria-labelledby=labelled_by
            data-testid="import-panel"
            data-status=move || match look.get() {
                Look::Running => "running",
                Look::Done | Look::Partly => "completed",
                Look::Stopped => "cancelled",
                Look::Failed => "error",
            }
            on:mouseenter=move |_| hold(true)
            on:mouseleave=move |_| hold(false)
            on:focusin=move |_| hold(true)
            on:focusout=move |_| hold(false)
        >
            <div class="status-top">
                <span class="status-icon"><Icon name=icon /></span>
                <div class="status-title">
                    <h2 id=title_id title=name.clone()>{name.clone()}</h2>
                    <p>
                        <span class="status-stage" data-testid="status-stage">{stage}</span>
                        <span class="muted">{format!(" · {}", format::size(job.file_size))}</span>
                        {in_history.then(|| view! { <BegunAt status=job.status.clone() /> })}
                    </p>
                </div>
                <span class="status-percent" data-testid="status-percent">
                    {move || percentage().filter(|_| has_bar.get()).map(|p| format!("{p}%"))}
                </span>
                <Buttons job=job.clone() look in_history />
            </div>
            {bar}
            <Facts job=job.clone() />
            <Counters status=job.status.clone() />
            <Messages job=job.clone() />
            <ImportedLeads status=job.status.clone() />
            <ProblemReport job=job.clone() />
            <PlanDisclosure status=job.status.clone() />
            <p class="visually-hidden" role="status">{spoken}</p>
        </article>
    }
    .into_any()
}

/// Cancel while the upload is running, otherwise retry and close.
#[component]
fn Buttons(job: Job, look: Memo<Look>, in_history: bool) -> impl IntoView {
    let uploads = use_uploads();
    let name = job.file_name.clone();
    let job = StoredValue::new(job);
    let can_retry =
        move || job.with_value(|job| matches!(*job.phase.read(), Phase::Failed { can_retry: true, .. }));
    let name = StoredValue::new(name);
    view! {
        <div class="status-buttons">
            {move || can_retry().then(|| view! {
                <Button class="button button-small" test_id="status-retry" on_click=move |_| job.with_value(|job| uploads.retry(job))>"Try again"</Button>
            }.into_any())}
            {move || match look.get() {
                Look::Running => view! {
                    <Button class="button button-small" test_id="status-cancel" label=format!("Cancel import of {}", name.get_value()) on_click=move |_| job.with_value(|job| uploads.cancel(job))>"Cancel"</Button>
                }.into_any(),
                _ if in_history => ().into_any(),
                _ => view! {
                    <IconButton test_id="status-close" icon=IconName::Close label=format!("Close {}", name.get_value()) on_click=move |_| job.with_value(|job| uploads.remove(job)) />
                }.into_any(),
            }}
        </div>
    }
}

/// When the upload was announced.
#[component]
fn BegunAt(status: ArcRwSignal<Option<ProcessingStatus>>) -> impl IntoView {
    move || {
        let created_at = status.read().as_ref().map(|record| record.created_at.clone())?;
        let shown = format::date_time(&created_at);
        Some(view! { <span class="muted">" · "<time datetime=created_at>{shown}</time></span> })
    }
}
