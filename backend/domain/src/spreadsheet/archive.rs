//! Zipped workbooks in memory.

use std::io::Cursor;

use zip::ZipArchive;

/// A zip archive in memory.
pub(super) type Archive<'b> = ZipArchive<Cursor<&'b [u8]>>;
