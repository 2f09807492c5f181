use super::*;
use crate::standardize::RowStandardizer;
use crate::standardize::layout::{ColumnPlan, Reason, Role, TableLayout};

const CARD: &str = "Dr. Ada Lovelace\nEngineer, Engineer Works Ltd\nTel: +44 20 7946 0001 / Fax +44 20 7946 0002\n\
    ada@works.example\nMet in Turin";

fn layout() -> TableLayout {
    TableLayout {
        confidence: 1.0,
        sheet: None,
        header_row: Some(1),
        headers: vec!["Card".to_owned()],
        columns: vec![ColumnPlan::new(Role::Card, 0.8, Reason::Values)],
        bare_na: false,
        own_export: false,
    }
}

fn entry(id: &str, values: [&str; 5]) -> Value {
    let [first, last, title, company, phone] = values;
    json!({ "id": id, "firstName": first, "lastName": last, "title": title, "company": company, "phone": phone })
}

/// The lead of a card if the model says this about it; `None` if the answer is rejected.
fn lead(card: &str, values: [&str; 5]) -> Option<LeadValues> {
    let question = CardQuestion::new([(2, card)]);
    let answer = question.parse(&json!({ "rows": [entry("r2", values)] }));
    let reading = answer.readings.get(&2)?;
    let layout = layout();
    Some(RowStandardizer::new(&layout).standardize_with(&[card], Some(reading)).values)
}

#[test]
fn a_reading_fills_the_lead_and_the_rest_is_kept() {
    let lead =
        lead(CARD, ["ada", "Lovelace", "Engineer", "Engineer  Works Ltd", "+44 20 7946 0001"]).unwrap();
    assert_eq!((lead.first_name.as_str(), lead.last_name.as_str()), ("Ada", "Lovelace"));
    assert_eq!((lead.title.as_str(), lead.company.as_str()), ("Engineer", "Engineer Works Ltd"));
    assert_eq!((lead.phone.as_str(), lead.email.as_str()), ("+44 20 7946 0001", "ada@works.example"));
    for kept in ["Dr.", "+44 20 7946 0002", "Met in Turin"] {
        assert!(lead.remarks.contains(kept), "{}", lead.remarks);
    }
    for gone in ["Lovelace", "0001", "ada@", "Tel"] {
        assert!(!lead.remarks.contains(gone), "{}", lead.remarks);
    }
}

#[test]
fn what_is_not_in_the_text_is_refused() {
    let good = ["Ada", "Lovelace", "Engineer", "Engineer Works Ltd", "+44 20 7946 0001"];
    assert!(lead(CARD, good).is_some());
    for (position, wrong) in [
        (0, "Augusta"),
        (0, "Ad"),
        (1, "King"),
        (1, "46"),
        (2, "Chief Engineer"),
        (3, "works.example"),
        (3, "Acme"),
        (4, "020 7946 0001"),
        (4, "+44 20 7946 000"),
        (4, "+44 20 7946 0002"),
        (4, "Lovelace"),
    ] {
        let mut values = good;
        values[position] = wrong;
        assert_eq!(lead(CARD, values), None, "{wrong}");
    }
    let spread = "Works for Acme, ada@works.example";
    assert_eq!(lead(spread, ["", "", "", "works", ""]).map(|lead| lead.company), Some("Works".to_owned()));
    assert_eq!(lead("ada@works.example", ["", "", "", "works", ""]), None);
}

#[test]
fn scripts_without_spaces_and_accents_are_found() {
    let card = "株式会社テスト 山田太郎 03-1234-5678";
    let lead = lead(card, ["太郎", "山田", "", "株式会社テスト", "03-1234-5678"]).unwrap();
    assert_eq!((lead.first_name.as_str(), lead.last_name.as_str()), ("太郎", "山田"));
    assert_eq!((lead.company.as_str(), lead.remarks.as_str()), ("株式会社テスト", ""));
}

