//! Sections of a snapshot: the bytes of a column in compressed pieces, each with its checksum.
//!
//! A section is a sequence of pieces and an empty piece; a piece is its length, its compressed length, the CRC-32 of
//! the compressed bytes, all as 32-bit little-endian numbers, and these bytes (LZ4 block). Pieces have at most
//! [`PIECE_BYTES`], so no length in a file makes the reader allocate more than that before the bytes are there.

use std::io::{self, Write};

use uuid::Uuid;

/// Maximum size of a piece before compression, in bytes.
const PIECE_BYTES: usize = 1 << 20;

/// Why a snapshot cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// The file does not begin like a snapshot.
    #[error("the file is not a snapshot")]
    NoSnapshot,
    /// Another version of the program wrote it.
    #[error("the snapshot has another version")]
    OtherVersion,
    /// Bytes are missing or are not what was written.
    #[error("the snapshot is damaged")]
    Damaged,
}

pub(super) struct Writer<W> {
    out: W,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out }
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        bytes.chunks(PIECE_BYTES).try_for_each(|piece| self.piece(piece))?;
        self.piece(&[])
    }

    fn piece(&mut self, bytes: &[u8]) -> io::Result<()> {
        let compressed = if bytes.is_empty() { Vec::new() } else { lz4_flex::block::compress(bytes) };
        self.raw(&(bytes.len() as u32).to_le_bytes())?;
        self.raw(&(compressed.len() as u32).to_le_bytes())?;
        self.raw(&crc32fast::hash(&compressed).to_le_bytes())?;
        self.raw(&compressed)
    }

    pub(super) fn numbers(&mut self, numbers: &[u64]) -> io::Result<()> {
        self.fixed(numbers.iter().map(|number| number.to_le_bytes()))
    }

    pub(super) fn small_numbers(&mut self, numbers: &[u32]) -> io::Result<()> {
        self.fixed(numbers.iter().map(|number| number.to_le_bytes()))
    }

    pub(super) fn ids(&mut self, ids: impl Iterator<Item = Uuid>) -> io::Result<()> {
        self.fixed(ids.map(Uuid::into_bytes))
    }

    fn fixed<const N: usize>(&mut self, items: impl Iterator<Item = [u8; N]>) -> io::Result<()> {
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        for item in items {
            if piece.len() + N > PIECE_BYTES {
                self.piece(&piece)?;
                piece.clear();
            }
            piece.extend_from_slice(&item);
        }
        if !piece.is_empty() {
            self.piece(&piece)?;
        }
        self.piece(&[])
    }
}

pub(super) struct Reader<'a> {
    rest: &'a [u8],
    piece: Vec<u8>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a [u8]) -> Self {
        Self { rest: file, piece: Vec::new() }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn raw(&mut self, len: usize) -> Result<&'a [u8], SnapshotError> {
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or(SnapshotError::Damaged)?;
        self.rest = rest;
        Ok(bytes)
    }

    fn number(&mut self) -> Result<u32, SnapshotError> {
        let bytes = self.raw(4)?.try_into().map_err(|_| SnapshotError::Damaged)?;
        Ok(u32::from_le_bytes(bytes))
    }

    /// Reads the next piece into `self.piece`; `false` at the end of the section.
    fn next_piece(&mut self) -> Result<bool, SnapshotError> {
        let (len, compressed_len, checksum) = (self.number()? as usize, self.number()?, self.number()?);
        let compressed = self.raw(compressed_len as usize)?;
        if len > PIECE_BYTES || crc32fast::hash(compressed) != checksum {
            return Err(SnapshotError::Damaged);
        }
        if len == 0 {
            return Ok(false);
        }
        self.piece.resize(len, 0);
        match lz4_flex::block::decompress_into(compressed, &mut self.piece) {
            Ok(written) if written == len => Ok(true),
            _ => Err(SnapshotError::Damaged),
        }
    }

    pub(super) fn bytes(&mut self) -> Result<Vec<u8>, SnapshotError> {
        let mut bytes = Vec::new();
        while self.next_piece()? {
            bytes.extend_from_slice(&self.piece);
        }
        bytes.shrink_to_fit();
        Ok(bytes)
    }

    pub(super) fn numbers(&mut self) -> Result<Vec<u64>, SnapshotError> {
        self.fixed(u64::from_le_bytes)
    }

    pub(super) fn small_numbers(&mut self) -> Result<Vec<u32>, SnapshotError> {
        self.fixed(u32::from_le_bytes)
    }

    pub(super) fn ids(&mut self) -> Result<Vec<Uuid>, SnapshotError> {
        self.fixed(Uuid::from_bytes)
    }

    fn fixed<T, const N: usize>(&mut self, item: impl Fn([u8; N]) -> T) -> Result<Vec<T>, SnapshotError> {
        let mut items = Vec::new();
        while self.next_piece()? {
            let (whole, cut) = self.piece.as_chunks::<N>();
            if !cut.is_empty() {
                return Err(SnapshotError::Damaged);
            }
            items.extend(whole.iter().map(|bytes| item(*bytes)));
        }
        items.shrink_to_fit();
        Ok(items)
    }
}
