//! The index against a plain list that is filtered and sorted the slow way.

use std::collections::BTreeMap;

use easy_crm_shared::lead::MISSING;
use easy_crm_shared::query::{Filters, SortField};
use proptest::prelude::*;

use super::*;

fn lead(id: u128, changed_at_ms: i64, values: [&str; 7]) -> IndexedLead {
    let mut lead = IndexedLead {
        lead_id: Uuid::from_u128(id),
        values: LeadValues::default(),
        source_file: "list.csv".to_owned(),
        created_at_ms: 1_700_000_000_000 + (id as i64 % 3) * 1000,
        updated_at_ms: changed_at_ms,
        changed_at_ms,
    };
    for (field, value) in LeadField::ALL.into_iter().zip(values) {
        value.clone_into(lead.values.get_mut(field));
    }
    lead
}

fn query(filters: &[(LeadField, &str)], q: &str) -> LeadQuery {
    let filters: Filters = filters.iter().map(|(field, text)| (*field, (*text).to_owned())).collect();
    LeadQuery { filters, q: q.to_owned(), ..LeadQuery::default() }
}

fn sample() -> LeadIndex {
    let mut index = LeadIndex::new();
    index.apply_all(
        [
            lead(
                1,
                10,
                [
                    "Jürgen",
                    "Müller",
                    "CEO",
                    "Straßenbau 2 GmbH",
                    "j@bau.example",
                    "+49 221 555-0101",
                    "Stage: Hot",
                ],
            ),
            lead(2, 20, ["Ann", "Ålesund", "", "Straßenbau 10 GmbH", "", "(0221) 5550102", ""]),
            lead(3, 30, ["Bob", "", "Buyer", "", "bob@x.example", "", "Note: 555 calls"]),
        ]
        .map(LeadChange::Upsert),
    );
    index
}

#[track_caller]
fn check(filters: &[(LeadField, &str)], q: &str, expected: &[u128]) {
    let index = sample();
    let found: Vec<_> = index.select(&query(filters, q)).map(|lead| lead.lead_id).collect();
    let mut expected: Vec<_> = expected.iter().map(|id| Uuid::from_u128(*id).to_string()).collect();
    let mut found_sorted = found;
    found_sorted.sort();
    expected.sort();
    assert_eq!(found_sorted, expected);
}

#[test]
fn filters() {
    check(&[], "", &[1, 2, 3]);
    check(&[(LeadField::LastName, "muller")], "", &[1]);
    check(&[(LeadField::LastName, " ÅLES ")], "", &[2]);
    check(&[(LeadField::Company, "strassenbau")], "", &[1, 2]);
    check(&[(LeadField::Company, "n/a")], "", &[3]);
    check(&[(LeadField::Phone, "0221 555")], "", &[2]);
    check(&[(LeadField::Phone, "+49 (221) 5550")], "", &[1]);
    check(&[(LeadField::Phone, "0049 221")], "", &[1]);
    check(&[(LeadField::Phone, "N/A")], "", &[3]);
    check(&[(LeadField::Title, "b"), (LeadField::FirstName, "b")], "", &[3]);
    check(&[(LeadField::Title, "  ")], "", &[1, 2, 3]);
}

#[test]
fn words_match_anywhere() {
    check(&[], "jurgen hot", &[1]);
    check(&[], "5550102", &[2]);
    check(&[], "555", &[1, 2, 3]);
    check(&[], "BAU gmbh ann", &[2]);
    check(&[], "nothing", &[]);
}

#[test]
fn order_is_natural_and_missing_comes_last() {
    let index = sample();
    let mut query = query(&[], "");
    query.sorting = Sorting { sort_by: SortField::Company, sort_order: SortOrder::Asc };
    let names = |query: &LeadQuery| {
        index.list(query, 1, 50).leads.into_iter().map(|l| l.first_name).collect::<Vec<_>>()
    };
    assert_eq!(names(&query), ["Jürgen", "Ann", "Bob"]);
    query.sorting.sort_order = SortOrder::Desc;
    assert_eq!(names(&query), ["Ann", "Jürgen", "Bob"]);
}

