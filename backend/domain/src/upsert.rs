//! What the rows of a file do to the stored lead: a pure decision, exact under redelivery and reordering.
//!
//! The caller reads the stored lead, asks [`decide`], and writes on the condition that the stored lead is still the one
//! it read; if that fails it asks again with what is there now. Which values win is decided in [`crate::revision`].
//!
//! Counting: of all rows of one upload that map to one lead, exactly one (the first to be written) carries the outcome
//! for that upload, the others are `duplicate`. Which row that is, and with what outcome, is stored with the lead, so a
//! batch that crashed before it was counted counts the same on redelivery, and the sums do not depend on the
//! order of deliveries.

use std::collections::BTreeSet;

use easy_crm_shared::lead::LeadField;
use easy_crm_shared::upload::UpdatePolicy;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use strum::IntoEnumIterator as _;

use crate::email::NormalizedEmail;
use crate::identity::{FilePosition, LeadId, RowOrder};
use crate::lead::LeadValues;
use crate::revision::{Fields, Revision, Revisions};

/// The outcome of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowOutcome {
    /// It made a new lead.
    Created,
    /// It changed a lead.
    Updated,
    /// It repeats what the lead already said.
    Unchanged,
    /// A later row with the same address superseded it.
    Duplicate,
    /// It could not be stored.
    Failed,
    /// The upload was cancelled before its turn.
    Cancelled,
}

/// Which row of an upload carries the lead's outcome for that upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// The upload.
    pub upload_id: String,
    /// The row of it that counts.
    pub order: RowOrder,
    /// What it counts as.
    pub outcome: RowOutcome,
    /// When it was written; tallies are kept as long as the upload's status record lives.
    pub at: Timestamp,
}

/// How long a tally is kept: longer than a status record lives and a message stays in the queues.
const TALLY_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 8);

/// A lead as stored in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLead {
    /// Its id.
    pub lead_id: LeadId,
    /// Its seven values.
    pub values: LeadValues,
    /// Who wrote each of them.
    pub revisions: Revisions,
    /// File that last provided the data.
    pub source_file: String,
    /// When it was first stored; of a lead that was imported, when its file was announced.
    pub created_at: Timestamp,
    /// Where in the file it was read from; with `created_at` the order in which leads came.
    pub position: FilePosition,
    /// When a value last changed.
    pub updated_at: Timestamp,
    /// Order of the row that was written last.
    pub order: RowOrder,
    /// Outcomes by upload, recent ones only.
    pub tallies: Vec<Tally>,
    /// When it was last written, according to the change feed.
    pub changed_at: Timestamp,
    /// When it was manually deleted; it can be restored for a while.
    pub deleted_at: Option<Timestamp>,
    /// The address a deleted lead had until another lead took it.
    pub released_email: Option<String>,
    /// Set if the person was permanently erased: a keyed digest of the address the lead had, empty if it had none. All
    /// that is left besides are ids and times, which keep earlier rows from bringing the person back.
    pub erased: Option<String>,
}

impl StoredLead {
    /// The time of the next write: later than any before it, even if the clocks of writers differ.
    #[must_use]
    pub fn next_change(stored: Option<&Self>, now: Timestamp) -> Timestamp {
        stored.map_or(now, |stored| later(stored.changed_at, now))
    }
}

/// Rows of one upload about one person, on their way into the table: those with one address, or a single row without.
#[derive(Debug, Clone)]
pub struct IncomingLead {
    /// The address, if they have one.
    pub email: Option<NormalizedEmail>,
    /// The keyed digest of the address, empty if there is none: identifies an erased lead that had it.
    pub email_digest: String,
    /// Their upload.
    pub upload_id: String,
    /// Their file's name.
    pub source_file: String,
    /// What they do to a lead that exists.
    pub policy: UpdatePolicy,
    /// The first of the rows.
    pub first: IncomingRow,
    /// The others, in file order.
    pub others: Vec<IncomingRow>,
}

