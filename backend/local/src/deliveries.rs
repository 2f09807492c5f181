//! What Lambda's event sources do: take messages from a queue, invoke a function with the real event JSON, delete what
//! succeeded and let the rest come again, until the queue's receive limit moves it to the dead-letter queue.

mod events;

use std::sync::Arc;
use std::time::{Duration, Instant};

use easy_crm_lambdas::app::App;
use easy_crm_lambdas::handlers::{deepseek_caller, lead_splitter};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::stand_ins::counters::{CallClock, InvocationTime, InvocationTimes};
use crate::stand_ins::queue_store::{Message, QueueStore};

/// A function that is invoked by a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QueueFunction {
    /// One S3 event an invocation.
    LeadSplitter,
    /// Up to ten messages an invocation, failures reported message by message.
    DeepseekCaller,
}

impl QueueFunction {
    const fn name(self) -> &'static str {
        match self {
            Self::LeadSplitter => "lead-splitter",
            Self::DeepseekCaller => "deepseek-caller",
        }
    }
}

/// A queue wired to a function.
#[derive(Debug, Clone)]
pub(crate) struct EventSource {
    pub(crate) function: QueueFunction,
    pub(crate) queue: String,
    /// Messages an invocation.
    pub(crate) batch_size: u32,
    /// Invocations at a time.
    pub(crate) concurrency: usize,
    /// After how long an invocation is given up.
    pub(crate) timeout: Duration,
    /// How long a failed message stays invisible, times its receive count.
    pub(crate) retry_delay: Duration,
}

/// How long a poll waits before it looks whether to stop; arrivals wake it at once.
const POLL_WAIT: Duration = Duration::from_secs(20);

/// Runs an event source until `stop` turns true, then lets the invocations under way finish.
pub(crate) async fn run(
    source: EventSource,
    app: App,
    queues: QueueStore,
    times: Arc<InvocationTimes>,
    mut stop: watch::Receiver<bool>,
) {
    let free = Arc::new(Semaphore::new(source.concurrency));
    let mut invocations = JoinSet::new();
    let source = Arc::new(source);
    loop {
        while invocations.try_join_next().is_some() {}
        let Ok(permit) = Arc::clone(&free).acquire_owned().await else { break };
        let messages = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => break,
            messages = queues.receive_waiting(&source.queue, source.batch_size, None, POLL_WAIT) => messages,
        };
        let messages = match messages {
            Ok(messages) if messages.is_empty() => continue,
            Ok(messages) => messages,
            Err(error) => {
                tracing::error!(%error, queue = source.queue, "receiving failed");
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        let (source, app, queues) = (Arc::clone(&source), app.clone(), queues.clone());
        let times = Arc::clone(&times);
        invocations.spawn(async move {
            invoke_and_settle(&source, app, &queues, &times, messages).await;
            drop(permit);
        });
    }
    while invocations.join_next().await.is_some() {}
}

async fn invoke_and_settle(
    source: &EventSource,
    app: App,
    queues: &QueueStore,
    times: &InvocationTimes,
    messages: Vec<Message>,
) {
    let function = source.function.name();
    let started = Instant::now();
    let clock = Arc::new(CallClock::default());
    let event_messages = messages.clone();
    let queue = source.queue.clone();
    let which = source.function;
    // A task of its own: a panic is one failed invocation and not the end of the poller.
    let mut invocation = tokio::spawn(
        Arc::clone(&clock).scope(async move { invoke(which, app, &queue, &event_messages).await }),
    );
    let outcome = match tokio::time::timeout(source.timeout, &mut invocation).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(error)) if error.is_panic() => Err("the function panicked".to_owned()),
        Ok(Err(_)) => Err("the function was cancelled".to_owned()),
        Err(_) => {
            invocation.abort();
            Err(format!("the function did not end within {} s", source.timeout.as_secs()))
        }
    };
    times.add(function, InvocationTime { total: started.elapsed(), in_stand_ins: clock.total() });
    let failed_ids = match outcome {
        Ok(failed_ids) => failed_ids,
        Err(problem) => {
            tracing::error!(function, problem, messages = messages.len(), "invocation failed");
            messages.iter().map(|message| message.message_id.clone()).collect()
        }
    };
    settle(source, queues, messages, &failed_ids).await;
}

/// Invokes the function; answers the ids of the messages that are to come again.
async fn invoke(
    function: QueueFunction,
    app: App,
    queue: &str,
    messages: &[Message],
) -> Result<Vec<String>, String> {
    match function {
        QueueFunction::DeepseekCaller => {
            let event = events::sqs_event(queue, messages).map_err(|error| error.to_string())?;
            let response = deepseek_caller::handle(&app, event).await.map_err(|error| error.to_string())?;
            Ok(response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect())
        }
        QueueFunction::LeadSplitter => {
            for message in messages {
                let event = serde_json::from_str(&message.body).map_err(|error| error.to_string())?;
                lead_splitter::handle(&app, event).await.map_err(|error| error.to_string())?;
            }
            Ok(Vec::new())
        }
    }
}

async fn settle(source: &EventSource, queues: &QueueStore, messages: Vec<Message>, failed_ids: &[String]) {
    let (failed, done): (Vec<_>, Vec<_>) =
        messages.into_iter().partition(|message| failed_ids.contains(&message.message_id));
    let receipts: Vec<String> = done.into_iter().map(|message| message.receipt_handle).collect();
    if !receipts.is_empty()
        && let Err(error) = queues.delete(receipts).await
    {
        tracing::error!(%error, queue = source.queue, "deleting failed; the messages will come again");
    }
    for message in failed {
        let delay = source.retry_delay * message.receive_count;
        if let Err(error) = queues.change_visibility(&message.receipt_handle, delay).await {
            tracing::error!(%error, queue = source.queue, "releasing failed; the message comes after its timeout");
        }
    }
}
