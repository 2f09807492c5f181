//! The characters that split a text into records and fields.

/// The characters with a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) delimiter: u8,
    pub(super) quote: u8,
    /// Whether a backslash escapes the character after it.
    pub(super) escapes: bool,
    /// Whether a blank after a delimiter belongs to it.
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
