//! `easy-crm token`: a bearer token signed with a data folder's key.

use std::io::Write as _;

use easy_crm_local::DEMO_USER;

use super::DataArg;

#[derive(Debug, clap::Args)]
pub(super) struct TokenArgs {
    #[command(flatten)]
    data: DataArg,
    /// Email address of the user.
    #[arg(long, value_name = "EMAIL", default_value = DEMO_USER)]
    user: String,
}

pub(super) fn run(args: &TokenArgs) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{}", easy_crm_local::token_for(&args.data.data_dir, &args.user)?)?;
    Ok(())
}
