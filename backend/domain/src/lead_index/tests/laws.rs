//! Whatever the changes and whatever the query: the index returns the same as the plain list.

use easy_crm_shared::lead::LeadField;
use easy_crm_shared::query::analysis::{GroupBy, GroupKey, GroupOrder};
use easy_crm_shared::query::condition::{Condition, DateField, DateRange, SharedBy, TextField, TextTest};
use easy_crm_shared::query::{LeadQuery, SortField, SortOrder, Sorting};
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::select;
use strum::IntoEnumIterator as _;
use uuid::Uuid;

use super::super::{LeadChange, LeadIndex};
use super::{Plain, compiled, lead};

fn any_change() -> impl Strategy<Value = LeadChange> {
    let text = "[aAäb][bB1]?( ?[0-2]{1,2})?|";
    let values = (
        text,
        text,
        text,
        text,
        "[ab]@[ab]\\.example|",
        "[+0]?[0-2]{1,4}( ?-?[0-2])?|ext|",
        "(k: )?[abß0-2 ]{0,6}",
    );
    let upsert =
        (0..12_u128, 0..6_i64, values, "[uv]?", "[fF]\\.csv").prop_map(|(id, at, v, upload, file)| {
            let mut lead = lead(id, at, [&v.0, &v.1, &v.2, &v.3, &v.4, &v.5, &v.6]);
            (lead.upload_id, lead.source_file) = (upload, file);
            lead.created_at_ms += (id as i64 % 4) * 8 * 3_600_000;
            LeadChange::Upsert(lead)
        });
    let delete = (0..12_u128, 0..6_i64)
        .prop_map(|(id, changed_at_ms)| LeadChange::Delete { lead_id: Uuid::from_u128(id), changed_at_ms });
    prop_oneof![4 => upsert, 1 => delete]
}

fn any_condition() -> impl Strategy<Value = Condition> {
    let value = "[abAB0-2+@.]{1,2}|n/a|[ab]@a.example|a.example|00[1-2]|ext";
    let test = (0..5, value).prop_map(|(kind, value)| match kind {
        0 => TextTest::Contains(value),
        1 => TextTest::Equals(value),
        2 => TextTest::StartsWith(value),
        3 => TextTest::IsEmpty,
        _ => TextTest::IsNotEmpty,
    });
    let text = (select(TextField::iter().collect::<Vec<_>>()), test)
        .prop_map(|(field, test)| Condition::Text { field, test });
    let time = |ms: i64| Timestamp::from_millisecond(ms).unwrap().to_string();
    let updated = (0..3_i64, 3..6_i64, 0..3).prop_map(move |(from, to, open)| Condition::Date {
        field: DateField::UpdatedAt,
        range: DateRange::Between {
            from: (open != 1).then(|| time(from)),
            to: (open != 2).then(|| time(to)),
        },
    });
    let ids = proptest::collection::vec(0..12_u128, 0..4)
        .prop_map(|ids| Condition::Ids(ids.into_iter().map(|id| Uuid::from_u128(id).to_string()).collect()));
    let upload = "[uvw]".prop_map(Condition::UploadId);
    let shared = select(vec![SharedBy::Phone, SharedBy::Name]).prop_map(Condition::SharedBy);
    let leaf = prop_oneof![6 => text, 1 => updated, 1 => ids, 1 => upload, 1 => shared];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let parts = proptest::collection::vec(inner.clone(), 0..3);
        prop_oneof![
            parts.clone().prop_map(Condition::All),
            parts.prop_map(Condition::Any),
            inner.prop_map(|part| Condition::Not(Box::new(part))),
        ]
    })
}

fn any_query() -> impl Strategy<Value = LeadQuery> {
    let filter = (select(LeadField::iter().collect::<Vec<_>>()), "[abAB0-2+]{1,2}|n/a");
    let filters = proptest::collection::btree_map(filter.0, filter.1, 0..2);
    let sorting = (select(SortField::iter().collect::<Vec<_>>()), any::<bool>());
    let condition = proptest::option::of(any_condition());
    let limit = prop_oneof![3 => Just(None), 1 => (1..8_u64).prop_map(Some)];
    (filters, "[abß0-2@ -]{0,3}", sorting, condition, limit, select(vec![0, -300, 330])).prop_map(
        |(filters, q, (sort_by, ascending), condition, limit, utc_offset_minutes)| {
            let sort_order = if ascending { SortOrder::Asc } else { SortOrder::Desc };
            let sorting = Sorting { sort_by, sort_order };
            LeadQuery { filters, q, sorting, condition, limit, utc_offset_minutes }
        },
    )
}

