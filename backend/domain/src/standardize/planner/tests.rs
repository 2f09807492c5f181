//! What must not change a plan: the order of columns, unrelated columns, which rows there are, headers that only repeat
//! what the values say.

use std::path::Path;

use strum::IntoEnumIterator as _;

use super::kinds::{ColumnRole, HeaderKind, ValueKind};
use super::weights::Weights;
use super::{Role, columns, features, tokens};
use crate::spreadsheet::{Limits, read};
use crate::standardize::plan_workbook;

/// A table from a layout file.
struct Known {
    name: String,
    headers: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Known {
    /// The roles of the columns that concern leads.
    fn roles(&self) -> Vec<Option<&'static str>> {
        let rows: Vec<Vec<&str>> =
            self.rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        let (plans, _) = columns(&self.headers, &rows);
        plans.into_iter().map(|plan| plan.role.is_field().then(|| plan.role.name())).collect()
    }

    fn map_columns(&self, order: &[usize]) -> Self {
        let pick =
            |cells: &[String]| order.iter().map(|at| cells.get(*at).cloned().unwrap_or_default()).collect();
        Self {
            name: self.name.clone(),
            headers: pick(&self.headers),
            rows: self.rows.iter().map(|row| pick(row)).collect(),
        }
    }
}

/// The tables of the layouts whose plan is sure.
fn sure_tables() -> Vec<Known> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test_data/layouts");
    let mut tables = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the layouts") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a readable layout");
        let (_, rest) = text.split_once("\n--- ").expect("a file section");
        let (name, rest) = rest.split_once('\n').expect("a file name");
        let (body, _) = rest.split_once("\n--- expected\n").expect("an expected section");
        let workbook = read(name, body.as_bytes(), &Limits::default()).expect("a readable table");
        for table in plan_workbook(&workbook) {
            if table.layout.confidence < 0.9 || table.layout.own_export || table.rows.is_empty() {
                continue;
            }
            let sheet = table.sheet(&workbook);
            let cells = |row: &usize| sheet.row(*row).cells().map(str::to_owned).collect();
            let rows = table.rows.iter().map(cells).collect();
            tables.push(Known {
                name: path.display().to_string(),
                headers: table.layout.headers.clone(),
                rows,
            });
        }
    }
    assert!(tables.len() > 100);
    tables
}

/// Compares plans before and after a change of the tables; at least `least` percent must be the same.
fn check(least: usize, change: impl Fn(&Known) -> (Known, Vec<usize>)) {
    let tables = sure_tables();
    let mut changed = Vec::new();
    for table in &tables {
        let before = table.roles();
        // where each column of the changed table comes from; a position after the last is a new column
        let (after, origins) = change(table);
        let same = after
            .roles()
            .iter()
            .zip(&origins)
            .all(|(role, origin)| before.get(*origin).is_none_or(|before| before == role));
        if !same {
            changed.push(table.name.clone());
        }
    }
    let same = tables.len() - changed.len();
    assert!(same * 100 >= least * tables.len(), "{same} of {} plans stay; not {changed:#?}", tables.len());
}

#[test]
fn the_order_of_columns_changes_hardly_any_plan() {
    check(93, |table| {
        let order: Vec<usize> = (0..table.headers.len()).rev().collect();
        (table.map_columns(&order), order)
    });
}

#[test]
fn unrelated_columns_change_hardly_any_plan() {
    check(96, |table| {
        let mut changed = table.map_columns(&(0..table.headers.len()).collect::<Vec<_>>());
        changed.headers.push("Last changed".to_owned());
        changed.headers.push("Order total".to_owned());
        for (at, row) in changed.rows.iter_mut().enumerate() {
            row.resize(table.headers.len(), String::new());
            row.push(format!("2024-03-{:02}", at % 28 + 1));
            row.push(format!("{}.50 EUR", at * 7 + 12));
        }
        let origins = (0..table.headers.len() + 2).collect();
        (changed, origins)
    });
}

