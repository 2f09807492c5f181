//! The index as a file: what a cold start reads instead of the whole change feed.
//!
//! Columns are written as they are stored, so that nothing has to be folded or split again on reading. Dead slots, and
//! their contents, are left out. A snapshot records up to when it contains every change of the feed; the reader
//! continues from there. The file begins with [`MAGIC`] and [`VERSION`]; a file of another version is rejected, and the
//! feed is read instead.

mod format;

use std::collections::HashMap;
use std::io::{self, Write};

use uuid::Uuid;

use super::LeadIndex;
use super::arena::Arena;
use super::columns::{Dictionary, Texts};
use super::store::{Columns, Store};
use crate::identity::FilePosition;
use format::{Reader, Writer};

pub use format::SnapshotError;

const MAGIC: &[u8; 8] = b"EASYCRM\0";
/// Version of the file format. Bump it for any change of what is written, including the folding of texts.
pub const VERSION: u32 = 2;

/// How long before the feed position deletions are remembered: against changes that reach an index late. By then no
/// change in the feed is older than that, as items themselves say that they were deleted.
const DELETIONS_KEPT_MS: i64 = 7 * 24 * 3_600_000;

impl LeadIndex {
    /// Writes a snapshot. `feed_position_ms` is the time up to which the index holds every change, in milliseconds
    /// since 1970.
    ///
    /// # Errors
    /// When writing to `out` fails.
    pub fn write_snapshot(&self, feed_position_ms: i64, out: &mut impl Write) -> io::Result<()> {
        let packed;
        let columns = if self.store.slots() as usize == self.len() {
            &self.store.columns
        } else {
            packed = self.store.packed_columns();
            &packed
        };
        let mut out = Writer::new(out);
        out.raw(MAGIC)?;
        out.raw(&VERSION.to_le_bytes())?;
        out.numbers(&[feed_position_ms as u64, columns.ids.len() as u64])?;
        write_columns(columns, &mut out)?;
        let deleted = self.store.deleted_at_ms().iter();
        let deleted: Vec<_> =
            deleted.filter(|(_, at)| **at >= feed_position_ms.saturating_sub(DELETIONS_KEPT_MS)).collect();
        out.ids(deleted.iter().map(|(id, _)| **id))?;
        out.numbers(&deleted.iter().map(|(_, at)| **at as u64).collect::<Vec<_>>())?;
        out.numbers(&[self.store.fingerprint()])
    }

    /// Reads a snapshot; returns the index and the feed position it was written with, in milliseconds since 1970.
    /// Memory use is proportional to the actual contents of the file.
    ///
    /// # Errors
    /// When the file is damaged, truncated, of another version or not a snapshot.
    pub fn read_snapshot(file: &[u8]) -> Result<(Self, i64), SnapshotError> {
        let mut file = Reader::new(file);
        if file.raw(MAGIC.len())? != MAGIC {
            return Err(SnapshotError::NoSnapshot);
        }
        if file.raw(4)? != VERSION.to_le_bytes() {
            return Err(SnapshotError::OtherVersion);
        }
        let [feed_position_ms, slots] = file.numbers()?[..] else { return Err(SnapshotError::Damaged) };
        let columns = read_columns(&mut file, slots)?;
        let deleted = file.ids()?;
        let deleted_at: Vec<u64> = file.numbers()?;
        let fingerprint = file.numbers()?;
        if deleted.len() != deleted_at.len() || !file.is_at_end() {
            return Err(SnapshotError::Damaged);
        }
        let deleted: HashMap<Uuid, i64> =
            deleted.into_iter().zip(deleted_at.into_iter().map(|at| at as i64)).collect();
        let store = Store::of(columns, deleted);
        // Recomputed from what was read: ids, times and digests are unchanged.
        if fingerprint != [store.fingerprint()] {
            return Err(SnapshotError::Damaged);
        }
        Ok((Self { store, orders: super::Orders::default() }, feed_position_ms as i64))
    }
}

fn write_columns(columns: &Columns, out: &mut Writer<impl Write>) -> io::Result<()> {
    out.ids(columns.ids.iter().copied())?;
    for column in [&columns.first_name, &columns.last_name, &columns.title, &columns.company] {
        write_dictionary(column, out)?;
    }
    write_texts(&columns.email, out)?;
    write_dictionary(&columns.email_domain, out)?;
    write_texts(&columns.phone, out)?;
    write_arena(&columns.digits, out)?;
    write_texts(&columns.remarks, out)?;
    write_dictionary(&columns.source_file, out)?;
    write_dictionary(&columns.upload, out)?;
    for times in [&columns.created_at_ms, &columns.updated_at_ms, &columns.changed_at_ms] {
        // Neighbours are close in time: the deltas between them are small.
        let mut last = 0_i64;
        let steps = times.iter().map(|time| time.wrapping_sub(std::mem::replace(&mut last, *time)) as u64);
        out.numbers(&steps.collect::<Vec<_>>())?;
    }
    out.small_numbers(&columns.positions.iter().map(|position| position.number()).collect::<Vec<_>>())?;
    out.small_numbers(&columns.digests)
}

