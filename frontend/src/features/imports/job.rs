//! The import of one file, from the drop to the end of its processing.

use easy_crm_shared::status::ProcessingStatus;
use leptos::prelude::*;

/// What is happening to the file right now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Queued behind other files.
    Waiting,
    /// The presigned URL is being requested.
    Preparing,
    /// The bytes are being sent.
    Sending { sent_bytes: u64 },
    /// The object store has the file; its status record tells the rest.
    Following,
    /// It never got to the server.
    Failed { message: String, can_retry: bool },
}

/// A file and what is known about it. Clones share their signals.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    /// Key of its panel.
    pub(crate) id: u64,
    /// The file's name.
    pub(crate) file_name: String,
    /// Its size in bytes.
    pub(crate) file_size: u64,
    /// The current phase.
    pub(crate) phase: ArcRwSignal<Phase>,
    /// The server's id, once the upload has been announced.
    pub(crate) upload_id: ArcRwSignal<Option<String>>,
    /// The newest status record.
    pub(crate) status: ArcRwSignal<Option<ProcessingStatus>>,
    /// Why the status is out of date.
    pub(crate) trouble: ArcRwSignal<Option<String>>,
    /// The user is pointing at or focusing the panel: do not hide it.
    pub(crate) held: ArcRwSignal<bool>,
}

impl Job {
    /// A file in the given phase.
    pub(crate) fn new(id: u64, file_name: String, file_size: u64, phase: Phase) -> Self {
        Self {
            id,
            file_name,
            file_size,
            phase: ArcRwSignal::new(phase),
            upload_id: ArcRwSignal::new(None),
            status: ArcRwSignal::new(None),
            trouble: ArcRwSignal::new(None),
            held: ArcRwSignal::new(false),
        }
    }
}