fn any_grouping() -> impl Strategy<Value = GroupBy> {
    use GroupKey::{Company, CreatedDay, Email, EmailDomain, FirstName, Phone, Remarks, SourceFile};
    use GroupOrder::{ByKey, ByKeyDescending, LargestFirst, SmallestFirst};
    let by = vec![Company, CreatedDay, Email, EmailDomain, FirstName, Phone, Remarks, SourceFile];
    let order = vec![ByKey, ByKeyDescending, LargestFirst, SmallestFirst];
    (select(by), 1..5_u32, select(order)).prop_map(|(by, limit, order)| GroupBy { by, limit, order })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn agrees_with_the_slow_way(
        rounds in proptest::collection::vec(
            (proptest::collection::vec(any_change(), 0..20), any_query(), any_grouping()), 1..5),
    ) {
        let (mut index, mut plain) = (LeadIndex::new(), Plain::default());
        for (changes, query, grouping) in rounds {
            changes.iter().for_each(|change| plain.apply(change));
            index.apply_all(changes);
            let expected = plain.select(&query);
            let ready = compiled(&query);
            let found: Vec<_> = index.select(&ready).map(|lead| lead.lead_id).collect();
            prop_assert_eq!(&found, &expected);
            let ids: Vec<_> = index.select_ids(&ready).map(|id| id.to_string()).collect();
            prop_assert_eq!(&ids, &expected);
            prop_assert_eq!(index.count(&ready), expected.len() as u64);
            for page in 1..4 {
                let list = index.list(&ready, page, 3);
                prop_assert_eq!(list.total_count, expected.len() as u64);
                let ids: Vec<_> = list.leads.into_iter().map(|lead| lead.lead_id).collect();
                let skip = (page as usize - 1) * 3;
                prop_assert_eq!(ids, expected.iter().skip(skip).take(3).cloned().collect::<Vec<_>>());
            }
            prop_assert_eq!(index.groups(&ready, &grouping), plain.groups(&query, &grouping));
        }
    }

    /// Pages keep their entity tag across a restart, and between servers that read the feed in different orders.
    #[test]
    fn the_fingerprint_follows_from_the_leads(changes in proptest::collection::vec(any_change(), 0..20)) {
        let mut index = LeadIndex::new();
        let mut plain = Plain::default();
        for change in changes {
            let before = (index.fingerprint(), plain.leads().cloned().collect::<Vec<_>>());
            plain.apply(&change);
            index.apply(change);
            let is_same = plain.leads().cloned().collect::<Vec<_>>() == before.1;
            prop_assert_eq!(index.fingerprint() == before.0, is_same);
        }
        let mut other = LeadIndex::new();
        other.apply_all(plain.leads().cloned().map(LeadChange::Upsert));
        prop_assert_eq!(index.fingerprint(), other.fingerprint());
    }

    /// A group's leads are those that an `equals` test finds for its key.
    #[test]
    fn groups_open_as_lists(changes in proptest::collection::vec(any_change(), 0..20), grouping in any_grouping()) {
        prop_assume!(grouping.by != GroupKey::CreatedDay);
        let mut index = LeadIndex::new();
        index.apply_all(changes);
        let field: TextField = serde_json::from_value(serde_json::to_value(grouping.by).unwrap()).unwrap();
        for group in index.groups(&compiled(&LeadQuery::default()), &grouping).groups {
            prop_assume!(!group.key.is_empty());
            let condition = Some(Condition::Text { field, test: TextTest::Equals(group.key) });
            let query = LeadQuery { condition, ..LeadQuery::default() };
            prop_assert_eq!(index.count(&compiled(&query)), group.count);
        }
    }
}
