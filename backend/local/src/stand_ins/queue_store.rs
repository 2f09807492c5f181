//! Messages on disk: queues with visibility timeouts, receive counts and dead-letter queues, in one SQLite file.
//!
//! Everything is written before it is acknowledged, so a process killed at any point loses nothing: its in-flight
//! messages become visible again at the next start. Table `messages` contains all queues; table `announced_objects`
//! records which uploaded objects already got their event (see [`super::s3_events`]).

mod message;
mod sql;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use easy_crm_lambdas::clock::SharedClock;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use tokio::sync::Notify;
use tokio::time::Instant;

pub use message::{Message, QueueDepth};
pub(crate) use message::{NewMessage, QueueShape, Redrive};
use sql::{SCHEMA, insert, move_dead, read};

/// Why the queue file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// SQLite failed.
    #[error("the local queue's database failed: {0}")]
    Database(#[from] rusqlite::Error),
    /// No queue of that name.
    #[error("there is no queue {0}")]
    NoSuchQueue(String),
    /// The task that uses SQLite ended early.
    #[error("the local queue's task ended early")]
    Interrupted,
}

/// All queues of a data folder. Cheap to clone.
#[derive(Clone)]
pub(crate) struct QueueStore {
    inner: Arc<Inner>,
}

struct Inner {
    connection: Mutex<Connection>,
    queues: BTreeMap<String, QueueShape>,
    clock: SharedClock,
    /// Something was sent, deleted or released, or the clock was moved.
    changed: Notify,
}

impl std::fmt::Debug for QueueStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QueueStore").field("queues", &self.inner.queues.keys()).finish_non_exhaustive()
    }
}

impl QueueStore {
    /// Opens the file; messages that were in flight in the last process are visible again at once.
    ///
    /// # Errors
    /// When SQLite fails.
    pub(crate) fn open(
        file: &Path,
        shapes: impl IntoIterator<Item = QueueShape>,
        clock: SharedClock,
    ) -> Result<Self, QueueError> {
        let connection = Connection::open(file)?;
        connection.execute_batch(SCHEMA)?;
        connection.execute(
            "UPDATE messages SET visible_at_ms = 0, receipt_handle = NULL WHERE receipt_handle IS NOT NULL",
            [],
        )?;
        let queues = shapes.into_iter().map(|shape| (shape.name.clone(), shape)).collect();
        Ok(Self {
            inner: Arc::new(Inner {
                connection: Mutex::new(connection),
                queues,
                clock,
                changed: Notify::new(),
            }),
        })
    }

    pub(crate) fn shape(&self, queue: &str) -> Result<&QueueShape, QueueError> {
        self.inner.queues.get(queue).ok_or_else(|| QueueError::NoSuchQueue(queue.to_owned()))
    }

    fn now_ms(&self) -> i64 {
        self.inner.clock.now().as_millisecond()
    }

    /// Wakes all waiting receivers, because the clock was moved.
    pub(crate) fn look_again(&self) {
        self.inner.changed.notify_waiters();
    }

