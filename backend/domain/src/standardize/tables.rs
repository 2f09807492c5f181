//! Finds the tables of a sheet: banners, header rows (grouped, second, repeated), several tables one below or next to
//! the other, tables without a header, and sheets that list one record downwards.

use std::collections::HashMap;

use super::headers::{Kind, Reading, read};
use super::phones::{is_surely_phone, looks_like_date};
use super::raw_table::{LeftOut, LeftOutRow, RawTable};
use super::text::{one_line, trimmed};
use super::{emails, names, unfold};
use crate::problem_report::REPORT_HEADERS;
use crate::spreadsheet::Sheet;

mod beside;
mod grouped;

use grouped::{merge_headers, same_headers};

/// How far below its banners a header is looked for.
const BANNER_ROWS: usize = 40;

/// The tables of a sheet in order.
pub(super) fn find(sheet: &Sheet) -> Vec<RawTable> {
    if let Some(table) = unfold::unfold(sheet) {
        return vec![table];
    }
    let Some(blocks) = beside::split(sheet) else { return scan(sheet) };
    let mut tables = Vec::new();
    for block in blocks {
        for mut table in scan(&block) {
            table.unfolded = Some(block.clone());
            tables.push(table);
        }
    }
    tables
}

/// The tables one below the other.
fn scan(sheet: &Sheet) -> Vec<RawTable> {
    let mut scanner = Scanner::new(sheet);
    scanner.scan();
    scanner.finish()
}

/// Longer cells, in bytes, are text and not a header; questions of forms can be long.
const LONGEST_HEADER: usize = 4000;

struct Scanner<'a> {
    sheet: &'a Sheet,
    /// How many cells of each row are filled.
    counts: Vec<u32>,
    /// Which rows are headers by their words, for those already checked.
    headers: HashMap<usize, bool>,
    readings: HashMap<&'a str, Reading>,
    tables: Vec<RawTable>,
    current: Option<RawTable>,
    /// Rows outside any table since the last one.
    outside: Vec<usize>,
    last_header: usize,
}

/// The non-empty cells of a row.
fn filled(sheet: &Sheet, position: usize) -> impl Iterator<Item = (usize, &str)> {
    sheet.row(position).cells().map(trimmed).enumerate().filter(|(_, cell)| !cell.is_empty())
}

/// Whether a cell contains a value rather than a heading.
fn is_value(cell: &str) -> bool {
    let has_digit = cell.bytes().any(|b| b.is_ascii_digit());
    (cell.contains('@') && emails::find(cell, 0).is_some())
        || (has_digit && (is_surely_phone(cell) || looks_like_date(cell)))
        || cell.contains("://")
        || (has_digit && cell.len() > 4 && cell.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether it is a generated key (`4f1c2a9e-8f1d…`, `INV-20391`). No column is called that.
fn is_code(cell: &str) -> bool {
    const SHORTEST: usize = 8;
    cell.len() >= SHORTEST
        && cell.bytes().filter(u8::is_ascii_digit).count() * 4 >= cell.len()
        && cell.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'+'))
}

impl<'a> Scanner<'a> {
    fn new(sheet: &'a Sheet) -> Self {
        let counts =
            (0..sheet.row_count()).map(|row| u32::try_from(filled(sheet, row).count()).unwrap_or(u32::MAX));
        Self {
            sheet,
            counts: counts.collect(),
            headers: HashMap::new(),
            readings: HashMap::new(),
            tables: Vec::new(),
            current: None,
            outside: Vec::new(),
            last_header: 0,
        }
    }

    /// Number of filled cells of a row.
    fn count(&self, position: usize) -> usize {
        self.counts.get(position).map_or(0, |count| *count as usize)
    }

    /// [`Scanner::is_header`] for a row that is not below data, cached.
    fn is_first_header(&mut self, position: usize) -> bool {
        if let Some(known) = self.headers.get(&position) {
            return *known;
        }
        let is_header = self.is_header(position, false);
        if self.headers.len() > 4 * BANNER_ROWS {
            self.headers.clear();
        }
        self.headers.insert(position, is_header);
        is_header
    }