#[test]
fn only_whole_labels_go_with_their_values() {
    for (card, last_name, phone, remarks) in [
        ("Tel. +44 20 7946 0001, Lovelace", "Lovelace", "+44 20 7946 0001", ""),
        ("Office Weber +44 20 7946 0001, Lovelace", "Lovelace", "+44 20 7946 0001", "Card: Office Weber"),
        ("N éß A", "A", "", "Card: N éß"),
    ] {
        let lead = lead(card, ["", last_name, "", "", phone]).unwrap();
        assert_eq!((lead.phone.as_str(), lead.remarks.as_str()), (phone, remarks), "{card}");
    }
}

#[test]
fn rows_are_told_apart_by_their_ids() {
    let question = CardQuestion::new([(2, "Ada Lovelace"), (3, "Alan Turing"), (4, "Grace Hopper")]);
    let ada = entry("r2", ["Ada", "Lovelace", "", "", ""]);
    let alan = entry("r3", ["Alan", "Turing", "", "", ""]);
    let grace = entry("r4", ["Grace", "Hopper", "", "", ""]);
    let check = |rows: &[&Value], read: &[u32], open: &[u32]| {
        let answer = question.parse(&json!({ "rows": rows }));
        assert_eq!(answer.readings.keys().copied().collect::<Vec<_>>(), read, "{rows:?}");
        assert_eq!(answer.open, open, "{rows:?}");
    };
    check(&[&ada, &alan, &grace], &[2, 3, 4], &[]);
    check(&[&grace, &ada, &alan], &[2, 3, 4], &[]);
    check(&[&ada], &[2], &[3, 4]);
    check(&[&ada, &ada, &grace], &[4], &[2, 3]);
    check(&[&entry("r9", ["Ada", "", "", "", ""]), &entry("2", ["Ada", "", "", "", ""])], &[], &[2, 3, 4]);
    // the answer for one row is not valid for another
    check(&[&entry("r3", ["Ada", "Lovelace", "", "", ""]), &grace], &[4], &[2, 3]);
    check(&[&entry("r2", [""; 5]), &json!({ "id": "r3", "firstName": ["Alan"] })], &[], &[2, 3, 4]);
    for useless in [json!({}), json!({ "rows": 3 }), json!([])] {
        assert_eq!(question.parse(&useless).open, [2, 3, 4]);
    }
}

#[test]
fn a_question_names_ids_and_texts() {
    let question = CardQuestion::new([(2, "Ada \"x\"")]).question();
    assert_eq!(question.material, "{\"rows\":[{\"id\":\"r2\",\"text\":\"Ada \\\"x\\\"\"}]}");
    assert!(question.instructions.contains("json"));
}

proptest::proptest! {
    /// Whatever the model picks from a text, every word of the text is in the lead, and every value is in the text.
    #[test]
    fn nothing_is_lost_or_invented(
        words in proptest::collection::vec("[a-zA-Zéß+0-9@.:,]{1,8}", 1..12),
        picks in proptest::collection::vec((0_usize..12, 1_usize..3), 5),
    ) {
        let card = words.join(" ");
        let pick = |at: usize| {
            let (start, length) = picks[at];
            words.iter().skip(start).take(length).cloned().collect::<Vec<_>>().join(" ")
        };
        let values = [pick(0), pick(1), pick(2), pick(3), pick(4)];
        if let Some(lead) = lead(&card, [&values[0], &values[1], &values[2], &values[3], &values[4]]) {
            let all = format!("{lead:?}").to_lowercase();
            // labels (`T.`) go with the values after them
            for piece in words.iter().filter(|piece| !is_label(piece)) {
                for word in piece.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 1) {
                    let there = is_label(word) || all.contains(&word.to_lowercase());
                    proptest::prop_assert!(there, "{word} lost of {card}: {all}");
                }
            }
            for value in [&lead.title, &lead.phone] {
                proptest::prop_assert!(card.contains(value.as_str()), "{value} not in {card}");
            }
        }
    }
}
