//! The page in real, headless Chromium against a whole running system.

mod chromium;
mod main_job;
