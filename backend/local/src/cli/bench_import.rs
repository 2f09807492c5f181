//! `easy-crm bench-import`: one import end to end, through API, presigned upload, queue and database, and where the
//! time goes.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use easy_crm_shared::changes::{Job, JobState};
use easy_crm_shared::routes::{self, API_BASE};
use easy_crm_shared::status::{ProcessingStatus, UploadStatus};
use easy_crm_shared::upload::{DEFAULT_MAX_FILE_SIZE, UploadRequest, UploadResponse};
use serde_json::json;

use easy_crm_local::{Call, DEMO_USER, Fault, Faults, InvocationTime, LocalApp, LocalOptions};

#[derive(Debug, clap::Args)]
pub(super) struct BenchImportArgs {
    /// Rows of the generated file.
    rows: u32,
    /// Concurrent deepseek-caller invocations.
    #[arg(long)]
    concurrency: Option<usize>,
    /// Batches per deepseek-caller invocation, at most 10; with 1 its times are those of a batch.
    #[arg(long)]
    batches: Option<u32>,
    /// Disable `EmailIndex`: measures the import without the lookup of existing leads.
    #[arg(long)]
    without_email_index: bool,
    /// Import the same file a second time: every lead already exists.
    #[arg(long)]
    again: bool,
    /// Delete all leads afterwards, as one bulk change, and undo that.
    #[arg(long)]
    delete: bool,
}

/// A table without `EmailIndex`: queries of it fail at no cost.
struct NoEmailIndex;

impl Faults for NoEmailIndex {
    fn of(&self, call: Call<'_>) -> Fault {
        let asks = ["Query", "ExecuteStatement"].contains(&call.operation);
        if !asks || !String::from_utf8_lossy(call.body).contains("EmailIndex") {
            return Fault::None;
        }
        Fault::Answer {
            status: 400,
            body: r#"{"__type":"com.amazonaws.dynamodb.v20120810#ValidationException","message":"The table does not have the specified index: EmailIndex"}"#.to_owned(),
            carried_out: false,
        }
    }
}

pub(super) async fn run(args: &BenchImportArgs) -> anyhow::Result<()> {
    let folder = TempFolder(std::env::temp_dir().join(format!("easy-crm-bench-{}", uuid::Uuid::new_v4())));
    let csv = csv(args.rows)?;
    let mut options = LocalOptions {
        max_file_size: DEFAULT_MAX_FILE_SIZE.max(csv.len() as u64),
        ..LocalOptions::new(&folder.0)
    };
    if let Some(concurrency) = args.concurrency {
        options.queues.batch_concurrency = concurrency;
    }
    if let Some(batches) = args.batches {
        options.queues.messages_per_invocation = batches;
    }
    if args.without_email_index {
        options.faults = Some(Arc::new(NoEmailIndex));
    }
    let local = LocalApp::start(options).await?;
    let first = import(&local, csv.clone()).await?;
    let mut imports = vec![("first import", first)];
    if args.again {
        imports.push(("second import", import(&local, csv).await?));
    }
    report(&local, &imports)?;
    if args.delete {
        let job = change_all(&local, routes::LEADS_DELETE, json!({ "query": {} })).await?;
        change_all(&local, routes::LEADS_RESTORE, json!({ "jobId": job })).await?;
    }
    local.shutdown().await;
    Ok(())
}

/// One bulk change from the request to the end of the job, polled as the page does; returns the job's id.
async fn change_all(local: &LocalApp, route: &str, body: serde_json::Value) -> anyhow::Result<String> {
    let http = reqwest::Client::new();
    let api = format!("{}{API_BASE}", local.base_url());
    let token = local.token_for(DEMO_USER)?;
    let started = Instant::now();
    let mut answer = http.post(format!("{api}{route}")).bearer_auth(&token).json(&body).send().await?;
    let mut requests = 1;
    loop {
        let status = answer.status();
        ensure!(status.is_success(), "{route} returned {status}: {}", answer.text().await?);
        let job: Job = answer.json().await?;
        if job.state == JobState::Done {
            let seconds = started.elapsed().as_secs_f64();
            let mut out = std::io::stdout().lock();
            writeln!(
                out,
                "{route}: {} of {} leads in {seconds:.1} s = {:.0} leads/s, {requests} requests; peak memory {}",
                job.done,
                job.total,
                job.done as f64 / seconds,
                super::peak_memory().as_deref().unwrap_or("n/a"),
            )?;
            return Ok(job.job_id);
        }
        let url = format!("{api}{}", routes::job(&job.job_id));
        answer = http.get(url).bearer_auth(&token).send().await?;
        requests += 1;
    }
}

/// A folder that is deleted with the benchmark.
struct TempFolder(PathBuf);

