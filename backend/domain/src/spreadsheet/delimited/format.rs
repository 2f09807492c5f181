//! The characters that split a text into records and fields.

/// Which characters have a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) delimiter: u8,
    pub(super) quote: u8,
    /// Does a backslash take the meaning from what follows it?
    pub(super) escapes: bool,
    /// Does a blank behind a delimiter belong to it?
    pub(super) blank_after: bool,
}

impl Format {
    /// The usual format with a delimiter.
    pub(super) fn of(delimiter: u8) -> Self {
        Self { delimiter, quote: b'"', escapes: false, blank_after: false }
    }

    pub(super) fn ends_field(self, byte: u8) -> bool {
        byte == self.delimiter || byte == b'\n' || byte == b'\r'
    }
}
