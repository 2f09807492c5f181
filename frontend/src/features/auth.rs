//! The screens of signing in.

pub(crate) mod callback;
pub(crate) mod sign_in;
