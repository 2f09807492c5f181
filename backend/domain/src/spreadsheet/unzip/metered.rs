//! An archive that may not be unpacked again and again: a list of sheets can name one part ten thousand times.

use std::io::{Cursor, Error, Read, Result, Seek, SeekFrom};

use crate::spreadsheet::archive::Archive;

/// How often a whole archive may be unpacked: once for the cells, once for merged cells, once for links, and once to
/// spare.
const TIMES: u64 = 4;
/// How much more may be unpacked, in bytes: for archives of a few small parts.
const FREE: u64 = 16 * 1024 * 1024;

/// An archive's bytes. Reading packed bytes is charged at their unpacked size.
#[derive(Debug)]
pub(in crate::spreadsheet) struct Metered<'b> {
    bytes: Cursor<&'b [u8]>,
    /// For each part, in order: where its packed bytes begin and end, and what a kilobyte of them unpacks to.
    parts: Vec<(u64, u64, u64)>,
    left: u64,
}

impl<'b> Metered<'b> {
    pub(super) fn new(bytes: &'b [u8], archive: &mut Archive<'_>) -> Self {
        let mut parts = Vec::with_capacity(archive.len());
        let mut unpacked = bytes.len() as u64;
        for index in 0..archive.len() {
            // A part that cannot be found cannot be unpacked either.
            let Ok(part) = archive.by_index_raw(index) else { continue };
            let Some(start) = part.data_start() else { continue };
            let (packed, size) = (part.compressed_size(), part.size());
            unpacked = unpacked.saturating_add(size);
            let of_a_kilobyte = size.saturating_mul(1024) / packed.max(1);
            parts.push((start, start.saturating_add(packed), of_a_kilobyte));
        }
        parts.sort_unstable();
        Self { bytes: Cursor::new(bytes), parts, left: unpacked.saturating_mul(TIMES).saturating_add(FREE) }
    }

    fn cost(&self, at: u64, read: u64) -> u64 {
        let before = self.parts.partition_point(|(start, ..)| *start <= at);
        let of_a_kilobyte = match before.checked_sub(1).and_then(|last| self.parts.get(last)) {
            Some((_, end, of_a_kilobyte)) if at < *end => *of_a_kilobyte,
            _ => 1024,
        };
        (of_a_kilobyte.saturating_mul(read) / 1024).max(read)
    }
}

impl Read for Metered<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let at = self.bytes.position();
        let read = self.bytes.read(buffer)?;
        let cost = self.cost(at, read as u64);
        match self.left.checked_sub(cost) {
            Some(left) => self.left = left,
            None => return Err(Error::other("the archive is unpacked again and again")),
        }
        Ok(read)
    }
}

impl Seek for Metered<'_> {
    fn seek(&mut self, position: SeekFrom) -> Result<u64> {
        self.bytes.seek(position)
    }
}
