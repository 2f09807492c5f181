//! The whole system, from outside: the stand-ins through the AWS SDK, everything else through HTTP.

mod http;
mod login;
mod stand_ins;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use easy_crm_lambdas::clock::Clock;
use jiff::Timestamp;
use tempfile::TempDir;

use crate::{LocalApp, LocalOptions};

/// A clock that stands still until it is moved.
struct TestClock(AtomicI64);

impl TestClock {
    fn at_now() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(Timestamp::now().as_second())))
    }

    fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

struct Fixture {
    local: LocalApp,
    clock: Arc<TestClock>,
    folder: TempDir,
}

/// A system on a fresh data folder, without pollers, with its own clock.
async fn start() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let clock = TestClock::at_now();
    let local = LocalApp::start(options(&folder, &clock)).await.unwrap();
    Fixture { local, clock, folder }
}

fn options(folder: &TempDir, clock: &Arc<TestClock>) -> LocalOptions {
    let mut options = LocalOptions { clock: clock.clone(), ..LocalOptions::new(folder.path().join("data")) };
    options.queues.deliver = false;
    options.queues.batch_max_receives = 2;
    options
}

/// A client that does not follow redirects.
fn client() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}
