//! Whole layouts in, leads out: the files of `test_data/layouts`, and properties that hold for any table.

use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;

use super::cleaning::cleaned;
use super::text::value;
use super::{PlannedTable, RowStandardizer, TableLayout, plan_workbook};
use crate::lead::LeadValues;
use crate::spreadsheet::{Limits, Sheet, Workbook, read};

/// The leads of a workbook with the cells they came from.
fn leads(workbook: &Workbook) -> Vec<(LeadValues, Vec<String>)> {
    let mut leads = Vec::new();
    for table in plan_workbook(workbook) {
        let sheet = table.sheet(workbook);
        let row = RowStandardizer::new(&table.layout);
        for position in &table.rows {
            let cells: Vec<&str> = sheet.row(*position).cells().collect();
            let lead = row.standardize(&cells);
            leads.push((lead, cells.into_iter().map(str::to_owned).collect()));
        }
    }
    leads
}

/// The cells whose words are neither in a field nor in the remarks.
fn lost(lead: &LeadValues, cells: &[String]) -> Vec<String> {
    let words = |text: &str| -> Vec<String> {
        let cut = |c: char| !c.is_alphanumeric();
        text.to_lowercase().split(cut).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let fields = [
        &lead.first_name,
        &lead.last_name,
        &lead.title,
        &lead.company,
        &lead.email,
        &lead.phone,
        &lead.remarks,
    ];
    let held: Vec<String> = fields.iter().flat_map(|field| words(field)).collect();
    // family name before given name, and a title in front of both without a space
    let run = |fields: &[&String]| fields.iter().flat_map(|field| words(field)).collect::<String>();
    let everything =
        [held.concat(), run(&[&lead.last_name, &lead.first_name]), run(&[&lead.remarks, &lead.first_name])]
            .join(" ");
    // labels before the one value of a cell are wrappers

    let wrapper = |word: &String| {
        matches!(word.as_str(), "mailto" | "p" | "t" | "e" | "na") || super::headers::read(word).is_known()
    };
    let kept = |word: &String| held.contains(word) || everything.contains(word.as_str());
    let is_kept = |cell: &&String| {
        let labelled = cell.contains(':') || cell.as_str() == "NA" || cell.contains('@');
        words(value(&cleaned(cell))).iter().all(|word| kept(word) || (labelled && wrapper(word)))
    };
    cells.iter().filter(|cell| !is_kept(cell)).cloned().collect()
}

/// Compares a layout file's leads with the expected ones; returns the differences.
fn differences(path: &Path) -> String {
    let text = std::fs::read_to_string(path).expect("a readable layout");
    let (_, rest) = text.split_once("\n--- ").expect("a file section");
    let (name, rest) = rest.split_once('\n').expect("a file name");
    let (body, expected) = rest.split_once("\n--- expected\n").expect("an expected section");
    let workbook = read(name, body.as_bytes(), &Limits::default()).expect("a readable table");
    let leads = leads(&workbook);
    let expected: Vec<&str> = expected.lines().filter(|line| !line.is_empty()).collect();
    let mut report = String::new();
    for at in 0..expected.len().max(leads.len()) {
        let got = leads.get(at).map(|(lead, _)| {
            [&lead.first_name, &lead.last_name, &lead.title, &lead.company, &lead.email, &lead.phone]
                .map(String::as_str)
                .join("|")
        });
        if got.as_deref() != expected.get(at).copied() {
            let _ = writeln!(report, "  expected {:?}\n       got {:?}", expected.get(at), got);
        }
        if let Some((lead, cells)) = leads.get(at) {
            for cell in lost(lead, cells) {
                let _ = writeln!(report, "  lost {cell:?} of row {at}: {:?}", lead.remarks);
            }
        }
    }
    report
}

#[test]
fn layouts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test_data/layouts");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the layouts")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    assert!(paths.len() > 20);
    let mut report = String::new();
    for path in paths {
        let found = differences(&path);
        if !found.is_empty() {
            let _ = writeln!(report, "{}\n{found}", path.file_stem().unwrap_or_default().to_string_lossy());
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

/// The sets of `test_data/unseen` were written before any program had read them. The known errors are recorded, so that
/// a regression is noticed.
#[test]
fn unseen_layouts() {
    const MOST_WRONG: usize = 14;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test_data/unseen");
    let paths = std::fs::read_dir(folder).expect("the layouts").map(|entry| entry.expect("an entry").path());
    let layouts: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "txt")).collect();
    assert!(layouts.len() >= 272);
    let wrong: Vec<_> =
        layouts.iter().map(|path| differences(path)).filter(|found| !found.is_empty()).collect();
    assert!(wrong.len() <= MOST_WRONG, "{}", wrong.join("\n"));
}

