//! Event sources against functions that fail in every way.

use std::collections::BTreeMap;
use std::sync::Mutex;

use easy_crm_lambdas::clock::SystemClock;

use super::*;
use crate::stand_ins::queue_store::{NewMessage, QueueShape, Redrive};

/// Sends the messages to a source with this function; returns how often each was delivered and which are dead letters.
async fn deliver(bodies: &[&str], timeout: Duration, invoke: Invoke) -> (BTreeMap<String, u32>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let shapes = [
        QueueShape {
            name: "work".to_owned(),
            visibility_timeout: Duration::from_secs(600),
            redrive: Some(Redrive { dead_letter_queue: "dead".to_owned(), max_receives: 3 }),
        },
        QueueShape { name: "dead".to_owned(), visibility_timeout: Duration::from_secs(600), redrive: None },
    ];
    let queues = QueueStore::open(&folder.path().join("q"), shapes, Arc::new(SystemClock)).unwrap();
    let messages = bodies.iter().map(|body| NewMessage { body: (*body).to_owned(), ..NewMessage::default() });
    queues.send("work", messages.collect()).await.unwrap();
    let delivered = Arc::new(Mutex::new(BTreeMap::new()));
    let counted = Arc::clone(&delivered);
    let source = EventSource {
        function: "test",
        invoke: Arc::new(move |messages| {
            for message in &messages {
                *counted.lock().unwrap().entry(message.body.clone()).or_default() += 1;
            }
            invoke(messages)
        }),
        queue: "work".to_owned(),
        batch_size: 2,
        concurrency: 2,
        timeout,
        retry_delay: Duration::ZERO,
    };
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(run(source, queues.clone(), Arc::default(), stopped));
    queues.wait_until_empty().await.unwrap();
    stop.send_replace(true);
    running.await.unwrap();
    let dead = queues.peek("dead").await.unwrap().into_iter().map(|message| message.body).collect();
    let delivered = delivered.lock().unwrap().clone();
    (delivered, dead)
}

const LONG: Duration = Duration::from_secs(60);

fn counts(expected: &[(&str, u32)]) -> BTreeMap<String, u32> {
    expected.iter().map(|(body, count)| ((*body).to_owned(), *count)).collect()
}

#[tokio::test]
async fn what_succeeds_comes_once() {
    let (delivered, dead) = deliver(&["a", "b", "c"], LONG, Arc::new(|_| async { Ok(vec![]) }.boxed())).await;
    assert_eq!((delivered, dead.len()), (counts(&[("a", 1), ("b", 1), ("c", 1)]), 0));
}

#[tokio::test]
async fn only_the_failed_message_of_a_batch_comes_again() {
    let invoke: Invoke = Arc::new(|messages| {
        async move {
            let failed = messages.into_iter().filter(|message| message.body == "bad");
            Ok(failed.map(|message| message.message_id).collect())
        }
        .boxed()
    });
    let (delivered, dead) = deliver(&["good", "bad", "fine"], LONG, invoke).await;
    assert_eq!(delivered, counts(&[("good", 1), ("bad", 3), ("fine", 1)]));
    assert_eq!(dead, ["bad"]);
}

#[tokio::test]
async fn a_panic_is_one_failed_invocation() {
    let invoke: Invoke = Arc::new(|messages| {
        async move {
            assert!(messages[0].receive_count > 1, "the first delivery panics");
            Ok(vec![])
        }
        .boxed()
    });
    let (delivered, dead) = deliver(&["a"], LONG, invoke).await;
    assert_eq!((delivered, dead.len()), (counts(&[("a", 2)]), 0));
}

#[tokio::test]
async fn an_invocation_that_never_ends_is_given_up() {
    let invoke: Invoke = Arc::new(|_| std::future::pending().boxed());
    let (delivered, dead) = deliver(&["a"], Duration::from_millis(1), invoke).await;
    assert_eq!(delivered, counts(&[("a", 3)]));
    assert_eq!(dead, ["a"]);
}
