//! One schedule: files, deliveries in random order with random faults, and the checks at the end.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::AddAssign;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use easy_crm_local::Deadline;
use easy_crm_local::clock::Clock;
use easy_crm_local::handlers::{deepseek_caller, lead_splitter};
use easy_crm_shared::routes;
use easy_crm_shared::status::{ProblemReportResponse, ProcessingStatus, UploadErrorCode, UploadStatus};
use easy_crm_shared::upload::UpdatePolicy;
use easy_crm_tests::{ALICE, System, Upload};
use futures::FutureExt as _;
use jiff::Timestamp;
use reqwest::Method;
use serde_json::json;

use super::injector::{INVOCATION, Injector};
use super::table::{self, File, Reference};

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub(crate) struct TestClock(AtomicI64);

impl Default for TestClock {
    fn default() -> Self {
        Self(AtomicI64::new(Timestamp::now().as_millisecond()))
    }
}

impl TestClock {
    fn advance(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

/// Statistics of a run.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    invocations: u64,
    faults: u64,
    deaths: u64,
    dead_letters: u64,
    cancelled: u64,
    failed_rows: u64,
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.invocations += other.invocations;
        self.faults += other.faults;
        self.deaths += other.deaths;
        self.dead_letters += other.dead_letters;
        self.cancelled += other.cancelled;
        self.failed_rows += other.failed_rows;
    }
}

/// Something to be delivered.
#[derive(Debug, Clone)]
struct Message {
    body: String,
    is_object: bool,
    receives: u32,
    is_dead: bool,
}

/// Deliveries before a message goes to the dead-letter queue.
const MAX_RECEIVES: u32 = 5;
/// After this round there are no more faults, so that a schedule ends.
const CALM_AFTER: u32 = 120;

pub(crate) struct Schedule<'a> {
    system: &'a System,
    injector: &'a Injector,
    clock: &'a TestClock,
    policy: UpdatePolicy,
    seed: u64,
    dice: fastrand::Rng,
    waiting: Vec<Message>,
    delivered: Vec<Message>,
    seen: BTreeSet<String>,
    uploads: Vec<(String, File)>,
    totals: Totals,
}

impl<'a> Schedule<'a> {
    pub(crate) fn new(
        system: &'a System,
        injector: &'a Injector,
        clock: &'a TestClock,
        policy: UpdatePolicy,
        seed: u64,
    ) -> Self {
        Self {
            system,
            injector,
            clock,
            policy,
            seed,
            dice: fastrand::Rng::with_seed(seed),
            waiting: Vec::new(),
            delivered: Vec::new(),
            seen: BTreeSet::new(),
            uploads: Vec::new(),
            totals: Totals::default(),
        }
    }

    pub(crate) async fn run(mut self) -> Result<Totals> {
        let faults_before = self.injector.faults.load(Ordering::Relaxed);
        for number in 0..self.dice.usize(1..4) {
            let file = File::draw(&mut self.dice, self.seed, number);
            self.clock.advance(1_000);
            let upload = Upload::text(&file.name, &file.text()).under(self.policy);
            let upload_id = self.system.send(ALICE, &upload).await?;
            for _ in 0..self.dice.usize(1..3) {
                let body = super::super::recovery::object_created(&upload_id).to_string();
                self.waiting.push(Message { body, is_object: true, receives: 0, is_dead: false });
            }
            self.uploads.push((upload_id, file));
        }
        let rate = [0, 30, 120, 400][self.dice.usize(0..4)];
        let cancel_at = (self.dice.u8(0..4) == 0).then(|| self.dice.u32(0..12));
        let mut round = 0;
        self.take_new_batches().await?;
        while !self.waiting.is_empty() {
            if cancel_at == Some(round) {
                let (upload_id, _) = &self.uploads[self.dice.usize(0..self.uploads.len())];
                let path = routes::status_cancel(upload_id);
                let (code, body) = self.system.api(ALICE, Method::POST, &path, None).await?;
                ensure!(code == 200 || code == 409, "{code}: {body}");
            }
            self.round(if round < CALM_AFTER { rate } else { 0 }).await;
            self.clock.advance(self.dice.i64(0..3_000));
            self.take_new_batches().await?;
            round += 1;
        }
        let statuses = self.check().await?;
        // Everything once more, late: nothing may change.
        let before = table::leads(self.system, self.seed).await?;
        self.waiting = std::mem::take(&mut self.delivered);
        while !self.waiting.is_empty() {
            self.round(0).await;
        }
        ensure!(table::leads(self.system, self.seed).await? == before, "late deliveries changed leads");
        for (status, (upload_id, _)) in statuses.iter().zip(&self.uploads) {
            let after = self.system.status(ALICE, upload_id).await?;
            ensure!(after == *status, "late deliveries changed {status:#?} to {after:#?}");
        }
        self.totals.faults = self.injector.faults.load(Ordering::Relaxed) - faults_before;
        Ok(self.totals)
    }

