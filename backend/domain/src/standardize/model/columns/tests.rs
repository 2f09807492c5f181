use super::*;
use crate::spreadsheet::{self, Limits};
use crate::standardize::{RowStandardizer, plan_workbook};

/// Headers in no language the rules know.
const STRANGE: &str = "QX1,QX2,QX3,QX4,QX5\n\
    Ada,Lovelace,ada@analytical.example,Analytical Engines Ltd,Poet of numbers\n\
    Grace,Hopper,grace@navy.example,Navy Yard Inc,Finder of moths\n\
    Alan,Turing,alan@bletchley.example,Bletchley GmbH,Breaker of codes\n";

struct Case {
    workbook: Workbook,
    tables: Vec<PlannedTable>,
}

fn case(text: &str) -> Case {
    let workbook = spreadsheet::read("a.csv", text.as_bytes(), &Limits::default()).unwrap();
    let tables = plan_workbook(&workbook);
    Case { workbook, tables }
}

impl Case {
    fn question(&self) -> ColumnQuestion {
        open_questions(&self.workbook, &self.tables).remove(0)
    }

    /// Applies what the model said and returns the roles by name.
    fn after(&mut self, said: &[(u64, &str)]) -> Vec<&'static str> {
        let columns: Vec<Value> =
            said.iter().map(|(column, holds)| json!({ "column": column, "holds": holds })).collect();
        let rows = self.tables[0].rows.len();
        if let Some(answer) = self.question().parse(&json!({ "columns": columns })) {
            apply(&self.workbook, &mut self.tables[0], &answer);
        }
        assert!(self.tables[0].rows.len() >= rows, "rows lost");
        self.roles()
    }

    fn roles(&self) -> Vec<&'static str> {
        self.tables[0].layout.columns.iter().map(|plan| plan.role.name()).collect()
    }

    /// Every word of the table is in a field or in the remarks of its row's lead.
    fn assert_nothing_lost(&self) {
        let table = &self.tables[0];
        let standardizer = RowStandardizer::new(&table.layout);
        for position in &table.rows {
            let cells: Vec<&str> = table.sheet(&self.workbook).row(*position).cells().collect();
            let lead = standardizer.standardize(&cells);
            let all = format!("{lead:?}");
            for word in cells.iter().flat_map(|cell| cell.split_whitespace()) {
                assert!(all.contains(word), "{word} is lost: {all}");
            }
        }
    }
}

#[test]
fn sure_layouts_ask_nothing() {
    for text in [
        "First name,Last name,E-mail,Favourite colour\nAda,Lovelace,ada@x.example,blue\n",
        "Vorname;Nachname;Firma;Telefon\nAda;Lovelace;Analytical GmbH;030 1234567\n",
        "ada@x.example,Ada Lovelace\nbob@x.example,Bob Stone\n",
        "Email\nada@x.example\nbob@x.example\n",
    ] {
        let case = case(text);
        assert_eq!(open_questions(&case.workbook, &case.tables), [], "{text}");
    }
}

#[test]
fn a_question_holds_headers_and_shapes_only() {
    let case = case(STRANGE);
    let question = case.question();
    let material = &question.question.material;
    for header in ["QX1", "QX5"] {
        assert!(material.contains(header), "{material}");
    }
    for word in
        STRANGE.split(['\n', ',', ' ', '@', '.']).filter(|word| word.len() > 2 && !word.starts_with("QX"))
    {
        assert!(!material.contains(word), "{word} in {material}");
    }
    assert!(material.contains("xxx@xxxxxxxxxx.xxxxxxx"), "{material}");
    assert!(question.question.instructions.contains("json"));
}

#[test]
fn a_good_answer_is_taken() {
    let mut case = case(STRANGE);
    let said = [(1, "firstName"), (2, "lastName"), (3, "email"), (4, "company"), (5, "title")];
    assert_eq!(case.after(&said), ["firstName", "lastName", "email", "company", "title"]);
    let summary = case.tables[0].layout.summary(3);
    assert_eq!(summary.columns[4].reason, Reason::Model.text());
    case.assert_nothing_lost();
}

#[test]
fn answers_against_the_values_are_refused() {
    let mut case = case(STRANGE);
    let before = case.roles();
    let said = [(1, "email"), (2, "phone"), (3, "remarks"), (4, "email"), (5, "card")];
    assert_eq!(case.after(&said), before);
    case.assert_nothing_lost();
}

#[test]
fn sure_columns_are_not_overruled() {
    let text = "Name,Email,QX1,QX2,QX3,QX4\nAda Lovelace,ada@x.example,Poet,a,b,c\nBob Stone,bob@x.example,Mason,d,e,f\n";
    let mut case = case(text);
    let roles = case.after(&[(1, "title"), (2, "remarks"), (3, "title"), (4, "lastName")]);
    assert_eq!(roles[..2], ["fullName", "email"]);
    case.assert_nothing_lost();
}

#[test]
fn what_is_malformed_in_an_answer_is_left_out() {
    let question = case(STRANGE).question();
    let parse = |answer: Value| question.parse(&answer).map(|answer| answer.0);
    for useless in [json!({}), json!({ "columns": {} }), json!({ "columns": [] }), json!([])] {
        assert_eq!(parse(useless), None);
    }
    let mixed = json!({ "columns": [
        { "column": 1, "holds": "firstName" },
        { "column": 2, "holds": "salary" },
        { "column": 99, "holds": "email" },
        { "column": 0, "holds": "email" },
        { "column": "3", "holds": "email" },
        { "column": 4, "holds": "company" },
        { "column": 4, "holds": "title" },
        { "column": 5, "holds": "phone" },
        { "column": 5, "holds": "phone" },
    ]});
    assert_eq!(parse(mixed), Some(BTreeMap::from([(0, Holds::FirstName), (4, Holds::Phone)])));
    let twice = json!({ "columns": [
        { "column": 1, "holds": "fullName" },
        { "column": 2, "holds": "fullNameFamilyFirst" },
        { "column": 3, "holds": "email" },
    ]});
    assert_eq!(parse(twice), Some(BTreeMap::from([(2, Holds::Email)])));
}

#[test]
fn a_layout_has_one_fingerprint() {
    let of =
        |headers: &[&str]| fingerprint(&headers.iter().map(|&header| header.to_owned()).collect::<Vec<_>>());
    assert_eq!(of(&["Prénom", " E-MAIL\n2"]), of(&["prenom", "e-mail 2"]));
    assert_ne!(of(&["a", "b"]), of(&["ab"]));
    assert_ne!(of(&["a", "b"]), of(&["b", "a"]));
    assert_ne!(of(&["a"]), of(&["a", ""]));
}

proptest::proptest! {
    #[test]
    fn no_answer_loses_a_row_or_a_word(claims in proptest::collection::vec((0_u64..7, 0_usize..12), 0..12)) {
        const NAMES: [&str; 12] = ["firstName", "lastName", "fullName", "fullNameFamilyFirst", "title", "company",
            "email", "phone", "card", "otherPerson", "remarks", "nonsense"];
        let mut case = case(STRANGE);
        let said: Vec<(u64, &str)> = claims.into_iter().map(|(column, name)| (column, NAMES[name])).collect();
        case.after(&said);
        case.assert_nothing_lost();
    }
}