    async fn transaction<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, rusqlite::Error> + Send + 'static,
    ) -> Result<T, QueueError> {
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || {
            let mut connection = inner.connection.lock().unwrap_or_else(PoisonError::into_inner);
            let transaction =
                connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            let result = work(&transaction)?;
            transaction.commit()?;
            Ok(result)
        })
        .await
        .map_err(|_| QueueError::Interrupted)?
    }

    /// Sends messages, all or none; returns their ids.
    ///
    /// # Errors
    /// When there is no such queue or SQLite fails.
    pub(crate) async fn send(
        &self,
        queue: &str,
        messages: Vec<NewMessage>,
    ) -> Result<Vec<String>, QueueError> {
        let queue = self.shape(queue)?.name.clone();
        let now_ms = self.now_ms();
        let ids = self
            .transaction(move |transaction| {
                messages.iter().map(|message| insert(transaction, &queue, message, now_ms)).collect()
            })
            .await?;
        self.inner.changed.notify_waiters();
        Ok(ids)
    }

    /// Puts an object's event into a queue, unless `only_if_new` is set and the object has already had one.
    ///
    /// # Errors
    /// When there is no such queue or SQLite fails.
    pub(crate) async fn announce_object(
        &self,
        queue: &str,
        object_key: String,
        event: String,
        only_if_new: bool,
    ) -> Result<bool, QueueError> {
        let queue = self.shape(queue)?.name.clone();
        let now_ms = self.now_ms();
        let announced = self
            .transaction(move |transaction| {
                let new = transaction
                    .execute("INSERT OR IGNORE INTO announced_objects VALUES (?1)", [&object_key])?
                    > 0;
                if new || !only_if_new {
                    insert(
                        transaction,
                        &queue,
                        &NewMessage { body: event, ..NewMessage::default() },
                        now_ms,
                    )?;
                    return Ok(true);
                }
                Ok(false)
            })
            .await?;
        if announced {
            self.inner.changed.notify_waiters();
        }
        Ok(announced)
    }

    /// Receives up to `max_messages` without waiting. Messages that were received too often move to the dead-letter
    /// queue instead.
    ///
    /// # Errors
    /// When there is no such queue or SQLite fails.
    pub(crate) async fn receive(
        &self,
        queue: &str,
        max_messages: u32,
        visibility_timeout: Option<Duration>,
    ) -> Result<Vec<Message>, QueueError> {
        let shape = self.shape(queue)?.clone();
        let now_ms = self.now_ms();
        let timeout = visibility_timeout.unwrap_or(shape.visibility_timeout);
        let invisible_until_ms = now_ms + i64::try_from(timeout.as_millis()).unwrap_or(i64::MAX / 2);
        let (messages, dead) = self
            .transaction(move |transaction| {
                let dead = match &shape.redrive {
                    Some(redrive) => move_dead(transaction, &shape.name, redrive, now_ms)?,
                    None => Vec::new(),
                };
                let mut select = transaction.prepare_cached(
                    "SELECT sequence, message_id, body, attributes_json, sent_at_ms, first_received_at_ms, receive_count
                     FROM messages WHERE queue = ?1 AND visible_at_ms <= ?2 ORDER BY sequence LIMIT ?3",
                )?;
                let mut messages = select
                    .query_map(params![shape.name, now_ms, max_messages], |row| read(row, now_ms))?
                    .collect::<Result<Vec<_>, _>>()?;
                let mut update = transaction.prepare_cached(
                    "UPDATE messages SET visible_at_ms = ?2, receive_count = ?3, first_received_at_ms = ?4,
                     receipt_handle = ?5 WHERE sequence = ?1",
                )?;
                for (sequence, message) in &mut messages {
                    update.execute(params![
                        *sequence,
                        invisible_until_ms,
                        message.receive_count,
                        message.first_received_at_ms,
                        message.receipt_handle,
                    ])?;
                }
                Ok((messages.into_iter().map(|(_, message)| message).collect::<Vec<_>>(), dead))
            })
            .await?;
        if !dead.is_empty() {
            self.inner.changed.notify_waiters();
        }
        for message_id in dead {
            tracing::error!(queue, message_id, "message moved to the dead-letter queue");
        }
        Ok(messages)
    }

    /// Receives up to `max_messages`, waiting at most `wait` for the first one.
    ///
    /// # Errors
    /// When there is no such queue or SQLite fails.
    pub(crate) async fn receive_waiting(
        &self,
        queue: &str,
        max_messages: u32,
        visibility_timeout: Option<Duration>,
        wait: Duration,
    ) -> Result<Vec<Message>, QueueError> {
        let deadline = Instant::now() + wait;
        loop {
            let changed = self.inner.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let messages = self.receive(queue, max_messages, visibility_timeout).await?;
            if !messages.is_empty() || Instant::now() >= deadline {
                return Ok(messages);
            }
            let next = match self.next_visible_in(queue).await? {
                Some(delay) => deadline.min(Instant::now() + delay),
                None => deadline,
            };
            // Whichever ends the wait, the loop looks again.
            let _ = tokio::time::timeout_at(next, changed).await;
        }
    }

    async fn next_visible_in(&self, queue: &str) -> Result<Option<Duration>, QueueError> {
        let queue = queue.to_owned();
        let next_ms: Option<i64> = self
            .transaction(move |transaction| {
                transaction.query_row(
                    "SELECT MIN(visible_at_ms) FROM messages WHERE queue = ?1",
                    [&queue],
                    |row| row.get(0),
                )
            })
            .await?;
        let now_ms = self.now_ms();
        // The clock's resolution is one millisecond: waiting for less would spin.
        Ok(next_ms.map(|next_ms| Duration::from_millis(u64::try_from(next_ms - now_ms).unwrap_or(0).max(1))))
    }

    /// Deletes received messages; a stale receipt deletes nothing.
    ///
    /// # Errors
    /// When SQLite fails.
    pub(crate) async fn delete(&self, receipt_handles: Vec<String>) -> Result<(), QueueError> {
        self.transaction(move |transaction| {
            let mut delete = transaction.prepare_cached("DELETE FROM messages WHERE receipt_handle = ?1")?;
            for receipt_handle in &receipt_handles {
                delete.execute([receipt_handle])?;
            }
            Ok(())
        })
        .await?;
        self.inner.changed.notify_waiters();
        Ok(())
    }

    /// Makes a received message visible after `delay`; `false` if the receipt is stale.
    ///
    /// # Errors
    /// When SQLite fails.
    pub(crate) async fn change_visibility(
        &self,
        receipt_handle: &str,
        delay: Duration,
    ) -> Result<bool, QueueError> {
        let receipt_handle = receipt_handle.to_owned();
        let visible_at_ms = self.now_ms() + i64::try_from(delay.as_millis()).unwrap_or(i64::MAX / 2);
        let changed = self
            .transaction(move |transaction| {
                transaction.execute(
                    "UPDATE messages SET visible_at_ms = ?2 WHERE receipt_handle = ?1",
                    params![receipt_handle, visible_at_ms],
                )
            })
            .await?;
        self.inner.changed.notify_waiters();
        Ok(changed > 0)
    }

    /// Number of messages in a queue.
    ///
    /// # Errors
    /// When SQLite fails.
    pub(crate) async fn depth(&self, queue: &str) -> Result<QueueDepth, QueueError> {
        let queue = queue.to_owned();
        let now_ms = self.now_ms();
        self.transaction(move |transaction| {
            transaction.query_row(
                "SELECT COUNT(*) FILTER (WHERE visible_at_ms <= ?2),
                        COUNT(*) FILTER (WHERE visible_at_ms > ?2 AND receipt_handle IS NOT NULL),
                        COUNT(*) FILTER (WHERE visible_at_ms > ?2 AND receipt_handle IS NULL)
                 FROM messages WHERE queue = ?1",
                params![queue, now_ms],
                |row| Ok(QueueDepth { visible: row.get(0)?, in_flight: row.get(1)?, delayed: row.get(2)? }),
            )
        })
        .await
    }

    /// Waits until all queues are empty, except dead-letter queues.
    ///
    /// # Errors
    /// When SQLite fails.
    pub(crate) async fn wait_until_empty(&self) -> Result<(), QueueError> {
        loop {
            let changed = self.inner.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let mut total = 0;
            for shape in self.inner.queues.values().filter(|shape| shape.redrive.is_some()) {
                total += self.depth(&shape.name).await?.total();
            }
            if total == 0 {
                return Ok(());
            }
            changed.await;
        }
    }

    /// All messages of a queue, in flight or not, without receiving them.
    ///
    /// # Errors
    /// When SQLite fails.
    pub(crate) async fn peek(&self, queue: &str) -> Result<Vec<Message>, QueueError> {
        let queue = queue.to_owned();
        self.transaction(move |transaction| {
            let mut select = transaction.prepare_cached(
                "SELECT message_id, body, attributes_json, sent_at_ms, first_received_at_ms, receive_count, receipt_handle
                 FROM messages WHERE queue = ?1 ORDER BY sequence",
            )?;
            select
                .query_map([&queue], |row| {
                    Ok(Message {
                        message_id: row.get(0)?,
                        body: row.get(1)?,
                        attributes_json: row.get(2)?,
                        sent_at_ms: row.get(3)?,
                        first_received_at_ms: row.get::<_, Option<i64>>(4)?.unwrap_or_default(),
                        receive_count: row.get(5)?,
                        receipt_handle: row.get::<_, Option<String>>(6)?.unwrap_or_default(),
                    })
                })?
                .collect()
        })
        .await
    }

    /// Whether the object has had its event.
    ///
    /// # Errors
    /// When SQLite fails.
    pub(crate) async fn is_announced(&self, object_key: &str) -> Result<bool, QueueError> {
        let object_key = object_key.to_owned();
        self.transaction(move |transaction| {
            let found = transaction
                .query_row("SELECT 1 FROM announced_objects WHERE object_key = ?1", [&object_key], |_| Ok(()))
                .optional()?;
            Ok(found.is_some())
        })
        .await
    }
}
