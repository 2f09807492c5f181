//! The four update policies, beside a reference that applies rows one after the other.

use super::*;

/// What a row says about two fields. A row without a company has one derived from its address.
#[derive(Debug, Clone, Copy)]
struct Said {
    title: Option<u8>,
    company: Option<u8>,
}

const DERIVED: &str = "Derived Inc";

impl Said {
    fn values(self) -> LeadValues {
        LeadValues {
            email: "a@x.y".into(),
            title: self.title.map(|n| format!("title {n}")).unwrap_or_default(),
            company: self.company.map_or(DERIVED.to_owned(), |n| format!("company {n}")),
            ..LeadValues::default()
        }
    }

    fn row(self, upload: i64, number: u32) -> IncomingRow {
        let derived = self.company.is_none().then_some(LeadField::Company);
        IncomingRow {
            values: self.values(),
            derived: derived.into_iter().collect(),
            order: RowOrder::of_row(at(upload), &format!("upload-{upload}"), 0, number),
        }
    }
}

fn incoming(upload: i64, policy: UpdatePolicy, rows: Vec<IncomingRow>) -> IncomingLead {
    let mut rows = rows.into_iter();
    let first = rows.next().unwrap();
    IncomingLead { policy, first, others: rows.collect(), ..row(upload, 0, "a@x.y", "") }
}

/// The values after rows one after the other, each under its policy.
fn reference(rows: &[(UpdatePolicy, Said)]) -> LeadValues {
    let mut lead = rows[0].1.values();
    for (policy, said) in &rows[1..] {
        let new = said.values();
        for field in [LeadField::Title, LeadField::Company] {
            let (new, old) = (new.get(field), lead.get_mut(field));
            let (is_derived, was_derived) = (new == DERIVED, old == DERIVED);
            let wins = match policy {
                UpdatePolicy::Replace => !is_derived || old.is_empty() || was_derived,
                UpdatePolicy::Update => !new.is_empty() && (!is_derived || old.is_empty() || was_derived),
                UpdatePolicy::Fill => !new.is_empty() && (old.is_empty() || was_derived),
                UpdatePolicy::Skip => false,
            };
            if wins {
                new.clone_into(old);
            }
        }
    }
    lead
}

fn stored(table: &Table) -> &StoredLead {
    assert_eq!(table.0.len(), 1);
    table.0.values().next().unwrap()
}

#[test]
fn a_poorer_file_under_each_policy() {
    let rich = Said { title: Some(1), company: Some(1) };
    let poor = Said { title: None, company: None };
    let other = Said { title: Some(2), company: None };
    for (policy, after_poor, after_other) in [
        (UpdatePolicy::Replace, ["", "company 1"], ["title 2", "company 1"]),
        (UpdatePolicy::Update, ["title 1", "company 1"], ["title 2", "company 1"]),
        (UpdatePolicy::Fill, ["title 1", "company 1"], ["title 1", "company 1"]),
        (UpdatePolicy::Skip, ["title 1", "company 1"], ["title 1", "company 1"]),
    ] {
        for (said, expected) in [(poor, after_poor), (other, after_other)] {
            let mut table = Table::default();
            table.write(&incoming(1, UpdatePolicy::Replace, vec![rich.row(1, 2)]));
            table.write(&incoming(2, policy, vec![said.row(2, 2)]));
            let values = &stored(&table).values;
            assert_eq!([values.title.as_str(), values.company.as_str()], expected, "{policy} {said:?}");
        }
    }
}

#[test]
fn a_written_value_takes_the_place_of_a_derived_one() {
    for (policy, expected) in [
        (UpdatePolicy::Replace, "company 1"),
        (UpdatePolicy::Update, "company 1"),
        (UpdatePolicy::Fill, "company 1"),
        (UpdatePolicy::Skip, DERIVED),
    ] {
        let mut table = Table::default();
        table.write(&incoming(1, UpdatePolicy::Replace, vec![Said { title: None, company: None }.row(1, 2)]));
        table.write(&incoming(2, policy, vec![Said { title: None, company: Some(1) }.row(2, 2)]));
        assert_eq!(stored(&table).values.company, expected, "{policy}");
    }
}

#[test]
fn a_manual_edit_is_written() {
    let mut table = Table::default();
    table.write(&incoming(1, UpdatePolicy::Replace, vec![Said { title: Some(1), company: None }.row(1, 2)]));
    let edits = BTreeMap::from([(LeadField::Company, "Edited Ltd".to_owned())]);
    let lead = table.0.values_mut().next().unwrap();
    *lead = crate::manual_edit::edited(lead, &edits, "change", at(5)).lead;
    // A row announced before the edit changes the other fields only; later, a derived company does not win either.
    assert_eq!(
        table.write(&incoming(
            3,
            UpdatePolicy::Replace,
            vec![Said { title: Some(3), company: Some(3) }.row(3, 2)]
        )),
        RowOutcome::Updated
    );
    table.write(&incoming(7, UpdatePolicy::Replace, vec![Said { title: Some(7), company: None }.row(7, 2)]));
    let values = &stored(&table).values;
    assert_eq!((values.title.as_str(), values.company.as_str()), ("title 7", "Edited Ltd"));
}