#[test]
fn half_of_the_rows_give_nearly_the_same_plans() {
    check(90, |table| {
        let mut changed = table.map_columns(&(0..table.headers.len()).collect::<Vec<_>>());
        if changed.rows.len() > 3 {
            let mut at = 0;
            changed.rows.retain(|_| {
                at += 1;
                at % 2 == 1
            });
        }
        (changed, (0..table.headers.len()).collect())
    });
}

#[test]
fn addresses_and_numbers_need_no_headers() {
    let headers = |headers: &[&str]| headers.iter().map(|&header| header.to_owned()).collect::<Vec<_>>();
    let rows = vec![
        vec!["Ada Rowe", "ada.rowe@harntek.com", "+44 20 7946 0101", "Harntek Ltd"],
        vec!["Bob Stone", "bob.stone@quenzo.de", "+49 30 23125 102", "Quenzo GmbH"],
        vec!["Cleo Marsh", "cleo@morvane.com", "+1 212-555-0103", "Morvane, Inc."],
    ];
    let check = |names: &[&str]| {
        let (plans, _) = columns(&headers(names), &rows);
        let roles: Vec<&str> = plans.iter().map(|plan| plan.role.name()).collect();
        assert_eq!(roles, ["fullName", "email", "phone", "company"], "{names:?}");
    };
    check(&["Name", "E-mail", "Phone", "Company"]);
    check(&["Contact", "Mail", "Tel.", "Account"]);
    check(&["Ansprechpartner", "E-Mail-Adresse", "Telefon", "Firma"]);
    check(&["", "", "", ""]);
    check(&["Column 1", "Column 2", "Column 3", "Column 4"]);
}

#[test]
fn values_that_are_plainly_something_else_win_over_a_header() {
    let check = |header: &str, values: [&str; 3]| {
        let headers = vec!["Name".to_owned(), "E-mail".to_owned(), header.to_owned()];
        let rows = vec![
            vec!["Ada Rowe", "ada.rowe@harntek.com", values[0]],
            vec!["Bob Stone", "bob.stone@quenzo.de", values[1]],
            vec!["Cleo Marsh", "cleo@morvane.com", values[2]],
        ];
        let (plans, _) = columns(&headers, &rows);
        assert!(matches!(plans[2].role, Role::Remark | Role::OtherPerson), "{header}: {:?}", plans[2]);
    };
    check("First contact", ["2024-01-05", "2024-02-11", "2024-03-01"]);
    check("Company", ["true", "false", "true"]);
    check("Company", ["yes", "no", "yes"]);
    check("Title", ["Mr.", "Mrs.", "Dr."]);
    check("Last name", ["1", "2", "3"]);
    check("Phone", ["2016-2017", "2018-2019", "2019-2020"]);
}

#[test]
fn the_weights_are_of_this_code() {
    let bytes = include_bytes!("../../../data/planner.weights");
    let weights = Weights::from_bytes(bytes).expect("weights of this version");
    assert_eq!(weights.roles.inputs, features::groups().len());
    assert_eq!(weights.to_bytes(), bytes);
    assert!(bytes.len() <= 500_000, "{} bytes travel with every function and page", bytes.len());
    let best_header = |header: &str| {
        let probabilities = weights.headers.probabilities(&tokens::of_header(header));
        HeaderKind::iter()
            .max_by(|one, other| probabilities[*one as usize].total_cmp(&probabilities[*other as usize]))
    };
    assert_eq!(best_header("Vorname"), Some(HeaderKind::First));
    let best_value = |cell: &str| {
        let probabilities = weights.values.probabilities(&tokens::of_value(cell));
        ValueKind::iter()
            .max_by(|one, other| probabilities[*one as usize].total_cmp(&probabilities[*other as usize]))
    };
    assert_eq!(best_value("2024-05-01"), Some(ValueKind::Date));
    assert_eq!(ColumnRole::iter().filter(|role| role.is_single()).count(), 6);
}