    fn scan(&mut self) {
        let mut position = 0;
        while position < self.sheet.row_count() {
            if self.count(position) == 0 {
                position += 1;
                continue;
            }
            let with_data = self.current.as_ref().is_some_and(|table| !table.rows.is_empty());
            if self.is_header(position, with_data) {
                self.header(position);
            } else if self.describes_columns(position) {
                self.last_header = position;
                if let Some(table) = &mut self.current {
                    table.left_out.push(LeftOutRow { position, reason: LeftOut::Header });
                }
            } else if let Some(table) = &mut self.current {
                table.rows.push(position);
            } else {
                self.begin(position);
            }
            position += 1;
        }
    }

    fn reading(&mut self, cell: &'a str) -> Reading {
        // a long file of unlike cells must not exhaust the memory
        if self.readings.len() > 4096 {
            self.readings.clear();
        }
        self.readings.entry(cell).or_insert_with(|| read(cell)).clone()
    }

    /// Whether the row is a header by its words. Below data it must be beyond doubt.
    fn is_header(&mut self, position: usize, below_data: bool) -> bool {
        if self.sheet.row(position).cells().take(REPORT_HEADERS.len()).eq(REPORT_HEADERS) {
            return true;
        }
        // rows of data are recognised by their values before any word is looked up
        let busy = |cell: &str| cell.bytes().filter(u8::is_ascii_digit).count() > 4 || cell.contains('@');
        if filled(self.sheet, position).take(300).any(|(_, cell)| busy(cell) && is_value(cell)) {
            return false;
        }
        let (mut count, mut known, mut fields, mut contact) = (0_usize, 0_usize, 0_usize, false);
        let mut length = 0;
        for (_, cell) in filled(self.sheet, position).take(300) {
            count += 1;
            length += cell.len();
            if cell.len() > LONGEST_HEADER || is_value(cell) {
                return false;
            }
            let reading = self.reading(cell);
            if reading.is_known() {
                known += 1;
                fields += usize::from(reading.is_field());
                contact |= matches!(
                    reading.kind,
                    Kind::Email
                        | Kind::Phone
                        | Kind::Details
                        | Kind::Card
                        | Kind::First
                        | Kind::Last
                        | Kind::Full
                        | Kind::FullLastFirst
                );
            }
            // rows of data are recognised early
            if count == 4 && known == 0 {
                return false;
            }
        }
        if count == 0 || length / count > 60 && !contact {
            return false;
        }
        // another kind of table below its own title
        if below_data && known == count && count >= 3 && fields < 2 && self.trailing_titles() > 0 {
            return true;
        }
        if below_data {
            return (fields >= 3 || (fields >= 2 && count <= 3)) && known * 3 >= count * 2 && contact;
        }
        if count == 1 {
            return fields == 1 && (contact || self.is_over_names(position)) && self.is_lone_column(position);
        }
        fields >= 2 && known * 5 >= count * 2
            || (fields >= 1 && contact && known >= 2 && known * 2 >= count)
            || (fields >= 2 && contact && known >= 5 && known * 4 >= count)
            || (count == 2 && fields == 1 && contact)
    }

    /// `Mandatory: | Yes | No`, `Type: | Text | Date`: a row right below a header that begins with a label as the
    /// header does.
    fn describes_columns(&self, position: usize) -> bool {
        let Some(table) = self.current.as_ref().filter(|table| table.rows.is_empty()) else { return false };
        let is_label = |cell: &str| cell.ends_with([':', '：']);
        let first = table.headers.first().map_or("", String::as_str);
        position == self.last_header + 1
            && is_label(first)
            && filled(self.sheet, position).next().is_some_and(|(at, cell)| at == 0 && is_label(cell))
    }

    /// `Email` over a list of addresses.
    fn is_lone_column(&self, position: usize) -> bool {
        let Some((column, _)) = filled(self.sheet, position).next() else { return false };
        let below = (position + 1..self.sheet.row_count()).take(5);
        let rows: Vec<usize> = below.filter(|row| self.count(*row) > 0).collect();
        let Some(first) = rows.first() else { return false };
        rows.iter().all(|row| self.count(*row) == 1) || is_value(trimmed(self.sheet.row(*first).cell(column)))
    }