#[test]
fn leads_are_shown_as_the_api_does() {
    let mut index = LeadIndex::new();
    let mut long = lead(7, 1_700_000_000_123, ["", "Zoë", "", "", "", "", ""]);
    long.values.remarks = "ü".repeat(600);
    index.apply(LeadChange::Upsert(long));
    let page = index.list(&LeadQuery::default(), 1, 50);
    assert_eq!(page.leads[0].remarks.chars().count(), LIST_REMARKS_CHARS);
    assert_eq!(page.leads[0].first_name, MISSING);
    assert_eq!(page.leads[0].updated_at, "2023-11-14T22:13:20.123Z");
    assert_eq!(index.get(Uuid::from_u128(7)).unwrap().remarks.chars().count(), 600);
    assert_eq!(index.list(&LeadQuery::default(), 2, 50), ListPage { leads: vec![], total_count: 1 });
    assert_eq!(index.list(&LeadQuery::default(), u64::MAX, u32::MAX).leads, []);
}

#[test]
fn newest_change_wins() {
    let values = |name| [name, "", "", "", "", "", ""];
    let delete = |at| LeadChange::Delete { lead_id: Uuid::from_u128(1), changed_at_ms: at };
    let upsert = |at, name| LeadChange::Upsert(lead(1, at, values(name)));
    let name_after = |changes: Vec<LeadChange>| {
        let mut index = LeadIndex::new();
        index.apply_all(changes);
        index.get(Uuid::from_u128(1)).map(|lead| lead.first_name)
    };
    assert_eq!(name_after(vec![upsert(2, "b"), upsert(1, "a")]).as_deref(), Some("b"));
    assert_eq!(name_after(vec![upsert(1, "a"), upsert(1, "b")]).as_deref(), Some("b"));
    assert_eq!(name_after(vec![delete(2), upsert(1, "a"), upsert(2, "a")]), None);
    assert_eq!(name_after(vec![upsert(1, "a"), delete(1)]), None);
    assert_eq!(name_after(vec![delete(1), upsert(2, "a"), delete(1)]).as_deref(), Some("a"));
}

/// The list the slow way.
#[derive(Default)]
struct Plain(BTreeMap<u128, (i64, Option<IndexedLead>)>);

impl Plain {
    fn apply(&mut self, change: &LeadChange) {
        let (id, at, new) = match change {
            LeadChange::Upsert(lead) => (lead.lead_id, lead.changed_at_ms, Some(lead.clone())),
            LeadChange::Delete { lead_id, changed_at_ms } => (*lead_id, *changed_at_ms, None),
        };
        match self.0.get(&id.as_u128()) {
            Some((known, old)) if *known > at || (*known == at && old.is_none() && new.is_some()) => {}
            _ => {
                self.0.insert(id.as_u128(), (at, new));
            }
        }
    }

    fn select(&self, query: &LeadQuery) -> Vec<String> {
        let matches = |lead: &&IndexedLead| {
            query.filters.iter().all(|(field, filter)| {
                let (value, filter) = (lead.values.get(*field), fold::fold(filter.trim()));
                if filter == "n/a" { value.is_empty() } else { contains(*field, value, &filter, false) }
            }) && query.q.split_whitespace().all(|word| {
                let word = fold::fold(word);
                LeadField::ALL.into_iter().any(|field| contains(field, lead.values.get(field), &word, true))
            })
        };
        let mut found: Vec<_> =
            self.0.values().filter_map(|(_, lead)| lead.as_ref()).filter(matches).collect();
        found.sort_by(|a, b| {
            let key = |lead: &IndexedLead| {
                query.sorting.sort_by.lead_field().map(|f| fold::fold(lead.values.get(f)))
            };
            let by_value = match (key(a), key(b)) {
                (Some(a), Some(b)) if a.is_empty() || b.is_empty() => None,
                (Some(a), Some(b)) => Some(fold::compare(&a, &b)),
                _ if query.sorting.sort_by == SortField::CreatedAt => {
                    Some(a.created_at_ms.cmp(&b.created_at_ms))
                }
                _ => Some(a.updated_at_ms.cmp(&b.updated_at_ms)),
            };
            let by_id = a.lead_id.cmp(&b.lead_id);
            match by_value {
                Some(order) if query.sorting.sort_order == SortOrder::Desc => order.then(by_id).reverse(),
                Some(order) => order.then(by_id),
                None if key(a) == key(b) => by_id,
                None => key(a).map(|k| k.is_empty()).cmp(&key(b).map(|k| k.is_empty())),
            }
        });
        found.into_iter().map(|lead| lead.lead_id.to_string()).collect()
    }
}

