//! Deletes and restores many leads: one conditional write per lead, in slices that fit into a request.
//!
//! All changes of a job have the same order, so a lead shows whether the job has processed it: a slice that is
//! repeated, by a repeated request or after a crash, counts the same and changes nothing. Two requests may work on a
//! slice at once; one of them counts it.

use std::time::Duration;

use easy_crm_domain::email::NormalizedEmail;
use easy_crm_domain::identity::LeadId;
use easy_crm_domain::manual_edit::{self, Step};
use easy_crm_domain::upsert::StoredLead;
use easy_crm_shared::changes::JobKind;
use futures::{StreamExt, TryStreamExt, stream};
use tokio::time::Instant;
use uuid::Uuid;

use crate::app::App;
use crate::audit;
use crate::aws::jobs::JobRecord;
use crate::aws::leads::{StoredItem, WriteResult};
use crate::aws::{AwsError, jittered};
use crate::manual_edits::{self, AddressChange};

/// How long one request works on a job.
const SLICE: Duration = Duration::from_secs(8);
/// Leads between two updates of the job's progress.
const STEP: u64 = 500;
/// Leads written at once.
const CONCURRENT_WRITES: usize = 32;
/// Tries of one lead that other writers change too.
const TRIES: u32 = 12;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    Skipped,
    Conflict,
}

/// Works on a job for some seconds; `job` then contains its progress, even if an error ended the work.
pub(crate) async fn run(app: &App, job: &mut JobRecord) -> Result<(), AwsError> {
    let until = Instant::now() + SLICE;
    while !job.is_done() && Instant::now() < until {
        let ids = app.jobs.ids(job, job.cursor, STEP).await?;
        let so_far: &JobRecord = job;
        let writes: Vec<_> = ids.iter().map(|id| process_lead(app, so_far, *id)).collect();
        let outcomes: Vec<Outcome> =
            stream::iter(writes).buffer_unordered(CONCURRENT_WRITES).try_collect().await?;
        let count = |which| outcomes.iter().filter(|outcome| **outcome == which).count() as u64;
        let from = job.cursor;
        let mut next = job.clone();
        next.cursor += ids.len() as u64;
        next.done += count(Outcome::Done);
        next.skipped += count(Outcome::Skipped);
        next.conflicts += count(Outcome::Conflict);
        if app.jobs.advance(&next, from).await? {
            *job = next;
        } else {
            // Another request is working on it too, and was faster.
            *job = app
                .jobs
                .get(&job.job_id, app.now())
                .await?
                .ok_or_else(|| AwsError::malformed("job", "it is gone"))?;
        }
    }
    tracing::info!(
        job_id = job.job_id,
        kind = ?job.kind,
        total = job.total,
        cursor = job.cursor,
        done = job.done,
        skipped = job.skipped,
        conflicts = job.conflicts,
        "job went on"
    );
    Ok(())
}

async fn process_lead(app: &App, job: &JobRecord, id: Uuid) -> Result<Outcome, AwsError> {
    let lead_id = LeadId::from(id);
    let mut at = app.now();
    for tries in 0..TRIES {
        let written = match job.kind {
            JobKind::Delete => app.leads.mark_deleted(lead_id, &job.order, at).await?,
            JobKind::Restore => app.leads.mark_restored(lead_id, &job.order, job.undoes.as_ref(), at).await?,
        };
        let stored = match written {
            WriteResult::Written => {
                audit::lead_marked(at, lead_id, &job.owner, job.kind, &job.job_id);
                return Ok(Outcome::Done);
            }
            WriteResult::Overtaken(StoredItem::Lead(stored)) => stored,
            WriteResult::Overtaken(StoredItem::Nothing | StoredItem::Alias(_)) => {
                return Ok(Outcome::Skipped);
            }
        };
        let step = match job.kind {
            JobKind::Delete => manual_edit::delete(&stored, &job.order),
            JobKind::Restore => manual_edit::restore(&stored, &job.order, job.undoes.as_ref()),
        };
        match step {
            Step::Done => return Ok(Outcome::Done),
            Step::Skip => return Ok(Outcome::Skipped),
            // The write failed because of the feed time: another writer's clock is ahead.
            Step::Write => at = StoredLead::next_change(Some(&stored), app.now()),
            Step::AskForAddress => {
                if let Some(outcome) = take_back(app, job, &stored).await? {
                    return Ok(outcome);
                }
                tokio::time::sleep(jittered(tries)).await;
            }
        }
    }
    Err(AwsError::malformed("job", "too many writers of one lead"))
}

/// Restores a lead whose address went to another lead, if the address is free again; `None` if something was changed
/// meanwhile.
async fn take_back(app: &App, job: &JobRecord, stored: &StoredLead) -> Result<Option<Outcome>, AwsError> {
    let lead = manual_edit::restored(stored, &job.order, app.now());
    let Some(email) = NormalizedEmail::parse(&lead.values.email) else { return Ok(Some(Outcome::Skipped)) };
    let at = lead.changed_at;
    Ok(match manual_edits::give_address(app, &email, lead, stored).await? {
        AddressChange::Done => {
            audit::lead_marked(at, stored.lead_id, &job.owner, job.kind, &job.job_id);
            Some(Outcome::Done)
        }
        AddressChange::TakenBy(_) => Some(Outcome::Conflict),
        AddressChange::Overtaken => None,
    })
}
