//! The questions of `test_data/chat`, and properties that hold for any question.

use easy_crm_shared::query::condition::Condition;
use easy_crm_shared::query::{LeadQuery, SortOrder, Sorting};
use proptest::prelude::*;
use serde::Deserialize;

use super::*;

/// The time at which the questions are asked: a Wednesday.
const NOW: &str = "2026-11-18T10:00:00Z";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    question: String,
    #[serde(default)]
    after: Vec<String>,
    query: Option<LeadQuery>,
    #[serde(default)]
    analysis: LeadAnalysis,
    #[serde(default)]
    clarification: Option<String>,
    #[serde(default, rename = "language")]
    _language: Option<String>,
}

use easy_crm_shared::query::analysis::LeadAnalysis;

/// A condition normalised for comparison: without differences of case, order and nesting.
fn plain(condition: Condition) -> Condition {
    let flat = |parts: Vec<Condition>, all: bool| {
        let mut flat = Vec::new();
        for part in parts.into_iter().map(plain) {
            match part {
                Condition::All(inner) if all => flat.extend(inner),
                Condition::Any(inner) if !all => flat.extend(inner),
                part => flat.push(part),
            }
        }
        flat.sort_by_key(|part| serde_json::to_string(part).unwrap());
        flat.dedup();
        flat
    };
    match condition {
        Condition::All(parts) => {
            let mut parts = flat(parts, true);
            if parts.len() == 1 { parts.remove(0) } else { Condition::All(parts) }
        }
        Condition::Any(parts) => {
            let mut parts = flat(parts, false);
            if parts.len() == 1 { parts.remove(0) } else { Condition::Any(parts) }
        }
        Condition::Not(part) => match plain(*part) {
            Condition::Not(inner) => *inner,
            part => Condition::Not(Box::new(part)),
        },
        other => other,
    }
}

fn small(condition: Condition) -> Condition {
    use easy_crm_shared::query::condition::TextTest;
    match condition {
        Condition::All(parts) => Condition::All(parts.into_iter().map(small).collect()),
        Condition::Any(parts) => Condition::Any(parts.into_iter().map(small).collect()),
        Condition::Not(part) => Condition::Not(Box::new(small(*part))),
        Condition::Text { field, test } => Condition::Text {
            field,
            test: match test {
                TextTest::Contains(value) => TextTest::Contains(value.to_lowercase()),
                TextTest::Equals(value) => TextTest::Equals(value.to_lowercase()),
                TextTest::StartsWith(value) => TextTest::StartsWith(value.to_lowercase()),
                test => test,
            },
        },
        other => other,
    }
}

fn comparable(query: LeadQuery, analysis: LeadAnalysis) -> (LeadQuery, LeadAnalysis) {
    let mut query = query;
    query.condition = query.condition.map(|condition| plain(small(condition)));
    query.q = query.q.to_lowercase();
    if analysis != LeadAnalysis::List && query.limit.is_none() {
        query.sorting = Sorting::default();
    }
    (query, analysis)
}

fn ask(case: &Case) -> Parsed {
    let now = NOW.parse().unwrap();
    let mut context: Option<ChatContext> = None;
    for before in &case.after {
        match parse(before, context.as_ref(), now, 0) {
            Parsed::Understood(understood) => context = Some(understood),
            Parsed::Unclear(why) => return Parsed::Unclear(why),
        }
    }
    parse(&case.question, context.as_ref(), now, 0)
}

/// Asks all questions of a list; none may be answered wrongly, and at least this percentage has to be answered.
#[track_caller]
fn check(list: &str, at_least: usize) {
    let (mut answerable, mut right, mut wrong, mut missed) = (0, 0, Vec::new(), Vec::new());
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let case: Case = serde_json::from_str(line).unwrap();
        let parsed = ask(&case);
        match (&case.query, parsed) {
            (Some(query), Parsed::Understood(understood)) => {
                answerable += 1;
                let expected = comparable(query.clone(), case.analysis);
                let found = comparable(understood.query, understood.analysis);
                if expected == found {
                    right += 1;
                } else {
                    wrong.push(format!(
                        "{} {:?}\n   {}",
                        case.question,
                        case.after,
                        serde_json::to_string(&found).unwrap()
                    ));
                }
            }
            (Some(_), Parsed::Unclear(why)) => {
                answerable += 1;
                missed.push(format!("{} {:?}: {why:?}", case.question, case.after));
            }
            (None, Parsed::Understood(understood)) => {
                wrong.push(format!(
                    "{} ({:?})\n   {}",
                    case.question,
                    case.clarification,
                    serde_json::to_string(&understood).unwrap()
                ));
            }
            (None, Parsed::Unclear(_)) => {}
        }
    }
    let score = right * 100 / answerable;
    let report = format!(
        "{right} of {answerable} questions answered ({score} %), {} wrong\nmissed:\n{}\nwrong:\n{}",
        wrong.len(),
        missed.join("\n"),
        wrong.join("\n")
    );
    std::io::Write::write_all(&mut std::io::stdout(), report.as_bytes()).unwrap();
    assert!(wrong.is_empty() && score >= at_least, "{report}");
}

#[test]
fn questions_become_the_queries_they_mean() {
    check(include_str!("../../test_data/chat/questions.jsonl"), 85);
}

#[test]
fn days_begin_where_the_user_is() {
    // On the evening of the 17th in New York it is the 18th in UTC.
    let now = "2026-11-18T02:00:00Z".parse().unwrap();
    let Parsed::Understood(understood) = parse("leads added on Tuesday", None, now, -300) else {
        panic!("not understood");
    };
    let query = serde_json::to_value(&understood.query).unwrap();
    assert_eq!(query["where"]["from"], "2026-11-17");
    assert_eq!(query["utcOffsetMinutes"], -300);
}

#[test]
fn long_questions_are_refused() {
    let long = "leads ".repeat(84);
    assert_eq!(parse(&long, None, NOW.parse().unwrap(), 0), Parsed::Unclear(Unclear::TooLong));
}

#[test]
fn examples_work_and_fit_the_leads() {
    for has_values in [true, false] {
        let examples = examples(|_| has_values);
        assert_eq!(examples.len(), 3);
        for question in examples {
            let parsed = parse(question, None, NOW.parse().unwrap(), 0);
            assert!(matches!(parsed, Parsed::Understood(_)), "{question}: {parsed:?}");
        }
    }
    assert!(!examples(|_| false).contains(&"Top 10 companies"));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}", words in prop::collection::vec("[a-z]{1,8}|leads|from|at|no|phone|and|or|last|10|week|\\PC{1,4}", 0..30)) {
        let now = NOW.parse().unwrap();
        for question in [text, words.join(" ")] {
            if let Parsed::Understood(understood) = parse(&question, None, now, 0) {
                prop_assert!(understood.query.validate().is_ok());
                let again = parse(&question, Some(&understood), now, 0);
                prop_assert!(matches!(again, Parsed::Understood(_) | Parsed::Unclear(_)));
                prop_assert!(understood.query.sorting.sort_order == SortOrder::Desc || understood.query.sorting != Sorting::default());
            }
        }
    }
}

#[test]
fn questions_of_the_second_list_become_the_queries_they_mean() {
    check(include_str!("../../test_data/chat/more_questions.jsonl"), 85);
}

#[test]
fn questions_of_the_third_list_become_the_queries_they_mean() {
    check(include_str!("../../test_data/chat/third_questions.jsonl"), 85);
}
