//! The part of the list that is in view.

pub(super) mod scroll;
mod strip;
