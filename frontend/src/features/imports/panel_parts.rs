//! The parts of an import panel below its title: facts, counters, messages, and how the columns were read.

use easy_crm_shared::query::LeadQuery;
use easy_crm_shared::query::condition::Condition;
use easy_crm_shared::status::{ProcessingStatus, TablePlanSummary, UploadStatus};
use leptos::prelude::*;

use super::job::{Job, Phase};
use super::queue::use_uploads;
use super::record::{self, Tone};
use crate::api::uploads as api;
use crate::browser;
use crate::components::button::Button;
use crate::components::icon::{Icon, IconName};
use crate::components::toast::use_toaster;
use crate::features::leads::address::ListState;
use crate::format;
use crate::routes;

type Record = ArcRwSignal<Option<ProcessingStatus>>;

/// What the progress bar shows, in words: bytes sent or leads done, rate and remaining time, where known.
#[component]
pub(super) fn Facts(job: Job) -> impl IntoView {
    let (phase, status, file_size) = (job.phase, job.status, job.file_size);
    move || {
        let facts = match *phase.read() {
            Phase::Sending { sent_bytes } => {
                vec![format!("{} of {} sent", format::size(sent_bytes), format::size(file_size))]
            }
            _ => status.read().as_ref().map(facts_of).unwrap_or_default(),
        };
        let facts = Some(facts).filter(|facts| !facts.is_empty())?;
        let items = facts.into_iter().map(|fact| view! { <li>{fact}</li> }).collect_view();
        Some(view! { <ul class="status-facts" data-testid="status-facts">{items}</ul> })
    }
}

fn facts_of(record: &ProcessingStatus) -> Vec<String> {
    if let Some(stored) = record::stored_text(record, format::count) {
        return vec![stored];
    }
    let progress = &record.progress;
    let leads = format::leads(progress.total_leads);
    if progress.total_leads == 0 {
        return Vec::new();
    }
    if record.status != UploadStatus::Processing {
        return vec![format!("{leads} in the file")];
    }
    let mut facts = vec![format!("{} of {leads} done", format::count(progress.processed_leads))];
    if let Some(rate) = record.metadata.leads_per_second.filter(|rate| *rate > 0.0) {
        let rounded = if rate < 10.0 { (rate * 10.0).round() / 10.0 } else { rate.round() };
        facts.push(format!("{} leads/s", format::decimal(rounded)));
    }
    let end = record.metadata.estimated_completion.as_deref().and_then(browser::parse_time_ms);
    facts.extend(end.and_then(|end| record::eta_text(end - browser::now_ms())));
    facts
}

/// The results of the rows.
#[component]
pub(super) fn Counters(status: Record) -> impl IntoView {
    move || {
        let counters = status.read().as_ref().map(|record| record::counters(&record.progress))?;
        let items = counters.into_iter().map(|counter| {
            let tone = match counter.tone {
                Tone::Good => "badge badge-success",
                Tone::Plain => "badge",
                Tone::Bad => "badge badge-danger",
            };
            view! {
                <li class=tone data-counter=counter.key>
                    <strong>{format::count(counter.count)}</strong>
                    " "
                    {counter.label}
                </li>
            }
        });
        let items = items.collect_view();
        (!items.is_empty()).then(|| {
            view! {
                <ul class="counters" aria-label="Row results" data-testid="status-counters">{items}</ul>
            }
        })
    }
}

/// The error, the warnings, and whether the panel is out of date.
#[component]
pub(super) fn Messages(job: Job) -> impl IntoView {
    let (phase, status) = (job.phase, job.status.clone());
    let error = Memo::new(move |_| match phase.get() {
        Phase::Failed { message, .. } => Some(message),
        _ => status.read().as_ref().and_then(|record| record.error.as_ref().map(|e| e.message.clone())),
    });
    let (status, trouble) = (job.status, job.trouble);
    let warnings = move || {
        let warnings = status.read().as_ref().map(|record| record.warnings.clone()).unwrap_or_default();
        warnings.into_iter().map(|warning| warning.message).chain(trouble.get()).collect::<Vec<_>>()
    };
    view! {
        <div class="status-alert" role="alert">
            {move || error.get().map(|text| view! {
                <p class="notice notice-danger" data-testid="status-error">
                    <Icon name=IconName::Alert />
                    <span>{text}</span>
                </p>
            })}
        </div>
        {move || warnings().into_iter().map(|text| view! {
            <p class="notice notice-warning" data-testid="status-warning">
                <Icon name=IconName::Alert />
                <span>{text}</span>
            </p>
        }).collect_view()}
    }
}

