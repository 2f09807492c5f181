//! The work of Lambda's event sources: take messages from a queue, invoke a function with the real event JSON, delete
//! what succeeded and let the rest be redelivered, until the queue's receive limit moves it to the dead-letter queue.

mod events;

use std::sync::Arc;
use std::time::{Duration, Instant};

use easy_crm_lambdas::app::App;
use easy_crm_lambdas::deadline::Deadline;
use easy_crm_lambdas::handlers::{deepseek_caller, lead_exporter, lead_splitter};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::stand_ins::counters::{CallClock, InvocationTime, InvocationTimes};
use crate::stand_ins::queue_store::{Message, QueueStore};

/// The result of an invocation: the ids of the messages to be redelivered, or a failure of the whole invocation.
type Outcome = Result<Vec<String>, String>;

/// A function that processes messages.
pub(crate) type Invoke = Arc<dyn Fn(Vec<Message>) -> BoxFuture<'static, Outcome> + Send + Sync>;

/// A queue connected to a function.
#[derive(Clone)]
pub(crate) struct EventSource {
    pub(crate) function: &'static str,
    pub(crate) invoke: Invoke,
    pub(crate) queue: String,
    /// Messages per invocation.
    pub(crate) batch_size: u32,
    /// Concurrent invocations.
    pub(crate) concurrency: usize,
    /// Timeout of an invocation.
    pub(crate) timeout: Duration,
    /// How long a failed message stays invisible, times its receive count.
    pub(crate) retry_delay: Duration,
}

/// `lead-splitter`: S3 events of uploads.
pub(crate) fn lead_splitter(app: App) -> Invoke {
    for_each_event(app, |app, event| async move { lead_splitter::handle(&app, event).await }.boxed())
}

/// `lead-exporter`: S3 events of export jobs.
pub(crate) fn lead_exporter(app: App) -> Invoke {
    for_each_event(app, |app, event| {
        async move { lead_exporter::handle_event(&app, event).await.map(|_| ()) }.boxed()
    })
}

/// A function that receives one event at a time and fails as a whole.
fn for_each_event<E: DeserializeOwned + Send + 'static>(
    app: App,
    handle: fn(App, E) -> BoxFuture<'static, Result<(), lambda_http::Error>>,
) -> Invoke {
    Arc::new(move |messages| {
        let app = app.clone();
        async move {
            for message in messages {
                let event = serde_json::from_str(&message.body).map_err(|error| error.to_string())?;
                handle(app.clone(), event).await.map_err(|error| error.to_string())?;
            }
            Ok(Vec::new())
        }
        .boxed()
    })
}

/// `deepseek-caller`: batches, both new ones and dead letters, with failures reported per message.
pub(crate) fn deepseek_caller(app: App, queue: &str, timeout: Duration) -> Invoke {
    let queue = queue.to_owned();
    Arc::new(move |messages| {
        let (app, queue) = (app.clone(), queue.clone());
        async move {
            let event = events::sqs_event(&queue, &messages).map_err(|error| error.to_string())?;
            let response = deepseek_caller::handle(&app, event, Deadline::after(timeout))
                .await
                .map_err(|error| error.to_string())?;
            Ok(response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect())
        }
        .boxed()
    })
}

/// Dead letters of `lead-splitter`: its on-failure destination, which it reads itself.
pub(crate) fn given_up_uploads(app: App, queue: &str) -> Invoke {
    let queue = queue.to_owned();
    Arc::new(move |messages| {
        let (app, queue) = (app.clone(), queue.clone());
        async move {
            let event = events::sqs_event(&queue, &messages).map_err(|error| error.to_string())?;
            let invocation = lead_splitter::Invocation::GivenUp(event);
            let response =
                lead_splitter::invoke(&app, invocation).await.map_err(|error| error.to_string())?;
            let failures = response.unwrap_or_default().batch_item_failures;
            Ok(failures.into_iter().map(|failure| failure.item_identifier).collect())
        }
        .boxed()
    })
}

/// How long a poll waits before it checks whether to stop; new messages wake it at once.
const POLL_WAIT: Duration = Duration::from_secs(20);

/// Runs an event source until `stop` becomes true, then lets running invocations finish.
pub(crate) async fn run(
    source: EventSource,
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
        let (source, queues) = (Arc::clone(&source), queues.clone());
        let times = Arc::clone(&times);
        invocations.spawn(async move {
            invoke_and_settle(&source, &queues, &times, messages).await;
            drop(permit);
        });
    }
    while invocations.join_next().await.is_some() {}
}

async fn invoke_and_settle(
    source: &EventSource,
    queues: &QueueStore,
    times: &InvocationTimes,
    messages: Vec<Message>,
) {
    let function = source.function;
    let started = Instant::now();
    let clock = Arc::new(CallClock::new(function));
    // A separate task: a panic is one failed invocation and not the end of the poller.
    let mut invocation = JoinSet::new();
    invocation.spawn(Arc::clone(&clock).scope((source.invoke)(messages.clone())));
    let outcome = match tokio::time::timeout(source.timeout, invocation.join_next()).await {
        Ok(Some(Ok(outcome))) => outcome,
        Ok(Some(Err(error))) if error.is_panic() => Err("the function panicked".to_owned()),
        Ok(_) => Err("the function was cancelled".to_owned()),
        Err(_) => Err(format!("the function did not end within {} s", source.timeout.as_secs())),
    };
    // Ends an invocation that took too long.
    drop(invocation);
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

async fn settle(source: &EventSource, queues: &QueueStore, messages: Vec<Message>, failed_ids: &[String]) {
    let (failed, done): (Vec<_>, Vec<_>) =
        messages.into_iter().partition(|message| failed_ids.contains(&message.message_id));
    let receipts: Vec<String> = done.into_iter().map(|message| message.receipt_handle).collect();
    if !receipts.is_empty()
        && let Err(error) = queues.delete(receipts).await
    {
        tracing::error!(%error, queue = source.queue, "deleting failed; the messages will be redelivered");
    }
    for message in failed {
        let delay = source.retry_delay * message.receive_count;
        if let Err(error) = queues.change_visibility(&message.receipt_handle, delay).await {
            tracing::error!(%error, queue = source.queue, "releasing failed; the message is redelivered after its timeout");
        }
    }
}

#[cfg(test)]
mod tests;
