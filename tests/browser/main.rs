//! The page in real, headless Chromium against a whole running system.

mod axe;
mod chromium;
mod imports;
mod list;
mod main_job;
