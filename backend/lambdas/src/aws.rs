//! Thin adapters over the AWS SDK, the only code that names it besides the wiring.

pub mod tables;
