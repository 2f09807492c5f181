//! The query type against JSON as pages, scripts and language models write it: what parses, what round-trips, and what
//! is rejected with the field's name.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use easy_crm_shared::export::ExportRequest;
use easy_crm_shared::query::analysis::{GroupKey, GroupOrder, LeadAnalysis, LeadGroups};
use easy_crm_shared::query::condition::{Condition, DateField, DateRange, TextField, TextTest};
use easy_crm_shared::query::{LeadQuery, MAX_CONDITION_DEPTH, MAX_CONDITIONS, MAX_IDS, MAX_VALUE_CHARS};
use serde_json::{Value, json};
use strum::IntoEnumIterator as _;

/// Parses a condition and writes it again; nothing may be lost, renamed or added.
#[track_caller]
#[allow(clippy::needless_pass_by_value, reason = "samples are written where they are checked")]
fn check(sample: Value) -> Condition {
    let condition: Condition = serde_json::from_value(sample.clone()).expect("a sample can be read");
    assert_eq!(serde_json::to_value(&condition).unwrap(), sample);
    condition
}

/// A condition that does not parse, and a piece of the error message.
#[track_caller]
#[allow(clippy::needless_pass_by_value, reason = "samples are written where they are checked")]
fn check_refused(sample: Value, message: &str) {
    let error = serde_json::from_value::<Condition>(sample).expect_err("must be refused").to_string();
    assert!(error.contains(message), "{error}");
}

/// The field a query's check names.
#[track_caller]
fn check_limit(condition: Condition, field: &str) {
    let query = LeadQuery { condition: Some(condition), ..LeadQuery::default() };
    assert_eq!(query.validate().map_err(|error| error.field), Err(field.to_owned()));
}

#[test]
fn conditions_round_trip() {
    let city = json!({ "field": "remarks", "op": "contains", "value": "Berlin" });
    let condition = check(json!({ "all": [
        city,
        { "any": [
            { "field": "emailDomain", "op": "equals", "value": "acme.example" },
            { "field": "sourceFile", "op": "startsWith", "value": "fair" },
        ] },
        { "not": { "field": "phone", "op": "isEmpty" } },
        { "field": "title", "op": "isNotEmpty" },
    ] }));
    let Condition::All(parts) = condition else { panic!("another kind") };
    let berlin = TextTest::Contains("Berlin".to_owned());
    assert_eq!(parts[0], Condition::Text { field: TextField::Remarks, test: berlin });

    for range in [
        json!({ "from": "2026-01-31" }),
        json!({ "to": "2026-01-31T09:30:00Z" }),
        json!({ "from": "2026-01-01", "to": "2026-02-01" }),
        json!({ "last": { "n": 7, "unit": "day" } }),
        json!({ "this": "week" }),
        json!({ "previous": "month" }),
    ] {
        let mut sample = range;
        sample["field"] = json!("updatedAt");
        let condition = check(sample);
        assert!(matches!(condition, Condition::Date { field: DateField::UpdatedAt, .. }));
    }
    check(json!({ "ids": ["550e8400-e29b-41d4-a716-446655440000"] }));
    check(json!({ "uploadId": "u" }));
    check(json!({ "sharedBy": "phone" }));
    check(json!({ "sharedBy": "name" }));
    check(json!({ "any": [] }));
}

#[test]
fn text_fields_have_their_names() {
    for field in TextField::iter() {
        assert_eq!(json!(field), json!(field.name()));
        let condition = check(json!({ "field": field, "op": "isEmpty" }));
        assert_eq!(condition, Condition::Text { field, test: TextTest::IsEmpty });
    }
}

