//! Edits of single leads, and the one-lead-per-address rule when a lead's address changes.
//!
//! Imports find a lead by its address through `EmailIndex`, which may lag, or at the ids derived from the address,
//! which are always right. So a lead that gets an address leaves an alias at the first empty derived id, in the
//! transaction that changes the lead: an import that looked a moment before and would write there meets the alias
//! instead.

use std::collections::BTreeMap;

use easy_crm_domain::email::NormalizedEmail;
use easy_crm_domain::identity::LeadId;
use easy_crm_domain::manual_edit::{self, Claim, Edited};
use easy_crm_domain::upsert::StoredLead;
use easy_crm_shared::error::ErrorCode;
use easy_crm_shared::lead::LeadField;
use jiff::Timestamp;
use uuid::Uuid;

use crate::app::App;
use crate::audit;
use crate::aws::leads::manual_edits::Replacement;
use crate::aws::leads::{StoredItem, WriteResult};
use crate::aws::{AwsError, jittered};
use crate::error::ApiError;
use crate::metrics::Metric;

/// Tries of one change that competes with other writers. Each failed try means that another writer was active.
const TRIES: u32 = 12;
/// Maximum number of leads and aliases an address may have passed through.
const MAX_GENERATIONS: u32 = 500;

/// The result of giving an address to a lead.
#[derive(Debug)]
pub(crate) enum AddressChange {
    /// The lead has it.
    Done,
    /// Another lead has it.
    TakenBy(LeadId),
    /// Something was changed meanwhile: look again.
    Overtaken,
}

/// Changes fields of a lead as a user saw it at `version`, its `updatedAt`; returns the current lead.
pub(crate) async fn edit(
    app: &App,
    user: &str,
    lead_id: LeadId,
    version: Timestamp,
    values: &BTreeMap<LeadField, String>,
) -> Result<StoredLead, ApiError> {
    let change = Uuid::new_v4().to_string();
    for tries in 0..TRIES {
        let StoredItem::Lead(stored) = app.leads.get(lead_id).await? else {
            return Err(ApiError::not_found("lead"));
        };
        // The first response was lost: the change is already there.
        if stored.order.as_str().ends_with(&change) {
            return Ok(*stored);
        }
        if stored.deleted_at.is_some() {
            return Err(ApiError::not_found("lead"));
        }
        if stored.updated_at.as_millisecond() != version.as_millisecond() {
            let message = "This lead was changed in the meantime. Look at it again, then repeat your change.";
            return Err(ApiError::client(ErrorCode::Conflict, message));
        }
        let Edited { lead, fields_changed } = manual_edit::edited(&stored, values, &change, app.now());
        if fields_changed.is_empty() {
            return Ok(*stored);
        }
        let new_address =
            NormalizedEmail::parse(&lead.values.email).filter(|_| fields_changed.contains(&LeadField::Email));
        let is_written = match new_address {
            None => {
                let written = app.leads.write(lead.clone(), Some(&stored)).await;
                matches!(written.map_err(refused)?, WriteResult::Written)
            }
            Some(email) => {
                let changed = give_address(app, &email, lead.clone(), &stored).await.map_err(refused)?;
                match changed {
                    AddressChange::Done => true,
                    AddressChange::TakenBy(lead_id) => return Err(ApiError::EmailTaken { lead_id }),
                    AddressChange::Overtaken => false,
                }
            }
        };
        if is_written {
            audit::lead_edited(app.now(), lead_id, user, &fields_changed);
            return Ok(lead);
        }
        tokio::time::sleep(jittered(tries)).await;
    }
    let message = "Others are changing this lead right now. Please try again in a moment.";
    Err(ApiError::client(ErrorCode::Conflict, message))
}

/// An item that DynamoDB rejects because it is too large.
fn refused(error: AwsError) -> ApiError {
    if error.is_refusal() {
        return ApiError::field(
            "fields",
            "The lead would become too large to be stored. Shorten its remarks.",
        );
    }
    ApiError::Aws(error)
}

/// Replaces `before` by `lead`, which gets `email`, if no other lead has that address.
pub(crate) async fn give_address(
    app: &App,
    email: &NormalizedEmail,
    lead: StoredLead,
    before: &StoredLead,
) -> Result<AddressChange, AwsError> {
    let lead_id = lead.lead_id;
    let digest = audit::email_digest(&app.config.deployment_secret, Some(email));
    let mut releases: Vec<StoredLead> = Vec::new();
    let mut met = |other: StoredLead| match manual_edit::claim(email, &digest, lead_id, &other) {
        Claim::NotThis => None,
        Claim::Taken => Some(other.lead_id),
        Claim::Release => {
            if releases.iter().all(|known| known.lead_id != other.lead_id) {
                releases.push(other);
            }
            None
        }
    };
    for other in indexed(app, email).await {
        // The index may be outdated; the item itself is not.
        if let StoredItem::Lead(other) = app.leads.get(other).await?
            && let Some(other) = met(*other)
        {
            return Ok(AddressChange::TakenBy(other));
        }
    }
    for generation in 0..MAX_GENERATIONS {
        let at = app.ids.lead_id_of_email(email, generation);
        let other = match app.leads.get(at).await? {
            StoredItem::Lead(other) => Some(other),
            StoredItem::Alias(of) => match app.leads.get(of).await? {
                StoredItem::Lead(other) => Some(other),
                StoredItem::Nothing | StoredItem::Alias(_) => None,
            },
            StoredItem::Nothing => {
                let now = app.now();
                let mut replacements = vec![Replacement {
                    must_be_deleted: before.deleted_at.is_some(),
                    lead,
                    read: before.clone(),
                }];
                replacements.extend(releases.iter().map(|other| Replacement {
                    lead: manual_edit::released(other, now),
                    read: other.clone(),
                    must_be_deleted: true,
                }));
                let done = app.leads.replace_together(replacements, (at, lead_id)).await?;
                return Ok(if done { AddressChange::Done } else { AddressChange::Overtaken });
            }
        };
        if let Some(other) = other.and_then(|other| met(*other)) {
            return Ok(AddressChange::TakenBy(other));
        }
    }
    Err(AwsError::malformed("giving an address", "it has passed through too many leads"))
}

/// Leads that `EmailIndex` shows for an address. If it fails, the derived ids still guarantee one lead per address.
async fn indexed(app: &App, email: &NormalizedEmail) -> Vec<LeadId> {
    match app.leads.all_with_email(email).await {
        Ok(leads) => leads.into_iter().map(|lead| lead.lead_id).collect(),
        Err(error) => {
            tracing::warn!(%error, "EmailIndex failed, going on with derived ids");
            app.measure("lead-writer", &[(Metric::EmailIndexQueryErrors, 1.0)]);
            Vec::new()
        }
    }
}
