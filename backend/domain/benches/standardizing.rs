//! Speed of turning cells into leads: a plain seven-column table and a messy one of forty columns.
//!
//! Targets, on one core: 300,000 rows per second for the plain table, 60,000 for the messy one; planning is included.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark may panic, and its macros make items"
)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use easy_crm_domain::spreadsheet::{Sheet, Workbook};
use easy_crm_domain::standardize::{RowStandardizer, plan_workbook};

const PLAIN_ROWS: usize = 100_000;
const MESSY_ROWS: usize = 20_000;
const PLANNED_ROWS: usize = 240;

fn push_row(sheet: &mut Sheet, number: usize, cells: &[String]) {
    for cell in cells {
        sheet.push_cell(cell);
    }
    sheet.end_row(number as u32);
}

fn texts(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

/// First and last name, title, company, email, phone, notes.
fn plain() -> Workbook {
    let mut sheet = Sheet::new(None);
    push_row(
        &mut sheet,
        1,
        &texts(&["First Name", "Last Name", "Job Title", "Company", "Email", "Phone", "Notes"]),
    );
    for at in 0..PLAIN_ROWS {
        let row = [
            "Sandra".to_owned(),
            format!("Miller{at}"),
            "Head of Procurement".to_owned(),
            if at % 3 == 0 { String::new() } else { format!("Company {at} Ltd") },
            format!("Sandra.Miller{at}@example{}.com", at % 977),
            format!("+1 212-555-{:04}", at % 10_000),
            if at % 2 == 0 { "Met at the fair, wants a demo".to_owned() } else { String::new() },
        ];
        push_row(&mut sheet, at + 2, &row);
    }
    Workbook { sheets: vec![sheet], ..Workbook::default() }
}

/// Whole names in all orders, several addresses and numbers per cell, thirty columns that fit no field.
fn messy(rows: usize) -> Workbook {
    let mut sheet = Sheet::new(None);
    let mut headers =
        texts(&["Contact", "Account", "Role", "E-mail", "E-mail 2", "Tel.", "Mobile", "Fax", "Owner"]);
    headers.extend((0..31).map(|at| format!("Custom field {at}")));
    push_row(&mut sheet, 1, &headers);
    for at in 0..rows {
        let name = match at % 4 {
            0 => format!("Dr. Andre M. Beckmann{at}, PhD"),
            1 => format!("van den Eijssel{at}, Evy"),
            2 => "欧阳思远".to_owned(),
            _ => format!("Иванов{at} Иван Иванович"),
        };
        let mut row = vec![
            name,
            String::new(),
            "Einkäufer".to_owned(),
            format!("<a.Beckmann{at}@blue-harbor{}.de>; b{at}@gmail.com", at % 500),
            format!("old{at}@web.de"),
            format!("030/{:07} / 0171/{:07}", at, at + 7),
            format!("Mobile: 0171 {:07}, Fax: 030 {:07}", at, at),
            "030 1234567".to_owned(),
            "Priya Owner".to_owned(),
        ];
        row.extend((0..31).map(|column| match (at + column) % 3 {
            0 => String::new(),
            1 => format!("value {at}"),
            _ => "2024-05-01 10:00".to_owned(),
        }));
        push_row(&mut sheet, at + 2, &row);
    }
    Workbook { sheets: vec![sheet], ..Workbook::default() }
}

/// Plans the workbook and standardises every lead; returns how many there were.
fn leads(workbook: &Workbook) -> usize {
    let mut count = 0;
    let mut cells: Vec<&str> = Vec::new();
    for table in &plan_workbook(workbook) {
        let row = RowStandardizer::new(&table.layout);
        let sheet = table.sheet(workbook);
        for position in &table.rows {
            cells.clear();
            cells.extend(sheet.row(*position).cells());
            black_box(row.standardize(&cells));
            count += 1;
        }
    }
    count
}

fn standardizing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("standardize");
    group.sample_size(10);
    for (name, workbook, rows) in
        [("7 plain columns", plain(), PLAIN_ROWS), ("40 messy columns", messy(MESSY_ROWS), MESSY_ROWS)]
    {
        assert_eq!(leads(&workbook), rows);
        group.throughput(Throughput::Elements(rows as u64));
        group.bench_function(name, |bencher| bencher.iter(|| leads(black_box(&workbook))));
    }
    group.finish();
    // as many rows as a plan examines, so that nearly all the time is spent on planning
    let workbook = messy(PLANNED_ROWS);
    let mut group = criterion.benchmark_group("plan");
    group.bench_function("40 messy columns", |bencher| bencher.iter(|| plan_workbook(black_box(&workbook))));
    group.finish();
}

criterion_group!(benches, standardizing);
criterion_main!(benches);
