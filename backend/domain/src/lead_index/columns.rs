//! Columns of the index: repeated values are stored once; all are stored folded and can be restored as written.

mod dictionary;
mod texts;

use std::borrow::Cow;

pub(super) use dictionary::Dictionary;
pub(super) use texts::Texts;

/// A column of texts.
#[derive(Clone, Copy)]
pub(super) enum Column<'a> {
    /// Values that repeat.
    Dictionary(&'a Dictionary),
    /// Values that mostly differ.
    Texts(&'a Texts),
}

impl<'a> Column<'a> {
    pub(super) fn written(self, slot: u32) -> Cow<'a, str> {
        match self {
            Self::Dictionary(column) => Cow::Borrowed(column.written(slot)),
            Self::Texts(column) => column.written(slot),
        }
    }

    pub(super) fn folded(self, slot: u32) -> &'a str {
        match self {
            Self::Dictionary(column) => column.folded(slot),
            Self::Texts(column) => column.folded(slot),
        }
    }

    pub(super) fn is_missing(self, slot: u32) -> bool {
        match self {
            Self::Dictionary(column) => column.written(slot).is_empty(),
            Self::Texts(column) => column.is_missing(slot),
        }
    }
}
