//! Counts and times the calls of each stand-in, for the import benchmark.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Calls of one operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallCount {
    /// Number of finished calls.
    pub calls: u64,
    /// Number of those with an error status.
    pub errors: u64,
    /// Total time from request to response head.
    pub total_time: Duration,
}

/// Calls of all stand-ins, by service and operation.
#[derive(Debug, Default)]
pub struct CallCounters {
    by_operation: Mutex<BTreeMap<(&'static str, String), CallCount>>,
}

impl CallCounters {
    pub(crate) fn add(&self, service: &'static str, operation: &str, time: Duration, failed: bool) {
        let mut counts = self.by_operation.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry((service, operation.to_owned())).or_default();
        count.calls += 1;
        count.errors += u64::from(failed);
        count.total_time += time;
    }

    /// The counts so far, by service and operation.
    #[must_use]
    pub fn snapshot(&self) -> BTreeMap<(&'static str, String), CallCount> {
        self.by_operation.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

tokio::task_local! {
    /// The invocation on whose behalf the current task runs; its stand-in calls are timed.
    static CURRENT_INVOCATION: Arc<CallClock>;
}

/// Measures how long at least one stand-in call of an invocation was in progress, and knows which function it belongs
/// to.
#[derive(Debug)]
pub(crate) struct CallClock {
    function: &'static str,
    state: Mutex<CallClockState>,
}

#[derive(Debug, Default)]
struct CallClockState {
    under_way: u32,
    since: Option<Instant>,
    total: Duration,
}

impl CallClock {
    /// The clock of an invocation of a function.
    pub(crate) fn new(function: &'static str) -> Self {
        Self { function, state: Mutex::default() }
    }

    /// The function on whose behalf the current task runs.
    pub(crate) fn current_function() -> Option<&'static str> {
        CURRENT_INVOCATION.try_with(|clock| clock.function).ok()
    }

    /// Runs an invocation under this clock.
    pub(crate) async fn scope<F: Future>(self: Arc<Self>, invocation: F) -> F::Output {
        CURRENT_INVOCATION.scope(self, invocation).await
    }

    /// Starts the clock of the running invocation; it stops when the guard is dropped.
    pub(crate) fn start_current() -> Option<CallGuard> {
        CURRENT_INVOCATION
            .try_with(|clock| {
                let mut state = clock.state.lock().unwrap_or_else(PoisonError::into_inner);
                if state.under_way == 0 {
                    state.since = Some(Instant::now());
                }
                state.under_way += 1;
                CallGuard(Arc::clone(clock))
            })
            .ok()
    }

    pub(crate) fn total(&self) -> Duration {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).total
    }
}

/// A stand-in call in progress.
pub(crate) struct CallGuard(Arc<CallClock>);

impl Drop for CallGuard {
    fn drop(&mut self) {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.under_way -= 1;
        if state.under_way == 0
            && let Some(since) = state.since.take()
        {
            state.total += since.elapsed();
        }
    }
}

/// One finished invocation of a function.
#[derive(Debug, Clone, Copy)]
pub struct InvocationTime {
    /// From delivery to response.
    pub total: Duration,
    /// The part of it during which at least one stand-in call was in progress.
    pub in_stand_ins: Duration,
}

/// Times of the latest invocations, by function name.
#[derive(Debug, Default)]
pub struct InvocationTimes {
    by_function: Mutex<BTreeMap<&'static str, Vec<InvocationTime>>>,
}

/// Limit that keeps a long-running server's statistics from growing.
const MAX_INVOCATION_TIMES: usize = 100_000;

impl InvocationTimes {
    pub(crate) fn add(&self, function: &'static str, time: InvocationTime) {
        let mut times = self.by_function.lock().unwrap_or_else(PoisonError::into_inner);
        let times = times.entry(function).or_default();
        if times.len() < MAX_INVOCATION_TIMES {
            times.push(time);
        }
    }

    /// The times so far, by function.
    #[must_use]
    pub fn snapshot(&self) -> BTreeMap<&'static str, Vec<InvocationTime>> {
        self.by_function.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