fn contains(field: LeadField, value: &str, term: &str, is_word: bool) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let is_number = term.chars().all(|c| c.is_ascii_digit() || "+-()./".contains(c));
    if field == LeadField::Phone && !digits(term).is_empty() && (!is_word || is_number) {
        let term = match term.strip_prefix("00") {
            Some(rest) if !rest.starts_with('0') && !digits(rest).is_empty() => rest,
            _ => term,
        };
        return digits(value).contains(&digits(term));
    }
    fold::fold(value).contains(term)
}

fn any_change() -> impl Strategy<Value = LeadChange> {
    let text = "[aAäb][bB1]?( ?[0-2]{1,2})?|";
    let values = (
        text,
        text,
        text,
        text,
        "[ab]@[ab]\\.example|",
        "[+0]?[0-2]{1,4}( ?-?[0-2])?|",
        "(k: )?[abß0-2 ]{0,6}",
    );
    let upsert = (0..12_u128, 0..6_i64, values)
        .prop_map(|(id, at, v)| LeadChange::Upsert(lead(id, at, [&v.0, &v.1, &v.2, &v.3, &v.4, &v.5, &v.6])));
    let delete = (0..12_u128, 0..6_i64)
        .prop_map(|(id, changed_at_ms)| LeadChange::Delete { lead_id: Uuid::from_u128(id), changed_at_ms });
    prop_oneof![4 => upsert, 1 => delete]
}

fn any_query() -> impl Strategy<Value = LeadQuery> {
    let filter = (proptest::sample::select(LeadField::ALL.to_vec()), "[abAB0-2+]{1,2}|n/a");
    let sorting = (proptest::sample::select(SortField::ALL.to_vec()), any::<bool>());
    (proptest::collection::btree_map(filter.0, filter.1, 0..3), "[abß0-2@ -]{0,4}", sorting).prop_map(
        |(filters, q, (sort_by, ascending))| {
            let sort_order = if ascending { SortOrder::Asc } else { SortOrder::Desc };
            LeadQuery { filters, q, sorting: Sorting { sort_by, sort_order }, ..LeadQuery::default() }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn agrees_with_the_slow_way(
        rounds in proptest::collection::vec((proptest::collection::vec(any_change(), 0..20), any_query()), 1..5),
    ) {
        let (mut index, mut plain) = (LeadIndex::new(), Plain::default());
        for (changes, query) in rounds {
            changes.iter().for_each(|change| plain.apply(change));
            index.apply_all(changes);
            let expected = plain.select(&query);
            let found: Vec<_> = index.select(&query).map(|lead| lead.lead_id).collect();
            prop_assert_eq!(&found, &expected);
            prop_assert_eq!(index.count(&query), expected.len() as u64);
            let page = index.list(&query, 2, 3);
            prop_assert_eq!(page.total_count, expected.len() as u64);
            let ids: Vec<_> = page.leads.into_iter().map(|lead| lead.lead_id).collect();
            prop_assert_eq!(ids, expected.into_iter().skip(3).take(3).collect::<Vec<_>>());
        }
    }
}

/// Many leads, changed often enough to be packed, with orders alive across it.
#[test]
fn packing_loses_nothing() {
    let mut index = LeadIndex::new();
    let mut plain = Plain::default();
    let query = LeadQuery {
        sorting: Sorting { sort_by: SortField::LastName, sort_order: SortOrder::Asc },
        ..LeadQuery::default()
    };
    for round in 0..6_u32 {
        for id in 0..3_000_u32 {
            let name = format!("N{}", (id * 7919 + round * 104_729) % 5_000);
            let values = ["", if id % 50 == 0 { "" } else { &name }, "", "", "", "", ""];
            let change = LeadChange::Upsert(lead(u128::from(id), i64::from(round), values));
            plain.apply(&change);
            index.apply(change);
        }
        let found: Vec<_> = index.select(&query).map(|lead| lead.lead_id).collect();
        assert_eq!(found, plain.select(&query));
        // More matches than are sorted by themselves.
        let mut filtered = LeadQuery { q: "n".to_owned(), ..query.clone() };
        filtered.sorting.sort_order = SortOrder::Desc;
        let expected = plain.select(&filtered);
        assert!(expected.len() > SORTED_ALONE);
        let page = index.list(&filtered, 3, 500).leads.into_iter().map(|lead| lead.lead_id);
        assert_eq!(page.collect::<Vec<_>>(), expected[1_000..1_500]);
    }
    assert!(index.store.slots() < 12_000, "{} slots for 3,000 leads", index.store.slots());
}
