//! Imports under random schedules and faults: events and messages arrive twice, late, in any order or not at all the
//! first time; calls to AWS fail before and after their effect; the process dies at random points. Whatever happens,
//! the leads are those of reading the files one after the other, and every row is accounted for. Each test does so under
//! one of the four update policies.
//!
//! All decisions of a run derive from a seed. `EASY_CRM_SCHEDULES=2500` makes each of the four tests run that many
//! schedules, `EASY_CRM_SEED=<seed>` repeats one seed. Time is virtual: nothing here sleeps.

mod injector;
mod schedule;
mod table;

use std::sync::Arc;

use anyhow::{Context, Result};
use easy_crm_shared::upload::UpdatePolicy;
use easy_crm_tests::System;

use injector::Injector;
use schedule::{Schedule, TestClock};

/// Schedules per test, of which there are four.
const SCHEDULES: u64 = 130;
/// Schedules per database; a fresh one after that keeps scans short.
const A_SYSTEM: u64 = 26;

#[tokio::test(start_paused = true)]
async fn imports_that_replace_equal_the_reference_under_faults() -> Result<()> {
    run(1, UpdatePolicy::Replace).await
}

#[tokio::test(start_paused = true)]
async fn imports_that_update_equal_the_reference_under_faults() -> Result<()> {
    run(2, UpdatePolicy::Update).await
}

#[tokio::test(start_paused = true)]
async fn imports_that_fill_equal_the_reference_under_faults() -> Result<()> {
    run(3, UpdatePolicy::Fill).await
}

#[tokio::test(start_paused = true)]
async fn imports_that_skip_equal_the_reference_under_faults() -> Result<()> {
    run(4, UpdatePolicy::Skip).await
}

async fn run(part: u64, policy: UpdatePolicy) -> Result<()> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds: Vec<u64> = match number("EASY_CRM_SEED") {
        Some(seed) => vec![seed],
        None => {
            (0..number("EASY_CRM_SCHEDULES").unwrap_or(SCHEDULES)).map(|n| part * 1_000_000 + n).collect()
        }
    };
    let mut totals = schedule::Totals::default();
    for some in seeds.chunks(A_SYSTEM as usize) {
        let injector = Arc::new(Injector::default());
        let clock = Arc::new(TestClock::default());
        let system = System::start_with(|options| {
            options.queues.deliver = false;
            options.batch_rows = 4;
            options.faults = Some(injector.clone());
            options.clock = clock.clone();
        })
        .await?;
        for seed in some {
            let schedule = Schedule::new(&system, &injector, &clock, policy, *seed);
            let ran = schedule.run().await;
            totals += ran.with_context(|| format!("replay with EASY_CRM_SEED={seed}"))?;
        }
    }
    println!("{} schedules: {totals:?}", seeds.len());
    Ok(())
}
