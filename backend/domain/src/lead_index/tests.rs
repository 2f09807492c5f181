//! The index: the meaning of queries, by example and against a plain list that is filtered and sorted naively.

mod laws;
mod plain;

use easy_crm_shared::lead::{LeadField, MISSING};
use easy_crm_shared::query::analysis::{GroupKey, GroupOrder};
use easy_crm_shared::query::{Filters, LeadQuery, SortField};
use jiff::Timestamp;
use serde_json::{Value, json};
use strum::IntoEnumIterator as _;

use super::*;
use plain::Plain;

fn lead(id: u128, changed_at_ms: i64, values: [&str; 7]) -> IndexedLead {
    let mut lead = IndexedLead {
        lead_id: Uuid::from_u128(id),
        values: LeadValues::default(),
        source_file: "list.csv".to_owned(),
        upload_id: String::new(),
        created_at_ms: 1_700_000_000_000 + (id as i64 % 3) * 1000,
        position: FilePosition::new(0, 2 - id as u32 % 3),
        updated_at_ms: changed_at_ms,
        changed_at_ms,
    };
    for (field, value) in LeadField::iter().zip(values) {
        value.clone_into(lead.values.get_mut(field));
    }
    lead
}

fn query(filters: &[(LeadField, &str)], q: &str) -> LeadQuery {
    let filters: Filters = filters.iter().map(|(field, text)| (*field, (*text).to_owned())).collect();
    LeadQuery { filters, q: q.to_owned(), ..LeadQuery::default() }
}