    /// Batches sent since the last call.
    async fn take_new_batches(&mut self) -> Result<()> {
        for message in self.system.local.waiting_batches().await? {
            let ours = self.uploads.iter().any(|(upload_id, _)| message.body.contains(upload_id.as_str()));
            if ours && self.seen.insert(message.message_id) {
                self.waiting.push(Message {
                    body: message.body,
                    is_object: false,
                    receives: 0,
                    is_dead: false,
                });
            }
        }
        Ok(())
    }

    /// Runs some invocations at a time, until they end or the process dies.
    async fn round(&mut self, rate: u64) {
        let mut invocations = Vec::new();
        for _ in 0..self.dice.usize(1..5) {
            if self.waiting.is_empty() {
                break;
            }
            let mut messages = vec![self.waiting.swap_remove(self.dice.usize(0..self.waiting.len()))];
            let first = (messages[0].is_object, messages[0].is_dead);
            while !first.0 && messages.len() < 3 {
                let same = |message: &Message| (message.is_object, message.is_dead) == first;
                let Some(at) = self.waiting.iter().position(same) else { break };
                messages.push(self.waiting.swap_remove(at));
            }
            for message in &mut messages {
                message.receives += 1;
            }
            let seconds = if self.dice.bool() { 60 } else { self.dice.u64(3..6) };
            invocations.push((messages, Deadline::after(Duration::from_secs(seconds)), self.dice.u64(..)));
        }
        self.totals.invocations += invocations.len() as u64;
        let app = self.system.local.app();
        let work = futures::future::join_all(invocations.iter().map(|(messages, deadline, seed)| {
            let dice = RefCell::new(fastrand::Rng::with_seed(*seed));
            INVOCATION.scope((dice, rate), invoke(app, messages, *deadline))
        }));
        let failed = tokio::select! {
            biased;
            () = self.injector.died.notified() => None,
            failed = work => Some(failed),
        };
        self.totals.deaths += u64::from(failed.is_none());
        for (at, (messages, _, _)) in invocations.into_iter().enumerate() {
            for (message_at, mut message) in messages.into_iter().enumerate() {
                let done = failed.as_ref().is_some_and(|failed| !failed[at].contains(&message_at));
                // Sometimes the deletion is lost.
                if done && self.dice.u8(0..10) > 0 {
                    self.delivered.push(message);
                    continue;
                }
                if message.receives >= MAX_RECEIVES && !message.is_dead {
                    message.is_dead = true;
                    self.totals.dead_letters += 1;
                }
                if !(done && message.is_dead) {
                    self.waiting.push(message);
                }
            }
        }
    }

