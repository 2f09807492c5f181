//! The sign-in screens.

pub(crate) mod callback;
pub(crate) mod sign_in;
