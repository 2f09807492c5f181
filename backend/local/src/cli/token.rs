//! `easy-crm token`: a bearer token signed with a data folder's key.

use std::io::Write as _;
use std::sync::Arc;

use easy_crm_lambdas::clock::SystemClock;

use super::DataArg;
use crate::login::tokens::Tokens;
use crate::{DEMO_USER, DataFolder};

#[derive(Debug, clap::Args)]
pub(super) struct TokenArgs {
    #[command(flatten)]
    data: DataArg,
    /// E-mail address of the user.
    #[arg(long, value_name = "EMAIL", default_value = DEMO_USER)]
    user: String,
}

pub(super) fn run(args: &TokenArgs) -> anyhow::Result<()> {
    let folder = DataFolder::open(&args.data.data_dir)?;
    let tokens = Tokens::open(&folder, Arc::new(SystemClock))?;
    writeln!(std::io::stdout(), "{}", tokens.id_token(&args.user, tokens.now())?)?;
    Ok(())
}