fn read_columns(file: &mut Reader<'_>, slots: u64) -> Result<Columns, SnapshotError> {
    let ids = file.ids()?;
    if ids.len() as u64 != slots || slots >= u64::from(u32::MAX) {
        return Err(SnapshotError::Damaged);
    }
    let count = ids.len();
    let fits = |len: usize| if len == count { Ok(()) } else { Err(SnapshotError::Damaged) };
    let dictionary = |file: &mut Reader<'_>| {
        let entries = file.small_numbers()?;
        fits(entries.len())?;
        let (written, folded) = (read_arena(file)?, read_arena(file)?);
        Dictionary::from_parts(entries, written, folded).ok_or(SnapshotError::Damaged)
    };
    let arena = |file: &mut Reader<'_>| {
        let arena = read_arena(file)?;
        fits(arena.len() as usize).map(|()| arena)
    };
    let texts = |file: &mut Reader<'_>| {
        let folded = arena(file)?;
        let capitals = file.numbers()?;
        let (slots, written) = (file.small_numbers()?, read_arena(file)?);
        if slots.len() != written.len() as usize {
            return Err(SnapshotError::Damaged);
        }
        let written = (0..written.len()).map(|index| written.get(index).into());
        let others = slots.into_iter().zip(written.collect::<Vec<Box<str>>>()).collect();
        Texts::from_parts(folded, capitals, others).ok_or(SnapshotError::Damaged)
    };
    let times = |file: &mut Reader<'_>| {
        let mut time = 0_i64;
        let steps = file.numbers()?;
        fits(steps.len())?;
        Ok::<_, SnapshotError>(
            steps
                .into_iter()
                .map(|step| {
                    time = time.wrapping_add(step as i64);
                    time
                })
                .collect(),
        )
    };
    let columns = Columns {
        ids,
        first_name: dictionary(file)?,
        last_name: dictionary(file)?,
        title: dictionary(file)?,
        company: dictionary(file)?,
        email: texts(file)?,
        email_domain: dictionary(file)?,
        phone: texts(file)?,
        digits: arena(file)?,
        remarks: texts(file)?,
        source_file: dictionary(file)?,
        upload: dictionary(file)?,
        created_at_ms: times(file)?,
        updated_at_ms: times(file)?,
        changed_at_ms: times(file)?,
        positions: file.small_numbers()?.into_iter().map(FilePosition::from).collect(),
        digests: file.small_numbers()?,
    };
    fits(columns.positions.len())?;
    fits(columns.digests.len()).map(|()| columns)
}

fn write_arena(arena: &Arena, out: &mut Writer<impl Write>) -> io::Result<()> {
    out.small_numbers(&arena.lengths().collect::<Vec<_>>())?;
    out.bytes(arena.text().as_bytes())
}

fn read_arena(file: &mut Reader<'_>) -> Result<Arena, SnapshotError> {
    let lengths = file.small_numbers()?;
    let text = String::from_utf8(file.bytes()?).map_err(|_| SnapshotError::Damaged)?;
    Arena::from_parts(text, lengths.into_iter()).ok_or(SnapshotError::Damaged)
}

fn write_dictionary(column: &Dictionary, out: &mut Writer<impl Write>) -> io::Result<()> {
    let (entries, written, folded) = column.parts();
    out.small_numbers(entries)?;
    write_arena(written, out)?;
    write_arena(folded, out)
}

fn write_texts(column: &Texts, out: &mut Writer<impl Write>) -> io::Result<()> {
    let (folded, capitals, others) = column.parts();
    write_arena(folded, out)?;
    out.numbers(capitals)?;
    let mut others: Vec<_> = others.iter().collect();
    others.sort_unstable_by_key(|(slot, _)| **slot);
    out.small_numbers(&others.iter().map(|(slot, _)| **slot).collect::<Vec<_>>())?;
    let mut written = Arena::default();
    others.iter().for_each(|(_, text)| written.push(text));
    write_arena(&written, out)
}

#[cfg(test)]
mod tests;
