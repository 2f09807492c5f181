//! Queues and messages as their users see them.

use std::time::Duration;

/// How a queue behaves.
#[derive(Debug, Clone)]
pub(crate) struct QueueShape {
    pub(crate) name: String,
    /// How long a received message stays invisible.
    pub(crate) visibility_timeout: Duration,
    /// Where a message goes after it was received `max_receives` times and not deleted; a dead-letter queue has none.
    pub(crate) redrive: Option<Redrive>,
}

#[derive(Debug, Clone)]
pub(crate) struct Redrive {
    pub(crate) dead_letter_queue: String,
    pub(crate) max_receives: u32,
}

/// A message as its receiver sees it.
#[derive(Debug, Clone)]
pub struct Message {
    /// The message's id.
    pub message_id: String,
    /// Identifies this receipt when the message is deleted; a later receipt makes it stale.
    pub receipt_handle: String,
    /// The text.
    pub body: String,
    /// The sender's message attributes, as JSON text.
    pub attributes_json: String,
    /// When it was sent, in milliseconds since 1970.
    pub sent_at_ms: i64,
    /// When it was first received, in milliseconds since 1970.
    pub first_received_at_ms: i64,
    /// How often it has been received, including this time.
    pub receive_count: u32,
}

/// A message to be sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewMessage {
    pub(crate) body: String,
    pub(crate) attributes_json: Option<String>,
    pub(crate) delay: Duration,
}

/// Number of messages in a queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueDepth {
    /// Ready to be received.
    pub visible: u64,
    /// Received and not yet deleted.
    pub in_flight: u64,
    /// Sent, but not yet ready to be received.
    pub delayed: u64,
}

impl QueueDepth {
    /// All of them.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.visible + self.in_flight + self.delayed
    }
}
