//! The process that reads the files: what it does with each, and how it reports the outcome.

use std::process::ExitCode;

use easy_crm_domain::batch::{BatchLimits, plan_import};
use easy_crm_domain::spreadsheet::{ReadError, read};
use easy_crm_domain::standardize::model::columns::open_questions;
use easy_crm_domain::standardize::{RowStandardizer, plan_workbook};
use easy_crm_shared::status::UploadErrorCode;

use super::{MEMORY, SECONDS, limits};

/// The outcome of a file.
#[derive(Debug)]
pub(super) enum Answer {
    /// It was rejected.
    Refused { code: UploadErrorCode, message: String },
    /// It was read: the number of leads, of rows reported as failed, and of bytes of text in the leads.
    Read { leads: u64, failed: u64, text_bytes: u64 },
}

impl Answer {
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Refused { code, message } => {
                let name = serde_json::to_value(code).unwrap_or_default();
                let first = message.split('.').next().unwrap_or_default();
                format!("`{}`: {first}", name.as_str().unwrap_or_default())
            }
            Self::Read { leads: 0, failed: 0, .. } => "`NO_LEADS_FOUND`".to_owned(),
            Self::Read { leads, failed, text_bytes } => {
                format!("imported: {leads} leads of {text_bytes} bytes, {failed} failed rows")
            }
        }
    }
}

/// The outcome of a file, and its cost.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) answer: Answer,
    /// CPU time, so that other load on the machine does not matter.
    pub(super) seconds: f64,
    pub(super) peak_bytes: u64,
}

impl Report {
    /// Checks that it was quick, small and clear.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.seconds > SECONDS as f64 {
            return Err(format!("it took {:.1} s", self.seconds));
        }
        if self.peak_bytes > MEMORY {
            return Err(format!("it took {:.0} MB of memory", self.peak_bytes as f64 / 1e6));
        }
        if let Answer::Refused { message, .. } = &self.answer
            && message.len() < 20
        {
            return Err(format!("its message says nothing: {message}"));
        }
        // Entities that expand, or name a file of this machine, would show in what was read.
        match self.answer {
            Answer::Read { text_bytes, .. } if text_bytes > limits().max_text_bytes as u64 => {
                Err(format!("its leads contain {text_bytes} bytes"))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn parse(line: &str) -> Option<Self> {
        let parts: Vec<&str> = line.split('\t').collect();
        let [seconds, peak, kind, first, second, third] = parts[..] else { return None };
        let answer = match kind {
            "read" => Answer::Read {
                leads: first.parse().ok()?,
                failed: second.parse().ok()?,
                text_bytes: third.parse().ok()?,
            },
            "refused" => Answer::Refused {
                code: serde_json::from_value(first.into()).ok()?,
                message: second.to_owned(),
            },
            _ => return None,
        };
        Some(Self { answer, seconds: seconds.parse().ok()?, peak_bytes: peak.parse().ok()? })
    }
}

/// Reads every file and prints its outcome, one line each.
pub(super) fn run(files: &[String]) -> ExitCode {
    // Panics of the Excel parsers are contained by the reader and need no output here.
    std::panic::set_hook(Box::new(|_| {}));
    for file in files {
        let began = processor_seconds();
        let bytes = std::fs::read(file).expect("the file");
        let answer = match whole_way(file, &bytes) {
            Ok((leads, failed, text)) => format!("read\t{leads}\t{failed}\t{text}"),
            Err(error) => {
                let code = serde_json::to_value(error.code()).expect("a code");
                format!("refused\t{}\t{error}\t", code.as_str().expect("a text"))
            }
        };
        println!("{}\t{}\t{answer}", processor_seconds() - began, peak_bytes());
    }
    ExitCode::SUCCESS
}

/// Does everything that is done with a file; returns leads, failed rows and bytes of the leads' text.
fn whole_way(name: &str, bytes: &[u8]) -> Result<(u64, u64, u64), ReadError> {
    let workbook = read(name, bytes, &limits())?;
    let tables = plan_workbook(&workbook);
    let plan = plan_import(&workbook, &tables, BatchLimits::default());
    let failed = plan.failed_rows(&workbook, &tables);
    drop(open_questions(&workbook, &tables));
    let mut text = 0;
    let mut leads = 0;
    for batch in &plan.batches {
        let table = &tables[batch.table];
        let standardizer = RowStandardizer::new(&table.layout);
        for row in &batch.rows {
            let cells: Vec<&str> = table.sheet(&workbook).row(row.position).cells().collect();
            let lead = standardizer.standardize(&cells);
            text += (lead.first_name.len() + lead.last_name.len() + lead.company.len() + lead.remarks.len())
                as u64;
            leads += 1;
        }
    }
    Ok((leads, failed.iter().map(|part| part.rows.len() as u64).sum(), text))
}

/// CPU seconds this process has used so far, as Linux counts them in hundredths.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the program's name, which is in brackets and may contain spaces.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

/// Peak memory of this process so far, as Linux counts it; 0 if it is not Linux.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = kilobytes.and_then(|text| text.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}
