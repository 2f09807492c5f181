//! Surveys the records of an XLS file before it is parsed: whether it is encrypted, how large a grid it would make, and
//! which cells have a number format that says more than their number. calamine does not expose the formats of XLS.

use std::collections::HashMap;

use crate::spreadsheet::number::NumberShape;

/// What the survey of the records found.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) is_encrypted: bool,
    /// Cells in the used ranges of all sheets, empty ones included; those of formulas count twice.
    pub(super) grid_cells: u64,
    /// What has to be overwritten with zeros before the stream is parsed: sheet dimensions that no sheet can have, and
    /// the lengths of formulas if all of them together are long.
    pub(super) to_blank: Vec<Span>,
    /// Where each sheet's records begin, in the workbook's order.
    sheet_starts: Vec<usize>,
    /// Format codes by number.
    formats: HashMap<u16, String>,
    /// The format of each kind of cell.
    cell_kinds: Vec<u16>,
    /// Kind of the cells with leading zeros or percentages, by start of the sheet, row and column.
    shaped: HashMap<(usize, u16, u16), u16>,
}

impl Survey {
    /// How a cell shows its number. `sheet`, `row` and `column` count from 0; `sheet` counts all sheets.
    pub(super) fn shape(&self, sheet: usize, row: u32, column: u32) -> NumberShape {
        let place = || {
            let start = *self.sheet_starts.get(sheet)?;
            let kind = self.shaped.get(&(start, u16::try_from(row).ok()?, u16::try_from(column).ok()?))?;
            Some(self.shape_of(*kind))
        };
        place().unwrap_or(NumberShape::Plain)
    }

    fn shape_of(&self, kind: u16) -> NumberShape {
        match self.cell_kinds.get(usize::from(kind)) {
            Some(format) => match self.formats.get(format) {
                Some(code) => NumberShape::of_format(code),
                // Built in: `0%` and `0.00%`.
                None if matches!(format, 9 | 10) => NumberShape::Percent,
                None => NumberShape::Plain,
            },
            None => NumberShape::Plain,
        }
    }

    fn note(&mut self, sheet: usize, row: u16, column: u16, kind: u16) {
        if self.shape_of(kind) != NumberShape::Plain {
            self.shaped.insert((sheet, row, column), kind);
        }
    }
}

/// Where the data of a record is in the stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) len: usize,
}

const BOF: u16 = 0x0809;
const END: u16 = 0x000A;
const BOUND_SHEET: u16 = 0x0085;
const FORMAT: u16 = 0x041E;
const XF: u16 = 0x00E0;
const NUMBER: u16 = 0x0203;
const RK: u16 = 0x027E;
const FILE_PASS: u16 = 0x002F;
const DIMENSIONS: u16 = 0x0200;
const FORMULA: u16 = 0x0006;
const MUL_RK: u16 = 0x00BD;
/// Number, Label, RString, BoolErr, Rk, LabelSst.
const CELLS: [u16; 6] = [0x0203, 0x0204, 0x00D6, 0x0205, 0x027E, 0x00FD];

/// Where the length of a formula's expression is in its record.
const FORMULA_LENGTH_AT: usize = 20;
/// Total size of formulas that is parsed although nobody needs them. The parser writes each as text, in which seven
/// bytes can become a sheet name of 250, and a bracket moves everything before it.
const MAX_FORMULA_BYTES: usize = 1024 * 1024;

/// The range of rows and columns in which cells were seen.
#[derive(Default)]
struct Extent(Option<(u16, u16, u16, u16)>);

impl Extent {
    fn add(&mut self, row: u16, column: u16) {
        let (top, bottom, left, right) = self.0.unwrap_or((row, row, column, column));
        self.0 = Some((top.min(row), bottom.max(row), left.min(column), right.max(column)));
    }

    fn cells(&self) -> u64 {
        self.0.map_or(0, |(top, bottom, left, right)| {
            (u64::from(bottom - top) + 1) * (u64::from(right - left) + 1)
        })
    }
}

