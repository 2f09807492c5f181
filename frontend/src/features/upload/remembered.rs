//! The uploads of this tab, kept over a reload: whose cards to show again.

use crate::browser;
use crate::url_encoding::{pairs, query};

/// Where they are kept. Session storage, so that they end with the tab and with signing out.
pub(crate) const KEY: &str = "easy-crm.uploads";

/// One upload whose card is on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remembered {
    pub(super) upload_id: String,
    pub(super) file_name: String,
    pub(super) file_size: u64,
    /// Did the store have all bytes when this was written?
    pub(super) sent: bool,
}

/// The uploads whose cards were on the screen, oldest first.
pub(super) fn all() -> Vec<Remembered> {
    browser::session_get(KEY).map(|text| from_text(&text)).unwrap_or_default()
}

/// Adds or replaces an upload.
pub(super) fn remember(upload: Remembered) {
    let mut uploads = all();
    uploads.retain(|other| other.upload_id != upload.upload_id);
    uploads.push(upload);
    store(&uploads);
}

/// Forgets an upload.
pub(super) fn forget(upload_id: &str) {
    let mut uploads = all();
    uploads.retain(|other| other.upload_id != upload_id);
    store(&uploads);
}

fn store(uploads: &[Remembered]) {
    let text = to_text(uploads);
    browser::session_set(KEY, (!text.is_empty()).then_some(&text));
}

/// One line an upload.
fn to_text(uploads: &[Remembered]) -> String {
    let lines = uploads.iter().map(|upload| {
        query([
            ("uploadId", upload.upload_id.as_str()),
            ("fileName", &upload.file_name),
            ("fileSize", &upload.file_size.to_string()),
            ("sent", if upload.sent { "true" } else { "false" }),
        ])
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Reads what [`to_text`] wrote; leaves out what it cannot read.
fn from_text(text: &str) -> Vec<Remembered> {
    let read = |line: &str| {
        let mut values = pairs(line).into_iter().map(|(_, value)| value);
        Some(Remembered {
            upload_id: values.next()?,
            file_name: values.next()?,
            file_size: values.next()?.parse().ok()?,
            sent: values.next()? == "true",
        })
    };
    text.lines().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_survive_the_storage() {
        let upload = |name: &str, sent| Remembered {
            upload_id: "u-1".into(),
            file_name: name.into(),
            file_size: 7,
            sent,
        };
        let uploads = vec![upload("a & b\n=.csv", true), upload("Übung.xlsx", false)];
        assert_eq!(from_text(&to_text(&uploads)), uploads);
        assert_eq!(from_text(""), []);
        assert_eq!(from_text("rubbish\nuploadId=1&fileName=a&fileSize=x&sent=true"), []);
    }
}
