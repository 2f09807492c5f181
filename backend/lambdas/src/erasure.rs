//! Permanently erases a person: from the leads table, the snapshots of the list and every stored file.
//!
//! For each of the person's leads a tombstone stays for 30 days that says only when it was erased: through the feed it
//! tells warm functions, and it rejects rows from files announced before the erasure. So a redelivered batch does not
//! bring the person back, but a later import does, as a new lead. Files are erased first and leads last, so that an
//! interrupted erasure still knows whom to look for when it is requested again.

mod stored_files;

use std::collections::BTreeMap;
use std::time::Duration;

use easy_crm_domain::email::NormalizedEmail;
use easy_crm_domain::erasure::Person;
use easy_crm_domain::identity::{FilePosition, LeadId, RowOrder};
use easy_crm_domain::lead::LeadValues;
use easy_crm_domain::manual_edit;
use easy_crm_domain::revision::Revisions;
use easy_crm_domain::upsert::StoredLead;
use easy_crm_shared::erasure::{EraseResponse, EraseState};
use easy_crm_shared::upload::UpdatePolicy;
use jiff::Timestamp;
use uuid::Uuid;

use crate::app::App;
use crate::audit;
use crate::aws::items::sortable;
use crate::aws::leads::{StoredItem, WriteResult};
use crate::aws::{AwsError, jittered};
use crate::error::ApiError;
use crate::lead_list::ListError;

/// How long one request searches stored files; the next one continues.
const FILES_TIME: Duration = Duration::from_secs(15);
/// Tries of one item that other writers change too.
const TRIES: u32 = 12;
/// Maximum number of leads and aliases an address may have passed through.
const MAX_GENERATIONS: u32 = 500;

/// Whom a request is about.
#[derive(Debug)]
pub(crate) enum ErasureTarget {
    /// The person of this lead.
    Lead(LeadId),
    /// The person with this address.
    Address(NormalizedEmail),
}

/// What was found about a person.
#[derive(Default)]
struct Found {
    person: Person,
    addresses: Vec<NormalizedEmail>,
    leads: BTreeMap<Uuid, StoredLead>,
}

impl Found {
    /// Adds a lead; an erased one says nothing any more.
    fn take(&mut self, lead: StoredLead) {
        if lead.erased.is_some() || self.leads.contains_key(&lead.lead_id.uuid()) {
            return;
        }
        self.person.learn(&lead.values);
        let released = lead.released_email.as_deref().and_then(NormalizedEmail::parse);
        for email in NormalizedEmail::parse(&lead.values.email).into_iter().chain(released) {
            if !self.addresses.contains(&email) {
                let values = LeadValues { email: email.as_str().to_owned(), ..LeadValues::default() };
                self.person.learn(&values);
                self.addresses.push(email);
            }
        }
        self.leads.insert(lead.lead_id.uuid(), lead);
    }
}

/// Erases a person; a repeated request continues where the last one stopped.
pub(crate) async fn erase(app: &App, user: &str, who: ErasureTarget) -> Result<EraseResponse, ApiError> {
    let now = app.now();
    let found = find(app, who).await?;
    let answer = |state, files: stored_files::Removed, erased_leads| EraseResponse {
        state,
        erased_leads,
        removed_files: files.files,
        removed_rows: files.rows,
        waiting_uploads: files.waiting_uploads,
        as_of: sortable(app.now()),
    };
    let removing = tokio::time::timeout(FILES_TIME, stored_files::remove(app, &found.person));
    let files = match removing.await {
        Ok(files) => files?,
        Err(_) => {
            tracing::info!("an erasure continues with the next request");
            return Ok(answer(EraseState::Running, stored_files::Removed::default(), 0));
        }
    };
    let order = RowOrder::of_change(now, &Uuid::new_v4().to_string());
    let mut erased_leads = 0;
    let mut markers: Vec<StoredLead> = Vec::new();
    for lead in found.leads.into_values() {
        if let Some(marker) = erase_lead(app, lead, &order, now).await? {
            audit::lead_erased(app.now(), marker.lead_id, user);
            erased_leads += 1;
            markers.push(marker);
        }
    }
    for email in &found.addresses {
        keep_away(app, email, &markers, &order, now).await?;
    }
    let ids = markers.iter().map(|marker| marker.lead_id.uuid()).collect();
    renew_snapshots(app, ids).await?;
    let stored_files::Removed { files: removed_files, rows: removed_rows, waiting_uploads } = files;
    tracing::info!(erased_leads, removed_files, removed_rows, waiting_uploads, "person erased");
    Ok(answer(EraseState::Done, files, erased_leads))
}

async fn find(app: &App, who: ErasureTarget) -> Result<Found, ApiError> {
    let mut found = Found::default();
    match who {
        ErasureTarget::Lead(lead_id) => match app.leads.get(lead_id).await? {
            StoredItem::Lead(lead) => found.take(*lead),
            StoredItem::Nothing | StoredItem::Alias(_) => return Err(ApiError::not_found("lead")),
        },
        ErasureTarget::Address(email) => {
            found.person = Person::with_address(&email);
            found.addresses.push(email);
        }
    }
    // A lead that was found can name another address.
    let mut next = 0;
    while let Some(email) = found.addresses.get(next).cloned() {
        next += 1;
        for lead in with_address(app, &email).await? {
            found.take(lead);
        }
    }
    Ok(found)
}

