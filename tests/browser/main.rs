//! The page in real, headless Chromium against a whole running system.

mod axe;
mod chromium;
mod imports;
mod main_job;
