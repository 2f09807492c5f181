//! A snapshot restores what was written, and nothing else is accepted as one.

use easy_crm_shared::query::LeadQuery;
use jiff::Timestamp;
use proptest::prelude::*;

use super::super::{CompiledQuery, IndexedLead, LeadChange};
use super::*;
use crate::lead::LeadValues;

fn change(id: u128, changed_at_ms: i64, text: &str) -> LeadChange {
    LeadChange::Upsert(IndexedLead {
        lead_id: Uuid::from_u128(id),
        values: LeadValues {
            first_name: "Zoë".to_owned(),
            company: text.to_owned(),
            email: format!("{id}@Bau.example"),
            phone: "+49 221".to_owned(),
            remarks: text.to_owned(),
            ..LeadValues::default()
        },
        source_file: "a.csv".to_owned(),
        upload_id: "u".to_owned(),
        created_at_ms: 1_700_000_000_000,
        position: FilePosition::new(0, id as u32 % 7),
        updated_at_ms: changed_at_ms,
        changed_at_ms,
    })
}

fn written(index: &LeadIndex) -> Vec<u8> {
    let mut file = Vec::new();
    index.write_snapshot(42, &mut file).unwrap();
    file
}

fn sample() -> LeadIndex {
    let mut index = LeadIndex::new();
    index.apply_all((0..40).map(|id| change(id, 1, "Straßenbau GmbH")));
    index.apply_all((0..10).map(|id| change(id, 2, "Secret")));
    index.apply_all((0..10).map(|id| change(id, 3, "Ångström")));
    let lead_id = Uuid::from_u128(39);
    index.apply(LeadChange::Delete { lead_id, changed_at_ms: 9 });
    index
}

#[test]
fn comes_back_whole_and_goes_on() {
    let index = sample();
    let (mut read, position) = LeadIndex::read_snapshot(&written(&index)).unwrap();
    assert_eq!((position, read.len(), read.fingerprint()), (42, 39, index.fingerprint()));
    let all = CompiledQuery::new(&LeadQuery::default(), Timestamp::UNIX_EPOCH).unwrap();
    assert!(read.select(&all).eq(index.select(&all)));
    // What was deleted stays deleted; later changes are applied.
    read.apply(change(39, 9, "late"));
    assert_eq!(read.get(Uuid::from_u128(39)), None);
    read.apply(change(39, 10, "again"));
    assert_eq!(read.get(Uuid::from_u128(39)).unwrap().company, "again");
    let (empty, _) = LeadIndex::read_snapshot(&written(&LeadIndex::new())).unwrap();
    assert!(empty.is_empty());
}

#[test]
fn what_was_overwritten_or_deleted_is_not_in_the_file() {
    let with_dead = written(&sample());
    let (read, _) = LeadIndex::read_snapshot(&with_dead).unwrap();
    assert_eq!(read.store.slots(), 39);
    let entries = read.store.columns.company.entry_count();
    let companies: Vec<_> =
        (0..entries).map(|entry| read.store.columns.company.written_entry(entry)).collect();
    assert_eq!(companies, ["Straßenbau GmbH", "Ångström"]);
}

#[test]
fn old_deletions_are_forgotten() {
    let mut index = LeadIndex::new();
    let lead_id = Uuid::from_u128(1);
    index.apply(LeadChange::Delete { lead_id, changed_at_ms: 9 });
    let mut file = Vec::new();
    index.write_snapshot(10 + DELETIONS_KEPT_MS, &mut file).unwrap();
    let (read, _) = LeadIndex::read_snapshot(&file).unwrap();
    assert!(read.store.deleted_at_ms().is_empty());
}

#[test]
fn other_files_are_refused() {
    let refused = |file: &[u8]| LeadIndex::read_snapshot(file).map(|_| ()).unwrap_err();
    assert_eq!(refused(b""), SnapshotError::Damaged);
    assert_eq!(refused(b"leadId,firstName"), SnapshotError::NoSnapshot);
    let mut file = written(&sample());
    file.push(0);
    assert_eq!(refused(&file), SnapshotError::Damaged);
    file[8] += 1;
    assert_eq!(refused(&file), SnapshotError::OtherVersion);
}

/// Sections that are valid on their own but do not fit together, as only an attacker would write them.
#[test]
fn sections_that_do_not_fit_are_refused() {
    let mut index = LeadIndex::new();
    index.apply(change(1, 1, "x"));
    let check = |change: fn(&mut Columns)| {
        let mut columns = index.store.columns.clone();
        change(&mut columns);
        let mut file = Vec::new();
        let mut out = Writer::new(&mut file);
        out.raw(MAGIC).unwrap();
        out.raw(&VERSION.to_le_bytes()).unwrap();
        out.numbers(&[0, columns.ids.len() as u64]).unwrap();
        write_columns(&columns, &mut out).unwrap();
        out.ids([].into_iter()).unwrap();
        out.numbers(&[]).unwrap();
        out.numbers(&[index.store.fingerprint()]).unwrap();
        LeadIndex::read_snapshot(&file).map(|(index, _)| index.len())
    };
    assert_eq!(check(|_| {}), Ok(1));
    let damaged = Err(SnapshotError::Damaged);
    assert_eq!(check(|columns| columns.ids.push(Uuid::nil())), damaged);
    assert_eq!(check(|columns| columns.phone.push("1")), damaged);
    assert_eq!(check(|columns| columns.digits.push("1")), damaged);
    assert_eq!(check(|columns| columns.upload.push("1")), damaged);
    assert_eq!(check(|columns| columns.created_at_ms.push(1)), damaged);
    assert_eq!(check(|columns| columns.digests.push(1)), damaged);
    assert_eq!(check(|columns| columns.digests[0] += 1), damaged);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damage_is_an_error(at in any::<proptest::sample::Index>(), flip in 1..=255_u8, cut in any::<bool>()) {
        let mut file = written(&sample());
        let at = at.index(file.len());
        if cut {
            file.truncate(at);
        } else {
            file[at] ^= flip;
        }
        prop_assert!(LeadIndex::read_snapshot(&file).is_err());
    }

    #[test]
    fn noise_is_an_error(noise in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut file = written(&LeadIndex::new())[..12].to_vec();
        file.extend(noise);
        prop_assert!(LeadIndex::read_snapshot(&file).is_err());
    }
}