/// A standardised row.
#[derive(Debug, Clone)]
pub struct IncomingRow {
    /// Its values.
    pub values: LeadValues,
    /// Fields whose value, which may be missing, was derived from another one.
    pub derived: BTreeSet<LeadField>,
    /// Its order.
    pub order: RowOrder,
}

/// What to do with the rows of an [`IncomingLead`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Write this lead, if what is stored is still what was read; the rows then count as `outcomes`.
    Write {
        /// The lead as it should be stored.
        lead: Box<StoredLead>,
        /// What each row counts as.
        outcomes: Vec<RowOutcome>,
        /// Fields that change.
        fields_changed: Vec<LeadField>,
    },
    /// Write nothing; the rows count as this.
    Done(Vec<RowOutcome>),
    /// The lead at this id has another address now: try the next derived id.
    NextId,
}

/// Decides what rows do to the lead stored at `lead_id`.
#[must_use]
pub fn decide(
    lead_id: LeadId,
    incoming: &IncomingLead,
    stored: Option<&StoredLead>,
    now: Timestamp,
) -> Decision {
    let Some(stored) = stored else {
        let lead = incoming.new_lead(lead_id, &RowOrder::default(), now);
        return incoming.written(lead, RowOutcome::Created, Vec::new(), now);
    };
    let last = incoming.last_order();
    let is_same = match &stored.erased {
        // A row without an address gets this id by its cells: before the person was erased they were that row's.
        Some(digest) => {
            *digest == incoming.email_digest || (incoming.email.is_none() && stored.order >= *last)
        }
        None => NormalizedEmail::parse(&stored.values.email) == incoming.email,
    };
    if !is_same {
        return Decision::NextId;
    }
    let is_newer = *last > stored.order;
    // Before somebody gave the lead this address, the rows were about somebody else.
    let given = &stored.revisions.get(LeadField::Email).order;
    if given.is_manual() && given > last {
        return Decision::Done(incoming.counted_before(stored));
    }
    if stored.deleted_at.is_some() {
        if !is_newer {
            return Decision::Done(incoming.counted_before(stored));
        }
        // A deleted lead that is imported again reappears as if it were new.
        let mut lead = incoming.new_lead(stored.lead_id, &stored.order, now);
        lead.tallies = recent_tallies(stored, now);
        lead.changed_at = StoredLead::next_change(Some(stored), now);
        let fields_changed = stored.values.fields_changed(&lead.values).collect();
        return incoming.written(lead, RowOutcome::Created, fields_changed, now);
    }
    let mut lead = stored.clone();
    incoming.apply_to(&mut lead, incoming.rows());
    let fields_changed: Vec<_> = stored.values.fields_changed(&lead.values).collect();
    if !is_newer && lead == *stored {
        return Decision::Done(incoming.counted_before(stored));
    }
    let change = match (fields_changed.is_empty(), is_newer) {
        (false, _) => RowOutcome::Updated,
        (true, true) => RowOutcome::Unchanged,
        (true, false) => RowOutcome::Duplicate,
    };
    if change == RowOutcome::Updated {
        lead.updated_at = later(stored.updated_at, now);
    }
    if is_newer {
        lead.order.clone_from(last);
        // Whichever of its upload's rows came first, the lead is listed where the last one is.
        if stored.created_at.as_millisecond() == last.millisecond() {
            lead.position = last.file_position();
        }
    }
    let provides_the_data = match incoming.policy {
        UpdatePolicy::Replace | UpdatePolicy::Update => is_newer,
        UpdatePolicy::Fill | UpdatePolicy::Skip => {
            let newest = lead.revisions.newest();
            lead.revisions != stored.revisions && incoming.rows().any(|row| row.order == *newest)
        }
    };
    if provides_the_data {
        lead.source_file.clone_from(&incoming.source_file);
    }
    lead.tallies = recent_tallies(stored, now);
    lead.changed_at = StoredLead::next_change(Some(stored), now);
    incoming.written(lead, change, fields_changed, now)
}