/// A link to the list of the leads that this import was the last to touch.
#[component]
pub(super) fn ImportedLeads(status: Record) -> impl IntoView {
    move || {
        let status = status.read();
        let record = status.as_ref().filter(|record| record.status.is_final())?;
        let progress = &record.progress;
        if progress.created_leads + progress.updated_leads + progress.unchanged_leads == 0 {
            return None;
        }
        let condition = Some(Condition::UploadId(record.upload_id.clone()));
        let query = ListState::of_query(LeadQuery { condition, ..LeadQuery::default() }).to_query();
        let name = record.metadata.file_name.clone();
        Some(view! {
            <p class="imported-leads">
                <a class="button button-small" data-testid="imported-leads" href=format!("{}?{query}", routes::HOME)>
                    "Show the leads"
                    <span class="visually-hidden">{format!(" of {name}")}</span>
                </a>
            </p>
        })
    }
}

/// Downloads the rows that could not be stored, to be corrected and imported again.
#[component]
pub(super) fn ProblemReport(job: Job) -> impl IntoView {
    let (uploads, toaster) = (use_uploads(), use_toaster());
    let (status, upload_id) = (job.status, job.upload_id);
    let failed = Memo::new(move |_| {
        // The report is only complete once every row is accounted for.
        let of = |record: &ProcessingStatus| {
            if record::is_over(record) { record.progress.failed_leads } else { 0 }
        };
        status.read().as_ref().map_or(0, of)
    });
    let download = Callback::new(move |_| {
        let Some(upload_id) = upload_id.get_untracked() else { return };
        leptos::task::spawn_local(async move {
            match api::problems(uploads.client, &upload_id).await {
                Ok(report) => browser::download(&report.download_url, &report.file_name),
                Err(error) => toaster.error(error.message()),
            }
        });
    });
    move || {
        (failed.get() != 0).then(|| {
            view! {
                <p class="problem-report">
                    <Button class="button button-small" test_id="problem-report" on_click=download>
                        <Icon name=IconName::Download />
                        {move || match failed.get() {
                            1 => "Download the failed row".to_owned(),
                            n => format!("Download the {} failed rows", format::count(n)),
                        }}
                    </Button>
                    <span class="muted">"Correct the file and import it again."</span>
                </p>
            }
            .into_any()
        })
    }
}

/// How each column of the file was read, in a disclosure.
#[component]
pub(super) fn PlanDisclosure(status: Record) -> impl IntoView {
    let counted = status.clone();
    // The plan of a table never changes once it exists; an open disclosure must stay open.
    let tables = Memo::new(move |_| counted.read().as_ref().map_or(0, |record| record.plan.len()));
    move || {
        (tables.get() > 0).then(|| {
            let plan = status.get_untracked().map(|record| record.plan).unwrap_or_default();
            view! {
                <details class="plan" data-testid="status-plan">
                    <summary>"How your columns were read"</summary>
                    {plan.into_iter().map(table_plan).collect_view()}
                </details>
            }
        })
    }
}

fn table_plan(table: TablePlanSummary) -> impl IntoView {
    let rows = format::leads(table.lead_rows);
    let heading = match table.sheet {
        Some(sheet) => format!("{sheet} · {rows}"),
        None => rows,
    };
    let columns = table.columns.into_iter().map(|column| {
        let unsure = record::is_unsure(&column);
        view! {
            <li>
                <span class="plan-header">{column.header}</span>
                <Icon name=IconName::ArrowRight />
                <span class="visually-hidden">" became "</span>
                <span class="plan-role">{record::role_label(&column.role)}</span>
                {unsure.then(|| view! { <span class="badge badge-warning">"please check"</span> })}
                <span class="plan-reason">{column.reason}</span>
            </li>
        }
    });
    view! {
        <p class="plan-sheet">{heading}</p>
        <ul class="plan-columns">{columns.collect_view()}</ul>
    }
}
