//! Lambda on this machine: runs a built function (`bootstrap`) as Lambda does, by serving it the Runtime API, with the
//! variables from the template and AWS endpoints on loopback.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

mod aws_endpoint;
pub mod deployment;
mod runtime_api;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tokio::process::{Child, Command};

pub use aws_endpoint::AwsEndpoint;
use runtime_api::RuntimeApi;

use crate::template::{Known, of_type, read, resolve};

/// How long a function may take for any step.
const PATIENCE: Duration = Duration::from_secs(120);

/// Variables of a process.
pub type Variables = BTreeMap<String, String>;

/// A running function.
pub struct Function {
    // Dropped first: it must not outlive its runtime API.
    process: Child,
    api: RuntimeApi,
    /// From the start of the process to its first request for an event.
    pub cold_start: Duration,
}

impl Function {
    /// Starts a program as a function and waits until it asks for its first event.
    ///
    /// # Errors
    /// When the program cannot be run, ends, or reports that it cannot start.
    pub async fn start(program: &Path, name: &str, variables: &Variables) -> Result<Self> {
        let mut api = RuntimeApi::start(name).await?;
        let started = Instant::now();
        let mut process = Command::new(program)
            .env_clear()
            .envs(variables)
            .env("AWS_LAMBDA_RUNTIME_API", api.address())
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}"))
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "test")
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| program.display().to_string())?;
        let cold_start = tokio::select! {
            ready = api.wait_until_ready() => ready?.duration_since(started),
            ended = process.wait() => bail!("{name} ended before its first event: {}", ended?),
            () = tokio::time::sleep(PATIENCE) => bail!("{name} did not ask for an event"),
        };
        Ok(Self { api, process, cold_start })
    }

    /// Delivers an event; returns the function's response.
    ///
    /// # Errors
    /// When the function reports an error, ends, or takes too long.
    pub async fn invoke(&mut self, event: &Value) -> Result<Value> {
        Ok(self.invoke_timed(event).await?.0)
    }

    /// Like [`Function::invoke`], but also returns the time from the delivery of the event to the response.
    ///
    /// # Errors
    /// As [`Function::invoke`].
    pub async fn invoke_timed(&mut self, event: &Value) -> Result<(Value, Duration)> {
        tokio::select! {
            answer = self.api.invoke(event) => answer,
            ended = self.process.wait() => bail!("the function ended: {}", ended?),
            () = tokio::time::sleep(PATIENCE) => bail!("the function took too long"),
        }
    }

    /// The peak memory of the process so far, in bytes (Linux).
    ///
    /// # Errors
    /// When the process is gone or the system does not report it.
    pub fn peak_memory(&self) -> Result<u64> {
        let id = self.process.id().context("the function has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).context("no VmHWM")?;
        let kilobytes: u64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
        Ok(kilobytes * 1024)
    }
}

/// The variables that `lambda.yaml` gives a function, with resource names filled in.
///
/// # Panics
/// When the template has no such function.
#[must_use]
pub fn template_variables(function: &str, known: &Known) -> Variables {
    let template = read("lambda");
    let logical: String = function
        .split('-')
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + rest
        })
        .collect();
    let functions = of_type(&template, "AWS::Lambda::Function");
    let properties = functions
        .get(format!("{logical}Function").as_str())
        .unwrap_or_else(|| panic!("no function {function}"));
    let variables = resolve(&properties["Environment"]["Variables"], known);
    variables
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (name.clone(), text)
        })
        .collect()
}

/// The built functions: those in the folder `EASY_CRM_FUNCTIONS` (`<name>/bootstrap`, as `scripts/package-lambdas.sh`
/// creates them), or else debug builds, built if missing.
///
/// # Errors
/// When they cannot be built.
pub async fn programs(names: &[&str]) -> Result<BTreeMap<String, PathBuf>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    if let Ok(folder) = std::env::var("EASY_CRM_FUNCTIONS") {
        return Ok(names
            .iter()
            .map(|name| ((*name).to_owned(), root.join(&folder).join(name).join("bootstrap")))
            .collect());
    }
    // The whole workspace with its tests, because the features of shared dependencies depend on everything that is
    // built: this way only the programs are rebuilt.
    let bins = names.iter().flat_map(|name| ["--bin", name]);
    let built = Command::new(env!("CARGO"))
        .args(["build", "--workspace", "--tests", "--locked", "--offline"])
        .arg("--message-format=json-render-diagnostics")
        .args(bins)
        .current_dir(&root)
        .stderr(Stdio::inherit())
        .output()
        .await?;
    ensure!(built.status.success(), "the functions do not build");
    let mut programs = BTreeMap::new();
    for line in String::from_utf8(built.stdout)?.lines() {
        let message: Value = serde_json::from_str(line)?;
        let name = message["target"]["name"].as_str().unwrap_or_default();
        let wanted = names.contains(&name) && message["profile"]["test"] == false;
        if let Some(program) = message["executable"].as_str().filter(|_| wanted) {
            programs.insert(name.to_owned(), PathBuf::from(program));
        }
    }
    for name in names {
        ensure!(programs.contains_key(*name), "there is no program {name}");
    }
    Ok(programs)
}
