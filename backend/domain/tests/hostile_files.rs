//! Files made to bring down a reader, each read by a process of its own that may take 30 seconds and 2 GB and is
//! measured: it has to end with leads or a clear error within 30 s and 1 GB.
//!
//! The process does with the file what `lead-splitter` and `deepseek-caller` do: read, plan, split, standardise every
//! row. In a debug build sizes and limits are divided by [`DIVISOR`], so that the suite stays fast;
//! `scripts/hostile-files.sh` runs the same files at their full size in a release build and prints the table of
//! `docs/security.md`.
//!
//! A test program without the usual harness, because it starts itself again for each file. It supports as much of the
//! harness's command line as test runners need.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking and says what it did"
)]

#[path = "hostile_files/cases.rs"]
mod cases;
#[path = "hostile_files/child.rs"]
mod child;
#[path = "hostile_files/damage.rs"]
mod damage;
#[path = "hostile_files/workbook.rs"]
mod workbook;

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use easy_crm_domain::spreadsheet::Limits;

use cases::{CASES, Case, Expected};
use child::{Answer, Report};

/// What sizes and limits are divided by.
const DIVISOR: u64 = if cfg!(debug_assertions) { 64 } else { 1 };
/// Memory a file may take, in bytes.
const MEMORY: u64 = 1024 * 1024 * 1024 / DIVISOR + BASE;
/// What the program itself takes, for builds where the limit leaves little room: a debug build has 16 MB for all
/// limits.
const BASE: u64 = if cfg!(debug_assertions) { 24 * 1024 * 1024 } else { 0 };
/// Seconds a file may take.
const SECONDS: u64 = 30;

/// The limits of the product.
fn limits() -> Limits {
    let product = Limits::default();
    let divisor = DIVISOR as usize;
    Limits {
        max_rows: product.max_rows / DIVISOR as u32,
        max_unpacked_bytes: product.max_unpacked_bytes / DIVISOR,
        max_text_bytes: product.max_text_bytes / divisor,
        max_cell_bytes: product.max_cell_bytes / divisor,
        max_cells: product.max_cells / divisor,
        max_look_away_bytes: product.max_look_away_bytes / DIVISOR,
        ..product
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    if arguments.first().is_some_and(|first| first == "--child") {
        return child::run(&arguments[1..]);
    }
    let wanted = arguments.iter().find(|argument| !argument.starts_with('-') && *argument != "terse");
    let is_wanted = |name: &str| match wanted {
        Some(wanted) if has("--exact") => name == wanted,
        Some(wanted) => name.contains(wanted.as_str()),
        None => true,
    };
    let names = CASES.iter().map(|case| case.name).chain(damage::NAMES).filter(|name| is_wanted(name));
    if has("--list") {
        // No test is ignored.
        if !has("--ignored") {
            names.for_each(|name| println!("{name}: test"));
        }
        return ExitCode::SUCCESS;
    }
    let folder = tempfile::tempdir().expect("a folder");
    if has("--table") {
        println!("| file | size | answer | seconds | peak memory |\n| --- | --- | --- | --- | --- |");
    }
    let mut failed = Vec::new();
    for name in names {
        let result = match CASES.iter().find(|case| case.name == name) {
            Some(case) => one(case, folder.path(), has("--table")),
            None => damage::check(name, folder.path(), has("--table")),
        };
        if let Err(problem) = result {
            eprintln!("{name}: {problem}");
            failed.push(name);
        } else if !has("--table") {
            println!("test {name} ... ok");
        }
    }
    if failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!("failed: {}", failed.join(", "));
    ExitCode::FAILURE
}

fn one(case: &Case, folder: &Path, table: bool) -> Result<(), String> {
    let bytes = (case.make)(DIVISOR).map_err(|error| error.to_string())?;
    let size = bytes.len() as f64 / 1e6;
    let most = 50 * 1024 * 1024;
    if bytes.len() > most {
        return Err(format!("it has {} bytes, more than may be uploaded", bytes.len()));
    }
    let path = folder.join(case.file);
    std::fs::write(&path, &bytes).map_err(|error| error.to_string())?;
    drop(bytes);
    let reports = read_apart(&[&path])?;
    let [report] = &reports[..] else { return Err(format!("{} answers", reports.len())) };
    if table {
        println!(
            "| {} | {size:.1} MB | {} | {:.1} | {:.0} MB |",
            case.name.replace('_', " "),
            report.answer.shown(),
            report.seconds,
            report.peak_bytes as f64 / 1e6
        );
    }
    report.check()?;
    match (case.expected, &report.answer) {
        (Expected::Refused(codes), Answer::Refused { code, .. }) if codes.contains(code) => Ok(()),
        (Expected::Rows(rows), Answer::Read { leads, failed, .. }) if leads + failed == rows => Ok(()),
        (Expected::Ends, _) => Ok(()),
        (expected, answer) => Err(format!("{answer:?} instead of {expected:?}")),
    }
}

/// Reads files in a process of their own, which is killed if it exceeds its limits.
fn read_apart(files: &[&Path]) -> Result<Vec<Report>, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let began = Instant::now();
    // The shell sets the limits: kilobytes of address space (twice what is allowed, because not all of it is used),
    // seconds of CPU time.
    let kilobytes = 2 * MEMORY / 1024;
    let script = format!("ulimit -v {kilobytes}; ulimit -t {SECONDS}; exec \"$0\" --child \"$@\"");
    let output = Command::new("sh")
        .args(["-c", &script])
        .arg(program)
        .args(files)
        .output()
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let reports: Vec<Report> = text.lines().filter_map(Report::parse).collect();
    if output.status.success() && reports.len() == files.len() {
        return Ok(reports);
    }
    let last: String = String::from_utf8_lossy(&output.stderr).chars().take(300).collect();
    Err(format!(
        "{} after {:.1} s at file {} of {}: {last}",
        output.status,
        began.elapsed().as_secs_f64(),
        reports.len() + 1,
        files.len()
    ))
}

fn replace_all(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    for at in 0..=bytes.len().saturating_sub(from.len()) {
        if bytes[at..].starts_with(from) {
            bytes[at..at + to.len()].copy_from_slice(to);
        }
    }
}
