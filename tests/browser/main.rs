//! The page in real, headless Chromium against a complete running system.

mod axe;
mod chat;
mod chromium;
mod conditions;
mod imports;
mod journeys;
mod list;
mod main_job;
mod scroll;
mod security;
mod session;
mod timing;
