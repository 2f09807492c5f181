//! How a text is split: its delimiter, its quotation mark, whether backslashes are escapes, or columns aligned by
//! spaces.
//!
//! Each possibility is tried on a sample. The one that splits the records most evenly into most fields wins, weighted
//! by its prior likelihood (the idea of G. van den Burg et al., "Wrangling messy CSV files by detecting row and type
//! patterns"; in place of their type patterns, quotes next to delimiters and, for spaces, a column of addresses count).

use super::format::Format;
use super::records::Records;
use super::{aligned, escaped};
use crate::spreadsheet::Sheet;

/// How much of the text is examined.
const SAMPLE_BYTES: usize = 96 * 1024;
const SAMPLE_RECORDS: usize = 500;
/// Candidates and their prior likelihood; those after the bar are seldom meant as delimiters.
const CANDIDATES: [(u8, f64); 9] = [
    (b',', 0.04),
    (b';', 0.02),
    (b'\t', 0.05),
    (b'|', 0.01),
    (b'^', -0.4),
    (b'~', -0.4),
    (b'#', -0.8),
    (b':', -1.2),
    (b' ', -1.0),
];
/// A text that scores less is one column.
const MIN_SCORE: f64 = 0.2;
/// A delimiter that scores higher than this is believed even if the text has aligned columns too.
const SURE_SCORE: f64 = 0.8;
/// Blanks are believed to be delimiters only if this share of the records has the same number of fields.
const MIN_EVEN_BLANKS: f64 = 0.9;
const MIN_BLANK_FIELDS: usize = 3;
/// Where apostrophes are quotation marks, nine in ten of those next to delimiters have a partner.
const PAIRED: f64 = 0.9;

/// Share of the delimiters followed by a blank if it belongs to them; those inside quotes may have none.
const BLANK_AFTER: f64 = 0.95;

/// How a text is to be split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) split: Split,
    /// How many fields most records have.
    pub(super) fields: usize,
    /// Where the records begin, after a `sep=` line.
    pub(super) start: usize,
}

/// How fields are separated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Split {
    /// By a character.
    Format(Format),
    /// By position: where columns begin, in characters.
    Columns(Vec<usize>),
}

/// Detects how a text is split.
pub(super) fn detect(file_name: &str, text: &str) -> Dialect {
    let named = sep_line(text);
    let start = named.map_or(0, |(_, start)| start);
    let sample = sample_of(&text[start..]);
    if let Some((delimiter, start)) = named {
        let format = best_format(sample, delimiter).map_or(Format::of(delimiter), |(_, _, format)| format);
        let fields = shape(sample, format).map_or(1, |shape| shape.fields);
        return Dialect { split: Split::Format(format), fields, start };
    }
    let is_tsv = [".tsv", ".tab"].iter().any(|end| file_name.to_ascii_lowercase().ends_with(end));
    let best = CANDIDATES
        .iter()
        .filter(|(delimiter, _)| memchr::memchr(*delimiter, sample.as_bytes()).is_some())
        .filter_map(|&(delimiter, prior)| {
            let (score, fields, format) = best_format(sample, delimiter)?;
            let hint = if is_tsv && delimiter == b'\t' { 0.5 } else { 0.0 };
            Some((score + prior + hint, fields, format))
        })
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let is_sure = best.is_some_and(|(score, ..)| score > SURE_SCORE);
    if !is_sure && let Some(columns) = aligned::columns(sample) {
        return Dialect { fields: columns.len(), split: Split::Columns(columns), start: 0 };
    }
    match best {
        Some((score, fields, format)) if score > MIN_SCORE => {
            let blank_after = format.delimiter != b' ' && is_blank_after(sample, format.delimiter);
            Dialect { split: Split::Format(Format { blank_after, ..format }), fields, start: 0 }
        }
        _ => Dialect { split: Split::Format(Format::of(b',')), fields: 1, start: 0 },
    }
}

/// The best way to quote and escape with a delimiter: its score, its number of fields, and the format itself.
fn best_format(sample: &str, delimiter: u8) -> Option<(f64, usize, Format)> {
    let plain = Format::of(delimiter);
    let usual = shape(sample, plain).filter(|shape| shape.is_believed(delimiter))?;
    let mut best = (usual.score(), usual.fields, plain);
    let single = Format { quote: b'\'', ..plain };
    if !usual.quoted
        && apostrophes_pair(sample, delimiter)
        && let Some(shape) = shape(sample, single).filter(|shape| shape.score() > best.0)
    {
        best = (shape.score(), shape.fields, single);
    }
    let with_escapes = Format { escapes: true, ..best.2 };
    if escaped::are_meant(sample, delimiter, with_escapes.quote) {
        if let Some(shape) = shape(sample, with_escapes).filter(|shape| shape.share >= usual.share) {
            best = (shape.score(), shape.fields, with_escapes);
        }
    } else if memchr::memmem::find(sample.as_bytes(), &[b'\\', delimiter]).is_some() {
        // `Acme\, Inc`: believed if it makes the records more even.
        if let Some(shape) = shape(sample, with_escapes).filter(|shape| shape.score() > best.0) {
            best = (shape.score(), shape.fields, with_escapes);
        }
    }
    Some(best)
}

