//! What a row does to the stored lead: a pure decision, exact under redelivery and reordering.
//!
//! The caller reads the stored lead, asks [`decide`], and writes on the condition that the stored order is still the
//! one it read; if that fails it asks again with what is there now.
//!
//! Counting: of all rows of one upload that map to one lead, exactly one (the first to be written) carries the outcome
//! for that upload, the others are `duplicate`. Which row that is, and with what outcome, is stored with the lead, so a
//! batch that crashed before it was counted counts the same on redelivery, and the sums do not depend on the
//! order of deliveries.

use easy_crm_shared::lead::LeadField;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::email::NormalizedEmail;
use crate::identity::{FilePosition, LeadId, RowOrder};
use crate::lead::LeadValues;

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
    /// File that last provided the data.
    pub source_file: String,
    /// When it was first stored; of a lead that was imported, when its file was announced.
    pub created_at: Timestamp,
    /// Where in the file it was first read from; with `created_at` the order in which leads came.
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
        let after =
            stored.and_then(|stored| stored.changed_at.checked_add(SignedDuration::from_millis(1)).ok());
        after.map_or(now, |after| after.max(now))
    }
}

/// A standardised row on its way into the table.
#[derive(Debug, Clone)]
pub struct IncomingRow {
    /// Its values.
    pub values: LeadValues,
    /// Its address, if it has one.
    pub email: Option<NormalizedEmail>,
    /// The keyed digest of its address, empty if it has none: identifies an erased lead that had it.
    pub email_digest: String,
    /// Its order.
    pub order: RowOrder,
    /// Its upload.
    pub upload_id: String,
    /// Its file's name.
    pub source_file: String,
}

/// What to do with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Write this lead, if what is stored is still what was read; the row then counts as `outcome`.
    Write {
        /// The lead as it should be stored.
        lead: Box<StoredLead>,
        /// What the row counts as.
        outcome: RowOutcome,
        /// Fields that change.
        fields_changed: Vec<LeadField>,
    },
    /// Write nothing; the row counts as this.
    Done(RowOutcome),
    /// The lead at this id has another address now: try the next derived id.
    NextId,
}

/// Decides what a row does to the lead stored at `lead_id`.
#[must_use]
pub fn decide(lead_id: LeadId, row: &IncomingRow, stored: Option<&StoredLead>, now: Timestamp) -> Decision {
    let Some(stored) = stored else {
        let tally = row.tally(RowOutcome::Created, now);
        return Decision::Write {
            lead: Box::new(row.new_lead(lead_id, now, vec![tally])),
            outcome: RowOutcome::Created,
            fields_changed: Vec::new(),
        };
    };
    let is_same = match &stored.erased {
        // A row without an address gets this id by its cells: before the person was erased they were that row's.
        Some(digest) => *digest == row.email_digest || (row.email.is_none() && stored.order >= row.order),
        None => NormalizedEmail::parse(&stored.values.email) == row.email,
    };
    if !is_same {
        return Decision::NextId;
    }
    let tally = stored.tallies.iter().find(|tally| tally.upload_id == row.upload_id);
    if stored.order >= row.order {
        let outcome = match tally {
            Some(tally) if tally.order == row.order => tally.outcome,
            _ => RowOutcome::Duplicate,
        };
        return Decision::Done(outcome);
    }
    let fields_changed: Vec<_> = stored.values.fields_changed(&row.values).collect();
    // A deleted lead that is imported again reappears as if it were new.
    let change = match (stored.deleted_at, fields_changed.is_empty()) {
        (Some(_), _) => RowOutcome::Created,
        (None, true) => RowOutcome::Unchanged,
        (None, false) => RowOutcome::Updated,
    };
    let mut tallies = stored.tallies.clone();
    tallies.retain(|tally| now.duration_since(tally.at) < TALLY_LIFETIME);
    let outcome = if tally.is_some() {
        RowOutcome::Duplicate
    } else {
        tallies.push(row.tally(change, now));
        change
    };
    let mut lead = row.new_lead(stored.lead_id, now, tallies);
    if change != RowOutcome::Created {
        (lead.created_at, lead.position) = (stored.created_at, stored.position);
    }
    if change == RowOutcome::Unchanged {
        lead.updated_at = stored.updated_at;
    }
    lead.changed_at = StoredLead::next_change(Some(stored), now);
    Decision::Write { lead: Box::new(lead), outcome, fields_changed }
}

