//! `easy-crm bench-list`: how fast `GET /leads` is over HTTP, from a cold start with a snapshot on.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use easy_crm_local::made_up_leads::{lead, put_snapshot, word};
use easy_crm_local::{DEMO_USER, LocalApp, LocalOptions};
use easy_crm_shared::changes::JobState;
use easy_crm_shared::export::{ExportJob, ExportResponse};
use easy_crm_shared::query::{ListLeadsResponse, QUERY_PARAMETER};
use easy_crm_shared::routes::{self, API_BASE};
use serde_json::json;
use uuid::Uuid;

#[derive(Debug, clap::Args)]
pub(super) struct BenchListArgs {
    /// Leads in the list.
    leads: u64,
    /// Requests of each kind.
    #[arg(long, default_value_t = 300)]
    requests: u64,
}

/// A kind of request: its name, and the parameters of the n-th request.
type Kind = (&'static str, fn(u64) -> Vec<(&'static str, String)>);

const KINDS: [Kind; 5] = [
    ("page 1-40 by last name", |n| {
        vec![
            ("sortBy", "lastName".to_owned()),
            ("sortOrder", "asc".to_owned()),
            ("page", (1 + n % 40).to_string()),
        ]
    }),
    ("company contains, sorted", |n| {
        vec![("filter_company", word(20_000 + n % 100 * 199)), ("sortBy", "lastName".to_owned())]
    }),
    ("q over all fields", |n| vec![("q", word(100_000 + n % 100 * 29))]),
    ("conditions: any, not, date", |n| {
        let query = json!({ "where": { "all": [
            { "any": [
                { "field": "company", "op": "startsWith", "value": word(20_000 + n % 100 * 199) },
                { "field": "emailDomain", "op": "contains", "value": word(20_000 + n % 100 * 31) },
            ] },
            { "not": { "field": "phone", "op": "contains", "value": "49 555" } },
            { "field": "createdAt", "from": "2023-01-01" },
        ] } });
        vec![(QUERY_PARAMETER, query.to_string())]
    }),
    ("exact email", |n| {
        let query =
            json!({ "where": { "field": "email", "op": "equals", "value": lead(n * 97).values.email } });
        vec![(QUERY_PARAMETER, query.to_string())]
    }),
];

pub(super) async fn run(args: &BenchListArgs) -> anyhow::Result<()> {
    let folder = TempFolder(std::env::temp_dir().join(format!("easy-crm-bench-{}", Uuid::new_v4())));
    let local = LocalApp::start(LocalOptions::new(&folder.0)).await?;
    put_snapshot(&local, args.leads).await?;
    let (http, token) = (reqwest::Client::new(), local.token_for(DEMO_USER)?);
    local.shutdown().await;
    let server = Server::start(&folder.0)?;
    let url = format!("{}{API_BASE}{}", server.base_url, routes::LEADS);
    let get = async |parameters: &[(&str, String)]| -> anyhow::Result<(Duration, ListLeadsResponse)> {
        let started = Instant::now();
        let answer = http.get(&url).query(parameters).bearer_auth(&token).send().await?;
        ensure!(answer.status().is_success(), "GET /leads returned {}", answer.status());
        let bytes = answer.bytes().await?;
        Ok((started.elapsed(), serde_json::from_slice(&bytes)?))
    };
    let mut out = std::io::stdout().lock();
    let (cold, list) = get(&[]).await?;
    ensure!(list.pagination.total_count == args.leads, "the list contains {:?}", list.pagination);
    writeln!(out, "{} leads; first answer after a cold start: {:.2} s", args.leads, cold.as_secs_f64())?;
    writeln!(out, "{:<28} {:>8} {:>8} {:>8} {:>10}", "request", "p50 ms", "p95 ms", "max ms", "matches")?;
    for (name, parameters) in KINDS {
        // The first request builds the sort order; it is reported separately.
        let (first, _) = get(&parameters(0)).await?;
        let (mut times, mut matches) = (Vec::new(), 0);
        for n in 0..args.requests {
            let (time, list) = get(&parameters(n)).await?;
            times.push(time);
            matches += list.pagination.total_count;
        }
        times.sort_unstable();
        let at = |percent: usize| times.get(times.len().saturating_sub(1) * percent / 100).map_or(0.0, ms);
        writeln!(
            out,
            "{name:<28} {:>8.2} {:>8.2} {:>8.2} {:>10}   first {:.0} ms",
            at(50),
            at(95),
            at(100),
            matches / args.requests.max(1),
            ms(&first),
        )?;
    }
    let memory = || server.peak_memory().unwrap_or_else(|| "n/a".to_owned());
    writeln!(out, "peak memory of the server so far: {}", memory())?;
    for format in ["csv", "xlsx"] {
        let started = Instant::now();
        let answer = http
            .post(format!("{}{API_BASE}{}", server.base_url, routes::EXPORT))
            .bearer_auth(&token)
            .json(&json!({ "format": format, "sorting": { "sortBy": "lastName", "sortOrder": "asc" } }))
            .send()
            .await?;
        let status = answer.status();
        ensure!(status.is_success(), "POST /export returned {status}: {}", answer.text().await?);
        let answer = match status {
            reqwest::StatusCode::ACCEPTED => {
                made_by_job(&http, &server.base_url, &token, answer.json().await?).await?
            }
            _ => answer.json::<ExportResponse>().await?,
        };
        let time = started.elapsed();
        let mut file = http.get(&answer.download_url).send().await?.error_for_status()?;
        let mut bytes = 0;
        while let Some(chunk) = file.chunk().await? {
            bytes += chunk.len();
        }
        writeln!(
            out,
            "export of {} leads as {format}: {:.1} s, {:.1} MB; peak memory of the server so far: {}",
            answer.row_count,
            time.as_secs_f64(),
            bytes as f64 / 1e6,
            memory()
        )?;
    }
    Ok(())
}

/// `easy-crm serve` in a separate process, so that its memory can be measured on its own; ends when dropped.
struct Server {
    process: Child,
    base_url: String,
    /// Kept open while the server may print something.
    _said: Lines<BufReader<ChildStdout>>,
}

impl Server {
    fn start(data: &Path) -> anyhow::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["serve", "--port", "0", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut said = BufReader::new(process.stdout.take().context("the server prints nothing")?).lines();
        let page = said.find_map(|line| Some(line.ok()?.trim().strip_prefix("Page")?.trim().to_owned()));
        Ok(Self { process, base_url: page.context("the server did not start")?, _said: said })
    }

    fn peak_memory(&self) -> Option<String> {
        super::peak_memory_of(&self.process.id().to_string())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may already have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn ms(time: &Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Polls an export job until it is done.
async fn made_by_job(
    http: &reqwest::Client,
    base_url: &str,
    token: &str,
    mut job: ExportJob,
) -> anyhow::Result<ExportResponse> {
    let url = format!("{base_url}{API_BASE}{}", routes::job(&job.job_id));
    while job.state == JobState::Running {
        tokio::time::sleep(Duration::from_millis(200)).await;
        job = http.get(&url).bearer_auth(token).send().await?.error_for_status()?.json().await?;
    }
    job.file.with_context(|| job.message.unwrap_or_default())
}

/// A folder that is deleted with the benchmark.
struct TempFolder(PathBuf);

impl Drop for TempFolder {
    fn drop(&mut self) {
        // What cannot be removed stays in the temporary folder; nothing else can be done about it.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
