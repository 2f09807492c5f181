//! Which lead a row is about, and which row is newer: lead ids derived from content, and the order of rows.
//!
//! A random id would not survive a redelivery, and an eventually consistent index cannot guarantee one lead per
//! address. An id derived from the address does both: two writers who both found nothing write the same item.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::email::NormalizedEmail;

/// A lead's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LeadId(Uuid);

impl LeadId {
    /// Accepts an id from outside.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    /// The id itself.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl FromStr for LeadId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text).map(Self)
    }
}

impl From<Uuid> for LeadId {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl fmt::Display for LeadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// The secret namespace in which ids are derived, so that an id does not reveal its address.
#[derive(Clone)]
pub struct IdNamespace(Uuid);

impl IdNamespace {
    /// The namespace of a deployment.
    #[must_use]
    pub fn new(deployment_secret: &str) -> Self {
        let digest = Sha256::new_with_prefix(b"easy-crm/lead-id/")
            .chain_update(deployment_secret.as_bytes())
            .finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self(Uuid::from_bytes(bytes))
    }

    /// The id of a new lead with this address. `generation` is 0 unless the earlier ids belong to leads whose
    /// address was edited away.
    #[must_use]
    pub fn lead_id_of_email(&self, email: &NormalizedEmail, generation: u32) -> LeadId {
        self.derive(&format!("email\0{generation}\0{email}"))
    }

    /// The id of a lead without an address, from the row's fingerprint and the number of equal rows before it in the
    /// file. `generation` is 0 unless the leads with the earlier ids were manually given an address.
    #[must_use]
    pub fn lead_id_of_row(&self, fingerprint: &RowFingerprint, ordinal: u32, generation: u32) -> LeadId {
        let again = if generation == 0 { String::new() } else { format!("\0{generation}") };
        self.derive(&format!("row\0{ordinal}\0{}{again}", fingerprint.0))
    }

