//! How much of a file is read before reading stops.

/// Bounds on what one file may unpack to. The defaults keep reading within 1 GB of memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Rows per sheet, blank ones included. Excel's own limit.
    pub max_rows: u32,
    /// Columns per sheet, up to the last one with a value.
    pub max_columns: u32,
    /// Text per row, in bytes. A longer row is read and reported as a [`RowProblem`](super::RowProblem).
    pub max_row_bytes: usize,
    /// Text per cell, in bytes. Several copies of a longer one are in memory while it is read.
    pub max_cell_bytes: usize,
    /// What all parts of a zipped workbook may unpack to, in bytes.
    pub max_unpacked_bytes: u64,
    /// Parts that unpack to more than this are scanned before they are read, in bytes. Whatever is in a smaller one, a
    /// parser takes no more than a few times its size.
    pub max_look_away_bytes: u64,
    /// Text of all sheets together, in bytes. A workbook can repeat one shared string a million times.
    pub max_text_bytes: usize,
    /// Cells of all sheets together, empty ones within a row included.
    pub max_cells: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_rows: 1_048_576,
            max_columns: 2_000,
            max_row_bytes: 256 * 1024,
            max_cell_bytes: 32 * 1024 * 1024,
            max_unpacked_bytes: 1024 * 1024 * 1024,
            max_look_away_bytes: 64 * 1024 * 1024,
            max_text_bytes: 384 * 1024 * 1024,
            max_cells: 48 * 1024 * 1024,
        }
    }
}
