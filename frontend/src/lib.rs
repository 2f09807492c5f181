//! The Easy CRM web page, rendered in the browser.
//!
//! `features/` holds one folder a part of the screen: views next to a `state.rs` of plain Rust, which is where the
//! thinking is and which is tested natively. `api/` is the only code that talks HTTP, `browser.rs` the only code
//! that touches storage, clock and location.

mod api;
mod app;
mod browser;
mod components;
mod features;
mod format;
mod keyboard;
mod query_string;
mod routes;
mod session;
mod workspace;

pub use app::App;
pub use browser::remove_boot_screen;
