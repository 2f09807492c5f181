//! Arbitrary answers of a language model about the columns of a layout, about business cards, about a question. Nothing
//! is accepted that is not in the material it was asked about.
#![no_main]

use std::sync::LazyLock;

use easy_crm_domain::chat::model;
use easy_crm_domain::spreadsheet::Workbook;
use easy_crm_domain::standardize::model::cards::CardQuestion;
use easy_crm_domain::standardize::model::columns::{ColumnQuestion, apply, open_questions};
use easy_crm_domain::standardize::{PlannedTable, plan_workbook};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// Headers that nobody can interpret, so that the model is asked.
const TABLE: &str = "QX1\tQX2\tQX3\tQX4\tQX5\n\
    Ada\tLovelace\tada@analytical.example\tAnalytical Engines Ltd\tPoet of numbers\n\
    Grace\tHopper\tgrace@navy.example\tNavy Yard Inc\tFinder of moths\n\
    Alan\tTuring\talan@bletchley.example\tBletchley GmbH\tBreaker of codes\n";
const CARD: &str = "Dr. Ada Lovelace\nHead of Programming\nAnalytical Engines Ltd\nTel. +44 20 7946 0001\nada@example.com";
const QUESTION: &str = "folks over at Acme who never gave us a number";

struct Asked {
    workbook: Workbook,
    tables: Vec<PlannedTable>,
    questions: Vec<ColumnQuestion>,
}

static ASKED: LazyLock<Asked> = LazyLock::new(|| {
    let workbook = easy_crm_fuzz::sheet(TABLE);
    let tables = plan_workbook(&workbook);
    let questions = open_questions(&workbook, &tables);
    assert!(!questions.is_empty(), "the rules are sure of this table");
    Asked { workbook, tables, questions }
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(answer) = serde_json::from_slice::<Value>(bytes) else { return };
    for question in &ASKED.questions {
        if let Some(parsed) = question.parse(&answer) {
            let mut table = ASKED.tables[question.table].clone();
            let before = table.rows.clone();
            apply(&ASKED.workbook, &mut table, &parsed);
            assert!(before.iter().all(|row| table.rows.contains(row)), "an answer lost a row");
        }
    }
    easy_crm_fuzz::standardize(&ASKED.workbook);
    let question = CardQuestion::new([(2, CARD), (3, "Grace Hopper, Navy"), (4, "")]);
    let cards = question.parse(&answer);
    assert_eq!(cards.readings.len() + cards.open.len(), 3, "a row is neither read nor open");
    let letters = |text: &str| text.to_lowercase().split_whitespace().collect::<String>();
    if let Some(Ok(Value::Object(reading))) = cards.readings.get(&2).map(serde_json::to_value) {
        for value in reading.values().filter_map(Value::as_str) {
            assert!(letters(CARD).contains(&letters(value)), "a value that is not in the text");
        }
    }
    if let Ok(understood) = model::parse(answer, QUESTION, None, easy_crm_fuzz::now(), 0) {
        easy_crm_fuzz::ask(&understood.query, &understood.analysis);
    }
});
