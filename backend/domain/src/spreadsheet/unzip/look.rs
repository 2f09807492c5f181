//! Scans a large XML part before it is parsed for anything that would take much more memory than its size in bytes:
//! parsers keep nested elements one by one, a cell's text as a whole and more than once, shared texts and formats as
//! lists.

use std::cell::Cell;
use std::io::{BufReader, Read};
use std::rc::Rc;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::spreadsheet::error::TooMuch;
use crate::spreadsheet::{Limits, ReadError};

/// Nested elements. Workbooks have a dozen.
const MAX_DEPTH: usize = 1_000;
/// Cells per shared text: each text is allocated separately.
const CELLS_A_TEXT: u64 = 8;
/// Cell formats. Excel allows 65,490.
const MAX_FORMATS: u64 = 200_000;
/// Sheets in the list of sheets, which names other things too.
const MAX_SHEETS: u64 = 20_000;

/// Counts the bytes read since the last reset, and stops reading at too many.
struct Stretch<R> {
    inner: R,
    bytes: Rc<Cell<usize>>,
    most: usize,
}

impl<R: Read> Read for Stretch<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes.set(self.bytes.get() + read);
        if self.bytes.get() > self.most {
            return Err(std::io::Error::other("one piece of text is too long"));
        }
        Ok(read)
    }
}

/// How many bytes a part of `size` bytes really has; `None` if it cannot be unpacked or is not XML.
///
/// # Errors
/// When something in it exceeds a limit.
pub(super) fn through(part: impl Read, size: u64, limits: &Limits) -> Result<Option<u64>, ReadError> {
    let too_long = || ReadError::too_complex(TooMuch::Cell(limits.max_cell_bytes));
    let since_piece = Rc::new(Cell::new(0));
    let stretch = Stretch {
        inner: part,
        bytes: Rc::clone(&since_piece),
        most: limits.max_cell_bytes.saturating_add(64 * 1024),
    };
    let mut reader = Reader::from_reader(BufReader::with_capacity(64 * 1024, stretch));
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    let mut buffer = Vec::new();
    let mut depth = 0_usize;
    let max_texts = limits.max_cells as u64 / CELLS_A_TEXT;
    let (mut texts, mut formats, mut sheets) = (0, 0, 0);
    let mut cell_began = None;
    loop {
        buffer.clear();
        let element = match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(ref tag)) => {
                depth += 1;
                kind(tag.local_name().as_ref())
            }
            Ok(Event::Empty(ref tag)) => kind(tag.local_name().as_ref()),
            Ok(Event::End(_)) => {
                depth = depth.saturating_sub(1);
                Kind::Other
            }
            Ok(Event::Eof) => break,
            Ok(_) => Kind::Other,
            Err(_) if since_piece.get() > limits.max_cell_bytes => return Err(too_long()),
            Err(_) => return Ok(None),
        };
        since_piece.set(0);
        let counted = match element {
            Kind::Text => Some((&mut texts, max_texts, TooMuch::Texts(max_texts))),
            Kind::Format => Some((&mut formats, MAX_FORMATS, TooMuch::Formats(MAX_FORMATS))),
            Kind::Sheet => Some((&mut sheets, MAX_SHEETS, TooMuch::Sheets(MAX_SHEETS as usize))),
            Kind::Cell | Kind::Other => None,
        };
        if let Some((count, most, what)) = counted {
            *count += 1;
            if *count > most {
                return Err(ReadError::too_complex(what));
            }
        }
        if depth > MAX_DEPTH {
            return Err(ReadError::too_complex(TooMuch::Nesting(MAX_DEPTH)));
        }
        let position = reader.buffer_position();
        if matches!(element, Kind::Text | Kind::Cell) {
            cell_began = Some(position);
        }
        // A cell's text can come in many small pieces. Parts without cells are not checked for this.
        if cell_began.is_some_and(|began| position - began > limits.max_look_away_bytes) {
            return Err(too_long());
        }
    }
    // After the end of an XML part there can only be white space, which is read too.
    let read = reader.buffer_position();
    Ok(Some(read).filter(|read| *read <= size))
}

/// What an element is, where it matters.
enum Kind {
    /// A shared text.
    Text,
    /// A format.
    Format,
    /// A sheet in the list of sheets.
    Sheet,
    /// A cell or a row.
    Cell,
    Other,
}

fn kind(local_name: &str) -> Kind {
    match local_name {
        "si" => Kind::Text,
        "xf" | "dxf" | "numFmt" | "font" | "fill" | "border" => Kind::Format,
        "sheet" => Kind::Sheet,
        "c" | "row" | "table-cell" | "covered-table-cell" | "table-row" => Kind::Cell,
        _ => Kind::Other,
    }
}
