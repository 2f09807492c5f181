//! Measures the built functions against their budgets. `scripts/budgets.sh` builds them and starts this.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use easy_crm_local::made_up_leads;
use easy_crm_shared::routes;
use easy_crm_shared::status::UploadStatus;
use easy_crm_tests::functions::{self, FunctionSpec};
use easy_crm_tests::lambda::deployment::{
    Deployment, answer, messages, object_created, request, status, status_request, upload, upload_file,
};
use easy_crm_tests::lambda::{Function, Variables};
use easy_crm_tests::template::{of_type, read};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};

/// From the start of the process to its first request for an event, in milliseconds.
const COLD_START: f64 = 15.0;
/// Starts of each program; the programs take turns, so that other load on the machine affects all of them equally.
const STARTS: usize = 31;
const WARM_REQUESTS: usize = 300;
/// Rows of a large file.
const ROWS: u32 = 100_000;
/// Leads of a large list.
const LEADS: u64 = 1_000_000;
/// Messages per delivery by Lambda (`lambda.yaml`).
const MESSAGES: usize = 10;
const MEGABYTE: f64 = 1024.0 * 1024.0;

/// A figure and its budget; some have none and are only for comparison.
struct Row {
    what: String,
    value: f64,
    budget: Option<f64>,
    unit: &'static str,
}

impl Row {
    fn new(what: impl Into<String>, value: f64, budget: f64, unit: &'static str) -> Self {
        Self { what: what.into(), value, budget: Some(budget), unit }
    }

