//! The command line.

mod bench_import;
mod bench_list;
mod describe;
mod serve;
mod standardize;
mod token;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Easy CRM on this machine: drop a spreadsheet, get one clean table of leads.
#[derive(Debug, Parser)]
#[command(name = "easy-crm", version)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::ServeArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve page, login and API on http://127.0.0.1 (the default).
    Serve(serve::ServeArgs),
    /// Print a bearer token for scripts and curl.
    Token(token::TokenArgs),
    /// Convert spreadsheets to leads, without a server.
    Standardize(standardize::StandardizeArgs),
    /// Print tables and settings, in the format AWS uses.
    Describe(describe::DescribeArgs),
    /// Import a generated file and show where the time goes.
    BenchImport(bench_import::BenchImportArgs),
    /// Request pages of a generated list and show the response times.
    BenchList(bench_list::BenchListArgs),
}

/// Default folder for the data.
const DEFAULT_DATA_DIR: &str = "./data";

#[derive(Debug, clap::Args)]
struct DataArg {
    /// Folder for the data.
    #[arg(long = "data", value_name = "DIR", default_value = DEFAULT_DATA_DIR)]
    data_dir: PathBuf,
}

/// Runs the command; returns the exit code.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<u8> {
    match cli.command {
        None => serve::run(cli.serve).await.map(|()| 0),
        Some(Command::Serve(args)) => serve::run(args).await.map(|()| 0),
        Some(Command::Token(args)) => token::run(&args).map(|()| 0),
        Some(Command::Describe(args)) => describe::run(args).await.map(|()| 0),
        Some(Command::Standardize(args)) => standardize::run(&args),
        Some(Command::BenchImport(args)) => bench_import::run(&args).await.map(|()| 0),
        Some(Command::BenchList(args)) => bench_list::run(&args).await.map(|()| 0),
    }
}

/// The peak memory of this process, as Linux reports it.
fn peak_memory() -> Option<String> {
    peak_memory_of("self")
}

/// The peak memory of another process.
fn peak_memory_of(process: &str) -> Option<String> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let kilobytes: f64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?
        .trim()
        .strip_suffix("kB")?
        .trim()
        .parse()
        .ok()?;
    Some(format!("{:.0} MB", kilobytes / 1024.0))
}