/// Leads with an address, including deleted ones: those `EmailIndex` shows, and those at the ids derived from the
/// address.
async fn with_address(app: &App, email: &NormalizedEmail) -> Result<Vec<StoredLead>, AwsError> {
    let mut leads = app.leads.all_with_email(email).await?;
    for generation in 0..MAX_GENERATIONS {
        let lead = match app.leads.get(app.ids.lead_id_of_email(email, generation)).await? {
            StoredItem::Nothing => break,
            StoredItem::Lead(lead) => Some(lead),
            StoredItem::Alias(of) => match app.leads.get(of).await? {
                StoredItem::Lead(lead) => Some(lead),
                StoredItem::Nothing | StoredItem::Alias(_) => None,
            },
        };
        let has_it = |text: &str| NormalizedEmail::parse(text).as_ref() == Some(email);
        leads.extend(
            lead.map(|lead| *lead).filter(|lead| {
                has_it(&lead.values.email) || lead.released_email.as_deref().is_some_and(has_it)
            }),
        );
    }
    Ok(leads)
}

/// Replaces a lead by a tombstone; `None` if it was already gone or erased.
async fn erase_lead(
    app: &App,
    mut stored: StoredLead,
    order: &RowOrder,
    now: Timestamp,
) -> Result<Option<StoredLead>, AwsError> {
    for tries in 0..TRIES {
        if stored.erased.is_some() {
            return Ok(None);
        }
        let email = NormalizedEmail::parse(&stored.values.email)
            .or_else(|| stored.released_email.as_deref().and_then(NormalizedEmail::parse));
        let digest = audit::email_digest(&app.config.deployment_secret, email.as_ref());
        let marker = manual_edit::erased(&stored, digest, order.clone(), now);
        match app.leads.write(marker.clone(), Some(&stored)).await? {
            WriteResult::Written => return Ok(Some(marker)),
            WriteResult::Overtaken(StoredItem::Lead(there)) => stored = *there,
            WriteResult::Overtaken(StoredItem::Nothing | StoredItem::Alias(_)) => return Ok(None),
        }
        tokio::time::sleep(jittered(tries)).await;
    }
    Err(AwsError::malformed("erase", "too many writers of one lead"))
}

/// Ensures that earlier rows with this address meet a tombstone. An import looks at the ids derived from the address,
/// one after the other, until it finds an empty one.
async fn keep_away(
    app: &App,
    email: &NormalizedEmail,
    markers: &[StoredLead],
    order: &RowOrder,
    now: Timestamp,
) -> Result<(), AwsError> {
    let digest = audit::email_digest(&app.config.deployment_secret, Some(email));
    let stands_for_it = |lead: &StoredLead| lead.erased.as_deref() == Some(digest.as_str());
    for generation in 0..MAX_GENERATIONS {
        let lead_id = app.ids.lead_id_of_email(email, generation);
        let there = match app.leads.get(lead_id).await? {
            StoredItem::Alias(of) => app.leads.get(of).await?,
            StoredItem::Nothing => {
                // Leads whose ids are not derived from the address have their tombstone elsewhere, behind an alias.
                if let Some(marker) = markers.iter().find(|marker| stands_for_it(marker)) {
                    if app.leads.put_alias(lead_id, marker.lead_id).await? {
                        return Ok(());
                    }
                } else if let WriteResult::Written =
                    app.leads.write(sign(lead_id, &digest, order, now), None).await?
                {
                    return Ok(());
                }
                // Somebody was faster: look at what is there now.
                app.leads.get(lead_id).await?
            }
            there => there,
        };
        if let StoredItem::Lead(lead) = there
            && stands_for_it(&lead)
        {
            return Ok(());
        }
    }
    Err(AwsError::malformed("erase", "the address has passed through too many leads"))
}

/// A tombstone where there was no lead.
fn sign(lead_id: LeadId, digest: &str, order: &RowOrder, now: Timestamp) -> StoredLead {
    StoredLead {
        lead_id,
        values: LeadValues::default(),
        revisions: Revisions::written(order.clone(), UpdatePolicy::Replace),
        source_file: String::new(),
        created_at: now,
        position: FilePosition::default(),
        updated_at: now,
        order: order.clone(),
        tallies: Vec::new(),
        changed_at: now,
        deleted_at: Some(now),
        released_email: None,
        erased: Some(digest.to_owned()),
    }
}

/// Writes a snapshot of the current list, without the leads, and removes those that still contain them.
async fn renew_snapshots(app: &App, ids: Vec<Uuid>) -> Result<(), ApiError> {
    // The feed may take a moment to show the writes.
    for tries in 0..TRIES {
        let now = app.now();
        let wanted = ids.clone();
        let work = move |index: &easy_crm_domain::lead_index::LeadIndex| {
            wanted.iter().all(|lead_id| index.get(*lead_id).is_none())
        };
        if app.lead_list.read(now, Some(now), work).await?.0 {
            break;
        }
        if tries + 1 == TRIES {
            return Err(ListError::Aws(AwsError::malformed("erase", "the feed does not show it")).into());
        }
        tokio::time::sleep(jittered(tries)).await;
    }
    app.lead_list.renew_snapshots(app.now()).await?;
    Ok(())
}