    /// `Name` over a list of names and nothing else.
    fn is_over_names(&self, position: usize) -> bool {
        let Some((column, cell)) = filled(self.sheet, position).next() else { return false };
        let is_name_header = matches!(read(cell).kind, Kind::Name | Kind::Person) && read(cell).words == 1;
        let below = (position + 1..self.sheet.row_count()).filter(|row| self.count(*row) > 0).take(5);
        let mut cells = below.map(|row| trimmed(self.sheet.row(row).cell(column))).peekable();
        is_name_header
            && cells.peek().is_some()
            && cells.all(|cell| names::looks_like_name(cell) || names::is_given(cell))
    }

    fn header(&mut self, position: usize) {
        let width = self.sheet.row(position).len();
        let texts: Vec<String> =
            (0..width).map(|at| one_line(self.sheet.row(position).cell(at)).into_owned()).collect();
        let title_rows = self.trailing_titles();
        match &mut self.current {
            Some(table)
                if (!table.rows.is_empty() || position > self.last_header + 1)
                    && title_rows == 0
                    && same_headers(&table.headers, &texts) =>
            {
                table.left_out.push(LeftOutRow { position, reason: LeftOut::Header });
                return;
            }
            Some(table)
                if table.rows.is_empty() && position == self.last_header + 1 && table.header.is_some() =>
            {
                merge_headers(&mut table.headers, &texts);
                table.left_out.push(LeftOutRow { position, reason: LeftOut::Header });
                self.last_header = position;
                return;
            }
            _ => {}
        }
        let mut titles = Vec::new();
        if let Some(mut table) = self.current.take() {
            titles = table.rows.split_off(table.rows.len() - title_rows);
            self.close(table);
        }
        titles.extend(std::mem::take(&mut self.outside));
        let title =
            titles.last().and_then(|row| filled(self.sheet, *row).next()).map(|(_, cell)| cell.to_owned());
        let mut table = RawTable { header: Some(position), headers: texts, title, ..RawTable::default() };
        table
            .left_out
            .extend(titles.into_iter().map(|position| LeftOutRow { position, reason: LeftOut::Banner }));
        table.left_out.push(LeftOutRow { position, reason: LeftOut::Header });
        // there may be a sparse row of group names above
        self.group_names(position, &mut table);
        self.last_header = position;
        self.current = Some(table);
    }

    /// Number of rows at the end of the current table that are single cells: titles of what comes next.
    fn trailing_titles(&self) -> usize {
        let Some(table) = &self.current else { return 0 };
        let single = |row: &usize| {
            let mut cells = filled(self.sheet, *row);
            let first = cells.next();
            cells.next().is_none()
                && first.is_some_and(|(_, cell)| !is_value(cell) && cell.chars().count() <= 80)
        };
        let lone = table.headers.iter().filter(|header| !header.is_empty()).count() < 2;
        if lone { 0 } else { table.rows.iter().rev().take(3).take_while(|row| single(row)).count() }
    }

    /// For the first rows of a sheet, or what follows no table: whether a header is still to come, is this one, or it
    /// is data.
    fn begin(&mut self, position: usize) {
        let count = self.count(position);
        let ahead = (position + 1..self.sheet.row_count()).take(BANNER_ROWS);
        let mut most = count;
        let mut header_ahead = false;
        for row in ahead {
            let cells = self.count(row);
            if cells == 0 {
                continue;
            }
            if cells >= count.min(3)
                && self.is_first_header(row)
                && (count <= 3 || cells > most || !self.has_contact(position))
            {
                header_ahead = true;
                break;
            }
            most = most.max(cells);
        }
        let data_width = self.width_below(position);
        if header_ahead
            || (count == 1 && data_width > 1 && !self.has_contact(position))
            || (count == 1 && data_width == 0 && !self.has_contact(position))
        {
            self.outside.push(position);
            return;
        }
        let mut table = RawTable::default();
        if self.is_unlike_below(position) || self.is_over_addresses(position) {
            let width = self.sheet.row(position).len();
            table.headers =
                (0..width).map(|at| one_line(self.sheet.row(position).cell(at)).into_owned()).collect();
            table.header = Some(position);
            table.left_out.push(LeftOutRow { position, reason: LeftOut::Header });
            self.last_header = position;
        } else {
            table.rows.push(position);
        }
        let outside = std::mem::take(&mut self.outside);
        table.title =
            outside.last().and_then(|row| filled(self.sheet, *row).next()).map(|(_, cell)| cell.to_owned());
        table
            .left_out
            .extend(outside.into_iter().map(|position| LeftOutRow { position, reason: LeftOut::Banner }));
        self.current = Some(table);
    }

