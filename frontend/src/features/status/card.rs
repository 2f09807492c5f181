//! `ProcessingStatusIndicator`: the card of one upload, and the stack of cards.

use easy_crm_shared::status::UploadStatus;
use leptos::prelude::*;

use super::card_parts::{Counters, Facts, Messages, PlanDisclosure};
use super::state;
use crate::components::icon::{Icon, IconName};
use crate::features::upload::job::{Job, Phase};
use crate::features::upload::queue::use_uploads;
use crate::features::upload::state::percent_sent;
use crate::format;

/// All cards, newest first.
#[component]
pub(crate) fn StatusCards() -> impl IntoView {
    let uploads = use_uploads();
    let jobs = uploads.jobs();
    let is_empty = Memo::new(move |_| jobs.with(Vec::is_empty));
    view! {
        <section class="status-cards" aria-label="Imports" data-testid="status-cards" hidden=is_empty>
            <For each=move || jobs.get() key=|job| job.id let:job>
                <ProcessingStatusIndicator job />
            </For>
        </section>
    }
}

/// How a card looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Running,
    Done,
    Stopped,
    Failed,
}

/// One upload: what it is doing, how far it is, what became of its rows.
#[component]
pub(crate) fn ProcessingStatusIndicator(
    /// The upload.
    job: Job,
) -> impl IntoView {
    let (phase, status, size) = (job.phase.clone(), job.status.clone(), job.file_size);
    let look = Memo::new(move |_| match phase.get() {
        Phase::Failed { .. } => Look::Failed,
        Phase::Following => match status.read().as_ref().map(|record| record.status) {
            Some(UploadStatus::Completed) => Look::Done,
            Some(UploadStatus::Error) => Look::Failed,
            Some(UploadStatus::Cancelled) => Look::Stopped,
            _ => Look::Running,
        },
        _ => Look::Running,
    });
    let (phase, status) = (job.phase.clone(), job.status.clone());
    let stage = Memo::new(move |_| match phase.get() {
        Phase::Waiting => "Waiting for its turn",
        Phase::Preparing => "Preparing",
        Phase::Sending { .. } => "Sending the file",
        Phase::Failed { .. } => "Not imported",
        Phase::Following => status.read().as_ref().map_or("Checking", state::stage_text),
    });
    let (phase, status) = (job.phase.clone(), job.status.clone());
    let percentage = Memo::new(move |_| match phase.get() {
        Phase::Sending { sent_bytes } => Some(percent_sent(sent_bytes, size).floor()),
        Phase::Following => status.read().as_ref().map(|record| record.progress.percentage.floor()),
        _ => None,
    });
    let (status, name) = (job.status.clone(), job.file_name.clone());
    let spoken = Memo::new(move |_| match status.read().as_ref() {
        Some(record) => state::spoken(record),
        None => format!("{name}: {}", stage.get()),
    });
    let has_bar = Memo::new(move |_| look.get() == Look::Running);
    let icon = Signal::derive(move || match look.get() {
        Look::Running => IconName::File,
        Look::Done => IconName::Check,
        Look::Stopped => IconName::Stop,
        Look::Failed => IconName::Alert,
    });

    let name = job.file_name.clone();
    let title_id = format!("upload-{}-title", job.id);
    let labelled_by = title_id.clone();
    let held = job.held.clone();
    let released = job.held.clone();
    let focused = job.held.clone();
    let blurred = job.held.clone();
    view! {
        <article
            class="card status-card"
            class:is-done=move || look.get() == Look::Done
            class:is-failed=move || look.get() == Look::Failed
            aria-labelledby=labelled_by
            data-testid="status-card"
            data-status=move || match look.get() {
                Look::Running => "running",
                Look::Done => "completed",
                Look::Stopped => "cancelled",
                Look::Failed => "error",
            }
            on:mouseenter=move |_| held.set(true)
            on:mouseleave=move |_| released.set(false)
            on:focusin=move |_| focused.set(true)
            on:focusout=move |_| blurred.set(false)
        >
            <div class="status-top">
                <span class="status-icon"><Icon name=icon /></span>
                <div class="status-title">
                    <h2 id=title_id title=name.clone()>{name.clone()}</h2>
                    <p>
                        <span class="status-stage" data-testid="status-stage">{stage}</span>
                        <span class="muted">{format!(" · {}", format::size(size))}</span>
                    </p>
                </div>
                <span class="status-percent" data-testid="status-percent">
                    {move || percentage.get().filter(|_| has_bar.get()).map(|p| format!("{p} %"))}
                </span>
                <Buttons job=job.clone() look />
            </div>
            <Show when=move || has_bar.get()>
                <progress
                    class="bar"
                    max="100"
                    aria-label=format!("Progress of {name}")
                    prop:value=move || percentage.get().unwrap_or(0.0)
                ></progress>
            </Show>
            <Facts job=job.clone() />
            <Counters status=job.status.clone() />
            <Messages job=job.clone() />
            <PlanDisclosure job=job.clone() />
            <p class="visually-hidden" role="status">{spoken}</p>
        </article>
    }
    .into_any()
}

/// Cancel while it runs, try again and close when it does not.
#[component]
fn Buttons(job: Job, look: Memo<Look>) -> impl IntoView {
    let uploads = use_uploads();
    let name = job.file_name.clone();
    let can_retry = {
        let phase = job.phase.clone();
        Memo::new(move |_| matches!(phase.get(), Phase::Failed { can_retry: true, .. }))
    };
    let job = StoredValue::new(job);
    let name = StoredValue::new(name);
    view! {
        <div class="status-buttons">
            <Show when=move || can_retry.get()>
                <button type="button" class="button button-small" data-testid="status-retry"
                    on:click=move |_| job.with_value(|job| uploads.retry(job))>
                    "Try again"
                </button>
            </Show>
            <Show
                when=move || look.get() == Look::Running
                fallback=move || view! {
                    <button type="button" class="icon-button" data-testid="status-close"
                        aria-label=format!("Close {}", name.get_value())
                        on:click=move |_| job.with_value(|job| uploads.remove(job))>
                        <Icon name=IconName::Close />
                    </button>
                }
            >
                <button type="button" class="button button-small" data-testid="status-cancel"
                    aria-label=format!("Cancel import of {}", name.get_value())
                    on:click=move |_| job.with_value(|job| uploads.cancel(job))>
                    "Cancel"
                </button>
            </Show>
        </div>
    }
}