#[test]
fn a_row_from_before_the_lead_had_its_address_is_about_somebody_else() {
    for policy in UpdatePolicy::iter() {
        let mut table = Table::default();
        table.write(&row(1, 2, "b@x.y", ""));
        let edits = BTreeMap::from([(LeadField::Email, "a@x.y".to_owned())]);
        let (_, lead) = table.0.pop_first().unwrap();
        let lead = crate::manual_edit::edited(&lead, &edits, "change", at(5)).lead;
        // `a@x.y` leads to this lead now.
        table.0.insert(
            IdNamespace::new("test").lead_id_of_email(&NormalizedEmail::parse("a@x.y").unwrap(), 0),
            lead,
        );
        table.write(&incoming(6, policy, vec![Said { title: None, company: None }.row(6, 2)]));
        let old = Said { title: Some(4), company: Some(4) }.row(4, 2);
        assert_eq!(table.write(&incoming(4, policy, vec![old])), RowOutcome::Duplicate);
        assert_eq!(stored(&table).values.title, "", "{policy}");
    }
}

#[test]
fn a_row_that_skips_leaves_the_source_file() {
    let mut table = Table::default();
    let rich = Said { title: Some(1), company: Some(1) };
    table.write(&incoming(1, UpdatePolicy::Replace, vec![rich.row(1, 2)]));
    let other = Said { title: Some(2), company: Some(2) };
    assert_eq!(table.write(&incoming(2, UpdatePolicy::Skip, vec![other.row(2, 2)])), RowOutcome::Unchanged);
    assert_eq!(stored(&table).source_file, "upload-1.csv");
    assert_eq!(table.write(&incoming(3, UpdatePolicy::Update, vec![other.row(3, 2)])), RowOutcome::Updated);
    assert_eq!(stored(&table).source_file, "upload-3.csv");
}

#[test]
fn nothing_of_a_deleted_lead_returns() {
    for policy in UpdatePolicy::iter() {
        let mut table = Table::default();
        let rich = Said { title: Some(1), company: Some(1) };
        table.write(&incoming(1, UpdatePolicy::Replace, vec![rich.row(1, 2)]));
        let lead = table.0.values_mut().next().unwrap();
        (lead.deleted_at, lead.order) = (Some(at(3)), RowOrder::of_change(at(3), "x"));
        let poor = Said { title: None, company: None };
        assert_eq!(table.write(&incoming(4, policy, vec![poor.row(4, 2)])), RowOutcome::Created);
        let late = Said { title: Some(2), company: Some(2) };
        assert_eq!(
            table.write(&incoming(2, UpdatePolicy::Update, vec![late.row(2, 2)])),
            RowOutcome::Duplicate
        );
        let values = &stored(&table).values;
        assert_eq!((values.title.as_str(), values.company.as_str()), ("", DERIVED), "{policy}");
    }
}

fn said() -> impl Strategy<Value = Said> {
    (prop::option::of(0..9u8), prop::option::of(0..9u8)).prop_map(|(title, company)| Said { title, company })
}

fn policy() -> impl Strategy<Value = UpdatePolicy> {
    prop::sample::select(UpdatePolicy::iter().collect::<Vec<_>>())
}

proptest! {
    /// Uploads with one policy: batches that arrive in any order and repeatedly give the lead of reading the files one
    /// after the other, and each upload counts it once.
    #[test]
    fn the_order_of_deliveries_does_not_matter(
        policy in policy(),
        files in prop::collection::vec(prop::collection::vec(said(), 1..5), 1..4),
        batch_rows in 1..3usize,
        schedule in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let mut batches = Vec::new();
        let mut all = Vec::new();
        for (upload, rows) in (1..).zip(&files) {
            all.extend(rows.iter().map(|said| (policy, *said)));
            let rows: Vec<_> = (2..).zip(rows).map(|(n, said)| said.row(upload, n)).collect();
            batches.extend(rows.chunks(batch_rows).map(|rows| incoming(upload, policy, rows.to_vec())));
        }
        let mut table = Table::default();
        let deliveries = schedule.iter().map(|index| index.index(batches.len())).chain(0..batches.len());
        let mut counts = BTreeMap::new();
        for at in deliveries {
            counts.insert(at, table.write_all(&batches[at]));
        }
        prop_assert_eq!(&stored(&table).values, &reference(&all));
        if let [file] = files.as_slice() {
            let last = 1 + u32::try_from(file.len()).unwrap();
            prop_assert_eq!(stored(&table).position, FilePosition::new(0, last));
        }
        for upload in 1..=files.len() {
            let id = format!("upload-{upload}");
            let of_upload = counts.iter().filter(|(at, _)| batches[**at].upload_id == id);
            let counted = of_upload.flat_map(|(_, outcomes)| outcomes).filter(|outcome| **outcome != RowOutcome::Duplicate);
            prop_assert!(counted.count() <= 1);
        }
        let before = stored(&table).clone();
        for at in &schedule {
            table.write_all(&batches[at.index(batches.len())]);
        }
        prop_assert_eq!(stored(&table), &before, "late deliveries changed the lead");
    }

    /// Uploads with different policies, one after the other.
    #[test]
    fn policies_can_be_mixed(files in prop::collection::vec((policy(), prop::collection::vec(said(), 1..4)), 1..6)) {
        let mut table = Table::default();
        let mut all = Vec::new();
        for (upload, (policy, rows)) in (1..).zip(&files) {
            all.extend(rows.iter().map(|said| (*policy, *said)));
            let rows: Vec<_> = (2..).zip(rows).map(|(n, said)| said.row(upload, n)).collect();
            table.write_all(&incoming(upload, *policy, rows));
        }
        prop_assert_eq!(&stored(&table).values, &reference(&all));
    }
}