fn workbook(rows: &[Vec<String>]) -> Workbook {
    let mut sheet = Sheet::new(None);
    for (at, row) in rows.iter().enumerate() {
        for cell in row {
            sheet.push_cell(cell);
        }
        sheet.end_row(at as u32 + 1);
    }
    Workbook { sheets: vec![sheet], ..Workbook::default() }
}

/// Cells that look like those of real files, and cells that do not.
fn any_cell() -> impl Strategy<Value = String> {
    let typical = [
        "",
        "",
        "",
        "Name",
        "First Name",
        "E-Mail",
        "Phone",
        "Company",
        "Title",
        "Notes",
        "Mobile",
        "姓名",
        "Owner",
        "Jane Doe",
        "Doe, Jane, PhD",
        "jane@acme.com",
        "Jane <jane@acme.com>; b@c.de",
        "+1 212-555-0101",
        "0171 1234567 / fax 030 1234567",
        "Acme GmbH",
        "Head of Sales",
        "2024-01-02",
        "N/A",
        "-",
        "Total",
        "Dr.",
        "李小龙",
        "T: 020 7946 0072\nE: a@b.co\nJohn Wise",
        "=cmd|'x'!A0",
        "6.59E+09",
        "'0123456789",
        "https://x.y/z",
        "(",
        "@",
        "a@",
        "Jr.",
        "E-mail 1 - Type",
        "Work",
        "van",
        "Country code",
        "Ext",
        "ООО Ромашка",
        "Иванов Иван Иванович",
        ",,,",
        "©ª\u{301}",
        "ﷺ",
    ];
    prop_oneof![8 => proptest::sample::select(typical.to_vec()).prop_map(str::to_owned), 2 => "\\PC{0,24}", 1 => "[ -~\n]{0,60}"]
}

fn any_rows() -> impl Strategy<Value = Vec<Vec<String>>> {
    proptest::collection::vec(proptest::collection::vec(any_cell(), 0..8), 0..14)
}

fn sheet(name: &str, rows: &[&[&str]]) -> Sheet {
    let mut sheet = Sheet::new(Some(name.to_owned()));
    for (at, row) in rows.iter().enumerate() {
        row.iter().for_each(|cell| sheet.push_cell(cell));
        sheet.end_row(at as u32 + 1);
    }
    sheet
}

#[test]
fn sheets_without_leads_stay_out() {
    let workbook = Workbook {
        sheets: vec![
            sheet(
                "Read me",
                &[
                    &["How to use this workbook"],
                    &["1. Keep the sheet names."],
                    &["Questions: help@ourfirm.example"],
                ],
            ),
            sheet("Leads", &[&["Name", "E-mail"], &["Jane Doe", "jane@doeworks.test"]]),
            sheet("Dropdowns", &[&["Status", "Country"], &["New", "Germany"], &["Old", "France"]]),
            sheet("Team", &[&["Name", "E-mail"], &["Rita Rep", "rita@ourfirm.example"]]),
            sheet("Prices", &[&["Code", "Product", "Price"], &["P1", "Starter kit", "10.00"]]),
            sheet("Empty", &[]),
        ],
        ..Workbook::default()
    };
    let names: Vec<String> = leads(&workbook).into_iter().map(|(lead, _)| lead.last_name).collect();
    assert_eq!(names, ["Doe"]);
}