fn compiled(query: &LeadQuery) -> CompiledQuery {
    CompiledQuery::new(query, Timestamp::UNIX_EPOCH).unwrap()
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
    let found: Vec<_> = index.select(&compiled(&query(filters, q))).map(|lead| lead.lead_id).collect();
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
        index.list(&compiled(query), 1, 50).leads.into_iter().map(|l| l.first_name).collect::<Vec<_>>()
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
    let everything = compiled(&LeadQuery::default());
    let page = index.list(&everything, 1, 50);
    assert_eq!(page.leads[0].remarks.chars().count(), LIST_REMARKS_CHARS);
    assert_eq!(page.leads[0].first_name, MISSING);
    assert_eq!(page.leads[0].updated_at, "2023-11-14T22:13:20.123Z");
    assert_eq!(index.get(Uuid::from_u128(7)).unwrap().remarks.chars().count(), 600);
    assert_eq!(index.list(&everything, 2, 50), ListPage { leads: vec![], total_count: 1 });
    assert_eq!(index.list(&everything, u64::MAX, u32::MAX).leads, []);
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

/// Ids of the sample's leads that fulfil a condition.
#[track_caller]
#[allow(clippy::needless_pass_by_value, reason = "conditions are written where they are checked")]
fn check_where(condition: Value, expected: &[u128]) {
    let query = serde_json::from_value(json!({ "where": condition })).unwrap();
    let mut found: Vec<_> = sample().select_ids(&compiled(&query)).map(|id| id.as_u128()).collect();
    found.sort_unstable();
    assert_eq!(found, expected, "{condition}");
}

#[test]
fn conditions() {
    let text = |field: &str, op: &str, value: &str| json!({ "field": field, "op": op, "value": value });
    check_where(text("company", "contains", "BAU"), &[1, 2]);
    check_where(text("company", "equals", "strassenbau 2 gmbh"), &[1]);
    check_where(text("company", "startsWith", "bau"), &[]);
    check_where(text("company", "equals", "n/a"), &[3]);
    check_where(text("email", "equals", "J@Bau.example"), &[1]);
    check_where(text("emailDomain", "equals", "bau.example"), &[1]);
    check_where(text("emailDomain", "contains", "N/A"), &[2]);
    check_where(text("sourceFile", "startsWith", "List"), &[1, 2, 3]);
    check_where(text("phone", "equals", "0049 221 555 0101"), &[1]);
    check_where(text("phone", "startsWith", "0221"), &[2]);
    check_where(text("remarks", "startsWith", "note"), &[3]);
    check_where(json!({ "field": "title", "op": "isEmpty" }), &[2]);
    check_where(json!({ "field": "phone", "op": "isNotEmpty" }), &[1, 2]);
    check_where(json!({ "not": text("title", "contains", "e") }), &[2]);
    check_where(
        json!({ "any": [text("title", "equals", "ceo"), text("title", "equals", "buyer")] }),
        &[1, 3],
    );
    check_where(
        json!({ "all": [text("company", "contains", "bau"), text("firstName", "equals", "ann")] }),
        &[2],
    );
    check_where(json!({ "all": [] }), &[1, 2, 3]);
    check_where(json!({ "any": [] }), &[]);
    check_where(json!({ "ids": [Uuid::from_u128(2).to_string(), Uuid::from_u128(9).to_string()] }), &[2]);
    check_where(json!({ "uploadId": "nobody's" }), &[]);
    check_where(json!({ "field": "updatedAt", "from": "1970-01-01T00:00:00.020Z" }), &[2, 3]);
    check_where(json!({ "field": "updatedAt", "this": "year" }), &[1, 2, 3]);
    check_where(json!({ "field": "updatedAt", "previous": "week" }), &[]);
}

#[test]
fn what_cannot_be_searched_for_names_its_field() {
    let field = |condition: Value| {
        let query = serde_json::from_value(json!({ "where": { "any": [condition] } })).unwrap();
        CompiledQuery::new(&query, Timestamp::UNIX_EPOCH).map(|_| ()).map_err(|error| error.field)
    };
    let accent = json!({ "field": "title", "op": "equals", "value": "\u{301}" });
    assert_eq!(field(accent), Err("where.any[0].value".to_owned()));
    assert_eq!(field(json!({ "ids": ["x"] })), Err("where.any[0].ids[0]".to_owned()));
    assert_eq!(field(json!({ "field": "createdAt", "from": "soon" })), Err("where.any[0].from".to_owned()));
}

#[test]
fn groups_name_what_most_leads_write() {
    let mut index = LeadIndex::new();
    let companies = ["ACME", "Acme", "Acme", "Zeta", "", "Ábc"];
    index.apply_all(
        (1_u128..)
            .zip(companies)
            .map(|(id, company)| LeadChange::Upsert(lead(id, 1, ["", "", "", company, "", "", ""]))),
    );
    let everything = compiled(&LeadQuery::default());
    let groups = |order, limit| {
        let groups = index.groups(&everything, &GroupBy { by: GroupKey::Company, limit, order });
        assert_eq!((groups.group_count, groups.missing_count, groups.total_count), (3, 1, 6));
        groups.groups.into_iter().map(|group| (group.key, group.count)).collect::<Vec<_>>()
    };
    let pair = |key: &str, count| (key.to_owned(), count);
    assert_eq!(groups(GroupOrder::LargestFirst, 2), [pair("Acme", 3), pair("Ábc", 1)]);
    assert_eq!(groups(GroupOrder::ByKeyDescending, 9), [pair("Zeta", 1), pair("Acme", 3), pair("Ábc", 1)]);
    let days =
        index.groups(&everything, &GroupBy { by: GroupKey::CreatedWeek, limit: 9, order: GroupOrder::ByKey });
    let week = (days.groups[0].key.as_str(), days.groups[0].label.as_deref(), days.groups[0].count);
    assert_eq!(week, ("2023-11-13", Some("2023-W46"), 6));
}

/// Many leads, changed often enough to trigger packing, with orders in use across it.
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
        let found: Vec<_> = index.select(&compiled(&query)).map(|lead| lead.lead_id).collect();
        assert_eq!(found, plain.select(&query));
        // More matches than are sorted on their own.
        let mut filtered = LeadQuery { q: "n".to_owned(), ..query.clone() };
        filtered.sorting.sort_order = SortOrder::Desc;
        let expected = plain.select(&filtered);
        assert!(expected.len() > SORTED_ALONE);
        let page = index.list(&compiled(&filtered), 3, 500).leads.into_iter().map(|lead| lead.lead_id);
        assert_eq!(page.collect::<Vec<_>>(), expected[1_000..1_500]);
    }
    assert!(index.store.slots() < 12_000, "{} slots for 3,000 leads", index.store.slots());
}