/// Whether apostrophes open and close fields, as quotation marks do.
fn apostrophes_pair(sample: &str, delimiter: u8) -> bool {
    let count = |pattern: [u8; 2]| memchr::memmem::find_iter(sample.as_bytes(), &pattern).count() as f64;
    let at_edge = |is_there: bool| if is_there { 1.0 } else { 0.0 };
    let opened = count([delimiter, b'\'']) + count([b'\n', b'\'']) + at_edge(sample.starts_with('\''));
    let ends = count([b'\'', b'\n']) + count([b'\'', b'\r']) + at_edge(sample.ends_with('\''));
    let closed = count([b'\'', delimiter]) + ends;
    opened > 0.0 && opened >= closed * PAIRED && closed >= opened * PAIRED
}

/// Whether nearly every delimiter is followed by a blank, as in `a, b, c`.
fn is_blank_after(sample: &str, delimiter: u8) -> bool {
    let all = memchr::memchr_iter(delimiter, sample.as_bytes()).count() as f64;
    let blank = memchr::memmem::find_iter(sample.as_bytes(), &[delimiter, b' ']).count() as f64;
    blank >= all * BLANK_AFTER
}

/// The delimiter of a first line `sep=;`, as Excel writes and reads it, and where the next line begins.
fn sep_line(text: &str) -> Option<(u8, usize)> {
    let line_end = text.find(['\n', '\r'])?;
    let line = text[..line_end].trim_start_matches('\u{feff}').trim_matches(['"', ' ']);
    let value = line.get(..4).filter(|key| key.eq_ignore_ascii_case("sep=")).map(|_| &line[4..])?;
    let delimiter = match value.as_bytes() {
        [delimiter] if delimiter.is_ascii_punctuation() || *delimiter == b'\t' => *delimiter,
        _ => return None,
    };
    let start = line_end + if text[line_end..].starts_with("\r\n") { 2 } else { 1 };
    (delimiter != b'"').then_some((delimiter, start))
}

fn sample_of(text: &str) -> &str {
    if text.len() <= SAMPLE_BYTES {
        return text;
    }
    let cut = text.floor_char_boundary(SAMPLE_BYTES);
    let cut = text[..cut].rfind('\n').unwrap_or(cut);
    &text[..cut]
}

/// What a text looks like when split at one delimiter.
struct Shape {
    /// The most frequent number of fields above 1.
    fields: usize,
    /// Share of the non-blank records that have that many.
    share: f64,
    /// Share of the records that have any delimiter.
    split: f64,
    /// Whether most records have a quote next to a delimiter. No sign of a delimiter is surer.
    quoted: bool,
    /// Whether it is between two quoted fields in nearly all records.
    between_quotes: bool,
    /// Whether there is a column of email addresses.
    addresses: bool,
    /// Whether it is mostly followed by a blank, as in a sentence or in `Doe, Ann`.
    prose: bool,
}

impl Shape {
    /// A blank is a delimiter only if quotes or addresses show that it is one.
    fn is_believed(&self, delimiter: u8) -> bool {
        delimiter != b' '
            || self.between_quotes
            || self.share >= MIN_EVEN_BLANKS
                && self.fields >= MIN_BLANK_FIELDS
                && (self.quoted || self.addresses)
    }

    fn score(&self) -> f64 {
        let evenness = 0.75 * self.share + 0.25 * self.split;
        let bonus = if self.quoted { 0.8 } else { 0.0 } - if self.prose { 0.4 } else { 0.0 };
        evenness * evenness * (self.fields as f64).log2().min(5.0) + bonus
    }
}

