//! Measures the built functions against their budgets. `scripts/budgets.sh` builds them and starts this.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use easy_crm_tests::lambda::deployment::{
    Deployment, answer, message, object_created, status, status_request, upload,
};
use easy_crm_tests::lambda::{Function, Variables};
use easy_crm_tests::template::{of_type, read};

/// Starts of each program; the programs take turns, so that whatever else the machine does hits all of them.
const STARTS: usize = 15;
const WARM_REQUESTS: usize = 300;
const ROWS: u32 = 100_000;
const MEGABYTE: f64 = 1024.0 * 1024.0;

/// A figure and what it may be at most.
struct Row {
    what: String,
    value: f64,
    budget: f64,
    unit: &'static str,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let folder = PathBuf::from(std::env::var("EASY_CRM_FUNCTIONS").context("run scripts/budgets.sh")?);
    let mut rows = sizes(&folder)?;
    let deployment = Deployment::start().await?;
    rows.extend(cold_starts(&deployment, &folder).await?);
    rows.extend(at_work(&deployment).await?);
    let mut out = std::io::stdout();
    writeln!(out, "| what | measured | budget | |\n| --- | --- | --- | --- |")?;
    let mut over = 0;
    for Row { what, value, budget, unit } in rows {
        let verdict = if value <= budget { "ok" } else { "OVER" };
        over += u32::from(value > budget);
        writeln!(out, "| {what} | {value:.2} {unit} | {budget:.2} {unit} | {verdict} |")?;
    }
    Ok(if over == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn sizes(folder: &Path) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        // Placeholders of functions that are not written yet are not measured.
        if path.extension().is_none_or(|ending| ending != "zip") || !folder.join(&name).is_dir() {
            continue;
        }
        let budget = if name == "lead-splitter" { 4.0 } else { 3.0 };
        let value = std::fs::metadata(&path)?.len() as f64 / MEGABYTE;
        rows.push(Row { what: format!("zip of {name}"), value, budget, unit: "MB" });
    }
    rows.sort_by(|a, b| a.what.cmp(&b.what));
    Ok(rows)
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default().as_secs_f64() * 1000.0
}

async fn cold_starts(deployment: &Deployment, folder: &Path) -> Result<Vec<Row>> {
    let hello = folder.join("hello-world").join("bootstrap");
    let names = ["status-reader", "file-upload", "lead-reader", "lead-splitter", "deepseek-caller"];
    let mut hello_times = Vec::new();
    let mut times = vec![Vec::new(); names.len()];
    for _ in 0..STARTS {
        hello_times.push(Function::start(&hello, "hello-world", &Variables::new()).await?.cold_start);
        for (name, times) in names.iter().zip(&mut times) {
            times.push(deployment.function(name).await?.cold_start);
        }
    }
    let hello = median(hello_times);
    let mut rows = vec![Row {
        what: "cold start of hello-world, p50".into(),
        value: hello,
        budget: f64::INFINITY,
        unit: "ms",
    }];
    rows.extend(names.iter().zip(times).map(|(name, times)| Row {
        what: format!("cold start of {name}, p50"),
        value: median(times),
        budget: hello * 1.5,
        unit: "ms",
    }));
    Ok(rows)
}

/// A file of 100,000 rows through the functions.
async fn at_work(deployment: &Deployment) -> Result<Vec<Row>> {
    let mut text = "Name,Email,Phone,Company,Title,City,Notes\n".to_owned();
    for n in 0..ROWS {
        text.push_str(&format!(
            "Person Number{n},person{n}@many.example,+1 555 {n:07},Company {},Buyer,Town {},met at stand {n}\n",
            n % 5_000,
            n % 300
        ));
    }
    let mut file_upload = deployment.function("file-upload").await?;
    let mut status_reader = deployment.function("status-reader").await?;
    let mut lead_splitter = deployment.function("lead-splitter").await?;
    let mut deepseek_caller = deployment.function("deepseek-caller").await?;
    let upload_id = upload(&mut file_upload, &text).await?;
    lead_splitter.invoke(&object_created(&upload_id)?).await?;
    let batches = deployment.local.waiting_batches().await?;
    for batch in batches.iter().take(10) {
        deepseek_caller.invoke(&message(&batch.body, "easy-crm-batches-prod")?).await?;
    }
    let request = status_request(&upload_id)?;
    status(&mut status_reader, &upload_id).await?;
    let mut own = Vec::new();
    for _ in 0..WARM_REQUESTS {
        let before = deployment.endpoint.busy();
        let (_, took) = status_reader.invoke_timed(&request).await?;
        own.push(took.saturating_sub(deployment.endpoint.busy() - before));
    }
    answer(&mut status_reader, &request, 200).await?;
    let mut rows = vec![Row {
        what: "warm GET /status, own time, p50".into(),
        value: median(own),
        budget: 1.0,
        unit: "ms",
    }];
    let template = read("lambda");
    let functions = of_type(&template, "AWS::Lambda::Function");
    for (name, logical, function) in [
        ("file-upload", "FileUploadFunction", &file_upload),
        ("status-reader", "StatusReaderFunction", &status_reader),
        ("lead-splitter at 100,000 rows", "LeadSplitterFunction", &lead_splitter),
        ("deepseek-caller", "DeepseekCallerFunction", &deepseek_caller),
    ] {
        rows.push(Row {
            what: format!("peak memory of {name}"),
            value: function.peak_memory()? as f64 / MEGABYTE,
            budget: functions[logical]["MemorySize"].as_f64().context("no MemorySize")?,
            unit: "MB",
        });
    }
    Ok(rows)
}
