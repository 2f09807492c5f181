//! Tables next to each other in one sheet, separated by an empty column: each becomes a sheet of its own.

use std::collections::HashSet;
use std::ops::Range;

use super::{BANNER_ROWS, filled, is_value};
use crate::spreadsheet::Sheet;
use crate::standardize::headers::{Kind, read};
use crate::standardize::text::trimmed;

/// Wider sheets are not examined: two lists next to each other have fewer columns.
const WIDEST: usize = 120;

/// With fewer kinds of columns in common, they are two parts of one table.
const COMMON_KINDS: usize = 3;

/// The blocks of a sheet, left to right; `None` for a sheet that is one table wide.
pub(super) fn split(sheet: &Sheet) -> Option<Vec<Sheet>> {
    let header =
        (0..sheet.row_count().min(BANNER_ROWS)).find_map(|position| header_blocks(sheet, position))?;
    let width = sheet.rows().map(|row| row.len()).max().unwrap_or(0);
    if width > WIDEST {
        return None;
    }
    let mut blocks: Vec<Range<usize>> = Vec::new();
    for (at, block) in header.iter().enumerate() {
        let gap = blocks.last().map_or(0..block.start, |before| before.end..block.start);
        if !is_blank(sheet, &gap) {
            return None;
        }
        // cells after the last header belong to the last table
        let end = if at + 1 == header.len() { width.max(block.end) } else { block.end };
        blocks.push(block.start..end);
    }
    Some(blocks.into_iter().map(|block| part(sheet, block)).collect())
}

/// The columns of a header row that consists of several headers of the same kind with empty cells between.
fn header_blocks(sheet: &Sheet, position: usize) -> Option<Vec<Range<usize>>> {
    let mut blocks: Vec<Range<usize>> = Vec::new();
    let mut count = 0;
    for (at, cell) in filled(sheet, position) {
        count += 1;
        if count > WIDEST || is_value(cell) {
            return None;
        }
        match blocks.last_mut() {
            Some(block) if block.end == at => block.end = at + 1,
            _ => blocks.push(at..at + 1),
        }
    }
    if !(2..=6).contains(&blocks.len()) {
        return None;
    }
    let mut common: Option<HashSet<Kind>> = None;
    for block in &blocks {
        let kinds = kinds(sheet, position, block);
        let named = kinds.iter().any(|kind| {
            matches!(
                kind,
                Kind::Full | Kind::FullLastFirst | Kind::First | Kind::Last | Kind::Name | Kind::Person
            )
        });
        if !named || !(kinds.contains(&Kind::Email) || kinds.contains(&Kind::Phone)) {
            return None;
        }
        common = Some(match common {
            None => kinds,
            Some(common) => &common & &kinds,
        });
    }
    (common?.len() >= COMMON_KINDS).then_some(blocks)
}

/// The kinds of columns that the headers of a block name.
fn kinds(sheet: &Sheet, position: usize, block: &Range<usize>) -> HashSet<Kind> {
    let row = sheet.row(position);
    let headers = block.clone().map(|at| read(trimmed(row.cell(at))));
    headers.filter(|header| header.is_known()).map(|header| header.kind).collect()
}

/// Whether the columns are empty in every row.
fn is_blank(sheet: &Sheet, columns: &Range<usize>) -> bool {
    sheet.rows().all(|row| columns.clone().all(|at| trimmed(row.cell(at)).is_empty()))
}

/// The rows of some columns, without those that are blank there.
fn part(sheet: &Sheet, columns: Range<usize>) -> Sheet {
    let mut part = Sheet::new(sheet.name().map(str::to_owned));
    for row in sheet.rows() {
        if columns.clone().all(|at| trimmed(row.cell(at)).is_empty()) {
            continue;
        }
        for at in columns.clone() {
            part.push_cell(row.cell(at));
        }
        part.end_row(row.number());
    }
    part
}
