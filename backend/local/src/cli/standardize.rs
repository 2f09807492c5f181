//! `easy-crm standardize`: applies the product's rules to files, without a server.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use easy_crm_domain::lead::LeadValues;
use easy_crm_domain::spreadsheet::{self, Limits, Workbook};
use easy_crm_domain::standardize::model::columns::open_questions;
use easy_crm_domain::standardize::{PlannedTable, RowStandardizer, plan_workbook};
use easy_crm_shared::lead::LeadField;
use serde::Serializer as _;
use serde::ser::{SerializeMap as _, SerializeSeq};
use strum::{EnumCount as _, IntoEnumIterator as _};

#[derive(Debug, clap::Args)]
pub(super) struct StandardizeArgs {
    /// Spreadsheets of any supported kind.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Output folder for the leads: one <name of the file>.json per file.
    #[arg(long, value_name = "DIR", required_unless_present_any = ["explain", "table"])]
    out: Option<PathBuf>,
    /// Show how each table's columns were interpreted; leads are written only if a folder is given.
    #[arg(long)]
    explain: bool,
    /// Print the sheets as CSV as they were read, before tables and columns are detected.
    #[arg(long)]
    table: bool,
}

/// Processes every file; returns 1 if one of them failed.
pub(super) fn run(args: &StandardizeArgs) -> anyhow::Result<u8> {
    if let Some(out) = &args.out {
        std::fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
    }
    let mut written = BTreeSet::new();
    let mut exit_code = 0;
    for file in &args.files {
        if let Err(error) = standardize(file, args, &mut written) {
            writeln!(std::io::stderr(), "{}: {error:#}", file.display())?;
            exit_code = 1;
        }
    }
    Ok(exit_code)
}

fn standardize(file: &Path, args: &StandardizeArgs, written: &mut BTreeSet<PathBuf>) -> anyhow::Result<()> {
    let stem = file.file_stem().context("it has no name")?;
    let mut name = stem.to_owned();
    name.push(".json");
    let out = args.out.as_ref().map(|folder| folder.join(name));
    if let Some(out) = &out {
        ensure!(written.insert(out.clone()), "another file was already written to {}", out.display());
    }
    let bytes = std::fs::read(file)?;
    let file_name = file.file_name().unwrap_or(stem).to_string_lossy();
    let workbook = spreadsheet::read(&file_name, &bytes, &Limits::default())?;
    if args.table {
        let mut out = std::io::stdout().lock();
        for sheet in &workbook.sheets {
            out.write_all(sheet.to_csv().as_bytes())?;
        }
        out.flush()?;
    }
    let tables = plan_workbook(&workbook);
    if args.explain {
        explain(file, &workbook, &tables)?;
    }
    match out {
        Some(out) => {
            write_leads(&out, &workbook, &tables).with_context(|| format!("cannot write {}", out.display()))
        }
        None => Ok(()),
    }
}

/// Writes the leads of all tables in file order, one by one: a large file's leads need not be in memory at once.
fn write_leads(out: &Path, workbook: &Workbook, tables: &[PlannedTable]) -> anyhow::Result<()> {
    let mut json = serde_json::Serializer::pretty(BufWriter::new(File::create(out)?));
    let mut leads = json.serialize_seq(None)?;
    for table in tables {
        let standardizer = RowStandardizer::new(&table.layout);
        let sheet = table.sheet(workbook);
        for position in &table.rows {
            let cells: Vec<&str> = sheet.row(*position).cells().collect();
            SerializeSeq::serialize_element(&mut leads, &ShownLead(standardizer.standardize(&cells)))?;
        }
    }
    SerializeSeq::end(leads)?;
    let mut file = json.into_inner();
    file.write_all(b"\n")?;
    file.flush()?;
    Ok(())
}

/// A lead with `N/A` for missing values.
struct ShownLead(LeadValues);

impl serde::Serialize for ShownLead {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(LeadField::COUNT))?;
        for field in LeadField::iter() {
            map.serialize_entry(field.name(), self.0.shown(field))?;
        }
        map.end()
    }
}

fn explain(file: &Path, workbook: &Workbook, tables: &[PlannedTable]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let questions = open_questions(workbook, tables);
    for (position, table) in tables.iter().enumerate() {
        let summary = table.layout.summary(table.rows.len() as u64);
        let sheet = summary.sheet.as_deref().map(|sheet| format!(", sheet {sheet}")).unwrap_or_default();
        let header = summary.header_row.map_or("no header".to_owned(), |row| format!("header in row {row}"));
        writeln!(
            out,
            "{}{sheet}: {header}, {} leads, {:.0} % sure",
            file.display(),
            summary.lead_rows,
            table.layout.confidence * 100.0
        )?;
        for column in summary.columns {
            writeln!(
                out,
                "  {:<32} {:<12} {:>3.0} %  {}",
                column.header,
                column.role,
                column.confidence * 100.0,
                column.reason
            )?;
        }
        if questions.iter().any(|question| question.table == position) {
            writeln!(out, "  The planner is unsure: with an API key a language model would be asked.")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_file_does_not_stop_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, content: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            path
        };
        let files = vec![
            write("empty.csv", b""),
            write("good.csv", b"First name,Last name,E-mail\nAnn,Lee,ANN@example.com\nBob,,\n"),
            write("good.tsv", b"would overwrite"),
        ];
        let out = folder.path().join("out");
        let code =
            run(&StandardizeArgs { files, out: Some(out.clone()), explain: false, table: false }).unwrap();
        assert_eq!(code, 1);
        let leads: serde_json::Value =
            serde_json::from_slice(&std::fs::read(out.join("good.json")).unwrap()).unwrap();
        assert_eq!(leads[0]["firstName"], "Ann");
        assert_eq!(leads[0]["email"], "ann@example.com");
        assert_eq!(leads[1]["email"], "N/A");
        assert_eq!(leads[0].as_object().unwrap().len(), 7);
        assert!(!out.join("empty.json").exists());
    }
}