#[test]
fn summaries_name_every_column() {
    let workbook = Workbook {
        sheets: vec![sheet("Leads", &[&["Work Email", ""], &["jane@doeworks.test", "x"]])],
        ..Workbook::default()
    };
    let table = plan_workbook(&workbook).remove(0);
    let summary = table.layout.summary(1);
    let columns: Vec<_> =
        summary.columns.iter().map(|column| (column.header.as_str(), column.role.as_str())).collect();
    assert_eq!(columns, [("Work Email", "email"), ("Column 2", "remarks")]);
    assert_eq!((summary.header_row, summary.sheet.as_deref()), (Some(1), Some("Leads")));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_table_keeps_every_cell(rows in any_rows()) {
        let workbook = workbook(&rows);
        for (lead, cells) in leads(&workbook) {
            let lost = lost(&lead, &cells);
            prop_assert!(lost.is_empty(), "lost {lost:?} in {lead:?}");
        }
    }

    #[test]
    fn the_cheap_address_is_the_lead_s(rows in any_rows()) {
        for table in plan_workbook(&workbook(&rows)) {
            let row = RowStandardizer::new(&table.layout);
            for cells in &rows {
                let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
                prop_assert_eq!(row.email(&cells).unwrap_or_default(), row.standardize(&cells).email);
            }
        }
    }

    #[test]
    fn every_row_is_accounted_for_once(rows in any_rows()) {
        let workbook = workbook(&rows);
        let tables: Vec<PlannedTable> = plan_workbook(&workbook);
        // records that run downwards and tables next to each other are rearranged
        if tables.iter().any(|table| !std::ptr::eq(table.sheet(&workbook), &raw const workbook.sheets[0])) {
            return Ok(());
        }
        let mut seen: Vec<usize> = tables.iter().flat_map(|t| t.rows.iter().copied().chain(t.left_out.iter().map(|row| row.position))).collect();
        seen.sort_unstable();
        let filled = |row: &&usize| rows[**row].iter().any(|cell| !super::text::trimmed(cell).is_empty());
        let expected: Vec<usize> = (0..rows.len()).collect::<Vec<_>>().iter().filter(filled).copied().collect();
        prop_assert_eq!(seen, expected);
    }

    #[test]
    fn layouts_survive_the_queue(rows in any_rows()) {
        for table in plan_workbook(&workbook(&rows)) {
            let text = serde_json::to_string(&table.layout).expect("JSON");
            let back: TableLayout = serde_json::from_str(&text).expect("a layout");
            prop_assert_eq!(&back, &table.layout);
        }
    }

    #[test]
    fn derived_names_come_from_the_row(rows in any_rows()) {
        for (lead, cells) in leads(&workbook(&rows)) {
            let all: String = cells.concat().to_lowercase().chars().filter(|c| c.is_alphabetic()).collect();
            for field in [&lead.first_name, &lead.last_name, &lead.company, &lead.title] {
                for word in field.to_lowercase().split(|c: char| !c.is_alphabetic()) {
                    prop_assert!(all.contains(word), "{word:?} of {field:?} in {cells:?}");
                }
            }
        }
    }
}

#[test]
fn hostile_tables_take_bounded_time() {
    let note = |at: usize| vec![format!("Note number {at} about nothing in particular")];
    let notes: Vec<Vec<String>> = (0..100_000).map(note).collect();
    let wide: Vec<Vec<String>> =
        (0..40).map(|row| (0..2000).map(|at| format!("Name {at} {row}")).collect()).collect();
    let mut long: Vec<Vec<String>> =
        vec![["Name", "Phone", "Card text", "E-mail"].map(str::to_owned).to_vec()];
    for piece in ["(a)", "a:", "a@", "Dr. ", ", ", "1 / ", "\n1:"] {
        long.push(vec![piece.repeat(60_000); 4]);
        long.push(["Jane Doe", "+1 212-555-0101", "T: 1\nE: a@b.co", "a@b.co"].map(str::to_owned).to_vec());
    }
    let begun = std::time::Instant::now();
    for rows in [notes, wide, long] {
        let _ = leads(&workbook(&rows));
    }
    // seconds in a debug build on a busy machine; quadratic work would take hours
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}