    fn is_over(&self) -> bool {
        self.budget.is_some_and(|budget| self.value > budget)
    }
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let folder = PathBuf::from(std::env::var("EASY_CRM_FUNCTIONS").context("run scripts/budgets.sh")?);
    let mut rows = sizes(&folder)?;
    rows.extend(cold_starts(&folder).await?);
    rows.extend(large_file().await?);
    rows.extend(large_list().await?);
    let mut table = "| what | measured | budget | |\n| --- | ---: | ---: | --- |\n".to_owned();
    for row in &rows {
        let Row { what, value, unit, .. } = row;
        let budget = row.budget.map_or_else(String::new, |budget| format!("{budget:.2} {unit}"));
        let verdict = match row.budget {
            None => "",
            Some(_) if row.is_over() => "**over**",
            Some(_) => "ok",
        };
        writeln!(table, "| {what} | {value:.2} {unit} | {budget} | {verdict} |")?;
    }
    std::io::stdout().write_all(table.as_bytes())?;
    Ok(if rows.iter().any(Row::is_over) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn sizes(folder: &Path) -> Result<Vec<Row>> {
    let size = |function: FunctionSpec| {
        let zip = folder.join(function.name).with_extension("zip");
        let bytes = std::fs::metadata(&zip).with_context(|| zip.display().to_string())?.len();
        Ok(Row::new(
            format!("zip of {}", function.name),
            bytes as f64 / MEGABYTE,
            function.zip_megabytes,
            "MB",
        ))
    };
    functions::all().into_iter().map(size).collect()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    ms(times.get(times.len() / 2).copied().unwrap_or_default())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

async fn cold_starts(folder: &Path) -> Result<Vec<Row>> {
    let deployment = Deployment::start().await?;
    let program = |name: &str| folder.join(name).join("bootstrap");
    let mut hello_times = Vec::new();
    let mut times: Vec<(&str, Vec<Duration>)> =
        functions::all().into_iter().map(|function| (function.name, Vec::new())).collect();
    for _ in 0..STARTS {
        let hello = Function::start(&program("hello-world"), "hello-world", &Variables::new()).await?;
        hello_times.push(hello.cold_start);
        for (name, times) in &mut times {
            let variables = deployment.variables(name);
            times.push(Function::start(&program(name), name, &variables).await?.cold_start);
        }
    }
    let hello = median(hello_times);
    let mut rows =
        vec![Row { what: "cold start of hello-world, p50".into(), value: hello, budget: None, unit: "ms" }];
    rows.extend(times.into_iter().map(|(name, times)| {
        Row::new(format!("cold start of {name}, p50"), median(times), COLD_START, "ms")
    }));
    Ok(rows)
}

/// Cells of a large file, header row first.
fn cells() -> impl Iterator<Item = [String; 7]> {
    let header = ["Name", "Email", "Phone", "Company", "Title", "City", "Notes"].map(str::to_owned);
    let rows = (0..ROWS).map(|n| {
        [
            format!("Person Number{n}"),
            format!("person{n}@many.example"),
            format!("+1 555 {n:07}"),
            format!("Company {}", n % 5_000),
            "Buyer".to_owned(),
            format!("Town {}", n % 300),
            format!("met at stand {n}"),
        ]
    });
    std::iter::once(header).chain(rows)
}

fn workbook() -> Result<Vec<u8>> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in (0..).zip(cells()) {
        sheet.write_row(row, 0, &cells)?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// A file of 100,000 rows through the functions, as CSV and as a workbook, then the list it results in.
async fn large_file() -> Result<Vec<Row>> {
    let deployment = Deployment::start().await?;
    let mut rows = Vec::new();
    let mut file_upload = deployment.function("file-upload").await?;
    let text: String = cells().map(|cells| cells.join(",") + "\n").collect();
    let upload_id = upload(&mut file_upload, &text).await?;
    let mut lead_splitter = deployment.function("lead-splitter").await?;
    lead_splitter.invoke(&object_created(&upload_id)?).await?;
    rows.push(memory("lead-splitter, a CSV of 100,000 rows", "LeadSplitterFunction", &lead_splitter)?);

    let batches = deployment.local.waiting_batches().await?;
    let mut deepseek_caller = deployment.function("deepseek-caller").await?;
    for batches in batches.chunks(MESSAGES) {
        let event = messages(batches.iter().map(|batch| batch.body.as_str()), "easy-crm-batches-prod")?;
        let answer = deepseek_caller.invoke(&event).await?;
        ensure!(answer == json!({ "batchItemFailures": [] }), "{answer}");
    }
    let mut status_reader = deployment.function("status-reader").await?;
    let ended = status(&mut status_reader, &upload_id).await?;
    ensure!(
        ended.status == UploadStatus::Completed && ended.progress.created_leads == u64::from(ROWS),
        "{ended:?}"
    );
    rows.push(memory("deepseek-caller, all batches of it", "DeepseekCallerFunction", &deepseek_caller)?);

    let mut lead_reader = deployment.function("lead-reader").await?;
    answer(&mut lead_reader, &request("GET", routes::LEADS, Value::Null, Value::Null, None)?, 200).await?;
    rows.push(memory("lead-reader, its leads read from the feed", "LeadReaderFunction", &lead_reader)?);

    let upload_id = upload_file(&mut file_upload, "leads.xlsx", workbook()?).await?;
    let mut lead_splitter = deployment.function("lead-splitter").await?;
    lead_splitter.invoke(&object_created(&upload_id)?).await?;
    let split = status(&mut status_reader, &upload_id).await?;
    ensure!(split.progress.total_leads == u64::from(ROWS), "{split:?}");
    rows.push(memory("lead-splitter, an XLSX of 100,000 rows", "LeadSplitterFunction", &lead_splitter)?);

    rows.push(warm_status(&deployment, &mut status_reader, &upload_id).await?);
    rows.push(memory("file-upload", "FileUploadFunction", &file_upload)?);
    rows.push(memory("status-reader", "StatusReaderFunction", &status_reader)?);
    Ok(rows)
}

/// A warm function's own time for `GET /status/{uploadId}`: without the time spent in AWS or its stand-ins.
async fn warm_status(deployment: &Deployment, status_reader: &mut Function, upload_id: &str) -> Result<Row> {
    let request = status_request(upload_id)?;
    let mut own = Vec::new();
    for _ in 0..WARM_REQUESTS {
        let before = deployment.endpoint.busy();
        let (answer, took) = status_reader.invoke_timed(&request).await?;
        // Requests this frequent are rate-limited, which gives a different response.
        ensure!(answer["statusCode"] == 200, "{answer}");
        own.push(took.saturating_sub(deployment.endpoint.busy() - before));
    }
    Ok(Row::new("warm GET /status, own time, p50", median(own), 1.0, "ms"))
}

/// A million leads: from the start of the process to the first page, from a snapshot.
async fn large_list() -> Result<Vec<Row>> {
    let deployment = Deployment::start().await?;
    made_up_leads::put_snapshot(&deployment.local, LEADS).await?;
    let page = request("GET", routes::LEADS, Value::Null, json!({ "sortBy": "createdAt" }), None)?;
    let started = Instant::now();
    let mut lead_reader = deployment.function("lead-reader").await?;
    let list = answer(&mut lead_reader, &page, 200).await?;
    let took = started.elapsed().as_secs_f64();
    ensure!(list["pagination"]["totalCount"] == LEADS, "{}", list["pagination"]);
    Ok(vec![
        Row::new("lead-reader, start to first page of 1,000,000 leads", took, 5.0, "s"),
        memory("lead-reader, 1,000,000 leads", "LeadReaderFunction", &lead_reader)?,
    ])
}

/// A function's peak memory so far; its budget is the memory size in the template.
fn memory(what: &str, logical: &str, function: &Function) -> Result<Row> {
    let template = read("lambda");
    let budget = of_type(&template, "AWS::Lambda::Function")[logical]["MemorySize"].as_f64();
    let value = function.peak_memory()? as f64 / MEGABYTE;
    Ok(Row::new(format!("peak memory of {what}"), value, budget.context("no MemorySize")?, "MB"))
}
