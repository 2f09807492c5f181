//! Splits text into records and fields, tolerating quotation marks in odd places.
//!
//! The `csv` crate reads what RFC 4180 describes, and cannot report that a quote was never closed: a single stray quote
//! swallows rows, which loses leads. So fields are split here, by `memchr` on the path all sane files take, and with
//! these rules for the rest:
//! - a quote opens a field only at its beginning, blanks aside; elsewhere it is text;
//! - within quotes `""` is a quote, and a quote before a delimiter or line end closes the field;
//! - any other quote is text if the field is closed properly later on the line, otherwise it closes the field;
//! - a field that spans a line end is believed only if the lines it contains do not look like records themselves.

use std::borrow::Cow;
use std::cell::Cell;

use memchr::{memchr, memchr3};

use super::escaped;
use super::format::Format;
use crate::csv_cells::restore;
use crate::spreadsheet::error::TooMuch;
use crate::spreadsheet::{ReadError, Sheet};

const BOM: &str = "\u{feff}";
/// How far a quoted field may run over line ends before its opening quote counts as stray.
const MAX_SPAN_BYTES: usize = 256 * 1024;
/// How many of the lines that a quoted field contains are examined.
const LINES_LOOKED_AT: usize = 20;
/// After this many stray quotes in one record the rest of it is no longer checked field by field.
const STRAYS_WEIGHED: usize = 8;

/// Splits a text into records.
pub(super) struct Records<'t> {
    text: &'t str,
    format: Format,
    /// How many fields most records have; 0 when unknown.
    fields: usize,
    max_columns: u32,
    pos: usize,
    repaired: usize,
    /// No quote before this position closes a field that is open at that point.
    unclosed_until: usize,
    /// Quotes that would be closed by the one at this position were found to be stray.
    stray_until: usize,
    strays_in_record: usize,
    /// How often the rest of a line was scanned to judge a quote.
    weighed_in_record: usize,
    /// Last result of `closes_on_line`: where the deciding quote or line end is, and whether it closes.
    line_answer: (usize, bool),
    /// Last result of `line_end`: for any position from the first to the second, the line ends at the second. Otherwise
    /// a line of a million quoted fields would be scanned a million times.
    line: Cell<(usize, usize)>,
}

/// A field and where the text continues: at a delimiter, a line end, or the end.
struct Field<'t> {
    text: Cow<'t, str>,
    end: usize,
}

impl<'t> Records<'t> {
    pub(super) fn new(text: &'t str, format: Format, fields: usize, max_columns: u32) -> Self {
        Self {
            text,
            format,
            fields,
            max_columns,
            pos: 0,
            repaired: 0,
            unclosed_until: 0,
            stray_until: 0,
            strays_in_record: 0,
            weighed_in_record: 0,
            line_answer: (0, false),
            line: Cell::new((usize::MAX, 0)),
        }
    }

    pub(super) fn skip_to(&mut self, pos: usize) {
        self.pos = pos;
    }

    /// Number of stray quotes that were ignored.
    pub(super) fn repaired(&self) -> usize {
        self.repaired
    }

    /// Pushes the fields of the next record; `false` at the end of the text. A blank line is a record without fields.
    pub(super) fn read_into(&mut self, sheet: &mut Sheet) -> Result<bool, ReadError> {
        // Concatenated files keep their byte order marks.
        while self.text[self.pos..].starts_with(BOM) {
            self.pos += BOM.len();
        }
        if self.pos >= self.text.len() {
            return Ok(false);
        }
        let bytes = self.text.as_bytes();
        if let Some(next) = self.line_break(self.pos) {
            self.pos = next;
            return Ok(true);
        }
        let record_start = self.pos;
        self.strays_in_record = 0;
        self.weighed_in_record = 0;
        let mut count: u32 = 0;
        loop {
            count += 1;
            if count > self.max_columns {
                return Err(ReadError::too_complex(TooMuch::Columns(self.max_columns)));
            }
            if self.format.blank_after && count > 1 && bytes.get(self.pos) == Some(&b' ') {
                self.pos += 1;
            }
            let field = match self.opening_quote(self.pos) {
                _ if self.format.escapes => self.escaped(self.pos),
                None => self.plain(self.pos),
                Some(quote) => self.quoted_or_stray(record_start, count as usize, quote),
            };
            sheet.push_cell(&restore(&field.text));
            self.pos = field.end;
            if self.pos >= bytes.len() {
                return Ok(true);
            }
            if let Some(next) = self.line_break(self.pos) {
                self.pos = next;
                return Ok(true);
            }
            self.pos += 1;
        }
    }