/// Now, or a millisecond after `last` if the clock that wrote it was ahead.
pub(crate) fn later(last: Timestamp, now: Timestamp) -> Timestamp {
    last.checked_add(SignedDuration::from_millis(1)).map_or(now, |after| after.max(now))
}

fn recent_tallies(stored: &StoredLead, now: Timestamp) -> Vec<Tally> {
    let is_recent = |tally: &&Tally| now.duration_since(tally.at) < TALLY_LIFETIME;
    stored.tallies.iter().filter(is_recent).cloned().collect()
}

impl IncomingLead {
    fn rows(&self) -> impl Iterator<Item = &IncomingRow> {
        std::iter::once(&self.first).chain(&self.others)
    }

    fn last_order(&self) -> &RowOrder {
        &self.others.last().unwrap_or(&self.first).order
    }

    /// What the rows count as if nothing is written: as they did before, or as overtaken.
    fn counted_before(&self, stored: &StoredLead) -> Vec<RowOutcome> {
        let tally = stored.tallies.iter().find(|tally| tally.upload_id == self.upload_id);
        let outcome = |row: &IncomingRow| match tally {
            Some(tally) if tally.order == row.order => tally.outcome,
            _ => RowOutcome::Duplicate,
        };
        self.rows().map(outcome).collect()
    }

    /// The decision to write `lead`. Its change is counted for the last row, unless a row of the upload was counted
    /// before.
    fn written(
        &self,
        mut lead: StoredLead,
        change: RowOutcome,
        fields_changed: Vec<LeadField>,
        now: Timestamp,
    ) -> Decision {
        let is_counted = lead.tallies.iter().any(|tally| tally.upload_id == self.upload_id);
        if !is_counted && change != RowOutcome::Duplicate {
            let (upload_id, order) = (self.upload_id.clone(), self.last_order().clone());
            lead.tallies.push(Tally { upload_id, order, outcome: change, at: now });
        }
        let outcomes = self.counted_before(&lead);
        Decision::Write { lead: Box::new(lead), outcomes, fields_changed }
    }

    /// The lead of the rows alone, written now. `emptied` is the order up to which earlier rows no longer count.
    fn new_lead(&self, lead_id: LeadId, emptied: &RowOrder, now: Timestamp) -> StoredLead {
        let last = self.last_order().clone();
        let first = &self.first;
        let mut revisions = Revisions::written(first.order.clone(), self.policy);
        for field in LeadField::iter() {
            let written = Revision { emptied: emptied.clone(), ..self.revision(first, field) };
            let says_nothing = first.values.get(field).is_empty() && !written.empties();
            let never_written = says_nothing && self.policy != UpdatePolicy::Skip;
            revisions.set(field, if never_written { Revision::written(emptied.clone()) } else { written });
        }
        let mut lead = StoredLead {
            lead_id,
            values: first.values.clone(),
            revisions,
            source_file: self.source_file.clone(),
            created_at: Timestamp::from_millisecond(last.millisecond()).unwrap_or(now),
            position: last.file_position(),
            updated_at: now,
            order: last,
            tallies: Vec::new(),
            changed_at: now,
            deleted_at: None,
            released_email: None,
            erased: None,
        };
        self.apply_to(&mut lead, &self.others);
        lead
    }

    fn revision(&self, row: &IncomingRow, field: LeadField) -> Revision {
        Revision {
            policy: self.policy,
            derived: row.derived.contains(&field),
            ..Revision::written(row.order.clone())
        }
    }

    fn apply_to<'r>(&self, lead: &mut StoredLead, rows: impl IntoIterator<Item = &'r IncomingRow>) {
        for row in rows {
            let mut fields = Fields { values: &mut lead.values, revisions: &mut lead.revisions };
            fields.apply(&row.values, |field| self.revision(row, field));
        }
    }
}

#[cfg(test)]
mod tests;