/// Surveys all records. A truncated stream ends the survey; the parser will report it.
pub(super) fn survey(stream: &[u8]) -> Survey {
    let mut survey = Survey::default();
    let mut values = Extent::default();
    let mut formulas = Extent::default();
    let mut formula_lengths = Vec::new();
    let mut formula_bytes = 0_usize;
    // Charts are nested in sheets.
    let mut open = Vec::new();
    let mut pos = 0;
    while let Some([t0, t1, l0, l1]) = stream.get(pos..pos + 4) {
        let kind = u16::from_le_bytes([*t0, *t1]);
        let len = usize::from(u16::from_le_bytes([*l0, *l1]));
        let start = pos + 4;
        let Some(data) = stream.get(start..start + len) else { break };
        let short = |at: usize| data.get(at..at + 2).map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]]));
        match kind {
            BOF => {
                survey.grid_cells += values.cells() + formulas.cells();
                (values, formulas) = Default::default();
                open.push(pos);
            }
            END => drop(open.pop()),
            BOUND_SHEET => {
                survey.sheet_starts.push(data.first_chunk().map_or(0, |p| u32::from_le_bytes(*p) as usize))
            }
            XF => survey.cell_kinds.push(short(2).unwrap_or(0)),
            FORMAT => survey.formats.extend(short(0).zip(format_code(data))),
            FILE_PASS => survey.is_encrypted |= short(0) != Some(0),
            DIMENSIONS if !are_dimensions(data) => survey.to_blank.push(Span { start, len }),
            FORMULA => {
                if let (Some(row), Some(column)) = (short(0), short(2)) {
                    values.add(row, column);
                    formulas.add(row, column);
                }
                if len >= FORMULA_LENGTH_AT + 2 {
                    formula_bytes += len - FORMULA_LENGTH_AT;
                    formula_lengths.push(Span { start: start + FORMULA_LENGTH_AT, len: 2 });
                }
            }
            MUL_RK => {
                if let (Some(row), Some(first), Some(last)) =
                    (short(0), short(2), short(len.saturating_sub(2)))
                {
                    values.add(row, first);
                    values.add(row, last);
                    let sheet = open.last().copied().unwrap_or(0);
                    // Six bytes per cell: its kind and its number.
                    for (column, cell) in (first..=last).zip(data[4..].chunks_exact(6)) {
                        survey.note(sheet, row, column, u16::from_le_bytes([cell[0], cell[1]]));
                    }
                }
            }
            _ if CELLS.contains(&kind) => {
                if let (Some(row), Some(column)) = (short(0), short(2)) {
                    values.add(row, column);
                }
            }
            _ => {}
        }
        if let (FORMULA | NUMBER | RK, Some(row), Some(column), Some(kind)) =
            (kind, short(0), short(2), short(4))
        {
            survey.note(open.last().copied().unwrap_or(0), row, column, kind);
        }
        pos = start + len;
    }
    survey.grid_cells += values.cells() + formulas.cells();
    if formula_bytes > MAX_FORMULA_BYTES {
        survey.to_blank.append(&mut formula_lengths);
    }
    survey
}

/// The code of a Format record: in Excel 97 and later with a flag for the width of its characters, earlier as bytes.
fn format_code(data: &[u8]) -> Option<String> {
    let new = || {
        let chars = usize::from(u16::from_le_bytes([*data.get(2)?, *data.get(3)?]));
        let text = data.get(5..)?;
        match data.get(4)? & 1 {
            0 => Some(text.get(..chars)?.iter().map(|byte| char::from(*byte)).collect()),
            _ => {
                let units: Vec<u16> = text
                    .get(..chars * 2)?
                    .chunks_exact(2)
                    .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                    .collect();
                String::from_utf16(&units).ok()
            }
        }
    };
    let old = || {
        let chars = usize::from(*data.get(2)?);
        let text = data.get(3..)?;
        (text.len() == chars).then(|| text.iter().map(|byte| char::from(*byte)).collect())
    };
    old().or_else(new)
}

/// Whether a sheet can have these dimensions: first row, row after the last, first column, column after the last.
fn are_dimensions(data: &[u8]) -> bool {
    let short = |at: usize| u32::from(u16::from_le_bytes([data[at], data[at + 1]]));
    let long = |at: usize| u32::from_le_bytes([data[at], data[at + 1], data[at + 2], data[at + 3]]);
    let (rows, columns) = match data.len() {
        10 => ((short(0), short(2)), (short(4), short(6))),
        14 | 16 => ((long(0), long(4)), (short(8), short(10))),
        // The parser rejects other lengths itself.
        _ => return true,
    };
    let fits = |(first, end): (u32, u32), max: u32| end <= max && (end == 0 || first < end);
    fits(rows, 65_536) && fits(columns, 256)
}
