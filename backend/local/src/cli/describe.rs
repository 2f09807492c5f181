//! `easy-crm describe`: the resources of the local deployment, in AWS's format, for scripts that inspect either.

use std::io::Write as _;

use easy_crm_local::{LocalApp, LocalOptions};

use super::DataArg;

#[derive(Debug, clap::Args)]
pub(super) struct DescribeArgs {
    #[command(flatten)]
    data: DataArg,
}

/// Prints tables in the format of `DescribeTable` and settings by the names of their variables. No server may be
/// running on the folder.
pub(super) async fn run(args: DescribeArgs) -> anyhow::Result<()> {
    let mut options = LocalOptions::new(args.data.data_dir);
    options.queues.deliver = false;
    let local = LocalApp::start(options).await?;
    let description = local.describe();
    local.shutdown().await;
    writeln!(std::io::stdout(), "{description:#}")?;
    Ok(())
}
