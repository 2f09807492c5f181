//! The Easy CRM web page, rendered in the browser.
//!
//! `features/` has one folder per part of the screen. Logic that needs no browser is in modules of plain Rust, which are
//! tested natively. `api/` is the only code that speaks HTTP, `browser.rs` the only code that touches storage, clock and
//! location.

mod api;
mod app;
mod browser;
mod components;
mod features;
mod format;
mod keyboard;
mod navigation;
mod query_string;
mod routes;
mod session;
mod workspace;

pub use app::App;
pub use browser::remove_boot_screen;