    fn has_contact(&self, position: usize) -> bool {
        filled(self.sheet, position).any(|(_, cell)| is_value(cell))
    }

    /// The usual number of filled cells of the rows that follow; 0 when none do.
    fn width_below(&self, position: usize) -> usize {
        let mut counts: Vec<usize> = (position + 1..self.sheet.row_count())
            .take(BANNER_ROWS)
            .map(|row| self.count(row))
            .filter(|count| *count > 0)
            .collect();
        counts.sort_unstable();
        counts.get(counts.len() / 2).copied().unwrap_or(0)
    }

    /// `To` over a list of mailboxes: a lone short word over a column in which every cell is an address or number.
    fn is_over_addresses(&self, position: usize) -> bool {
        let mut cells = filled(self.sheet, position);
        let Some((column, cell)) = cells.next() else { return false };
        if cells.next().is_some() || self.has_contact(position) || cell.split_whitespace().count() > 3 {
            return false;
        }
        let below = (position + 1..self.sheet.row_count()).filter(|row| self.count(*row) > 0).take(12);
        let rows: Vec<usize> = below.collect();
        rows.len() > 1
            && rows
                .iter()
                .all(|row| self.count(*row) == 1 && is_value(trimmed(self.sheet.row(*row).cell(column))))
    }

    /// A header without known words: filled, short and without values where the rows below have values.
    fn is_unlike_below(&self, position: usize) -> bool {
        let head: Vec<(usize, &str)> = filled(self.sheet, position).collect();
        let rows: Vec<usize> =
            (position + 1..self.sheet.row_count()).filter(|row| self.count(*row) > 0).take(12).collect();
        if rows.is_empty()
            || head.len() < 2
            || head.iter().any(|(_, cell)| is_value(cell) || cell.len() > LONGEST_HEADER)
        {
            return false;
        }
        let mut texts: Vec<&str> = head.iter().map(|(_, cell)| *cell).collect();
        texts.sort_unstable();
        if texts.windows(2).any(|pair| pair[0] == pair[1]) {
            return false;
        }
        let tells = |row: &usize| filled(self.sheet, *row).any(|(_, cell)| is_value(cell) || is_code(cell));
        let with_values = rows.iter().filter(|row| tells(row)).count();
        let mut columns: HashMap<usize, usize> = HashMap::new();
        for row in &rows {
            for (column, _) in filled(self.sheet, *row) {
                *columns.entry(column).or_default() += 1;
            }
        }
        let headed = columns.keys().filter(|column| head.iter().any(|(at, _)| at == *column)).count();
        let person = head.iter().any(|(_, cell)| {
            super::names::looks_like_name(cell) && cell.split_whitespace().any(super::names::is_given)
        });
        with_values * 2 >= rows.len() && headed * 10 >= columns.len() * 8 && !person
    }

    fn close(&mut self, table: RawTable) {
        self.tables.push(table);
    }

    fn finish(mut self) -> Vec<RawTable> {
        if let Some(table) = self.current.take() {
            self.close(table);
        }
        let rest = std::mem::take(&mut self.outside);
        if !rest.is_empty() {
            let left_out =
                rest.into_iter().map(|position| LeftOutRow { position, reason: LeftOut::Banner }).collect();
            self.tables.push(RawTable { left_out, ..RawTable::default() });
        }
        self.tables
    }
}
