//! `easy-crm`: the command line of the local system.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

mod cli;

#[tokio::main]
async fn main() -> ExitCode {
    match cli::run(cli::Cli::parse()).await {
        Ok(code) => code.into(),
        Err(error) => {
            // Nothing else can be done if even this cannot be written.
            let _ = writeln!(std::io::stderr(), "easy-crm: {error}");
            ExitCode::FAILURE
        }
    }
}
