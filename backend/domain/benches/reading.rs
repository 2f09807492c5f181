//! Speed of reading files: 100,000 rows of 7 columns as CSV and as XLSX, in rows per second.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use easy_crm_domain::spreadsheet::{Limits, read};
use rust_xlsxwriter::{Workbook, XlsxError};

const ROWS: u32 = 100_000;
const HEADER: [&str; 7] = ["First Name", "Last Name", "Job Title", "Company", "E-mail", "Phone", "Notes"];

fn row(i: u32) -> [String; 7] {
    [
        format!("First{}", i % 997),
        format!("Last{}", i % 5003),
        ["Buyer", "IT Director", "Head of Procurement", "Owner"][i as usize % 4].to_owned(),
        format!("Company {} GmbH, Köln", i % 20_011),
        format!("first{}.last{i}@company{}.example", i % 997, i % 20_011),
        format!("+49 221 {:07}", i),
        if i.is_multiple_of(5) { "Prefers \"e-mail\", call after 10:00".to_owned() } else { String::new() },
    ]
}

fn csv() -> Vec<u8> {
    let mut text = HEADER.join(",") + "\n";
    for i in 0..ROWS {
        let cells = row(i).map(|cell| {
            if cell.contains([',', '"']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
        });
        let _ = writeln!(text, "{}", cells.join(","));
    }
    text.into_bytes()
}

fn xlsx() -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, header) in (0..).zip(HEADER) {
        sheet.write(0, column, header)?;
    }
    for i in 0..ROWS {
        for (column, cell) in (0..).zip(row(i)) {
            if !cell.is_empty() {
                sheet.write(i + 1, column, cell)?;
            }
        }
    }
    workbook.save_to_buffer()
}

fn reading(c: &mut Criterion) {
    let mut group = c.benchmark_group("reading");
    group.sample_size(10).throughput(Throughput::Elements(u64::from(ROWS)));
    group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(4));
    let limits = Limits::default();
    let csv = csv();
    group.bench_function("csv", |b| b.iter(|| black_box(read("leads.csv", &csv, &limits))));
    let latin = encoding_rs::WINDOWS_1252.encode(&String::from_utf8_lossy(&csv)).0.into_owned();
    group.bench_function("csv in windows-1252", |b| b.iter(|| black_box(read("leads.csv", &latin, &limits))));
    match xlsx() {
        Ok(xlsx) => {
            group.bench_function("xlsx", |b| b.iter(|| black_box(read("leads.xlsx", &xlsx, &limits))));
        }
        Err(error) => panic!("the bench's own workbook cannot be written: {error}"),
    }
    group.finish();
}

criterion_group!(benches, reading);
criterion_main!(benches);
