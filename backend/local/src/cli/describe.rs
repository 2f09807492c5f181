//! `easy-crm describe`: what the local deployment is made of, in the words of AWS, for scripts that look at either.

use std::io::Write as _;

use easy_crm_local::{LocalApp, LocalOptions};

use super::DataArg;

#[derive(Debug, clap::Args)]
pub(super) struct DescribeArgs {
    #[command(flatten)]
    data: DataArg,
}

/// Prints tables as `DescribeTable` answers them and the settings under their variables' names. No server may run on the
/// folder meanwhile.
pub(super) async fn run(args: DescribeArgs) -> anyhow::Result<()> {
    let mut options = LocalOptions::new(args.data.data_dir);
    options.queues.deliver = false;
    let local = LocalApp::start(options).await?;
    let description = local.describe();
    local.shutdown().await;
    writeln!(std::io::stdout(), "{description:#}")?;
    Ok(())
}