impl Drop for TempFolder {
    fn drop(&mut self) {
        // What cannot be removed stays in the temporary folder; nothing else can be done about it.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Seven columns as a CRM exports them, every row with its own email address.
fn csv(rows: u32) -> Result<String, std::fmt::Error> {
    const FIRST: [&str; 8] = ["Anna", "Ben", "Chloé", "David", "Eva", "Farid", "Grace", "Hiro"];
    const LAST: [&str; 7] = ["Müller", "Smith", "Garcia", "Ivanov", "Chen", "O'Neill", "da Silva"];
    const TITLE: [&str; 5] = ["CEO", "Head of Sales", "Engineer", "Buyer", "Marketing Manager"];
    let mut csv = String::from("First Name,Last Name,Job Title,Company,Email,Phone,Notes\n");
    for row in 0..rows {
        let pick = |list: &'static [&'static str]| list[row as usize % list.len()];
        writeln!(
            csv,
            "{},{},{},Example {} Ltd,lead{row}@example{}.com,+1 555 {:03} {:04},\"met at fair, hall {}\"",
            pick(&FIRST),
            pick(&LAST),
            pick(&TITLE),
            row / 10,
            row % 997,
            row / 10_000 % 1_000,
            row % 10_000,
            row % 12,
        )?;
    }
    Ok(csv)
}

struct Import {
    /// From the PUT's first byte to the final status.
    time: Duration,
    /// From the PUT's first byte to its response.
    put_time: Duration,
    bytes: usize,
    status: ProcessingStatus,
}

async fn import(local: &LocalApp, csv: String) -> anyhow::Result<Import> {
    let http = reqwest::Client::new();
    let api = format!("{}{API_BASE}", local.base_url());
    let token = local.token_for(DEMO_USER)?;
    let request = UploadRequest {
        file_name: "bench.csv".to_owned(),
        file_type: "text/csv".to_owned(),
        file_size: csv.len() as u64,
        update_policy: None,
    };
    let answer =
        http.post(format!("{api}{}", routes::UPLOAD)).bearer_auth(&token).json(&request).send().await?;
    ensure!(answer.status().is_success(), "POST /upload returned {}", answer.status());
    let upload: UploadResponse = answer.json().await?;

    let bytes = csv.len();
    let started = Instant::now();
    let mut put = http.put(&upload.upload_url);
    for (name, value) in &upload.headers {
        if !name.eq_ignore_ascii_case("content-length") {
            put = put.header(name, value);
        }
    }
    let answer = put.body(csv).send().await?;
    ensure!(answer.status().is_success(), "the upload returned {}", answer.status());
    let put_time = started.elapsed();
    // Not by polling the status: those requests would be counted.
    local.wait_idle().await?;
    let time = started.elapsed();
    let url = format!("{api}{}", routes::status(&upload.upload_id));
    let status: ProcessingStatus =
        http.get(url).bearer_auth(&token).send().await?.json().await.context("no status")?;
    if status.status != UploadStatus::Completed {
        bail!("the import ended as {:?}: {:?}", status.status, status.error.map(|error| error.code));
    }
    Ok(Import { time, put_time, bytes, status })
}

fn report(local: &LocalApp, imports: &[(&str, Import)]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for (name, import) in imports {
        let progress = &import.status.progress;
        let seconds = import.time.as_secs_f64();
        writeln!(
            out,
            "{name}: {} leads in {seconds:.2} s = {:.0} leads/s ({:.1} MB, upload {:.2} s)",
            progress.total_leads,
            progress.total_leads as f64 / seconds,
            import.bytes as f64 / 1e6,
            import.put_time.as_secs_f64(),
        )?;
        writeln!(
            out,
            "  created {}, updated {}, unchanged {}, duplicate {}, failed {}",
            progress.created_leads,
            progress.updated_leads,
            progress.unchanged_leads,
            progress.duplicate_leads,
            progress.failed_leads,
        )?;
    }
    writeln!(
        out,
        "\n{:<18} {:>8} {:>10} {:>10} {:>10} {:>13}",
        "function", "calls", "total s", "p50 ms", "p99 ms", "in stand-ins"
    )?;
    for (function, times) in local.invocation_times().snapshot() {
        let total: Duration = times.iter().map(|time| time.total).sum();
        let inside: Duration = times.iter().map(|time| time.in_stand_ins).sum();
        writeln!(
            out,
            "{function:<18} {:>8} {:>10.2} {:>10.1} {:>10.1} {:>11.0} %",
            times.len(),
            total.as_secs_f64(),
            percentile(&times, 50),
            percentile(&times, 99),
            100.0 * inside.as_secs_f64() / total.as_secs_f64().max(f64::EPSILON),
        )?;
    }
    writeln!(
        out,
        "\n{:<32} {:>8} {:>7} {:>10} {:>9}",
        "stand-in call", "calls", "errors", "total s", "mean ms"
    )?;
    for ((service, operation), count) in local.call_counters().snapshot() {
        let seconds = count.total_time.as_secs_f64();
        writeln!(
            out,
            "{:<32} {:>8} {:>7} {seconds:>10.2} {:>9.2}",
            format!("{service} {operation}"),
            count.calls,
            count.errors,
            1e3 * seconds / count.calls.max(1) as f64,
        )?;
    }
    writeln!(
        out,
        "\nTotals sum up concurrent calls; \"in stand-ins\" is the time in which at least one was in progress.\nPeak memory: {}",
        super::peak_memory().as_deref().unwrap_or("n/a")
    )?;
    Ok(())
}

/// A percentile of the invocations' times in milliseconds.
fn percentile(times: &[InvocationTime], percent: usize) -> f64 {
    let mut totals: Vec<Duration> = times.iter().map(|time| time.total).collect();
    totals.sort_unstable();
    let position = (totals.len() * percent).div_ceil(100).saturating_sub(1);
    totals.get(position).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}
