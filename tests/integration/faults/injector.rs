//! Injected faults, decided by the seed of the invocation that makes the call.

use std::cell::RefCell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use easy_crm_local::{Call, Fault, Faults};
use tokio::sync::Notify;

tokio::task_local! {
    /// The current invocation: its random generator, and how many calls in a thousand fail.
    pub(crate) static INVOCATION: (RefCell<fastrand::Rng>, u64);
}

/// Faults for a schedule's invocations; calls from outside them always succeed.
#[derive(Debug, Default)]
pub(crate) struct Injector {
    /// Notified when the process dies.
    pub(crate) died: Notify,
    pub(crate) faults: AtomicU64,
    /// Operations that a fault has hit.
    pub(crate) hit: Mutex<std::collections::BTreeSet<String>>,
}

impl Faults for Injector {
    fn of(&self, call: Call<'_>) -> Fault {
        let fault = INVOCATION.try_with(|(dice, rate)| {
            let mut dice = dice.borrow_mut();
            (dice.u64(0..1_000) < *rate).then(|| draw(&mut dice, call))
        });
        let Ok(Some(fault)) = fault else { return Fault::None };
        if fault != Fault::None {
            self.faults.fetch_add(1, Ordering::Relaxed);
            let mut hit = self.hit.lock().unwrap();
            hit.insert(format!("{} {}", call.service, call.operation));
        }
        if matches!(fault, Fault::Hang { .. }) {
            self.died.notify_waiters();
        }
        fault
    }
}

fn draw(dice: &mut fastrand::Rng, call: Call<'_>) -> Fault {
    let carried_out = dice.bool();
    let answer =
        |status, body: &str, carried_out| Fault::Answer { status, body: body.to_owned(), carried_out };
    let of_email_index = call.body.windows(10).any(|window| window == b"EmailIndex");
    match (dice.u8(0..10), call.service) {
        // The index does not show the lead yet.
        (0..4, _) if of_email_index => answer(200, r#"{"Items":[],"Count":0,"ScannedCount":0}"#, false),
        (0..4, "DynamoDB") => answer(
            400,
            r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow down"}"#,
            false,
        ),
        (0..4, "SQS") => {
            answer(400, r#"{"__type":"com.amazonaws.sqs#ThrottlingException","message":"slow down"}"#, false)
        }
        (0..4, _) => answer(503, "<Error><Code>SlowDown</Code><Message>slow down</Message></Error>", false),
        (4..6, "DynamoDB") => answer(
            500,
            r#"{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"sorry"}"#,
            carried_out,
        ),
        (4..6, _) => answer(500, r#"{"__type":"InternalError","message":"sorry"}"#, carried_out),
        (6..9, _) => Fault::Break { carried_out },
        _ => Fault::Hang { carried_out },
    }
}
