//! `easy-crm serve`: everything in one process until Ctrl-C.

use std::io::Write as _;
use std::path::PathBuf;

use super::DataArg;
use easy_crm_local::model::ModelConfig;
use easy_crm_local::{Dist, LocalApp, LocalOptions};
use easy_crm_shared::upload::UpdatePolicy;

#[derive(Debug, clap::Args)]
pub(super) struct ServeArgs {
    /// Port on 127.0.0.1.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    #[command(flatten)]
    data: DataArg,
    /// Folder of the built page [default: the page inside this binary if there is one, else ./dist].
    #[arg(long, value_name = "DIR")]
    dist: Option<PathBuf>,
    /// What the rows of an upload that does not say so do to leads that exist: replace, update, fill or skip.
    #[arg(long, value_name = "POLICY", default_value_t)]
    update_policy: UpdatePolicy,
}

pub(super) async fn run(args: ServeArgs) -> anyhow::Result<()> {
    easy_crm_local::init_logging();
    let options = LocalOptions {
        port: args.port,
        dist: args.dist.map_or_else(default_dist, Dist::Folder),
        model: ModelConfig::from_env()?,
        update_policy: args.update_policy,
        ..LocalOptions::new(args.data.data_dir)
    };
    let local = LocalApp::start(options).await?;
    let mut out = std::io::stdout();
    writeln!(out, "\n  Easy CRM is ready\n\n    Page      {}", local.base_url())?;
    for user in local.sign_ins()?.users {
        writeln!(out, "    User      {}\n    Password  {}", user.email, user.password)?;
    }
    writeln!(out, "    Data      {}\n\n  Ctrl-C stops it; nothing is lost.\n", local.data_dir().display())?;
    out.flush()?;
    stop_signal().await;
    writeln!(
        out,
        "  Finishing work in progress; press Ctrl-C again to stop at once, which loses nothing either."
    )?;
    tokio::select! {
        () = local.shutdown() => {}
        () = stop_signal() => {}
    }
    Ok(())
}

fn default_dist() -> Dist {
    #[cfg(feature = "embed-dist")]
    return Dist::Embedded;
    #[cfg(not(feature = "embed-dist"))]
    return Dist::Folder(PathBuf::from("dist"));
}

/// Ctrl-C, or SIGTERM where there is one.
async fn stop_signal() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        let terminate = async {
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(mut signal) => _ = signal.recv().await,
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            () = interrupt => {}
            () = terminate => {}
        }
    }
    #[cfg(not(unix))]
    interrupt.await;
}
