//! Allowed dependencies: between crates, and between the files of a crate.

mod crates;
mod imports;