#[test]
fn nothing_outside_the_schema_parses() {
    let meanings = "one of all, any, not";
    check_refused(json!({}), meanings);
    check_refused(json!({ "all": [], "any": [] }), meanings);
    check_refused(json!({ "op": "isEmpty" }), meanings);
    check_refused(json!({ "ids": [], "from": "2026-01-01" }), meanings);
    check_refused(json!({ "field": "city", "op": "isEmpty" }), "unknown variant `city`");
    check_refused(json!({ "field": "title", "op": "regex", "value": "x" }), "unknown variant `regex`");
    check_refused(json!({ "field": "title" }), "op is missing");
    check_refused(json!({ "field": "title", "op": "contains" }), "value is missing");
    check_refused(json!({ "field": "title", "op": "isEmpty", "value": "x" }), "take no value");
    check_refused(json!({ "field": "title", "op": "contains", "value": 7 }), "invalid type");
    check_refused(json!({ "field": "title", "this": "week" }), "range of time");
    check_refused(json!({ "field": "createdAt" }), "from and to");
    check_refused(json!({ "field": "createdAt", "op": "isEmpty" }), "from and to");
    check_refused(json!({ "field": "createdAt", "this": "week", "from": "2026-01-01" }), "from and to");
    check_refused(json!({ "field": "createdAt", "this": "decade" }), "unknown variant `decade`");
    check_refused(json!({ "field": "createdAt", "last": { "n": -1, "unit": "day" } }), "invalid value");
    check_refused(json!({ "not": [] }), meanings);
    check_refused(json!({ "not": "x" }), "invalid type");
    check_refused(json!({ "script": "DROP" }), "unknown field `script`");
    for wrong in [
        json!({ "filter": {} }),
        json!({ "filters": { "city": "x" } }),
        json!({ "sorting": { "sortBy": "city" } }),
        json!({ "limit": -1 }),
    ] {
        assert!(serde_json::from_value::<LeadQuery>(wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn limits_name_the_field() {
    let text =
        |value: &str| Condition::Text { field: TextField::Title, test: TextTest::Contains(value.to_owned()) };
    let deep =
        |levels| (0..levels).fold(Condition::Ids(Vec::new()), |inner, _| Condition::Not(Box::new(inner)));
    let fits = |condition| LeadQuery { condition: Some(condition), ..LeadQuery::default() }.validate();
    assert_eq!(fits(deep(MAX_CONDITION_DEPTH - 1)), Ok(()));
    check_limit(deep(MAX_CONDITION_DEPTH), &format!("where{}", ".not".repeat(MAX_CONDITION_DEPTH)));
    assert_eq!(fits(Condition::All(vec![text("x"); MAX_CONDITIONS - 1])), Ok(()));
    check_limit(Condition::All(vec![text("x"); MAX_CONDITIONS]), "where");
    assert_eq!(fits(text(&"ü".repeat(MAX_VALUE_CHARS))), Ok(()));
    let long = text(&"ü".repeat(MAX_VALUE_CHARS + 1));
    check_limit(Condition::Any(vec![text("x"), Condition::Not(Box::new(long))]), "where.any[1].not.value");
    check_limit(text(" "), "where.value");
    check_limit(Condition::Ids(vec![String::new(); MAX_IDS + 1]), "where.ids");
    let none: DateRange = DateRange::Last(serde_json::from_value(json!({ "n": 0, "unit": "day" })).unwrap());
    check_limit(Condition::Date { field: DateField::CreatedAt, range: none }, "where.last.n");
    for (query, field) in [
        (json!({ "limit": 0 }), "limit"),
        (json!({ "utcOffsetMinutes": 900 }), "utcOffsetMinutes"),
        (json!({ "q": "x".repeat(501) }), "q"),
        (json!({ "filters": { "title": "x".repeat(501) } }), "filter_title"),
    ] {
        let query: LeadQuery = serde_json::from_value(query).unwrap();
        assert_eq!(query.validate().map_err(|error| error.field), Err(field.to_owned()));
    }
}

#[test]
fn whole_queries_and_export_say_the_same() {
    let sample = json!({
        "filters": { "company": "acme" }, "q": "ada", "sorting": { "sortBy": "createdAt", "sortOrder": "desc" },
        "where": { "field": "createdAt", "last": { "n": 1, "unit": "week" } }, "limit": 10,
        "utcOffsetMinutes": -300
    });
    let query: LeadQuery = serde_json::from_value(sample.clone()).unwrap();
    assert_eq!(serde_json::to_value(&query).unwrap(), sample);
    let mut sample = sample;
    sample["format"] = json!("xlsx");
    let export: ExportRequest = serde_json::from_value(sample.clone()).unwrap();
    assert_eq!(serde_json::to_value(&export).unwrap(), sample);
    assert_eq!(export.query(), query);
    let everything: LeadQuery = serde_json::from_value(json!({})).unwrap();
    assert_eq!(everything, LeadQuery::default());
}

#[test]
fn analyses() {
    let read = |sample: Value| serde_json::from_value::<LeadAnalysis>(sample);
    assert_eq!(read(json!("list")).unwrap(), LeadAnalysis::default());
    assert_eq!(read(json!("count")).unwrap(), LeadAnalysis::Count);
    let LeadAnalysis::GroupBy(group) = read(json!({ "groupBy": { "by": "createdWeek" } })).unwrap() else {
        panic!("another kind")
    };
    assert_eq!((group.by, group.limit, group.order), (GroupKey::CreatedWeek, 10, GroupOrder::LargestFirst));
    assert!(read(json!({ "groupBy": { "by": "city" } })).is_err());
    assert!(read(json!({ "groupBy": { "by": "title", "having": 1 } })).is_err());
    let none = read(json!({ "groupBy": { "by": "title", "limit": 0 } })).unwrap();
    assert_eq!(none.validate().map_err(|error| error.field), Err("groupBy.limit".to_owned()));
    let groups = json!({
        "groups": [{ "key": "2026-11-16", "label": "2026-W47", "count": 3 }],
        "groupCount": 1, "missingCount": 0, "totalCount": 3
    });
    let read: LeadGroups = serde_json::from_value(groups.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), groups);
}
