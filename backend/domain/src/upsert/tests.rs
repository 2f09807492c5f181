use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::identity::IdNamespace;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn row(upload: i64, number: u32, email: &str, title: &str) -> IncomingLead {
    let upload_id = format!("upload-{upload}");
    let order = RowOrder::of_row(at(upload), &upload_id, 0, number);
    let values = LeadValues { email: email.into(), title: title.into(), ..LeadValues::default() };
    IncomingLead {
        email: NormalizedEmail::parse(email),
        email_digest: format!("digest of {email}"),
        source_file: format!("{upload_id}.csv"),
        upload_id,
        policy: UpdatePolicy::Replace,
        first: IncomingRow { values, derived: BTreeSet::new(), order },
        others: Vec::new(),
    }
}

/// A table of leads, written to the way an adapter does it.
#[derive(Default)]
struct Table(BTreeMap<LeadId, StoredLead>);

impl Table {
    fn write(&mut self, incoming: &IncomingLead) -> RowOutcome {
        self.write_all(incoming)[0]
    }

    fn write_all(&mut self, incoming: &IncomingLead) -> Vec<RowOutcome> {
        let namespace = IdNamespace::new("test");
        for generation in 0.. {
            let id = namespace.lead_id_of_email(incoming.email.as_ref().unwrap(), generation);
            match decide(id, incoming, self.0.get(&id), at(1_000)) {
                Decision::Write { lead, outcomes, .. } => {
                    self.0.insert(id, *lead);
                    return outcomes;
                }
                Decision::Done(outcomes) => return outcomes,
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
    assert_eq!(table.write(&row(1, 3, "a@x.y", "CTO")), RowOutcome::Duplicate, "an older upload came late");
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
    *lead =
        crate::manual_edit::erased(lead, "digest of a@x.y".into(), RowOrder::of_change(at(2), "x"), at(2));
    assert_eq!(lead.values, LeadValues::default());
    let marker = lead.clone();
    // The same row again counts as it did, another, earlier one comes too late; neither writes anything.
    for (row, expected) in [(first, RowOutcome::Created), (row(1, 3, "a@x.y", "CTO"), RowOutcome::Duplicate)]
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
            table.0.iter().map(|(id, lead)| (*id, lead.values.clone(), lead.order.clone(), lead.position)).collect()
        };
        prop_assert_eq!(shape(&table), shape(&reference));
    }
}

mod policies;
