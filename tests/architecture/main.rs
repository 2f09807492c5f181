//! What may depend on what: the crates on each other, and the files of a crate.

mod crates;
mod imports;