    fn derive(&self, name: &str) -> LeadId {
        LeadId(Uuid::new_v5(&self.0, name.as_bytes()))
    }
}

/// A digest of a row's raw cells. Trailing empty cells do not count: programs differ in writing them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RowFingerprint(String);

impl RowFingerprint {
    /// The fingerprint of a row.
    pub fn of<C: AsRef<str>>(cells: &[C]) -> Self {
        let used = cells.iter().rposition(|cell| !cell.as_ref().is_empty()).map_or(0, |last| last + 1);
        let mut hash = Sha256::new();
        for cell in &cells[..used] {
            let cell = cell.as_ref();
            hash.update((cell.len() as u64).to_le_bytes());
            hash.update(cell.as_bytes());
        }
        Self(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// Where a row is in its file, by sheet and row: leads of one import are listed in this order. Kept in 32 bits, because the index
/// holds one for every lead: rows and sheets too many for them come last, all alike.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FilePosition(u32);

impl FilePosition {
    const ROW_BITS: u32 = 24;

    /// The position of a row. `sheet` is the sheet's position in the file, `row` the row's number in it.
    #[must_use]
    pub const fn new(sheet: u32, row: u32) -> Self {
        if sheet >= u32::MAX >> Self::ROW_BITS || row >> Self::ROW_BITS != 0 {
            return Self(u32::MAX);
        }
        Self(sheet << Self::ROW_BITS | row)
    }

    /// A number in the order of the positions.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl From<u32> for FilePosition {
    fn from(number: u32) -> Self {
        Self(number)
    }
}

/// The position of a row in time: upload time, upload, sheet, row. Later orders win over earlier ones, whatever the
/// order of arrival. Stored as text whose alphabetical order is the order itself, because DynamoDB compares it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RowOrder(String);

impl RowOrder {
    /// The order of a row of an upload. `sheet` is the sheet's position in the file, `row` the row's number in it.
    #[must_use]
    pub fn of_row(uploaded_at: Timestamp, upload_id: &str, sheet: u32, row: u32) -> Self {
        let uploaded_at_ms = uploaded_at.as_millisecond().max(0);
        Self(format!("{uploaded_at_ms:015}.{upload_id}.{sheet:05}.{row:08}"))
    }

    /// The order of a manual change: its time; `change` distinguishes changes of the same moment.
    #[must_use]
    pub fn of_change(at: Timestamp, change: &str) -> Self {
        Self(format!("{:015}.change.{change}", at.as_millisecond().max(0)))
    }

    /// Where in its file the row is; the beginning of a file for what was no row of one.
    #[must_use]
    pub fn file_position(&self) -> FilePosition {
        let mut parts = self.0.split('.').skip(2);
        match (parts.next().map(str::parse), parts.next().map(str::parse)) {
            (Some(Ok(sheet)), Some(Ok(row))) => FilePosition::new(sheet, row),
            _ => FilePosition::default(),
        }
    }

    /// When the upload was announced or the change made, in milliseconds since 1970; 0 if there is no such time.
    #[must_use]
    pub fn millisecond(&self) -> i64 {
        self.0.split('.').next().and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    /// The upload of the row; none if the change came from elsewhere.
    #[must_use]
    pub fn upload_id(&self) -> Option<&str> {
        let mut parts = self.0.split('.');
        let upload_id = parts.nth(1)?;
        (parts.count() == 2).then_some(upload_id)
    }

    /// Whether it is the order of a manual change.
    #[must_use]
    pub fn is_manual(&self) -> bool {
        !self.is_empty() && self.upload_id().is_none()
    }

    /// Whether it is before every row and change: the order of a field that was never written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The order as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for RowOrder {
    fn from(text: String) -> Self {
        Self(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_in_the_order_of_the_file() {
        let position = |sheet, row| RowOrder::of_row(Timestamp::UNIX_EPOCH, "u", sheet, row).file_position();
        let positions =
            [(0, 2), (0, 9), (0, 1_048_576), (1, 1), (200, 3), (254, 16_777_215), (255, 1), (3, 99_999_999)];
        let positions = positions.map(|(sheet, row)| position(sheet, row));
        assert!(positions.is_sorted());
        assert_eq!(positions[6], positions[7], "what is too far back has one place");
        assert_eq!(RowOrder::of_change(Timestamp::UNIX_EPOCH, "x").file_position(), FilePosition::default());
        assert_eq!(RowOrder::from(String::new()).file_position(), FilePosition::default());
    }

    fn email(text: &str) -> NormalizedEmail {
        NormalizedEmail::parse(text).unwrap()
    }

    #[test]
    fn ids_follow_from_content_and_secret() {
        let namespace = IdNamespace::new("secret");
        let id = namespace.lead_id_of_email(&email("A@b.c"), 0);
        assert_eq!(id, IdNamespace::new("secret").lead_id_of_email(&email("a@B.c "), 0));
        assert_eq!(LeadId::parse(&id.to_string()), Some(id));
        assert_ne!(id, namespace.lead_id_of_email(&email("a@b.c"), 1));
        assert_ne!(id, IdNamespace::new("other").lead_id_of_email(&email("a@b.c"), 0));
        let row = RowFingerprint::of(&["x", "y"]);
        let of = |ordinal, generation| namespace.lead_id_of_row(&row, ordinal, generation);
        assert_ne!(of(0, 0), of(1, 0));
        assert_ne!(of(0, 0), of(0, 1));
    }

    #[test]
    fn fingerprints_keep_cell_borders_and_forget_trailing_blanks() {
        assert_ne!(RowFingerprint::of(&["ab", "c"]), RowFingerprint::of(&["a", "bc"]));
        assert_eq!(RowFingerprint::of(&["a", "", ""]), RowFingerprint::of(&["a"]));
        assert_ne!(RowFingerprint::of(&["", "a"]), RowFingerprint::of(&["a"]));
    }

    #[test]
    fn orders_compare_by_time_then_place() {
        let order = |ms, id: &str, sheet, row| {
            RowOrder::of_row(Timestamp::from_millisecond(ms).unwrap(), id, sheet, row)
        };
        let sorted = [
            order(999, "b", 9, 9),
            order(1_700_000_000_000, "a", 0, 9),
            order(1_700_000_000_000, "a", 0, 10),
            order(1_700_000_000_000, "a", 1, 2),
            order(1_700_000_000_000, "b", 0, 1),
            order(1_700_000_000_001, "a", 0, 1),
        ];
        assert!(sorted.is_sorted());
        assert_eq!(sorted[0].upload_id(), Some("b"));
        assert_eq!(RowOrder::of_change(Timestamp::UNIX_EPOCH, "x").upload_id(), None);
    }
}