    /// Checks the promises.
    async fn check(&mut self) -> Result<Vec<ProcessingStatus>> {
        let mut reference = Reference::new(self.policy);
        let (mut created, mut failed) = (0, 0);
        let mut statuses = Vec::new();
        for (upload_id, file) in &self.uploads {
            let status = self.system.status(ALICE, upload_id).await?;
            let progress = &status.progress;
            ensure!(status.status.is_final() && progress.settled, "{upload_id} never ended: {status:#?}");
            let given_up =
                status.error.as_ref().map(|error| error.code) == Some(UploadErrorCode::ProcessingFailed);
            let cancelled = status.status == UploadStatus::Cancelled;
            self.totals.cancelled += u64::from(cancelled);
            if given_up || (cancelled && progress.total_leads == 0) {
                ensure!(progress.accounted_leads() == 0, "{status:#?}");
                statuses.push(status);
                continue;
            }
            ensure!(progress.total_leads == file.rows.len() as u64, "{status:#?} of {file:#?}");
            ensure!(cancelled || progress.cancelled_leads == 0, "{status:#?}");
            let all_failed = progress.failed_leads == progress.total_leads;
            ensure!(cancelled || (status.status == UploadStatus::Error) == all_failed, "{status:#?}");
            let problems = self.problem_rows(&status).await?;
            ensure!(problems.len() as u64 == progress.failed_leads, "{problems:?} of {status:#?}");
            reference.read(file, |row| cancelled || problems.contains(&row));
            if self.uploads.len() == 1 && !cancelled && problems.is_empty() {
                let counts = (progress.created_leads, progress.duplicate_leads);
                ensure!(counts == (progress.total_leads - file.overtaken(), file.overtaken()), "{status:#?}");
            }
            created += progress.created_leads;
            failed += progress.failed_leads;
            statuses.push(status);
        }
        self.totals.failed_rows += failed;
        let leads = table::leads(self.system, self.seed).await?;
        reference.check(&leads)?;
        // A row that counts as failed may have been stored by a write that succeeded although its response was an
        // error.
        let there = leads.len() as u64;
        ensure!(
            (created..=created + failed).contains(&there),
            "{created} created, {failed} failed, {there} there: {leads:#?} of {:#?}",
            statuses.iter().map(|status| (status.status, status.progress)).collect::<Vec<_>>()
        );
        Ok(statuses)
    }

    /// Numbers of the rows in the problem report.
    async fn problem_rows(&self, status: &ProcessingStatus) -> Result<BTreeSet<usize>> {
        if status.progress.failed_leads == 0 {
            return Ok(BTreeSet::new());
        }
        let path = routes::status_problems(&status.upload_id);
        let answer: ProblemReportResponse = self.system.get(ALICE, &path).await?;
        let report = reqwest::get(&answer.download_url).await?.text().await?;
        let number = |line: &str| line.split(',').nth(1).and_then(|text| text.parse().ok());
        report.lines().skip(1).map(|line| number(line).with_context(|| line.to_owned())).collect()
    }
}

/// Invokes a function with messages; returns which of them have to be redelivered.
async fn invoke(app: &easy_crm_local::App, messages: &[Message], deadline: Deadline) -> BTreeSet<usize> {
    let all = || (0..messages.len()).collect();
    if messages[0].is_object && !messages[0].is_dead {
        let event = serde_json::from_str(&messages[0].body).unwrap();
        let handled = lead_splitter::handle(app, event).boxed_local().await;
        return if handled.is_ok() { BTreeSet::new() } else { all() };
    }
    let queue = if messages[0].is_dead { "arn:aws:sqs:::queue-dlq" } else { "arn:aws:sqs:::queue" };
    let records: Vec<_> = (0..)
        .zip(messages)
        .map(|(at, message): (usize, _)| {
            let attributes = json!({ "ApproximateReceiveCount": message.receives.to_string() });
            json!({
                "messageId": at.to_string(), "body": message.body, "attributes": attributes, "eventSourceARN": queue,
            })
        })
        .collect();
    let event = serde_json::from_value(json!({ "Records": records })).unwrap();
    let answer = if messages[0].is_object {
        let given_up = lead_splitter::Invocation::GivenUp(event);
        lead_splitter::invoke(app, given_up).boxed_local().await.map(Option::unwrap_or_default)
    } else {
        deepseek_caller::handle(app, event, deadline).boxed_local().await
    };
    let failures = answer.map(|answer| answer.batch_item_failures);
    failures.map_or_else(
        |_| all(),
        |failures| failures.iter().map(|failure| failure.item_identifier.parse().unwrap()).collect(),
    )
}
