//! `easy-crm`: the command line of the local system.

use std::process::ExitCode;

use clap::Parser as _;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    Ok(easy_crm_local::cli::run(easy_crm_local::cli::Cli::parse()).await?.into())
}
