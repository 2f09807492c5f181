//! The command line.

mod serve;
mod token;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Easy CRM on this machine: drop a spreadsheet, get one clean table of leads.
#[derive(Debug, Parser)]
#[command(name = "easy-crm", version)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Cli {
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
}

/// Where the data is kept, when nothing else is said.
const DEFAULT_DATA_DIR: &str = "./data";

#[derive(Debug, clap::Args)]
struct DataArg {
    /// Folder the data is kept in.
    #[arg(long = "data", value_name = "DIR", default_value = DEFAULT_DATA_DIR)]
    data_dir: PathBuf,
}

/// Runs the command; answers the exit code.
///
/// # Errors
/// When the command could not do its work.
pub async fn run(cli: Cli) -> anyhow::Result<u8> {
    match cli.command {
        None => serve::run(cli.serve).await.map(|()| 0),
        Some(Command::Serve(args)) => serve::run(args).await.map(|()| 0),
        Some(Command::Token(args)) => token::run(&args).map(|()| 0),
    }
}