fn shape(sample: &str, format: Format) -> Option<Shape> {
    let Format { delimiter, quote, .. } = format;
    let mut sheet = Sheet::new(None);
    let mut records = Records::new(sample, format, 0, u32::MAX);
    let mut counts = Vec::new();
    let mut addresses: Vec<usize> = Vec::new();
    while counts.len() < SAMPLE_RECORDS {
        match records.read_into(&mut sheet) {
            Ok(true) => sheet.end_row(0),
            _ => break,
        }
        let row = sheet.row(sheet.row_count() - 1);
        if row.cells().any(|cell| !cell.trim().is_empty()) || row.len() > 1 {
            counts.push(row.len());
            // Only blanks need this proof.
            if delimiter == b' ' {
                addresses.extend(row.cells().position(|cell| cell.contains('@')));
            }
        }
    }
    let mut tally = std::collections::BTreeMap::new();
    for count in counts.iter().filter(|count| **count > 1) {
        *tally.entry(*count).or_insert(0_usize) += 1;
    }
    let (fields, most) =
        tally.iter().map(|(fields, times)| (*fields, *times)).max_by_key(|&(f, t)| (t, f))?;
    let all = counts.len().max(1) as f64;
    let pattern = [delimiter, quote];
    let beside = memchr::memmem::find_iter(sample.as_bytes(), &pattern).count();
    let before_blank = memchr::memmem::find_iter(sample.as_bytes(), &[delimiter, b' ']).count();
    let in_one_column = addresses.iter().filter(|column| Some(*column) == addresses.first()).count();
    let between = memchr::memmem::find_iter(sample.as_bytes(), &[quote, delimiter, quote]).count();
    Some(Shape {
        fields,
        between_quotes: between as f64 >= MIN_EVEN_BLANKS * all,
        addresses: in_one_column as f64 >= MIN_EVEN_BLANKS * (counts.len().saturating_sub(1)).max(1) as f64,
        prose: before_blank * 5 > memchr::memchr_iter(delimiter, sample.as_bytes()).count() * 4,
        share: most as f64 / all,
        split: tally.values().sum::<usize>() as f64 / all,
        quoted: beside * 2 >= counts.len()
            && memchr::memmem::find(sample.as_bytes(), &[quote, delimiter]).is_some(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, delimiter: char, fields: usize) {
        let dialect = detect("list.csv", text);
        let Split::Format(format) = dialect.split else { panic!("aligned columns") };
        assert_eq!((char::from(format.delimiter), dialect.fields), (delimiter, fields));
    }

    #[test]
    fn delimiters() {
        check("a,b,c\n1,2,3\n", ',', 3);
        check("a;b;c\n1;2,5;3\n4;5,5;6\n", ';', 3);
        check("Name\tPlace\nAnn\tParis, France\nBob\tRome, Italy\n", '\t', 2);
        check("a|b\n1|2\n", '|', 2);
        check("a^b^c\n1^2^3\n", '^', 3);
        check("a#b#c\n1#2#3\n4#5#6\n", '#', 3);
        check("Ann Lee ann@x.example\nBob Ray bob@x.example\nCy Doe cy@x.example\n", ' ', 3);
        check("\"Ann Lee\" \"Acme Inc\" 1\n\"Bob Ray\" \"Zeta\" 2\n\"Cy\" \"Beta\" 3\n", ' ', 3);
        check("\"Ann\" \" \",\"Acme\"\n\"Bob\" \" \",\"Zeta\"\n", ',', 2);
        check("\"Ann\",\" \",\"Acme Inc\"\n\"Bob\",\" \",\"Zeta Ltd\"\n", ',', 3);
        check("Dear Ann Lee\nthanks for all\nyours Bob Ray\n", ',', 1);
        check("Name: x\nPhone: y\n", ',', 1);
        check("one column\nonly\n", ',', 1);
        check("Name;Note\nAnn;\"a, b, c\"\nBob;\"d, e, f\"\n", ';', 2);
        check("Doe, Ann;Acme\nRoe, Bob;Zeta\nPoe, Cy;Beta\n", ';', 2);
    }

    #[test]
    fn sep_lines() {
        let dialect =
            |delimiter, fields, start| Dialect { split: Split::Format(Format::of(delimiter)), fields, start };
        assert_eq!(detect("", "sep=|\r\na|b;c|d\r\n"), dialect(b'|', 3, 7));
        assert_eq!(detect("", "\"sep=;\"\na;b\n"), dialect(b';', 2, 8));
        assert_eq!(detect("", "sep=\t\na\tb\n"), dialect(b'\t', 2, 6));
    }

    #[test]
    fn quotes_and_escapes() {
        let format = |text: &str| match detect("", text).split {
            Split::Format(format) => (char::from(format.quote), format.escapes),
            Split::Columns(_) => panic!("aligned columns"),
        };
        assert_eq!(format("'a','b, c','d'\n'e','f','g'\n"), ('\'', false));
        assert_eq!(format("Name,Phone\nAnn,'0123\nBob,'0456\n"), ('"', false));
        assert_eq!(format("Name,Town\nO'Hara,Cork\nD'Arcy,Caen\n"), ('"', false));
        assert_eq!(format("a,b\n\"x \\\"y\\\" z\",\\N\n"), ('"', true));
        assert_eq!(format("a,b\nAcme\\, Inc,2\nZeta\\, Ltd,3\n"), ('"', true));
        assert_eq!(format("a,b\nC:\\new,2\n"), ('"', false));
        assert_eq!(format("a,b\n\"C:\\\",\"d\"\n\"D:\\\",\"e\"\n"), ('"', false));
    }
}
