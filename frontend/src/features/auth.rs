//! Signing in and out: OAuth 2.0 authorization code with PKCE. Tokens live in memory; the refresh token is also in
//! the tab's session storage, so that a reload keeps the user signed in.

pub(crate) mod callback;
mod pkce;
pub(crate) mod session;
pub(crate) mod sign_in;
mod state;