impl IncomingRow {
    fn tally(&self, outcome: RowOutcome, at: Timestamp) -> Tally {
        Tally { upload_id: self.upload_id.clone(), order: self.order.clone(), outcome, at }
    }

    /// The lead of the row alone, written now.
    fn new_lead(&self, lead_id: LeadId, now: Timestamp, tallies: Vec<Tally>) -> StoredLead {
        StoredLead {
            lead_id,
            values: self.values.clone(),
            source_file: self.source_file.clone(),
            created_at: Timestamp::from_millisecond(self.order.millisecond()).unwrap_or(now),
            position: self.order.file_position(),
            updated_at: now,
            order: self.order.clone(),
            tallies,
            changed_at: now,
            deleted_at: None,
            released_email: None,
            erased: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::identity::IdNamespace;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    fn row(upload: i64, number: u32, email: &str, title: &str) -> IncomingRow {
        let upload_id = format!("upload-{upload}");
        IncomingRow {
            values: LeadValues { email: email.into(), title: title.into(), ..LeadValues::default() },
            email: NormalizedEmail::parse(email),
            email_digest: format!("digest of {email}"),
            order: RowOrder::of_row(at(upload), &upload_id, 0, number),
            source_file: format!("{upload_id}.csv"),
            upload_id,
        }
    }

    /// A table of leads, written to the way an adapter does it.
    #[derive(Default)]
    struct Table(BTreeMap<LeadId, StoredLead>);

    impl Table {
        fn write(&mut self, row: &IncomingRow) -> RowOutcome {
            let namespace = IdNamespace::new("test");
            for generation in 0.. {
                let id = namespace.lead_id_of_email(row.email.as_ref().unwrap(), generation);
                match decide(id, row, self.0.get(&id), at(1_000)) {
                    Decision::Write { lead, outcome, .. } => {
                        self.0.insert(id, *lead);
                        return outcome;
                    }
                    Decision::Done(outcome) => return outcome,
                    Decision::NextId => {}
                }
            }
            unreachable!()
        }
    }

    #[test]
    fn a_lead_is_created_updated_and_left_unchanged() {
        let mut table = Table::default();
        assert_eq!(table.write(&row(1, 2, "a@x.y", "CEO")), RowOutcome::Created);
        assert_eq!(table.write(&row(2, 2, "a@x.y", "CFO")), RowOutcome::Updated);
        assert_eq!(table.write(&row(3, 2, "a@x.y", "CFO")), RowOutcome::Unchanged);
        assert_eq!(
            table.write(&row(1, 3, "a@x.y", "CTO")),
            RowOutcome::Duplicate,
            "an older upload came late"
        );
        let lead = table.0.values().next().unwrap();
        assert_eq!((lead.values.title.as_str(), lead.source_file.as_str()), ("CFO", "upload-3.csv"));
    }

    #[test]
    fn a_deleted_lead_comes_back_with_a_newer_row_only() {
        let mut table = Table::default();
        table.write(&row(1, 2, "a@x.y", "CEO"));
        let lead = table.0.values_mut().next().unwrap();
        (lead.deleted_at, lead.order) = (Some(at(2)), RowOrder::of_change(at(2), "x"));
        assert_eq!(table.write(&row(1, 3, "a@x.y", "CEO")), RowOutcome::Duplicate);
        assert!(table.0.values().next().unwrap().deleted_at.is_some());
        assert_eq!(table.write(&row(3, 2, "a@x.y", "CEO")), RowOutcome::Created);
        let lead = table.0.values().next().unwrap();
        assert_eq!((lead.deleted_at, lead.created_at), (None, at(3)));
    }

    #[test]
    fn an_erased_person_comes_back_with_a_newer_row_only() {
        let mut table = Table::default();
        let first = row(1, 2, "a@x.y", "CEO");
        assert_eq!(table.write(&first), RowOutcome::Created);
        let lead = table.0.values_mut().next().unwrap();
        *lead = crate::manual_edit::erased(
            lead,
            "digest of a@x.y".into(),
            RowOrder::of_change(at(2), "x"),
            at(2),
        );
        assert_eq!(lead.values, LeadValues::default());
        let marker = lead.clone();
        // The same row again counts as it did, another, earlier one comes too late; neither writes anything.
        for (row, expected) in
            [(first, RowOutcome::Created), (row(1, 3, "a@x.y", "CTO"), RowOutcome::Duplicate)]
        {
            assert_eq!(table.write(&row), expected);
            assert_eq!(table.0.values().collect::<Vec<_>>(), [&marker]);
        }
        assert_eq!(table.write(&row(3, 2, "a@x.y", "CEO")), RowOutcome::Created);
        let lead = table.0.values().next().unwrap();
        assert_eq!((lead.deleted_at, &lead.erased, lead.created_at), (None, &None, at(3)));
        assert_eq!(table.0.len(), 1);
    }

    #[test]
    fn an_erased_lead_stands_for_its_own_address_only() {
        let mut table = Table::default();
        table.write(&row(1, 2, "a@x.y", "CEO"));
        let lead = table.0.values_mut().next().unwrap();
        *lead = crate::manual_edit::erased(lead, String::new(), RowOrder::of_change(at(2), "x"), at(2));
        assert_eq!(table.write(&row(3, 2, "a@x.y", "CEO")), RowOutcome::Created);
        assert_eq!(table.0.len(), 2, "the address went to another lead");
    }

    #[test]
    fn the_feed_never_goes_back() {
        let mut table = Table::default();
        table.write(&row(1, 2, "a@x.y", "CEO"));
        let ahead = at(5_000);
        table.0.values_mut().next().unwrap().changed_at = ahead;
        table.write(&row(2, 2, "a@x.y", "CFO"));
        assert!(table.0.values().next().unwrap().changed_at > ahead);
    }

    #[test]
    fn missing_values_overwrite() {
        let mut table = Table::default();
        table.write(&row(1, 2, "a@x.y", "CEO"));
        assert_eq!(table.write(&row(2, 2, "a@x.y", "")), RowOutcome::Updated);
        assert_eq!(table.0.values().next().unwrap().values.title, "");
    }

    #[test]
    fn an_id_whose_lead_moved_to_another_address_is_passed_over() {
        let mut table = Table::default();
        table.write(&row(1, 2, "a@x.y", "CEO"));
        table.0.values_mut().next().unwrap().values.email = "new@x.y".into();
        assert_eq!(table.write(&row(2, 2, "a@x.y", "CFO")), RowOutcome::Created);
        assert_eq!(table.0.len(), 2);
    }

    proptest! {
        /// Rows of one upload, delivered in any order, some of them twice, where a repeat counts only if its first
        /// delivery did not: same leads and same counts as delivered once in file order.
        #[test]
        fn counts_do_not_depend_on_the_order_of_deliveries(
            emails in prop::collection::vec(0..4u8, 1..12),
            before in prop::collection::vec(0..4u8, 0..4),
            schedule in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..30),
        ) {
            let rows: Vec<_> = (0..).zip(&emails)
                .map(|(n, e)| row(2, n, &format!("{e}@x.y"), &format!("title {n}")))
                .collect();
            let earlier: Vec<_> = (0..).zip(&before).map(|(n, e)| row(1, n, &format!("{e}@x.y"), "old")).collect();
            let start = || {
                let mut table = Table::default();
                for row in &earlier { table.write(row); }
                table
            };
            let mut reference = start();
            let expected: Vec<_> = rows.iter().map(|row| reference.write(row)).collect();

            let mut table = start();
            let mut counted = vec![None; rows.len()];
            // `lost` is a delivery that wrote and crashed before it counted.
            for (index, lost) in &schedule {
                let n = index.index(rows.len());
                let outcome = table.write(&rows[n]);
                if !lost && counted[n].is_none() { counted[n] = Some(outcome); }
            }
            for n in 0..rows.len() {
                let outcome = table.write(&rows[n]);
                counted[n].get_or_insert(outcome);
            }
            let sum = |outcomes: Vec<RowOutcome>| {
                let mut sums = BTreeMap::new();
                for outcome in outcomes {
                    *sums.entry(format!("{outcome:?}").replace("Unchanged", "Updated")).or_insert(0) += 1;
                }
                sums
            };
            prop_assert_eq!(sum(counted.into_iter().flatten().collect()), sum(expected));
            let shape = |table: &Table| -> Vec<_> {
                table.0.iter().map(|(id, lead)| (*id, lead.values.clone(), lead.order.clone())).collect()
            };
            prop_assert_eq!(shape(&table), shape(&reference));
        }
    }
}