    /// Where the text continues after the line break at a position, if there is one. `\r\r\n`, made by converting line
    /// ends twice, is one break.
    fn line_break(&self, pos: usize) -> Option<usize> {
        let rest = &self.text.as_bytes()[pos..];
        match rest {
            [b'\n', ..] => Some(pos + 1),
            [b'\r', b'\n', ..] => Some(pos + 2),
            [b'\r', b'\r', b'\n', ..] => Some(pos + 3),
            [b'\r', ..] => Some(pos + 1),
            _ => None,
        }
    }

    fn line_end(&self, pos: usize) -> usize {
        let (start, end) = self.line.get();
        if (start..=end).contains(&pos) {
            return end;
        }
        let end = memchr::memchr2(b'\n', b'\r', &self.text.as_bytes()[pos..])
            .map_or(self.text.len(), |at| pos + at);
        self.line.set((pos, end));
        end
    }

    fn field_end(&self, pos: usize) -> usize {
        memchr3(self.format.delimiter, b'\n', b'\r', &self.text.as_bytes()[pos..])
            .map_or(self.text.len(), |at| pos + at)
    }

    fn plain(&self, pos: usize) -> Field<'t> {
        let end = self.field_end(pos);
        Field { text: Cow::Borrowed(&self.text[pos..end]), end }
    }

    fn escaped(&mut self, pos: usize) -> Field<'t> {
        // Where nothing closed an earlier quote, nothing will close this one.
        let is_hopeless = pos.saturating_add(MAX_SPAN_BYTES / 2) < self.unclosed_until;
        let limit = if is_hopeless { pos } else { pos.saturating_add(MAX_SPAN_BYTES) };
        let (text, end, is_stray) = escaped::field(self.text, pos, limit, self.format);
        if is_stray {
            self.repaired += 1;
            if !is_hopeless {
                self.unclosed_until = if limit >= self.text.len() { usize::MAX } else { limit };
            }
        }
        Field { text, end }
    }

    /// The position of the quote that opens the field at `pos`, if the field is quoted.
    fn opening_quote(&self, pos: usize) -> Option<usize> {
        let at = self.skip_blanks(pos);
        (self.text.as_bytes().get(at) == Some(&self.format.quote)).then_some(at)
    }

    fn skip_blanks(&self, pos: usize) -> usize {
        if self.format.delimiter == b' ' {
            return pos;
        }
        let blanks = self.text.as_bytes()[pos..].iter().take_while(|byte| **byte == b' ').count();
        pos + blanks
    }

    /// The field opened by a quote, or the same text read as if the quote were not there.
    fn quoted_or_stray(&mut self, record_start: usize, column: usize, quote: usize) -> Field<'t> {
        let line_end = self.line_end(quote);
        let sure_stray = quote < self.stray_until
            && (self.strays_in_record > STRAYS_WEIGHED
                || self.looks_like_record(record_start, column, quote, line_end));
        if !sure_stray && let Some(field) = self.quoted(quote) {
            if field.end <= line_end {
                if !self.swallows_fields(column, quote, &field) {
                    return field;
                }
            } else if self.swallows_records(record_start, column, quote, &field) {
                self.stray_until = field.end;
            } else {
                return field;
            }
        }
        self.repaired += 1;
        self.strays_in_record += 1;
        self.plain(quote + 1)
    }

    /// The field opened by a quote; `None` if nothing closes it within reach.
    fn quoted(&mut self, quote: usize) -> Option<Field<'t>> {
        let bytes = self.text.as_bytes();
        let line_end = self.line_end(quote);
        let limit = bytes.len().min(line_end + MAX_SPAN_BYTES);
        if quote.saturating_add(MAX_SPAN_BYTES / 2) < self.unclosed_until {
            return None;
        }
        let mut text = Cow::Borrowed("");
        let mut from = quote + 1;
        let mut at = from;
        loop {
            let Some(found) = memchr(self.format.quote, &bytes[at..limit]) else {
                self.unclosed_until = if limit == bytes.len() { usize::MAX } else { limit };
                return None;
            };
            let close = at + found;
            if bytes.get(close + 1) == Some(&self.format.quote) {
                append(&mut text, &self.text[from..=close]);
                from = close + 2;
                at = from;
                continue;
            }
            let after = self.skip_blanks(close + 1);
            if after >= bytes.len() || self.ends_field(bytes[after]) {
                append(&mut text, &self.text[from..close]);
                return Some(Field { text, end: after });
            }
            if self.closes_on_line(close + 1) {
                at = close + 1;
                continue;
            }
            if close > line_end {
                // On a later line: at the start of a field this quote opens one, so ours was never closed.
                if bytes[..close]
                    .iter()
                    .rev()
                    .find(|byte| **byte != b' ')
                    .is_some_and(|byte| self.ends_field(*byte))
                {
                    return None;
                }
                at = close + 1;
                continue;
            }
            let end = self.field_end(close + 1);
            append(&mut text, &self.text[from..close]);
            append(&mut text, &self.text[close + 1..end]);
            return Some(Field { text, end });
        }
    }

    fn ends_field(&self, byte: u8) -> bool {
        self.format.ends_field(byte)
    }

    /// Within an open field: whether a quote on the rest of the line closes it, before one that opens another field.
    fn closes_on_line(&mut self, pos: usize) -> bool {
        if pos <= self.line_answer.0 {
            return self.line_answer.1;
        }
        let bytes = self.text.as_bytes();
        let line_end = self.line_end(pos);
        let mut at = pos;
        while let Some(found) = memchr(self.format.quote, &bytes[at..line_end]) {
            let quote = at + found;
            let before = bytes[pos..quote].iter().rev().find(|byte| **byte != b' ');
            if before == Some(&self.format.delimiter) {
                self.line_answer = (quote, false);
                return false;
            }
            if bytes.get(quote + 1) == Some(&self.format.quote) {
                at = quote + 2;
                if at >= line_end {
                    break;
                }
                continue;
            }
            let after = self.skip_blanks(quote + 1);
            if after >= bytes.len() || self.ends_field(bytes[after]) {
                self.line_answer = (quote, true);
                return true;
            }
            at = quote + 1;
        }
        self.line_answer = (line_end, false);
        false
    }

    /// Whether a quoted field contains fields of its own line that begin with a quote, so that the record is complete
    /// only without its opening quote.
    fn swallows_fields(&mut self, column: usize, quote: usize, field: &Field<'t>) -> bool {
        let inside = &self.text.as_bytes()[quote + 1..field.end];
        let another = [self.format.delimiter, self.format.quote];
        if self.fields < 2 || memchr::memmem::find(inside, &another).is_none() {
            return false;
        }
        self.weighed_in_record += 1;
        if self.weighed_in_record > STRAYS_WEIGHED {
            return false;
        }
        let line = Records::new(&self.text[..self.line_end(quote)], self.format, 0, u32::MAX);
        let with = column + line.count_from(field.end);
        with != self.fields && column + line.count_from(line.field_end(quote + 1)) == self.fields
    }

    /// Whether the lines that a quoted field contains look like records of their own.
    fn swallows_records(
        &mut self,
        record_start: usize,
        column: usize,
        quote: usize,
        field: &Field<'t>,
    ) -> bool {
        let line_end = self.line_end(quote);
        if !self.looks_like_record(record_start, column, quote, line_end) {
            return false;
        }
        let mut lines = 0;
        let mut alike = 0;
        let mut last_alike = false;
        let mut pos = line_end;
        while let Some(start) = self.line_break(pos)
            && start <= field.end
            && lines < LINES_LOOKED_AT
        {
            pos = self.line_end(start);
            if start == pos {
                continue;
            }
            lines += 1;
            last_alike = self.is_record(start, pos);
            alike += usize::from(last_alike);
        }
        // The line with the closing quote says most: if the field is real, that line alone is half a record.
        alike > 0 && (alike == lines || (!last_alike && alike >= 2 && alike + 1 == lines && self.fields >= 3))
    }

    /// Whether the first line of a record that a quote keeps open is complete if the quote is ignored.
    fn looks_like_record(&self, record_start: usize, column: usize, quote: usize, line_end: usize) -> bool {
        if self.fields < 2 || line_end >= self.text.len() {
            return false;
        }
        let line = Records::new(&self.text[..line_end], self.format, 0, u32::MAX);
        let rest = line.field_end(quote + 1);
        if column - 1 + line.count_from(rest) + 1 != self.fields {
            return false;
        }
        let next_start = self.line_break(line_end).unwrap_or(line_end);
        record_start <= quote && self.is_record(next_start, self.line_end(next_start))
    }

    /// Whether the line has the usual number of fields and no unclosed quote.
    fn is_record(&self, start: usize, end: usize) -> bool {
        let line = &self.text[start..end];
        memchr::memchr_iter(self.format.quote, line.as_bytes()).count().is_multiple_of(2)
            && Records::new(line, self.format, 0, u32::MAX).count_fields() == self.fields
    }

    fn count_fields(mut self) -> usize {
        let mut sheet = Sheet::new(None);
        match self.read_into(&mut sheet) {
            Ok(true) => sheet.cell_count(),
            _ => 0,
        }
    }

    /// Number of fields after a field that ends at `end`.
    fn count_from(&self, end: usize) -> usize {
        if end >= self.text.len() {
            return 0;
        }
        let rest = &self.text[end + 1..];
        if rest.is_empty() { 1 } else { Records::new(rest, self.format, 0, u32::MAX).count_fields() }
    }
}

fn append<'t>(text: &mut Cow<'t, str>, more: &'t str) {
    if text.is_empty() {
        *text = Cow::Borrowed(more);
    } else {
        text.to_mut().push_str(more);
    }
}
