//! The uploads of this tab, kept across a reload so that their panels can be shown again.

use serde::{Deserialize, Serialize};

use crate::browser;

/// Storage key. Session storage, so that they are forgotten with the tab and on sign-out.
const KEY: &str = "easy-crm.uploads";

/// One upload whose panel is on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Remembered {
    pub(super) upload_id: String,
    pub(super) file_name: String,
    pub(super) file_size: u64,
    /// Whether the object store had all bytes when this was written.
    pub(super) sent: bool,
}

/// The uploads whose panels were on the screen, oldest first.
pub(super) fn all() -> Vec<Remembered> {
    browser::session_get_json(KEY).unwrap_or_default()
}

/// Adds or replaces an upload.
pub(super) fn remember(upload: Remembered) {
    let mut uploads = all();
    uploads.retain(|other| other.upload_id != upload.upload_id);
    uploads.push(upload);
    store(&uploads);
}

/// Forgets all of them.
pub(crate) fn forget_all() {
    browser::session_set(KEY, None);
}

/// Forgets an upload.
pub(super) fn forget(upload_id: &str) {
    let mut uploads = all();
    uploads.retain(|other| other.upload_id != upload_id);
    store(&uploads);
}

fn store(uploads: &[Remembered]) {
    if uploads.is_empty() {
        browser::session_set(KEY, None);
    } else {
        browser::session_set_json(KEY, &uploads);
    }
}
