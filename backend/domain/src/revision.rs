//! Which of two writes of a field wins, whatever the order in which they arrive.
//!
//! Every field of a stored lead keeps the [`Revision`] that wrote it: when, under which [`UpdatePolicy`], and whether
//! the value was derived. A row that arrives late is compared field by field and ends in the same lead as if it had
//! come in its turn, and a row that arrives twice changes nothing.
//!
//! Exact for the rows of one upload, and for uploads with the same policy. Of uploads with different policies that run
//! at the same time, a value to fill in is dropped if the field was still taken when it arrived.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use easy_crm_shared::lead::LeadField;
use easy_crm_shared::upload::UpdatePolicy;
use serde::{Deserialize, Serialize};
use strum::IntoEnumIterator as _;

use crate::identity::RowOrder;
use crate::lead::LeadValues;

/// The write that gave a field its value.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Revision {
    /// The order of the row or manual change; empty if the field was never written.
    pub order: RowOrder,
    /// The policy of the upload. A manual change replaces.
    #[serde(default, skip_serializing_if = "UpdatePolicy::is_replace")]
    pub policy: UpdatePolicy,
    /// Whether the value was derived: a name from the address, a company from the domain.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub derived: bool,
    /// The order of the write that emptied the field before this one filled it; a value that arrives late and is older
    /// than that stays out.
    #[serde(default, skip_serializing_if = "RowOrder::is_empty")]
    pub emptied: RowOrder,
}

/// How much a value counts against another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// A guess.
    Derived,
    /// Somebody wrote it, to be used if there is nothing else: the first one counts.
    Offered,
    /// Somebody wrote it: the last one counts.
    Written,
}

impl Revision {
    /// A manual change, or a value of a row that replaces what is there.
    #[must_use]
    pub fn written(order: RowOrder) -> Self {
        Self { order, ..Self::default() }
    }

    /// Whether a missing value means that the field becomes empty, not that the row says nothing about it. A row whose
    /// name was derived says nothing about the part that could not be.
    #[must_use]
    pub fn empties(&self) -> bool {
        self.policy == UpdatePolicy::Replace && !self.derived
    }

    fn rank(&self) -> Rank {
        match self.policy {
            _ if self.derived => Rank::Derived,
            UpdatePolicy::Fill | UpdatePolicy::Skip => Rank::Offered,
            UpdatePolicy::Replace | UpdatePolicy::Update => Rank::Written,
        }
    }
}

/// The revisions of all fields of a lead. Most fields are written together, so only those that were not are kept apart.
#[derive(Debug, Clone)]
pub struct Revisions {
    /// Not derived, and with nothing emptied before.
    together: Revision,
    apart: BTreeMap<LeadField, Revision>,
}

impl Revisions {
    /// All fields written at once.
    #[must_use]
    pub fn written(order: RowOrder, policy: UpdatePolicy) -> Self {
        Self { together: Revision { policy, ..Revision::written(order) }, apart: BTreeMap::new() }
    }

    /// The revisions as stored: order and policy of most fields, and the revisions of the others.
    #[must_use]
    pub fn from_parts(order: RowOrder, policy: UpdatePolicy, apart: BTreeMap<LeadField, Revision>) -> Self {
        Self { apart, ..Self::written(order, policy) }
    }

    /// The reverse of [`Revisions::from_parts`].
    #[must_use]
    pub fn into_parts(self) -> (RowOrder, UpdatePolicy, BTreeMap<LeadField, Revision>) {
        (self.together.order, self.together.policy, self.apart)
    }

    /// The revision of a field.
    #[must_use]
    pub fn get(&self, field: LeadField) -> &Revision {
        self.apart.get(&field).unwrap_or(&self.together)
    }

    /// Sets the revision of a field.
    pub fn set(&mut self, field: LeadField, revision: Revision) {
        if revision == self.together {
            self.apart.remove(&field);
        } else {
            self.apart.insert(field, revision);
        }
    }

    /// The order of the last write of a field.
    #[must_use]
    pub fn newest(&self) -> &RowOrder {
        let newest = LeadField::iter().map(|field| &self.get(field).order).max();
        newest.unwrap_or(&self.together.order)
    }

    /// Makes the revision of most fields the one they have together.
    fn regroup(&mut self) {
        let count =
            |revision: &Revision| LeadField::iter().filter(|field| self.get(*field) == revision).count();
        let plain = self.apart.values().filter(|revision| !revision.derived && revision.emptied.is_empty());
        let most = plain.max_by_key(|revision| count(revision)).cloned();
        let Some(most) = most.filter(|most| count(most) > count(&self.together)) else { return };
        let all: Vec<_> = LeadField::iter().map(|field| (field, self.get(field).clone())).collect();
        self.together = most;
        for (field, revision) in all {
            self.set(field, revision);
        }
    }
}

impl PartialEq for Revisions {
    fn eq(&self, other: &Self) -> bool {
        LeadField::iter().all(|field| self.get(field) == other.get(field))
    }
}

impl Eq for Revisions {}

/// The fields of a lead with their revisions, as a row changes them.
#[derive(Debug)]
pub struct Fields<'a> {
    /// The values.
    pub values: &'a mut LeadValues,
    /// Who wrote them.
    pub revisions: &'a mut Revisions,
}

impl Fields<'_> {
    /// Applies a row to a lead that existed before the row: each value of it either wins or is dropped.
    pub fn apply(&mut self, values: &LeadValues, revision_of: impl Fn(LeadField) -> Revision) {
        for field in LeadField::iter() {
            let incoming = revision_of(field);
            let (new, old) = (values.get(field), self.values.get(field));
            let stored = self.revisions.get(field);
            // The row has the lead's address already; since when the lead has it must not be forgotten.
            if field == LeadField::Email && stored.order.is_manual() {
                continue;
            }
            if !wins(new, &incoming, old, stored) {
                continue;
            }
            let emptied = match incoming.rank() {
                Rank::Written => RowOrder::default(),
                Rank::Offered | Rank::Derived if !old.is_empty() || stored.policy == UpdatePolicy::Skip => {
                    stored.emptied.clone()
                }
                Rank::Offered | Rank::Derived => stored.order.clone(),
            };
            self.revisions.set(field, Revision { emptied, ..incoming });
            new.clone_into(self.values.get_mut(field));
        }
        self.revisions.regroup();
    }
}

/// Whether the value `new` takes the place of `old`; empty values are missing.
fn wins(new: &str, incoming: &Revision, old: &str, stored: &Revision) -> bool {
    if incoming.policy == UpdatePolicy::Skip {
        // Only a lead made by rows that skip what exists is theirs; of these the first one counts, as a whole.
        return stored.policy == UpdatePolicy::Skip && incoming.order < stored.order;
    }
    match (new.is_empty(), old.is_empty()) {
        (true, _) => incoming.empties() && incoming.order > stored.order,
        // A row that skips what exists says nothing about the fields it does not have.
        (false, true) if stored.policy == UpdatePolicy::Skip => incoming.order > stored.emptied,
        (false, true) => incoming.order > stored.order,
        (false, false) => match incoming.rank().cmp(&stored.rank()) {
            Ordering::Less => false,
            Ordering::Greater => incoming.order > stored.emptied,
            Ordering::Equal if incoming.policy == UpdatePolicy::Fill || incoming.rank() == Rank::Offered => {
                incoming.order < stored.order && incoming.order > stored.emptied
            }
            Ordering::Equal => incoming.order > stored.order,
        },
    }
}
