//! A look through the records of an XLS file before it is parsed: is it encrypted, and how large a grid would it make?

/// What a look through the records found.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) is_encrypted: bool,
    /// Cells in the used ranges of all sheets, empty ones included, those of formulas counted again.
    pub(super) grid_cells: u64,
    /// Statements of a sheet's dimensions that no sheet can have.
    pub(super) false_dimensions: Vec<Span>,
}

/// Where the data of a record is in the stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) len: usize,
}

const BOF: u16 = 0x0809;
const FILE_PASS: u16 = 0x002F;
const DIMENSIONS: u16 = 0x0200;
const FORMULA: u16 = 0x0006;
const MUL_RK: u16 = 0x00BD;
/// Number, Label, RString, BoolErr, Rk, LabelSst.
const CELLS: [u16; 6] = [0x0203, 0x0204, 0x00D6, 0x0205, 0x027E, 0x00FD];

/// Rows and columns that cells were seen in.
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

/// Looks through all records. A cut-off stream ends the look; the parser will complain.
pub(super) fn survey(stream: &[u8]) -> Survey {
    let mut survey = Survey::default();
    let mut values = Extent::default();
    let mut formulas = Extent::default();
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
            }
            FILE_PASS => survey.is_encrypted |= short(0) != Some(0),
            DIMENSIONS if !are_dimensions(data) => survey.false_dimensions.push(Span { start, len }),
            FORMULA => {
                if let (Some(row), Some(column)) = (short(0), short(2)) {
                    values.add(row, column);
                    formulas.add(row, column);
                }
            }
            MUL_RK => {
                if let (Some(row), Some(first), Some(last)) =
                    (short(0), short(2), short(len.saturating_sub(2)))
                {
                    values.add(row, first);
                    values.add(row, last);
                }
            }
            _ if CELLS.contains(&kind) => {
                if let (Some(row), Some(column)) = (short(0), short(2)) {
                    values.add(row, column);
                }
            }
            _ => {}
        }
        pos = start + len;
    }
    survey.grid_cells += values.cells() + formulas.cells();
    survey
}

/// Could a sheet have these dimensions: first row, row after the last, first column, column after the last?
fn are_dimensions(data: &[u8]) -> bool {
    let short = |at: usize| u32::from(u16::from_le_bytes([data[at], data[at + 1]]));
    let long = |at: usize| u32::from_le_bytes([data[at], data[at + 1], data[at + 2], data[at + 3]]);
    let (rows, columns) = match data.len() {
        10 => ((short(0), short(2)), (short(4), short(6))),
        14 | 16 => ((long(0), long(4)), (short(8), short(10))),
        // The parser refuses other lengths itself.
        _ => return true,
    };
    let fits = |(first, end): (u32, u32), max: u32| end <= max && (end == 0 || first < end);
    fits(rows, 65_536) && fits(columns, 256)
}
