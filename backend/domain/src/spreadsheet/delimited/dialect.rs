//! Which delimiter a text uses.

use super::records::Records;
use crate::spreadsheet::Sheet;

/// How much of the text is looked at.
const SAMPLE_BYTES: usize = 96 * 1024;
const SAMPLE_RECORDS: usize = 500;
/// Candidates, and how likely each is before anything was seen; the last three are seldom meant as delimiters.
const CANDIDATES: [(u8, f64); 7] =
    [(b',', 0.04), (b';', 0.02), (b'\t', 0.05), (b'|', 0.01), (b'^', -0.4), (b'~', -0.4), (b':', -1.2)];

/// How a text is to be split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    /// How many fields most records have.
    pub(super) fields: usize,
    /// Where the records begin, after a `sep=` line.
    pub(super) start: usize,
}

/// Finds the delimiter that splits the records most evenly into most fields.
pub(super) fn detect(file_name: &str, text: &str) -> Dialect {
    let named = sep_line(text);
    let start = named.map_or(0, |(_, start)| start);
    let sample = sample_of(&text[start..]);
    if let Some((delimiter, start)) = named {
        let fields = shape(sample, delimiter).map_or(1, |shape| shape.fields);
        return Dialect { delimiter, fields, start };
    }
    let is_tsv = [".tsv", ".tab"].iter().any(|end| file_name.to_ascii_lowercase().ends_with(end));
    let best = CANDIDATES
        .iter()
        .filter(|(delimiter, _)| memchr::memchr(*delimiter, sample.as_bytes()).is_some())
        .filter_map(|&(delimiter, prior)| {
            let shape = shape(sample, delimiter)?;
            let hint = if is_tsv && delimiter == b'\t' { 0.5 } else { 0.0 };
            Some((shape.score() + prior + hint, delimiter, shape.fields))
        })
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match best {
        Some((score, delimiter, fields)) if score > 0.2 => Dialect { delimiter, fields, start: 0 },
        _ => Dialect { delimiter: b',', fields: 1, start: 0 },
    }
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
    /// Share of the records that are not blank which have that many.
    share: f64,
    /// Share of the records that have any delimiter.
    split: f64,
    /// Is there a quote beside a delimiter in most records? Nothing tells a delimiter more surely.
    quoted: bool,
    /// Is it mostly followed by a blank, as in a sentence or in `Doe, Ann`?
    prose: bool,
}

impl Shape {
    fn score(&self) -> f64 {
        let evenness = 0.75 * self.share + 0.25 * self.split;
        let bonus = if self.quoted { 0.8 } else { 0.0 } - if self.prose { 0.4 } else { 0.0 };
        evenness * evenness * (self.fields as f64).log2().min(5.0) + bonus
    }
}

fn shape(sample: &str, delimiter: u8) -> Option<Shape> {
    let mut sheet = Sheet::new(None);
    let mut records = Records::new(sample, delimiter, 0, u32::MAX);
    let mut counts = Vec::new();
    while counts.len() < SAMPLE_RECORDS {
        match records.read_into(&mut sheet) {
            Ok(true) => sheet.end_row(0),
            _ => break,
        }
        let row = sheet.row(sheet.row_count() - 1);
        if row.cells().any(|cell| !cell.trim().is_empty()) || row.len() > 1 {
            counts.push(row.len());
        }
    }
    let mut tally = std::collections::BTreeMap::new();
    for count in counts.iter().filter(|count| **count > 1) {
        *tally.entry(*count).or_insert(0_usize) += 1;
    }
    let (fields, most) =
        tally.iter().map(|(fields, times)| (*fields, *times)).max_by_key(|&(f, t)| (t, f))?;
    let all = counts.len().max(1) as f64;
    let pattern = [delimiter, b'"'];
    let beside = memchr::memmem::find_iter(sample.as_bytes(), &pattern).count();
    let before_blank = memchr::memmem::find_iter(sample.as_bytes(), &[delimiter, b' ']).count();
    Some(Shape {
        fields,
        prose: before_blank * 5 > memchr::memchr_iter(delimiter, sample.as_bytes()).count() * 4,
        share: most as f64 / all,
        split: tally.values().sum::<usize>() as f64 / all,
        quoted: beside * 2 >= counts.len()
            && memchr::memmem::find(sample.as_bytes(), &[b'"', delimiter]).is_some(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, delimiter: char, fields: usize) {
        let dialect = detect("list.csv", text);
        assert_eq!((char::from(dialect.delimiter), dialect.fields), (delimiter, fields));
    }

    #[test]
    fn delimiters() {
        check("a,b,c\n1,2,3\n", ',', 3);
        check("a;b;c\n1;2,5;3\n4;5,5;6\n", ';', 3);
        check("Name\tPlace\nAnn\tParis, France\nBob\tRome, Italy\n", '\t', 2);
        check("a|b\n1|2\n", '|', 2);
        check("a^b^c\n1^2^3\n", '^', 3);
        check("Name: x\nPhone: y\n", ',', 1);
        check("one column\nonly\n", ',', 1);
        check("Name;Note\nAnn;\"a, b, c\"\nBob;\"d, e, f\"\n", ';', 2);
        check("Doe, Ann;Acme\nRoe, Bob;Zeta\nPoe, Cy;Beta\n", ';', 2);
    }

    #[test]
    fn sep_lines() {
        assert_eq!(detect("", "sep=|\r\na|b;c|d\r\n"), Dialect { delimiter: b'|', fields: 3, start: 7 });
        assert_eq!(detect("", "\"sep=;\"\na;b\n"), Dialect { delimiter: b';', fields: 2, start: 8 });
        assert_eq!(detect("", "sep=\t\na\tb\n"), Dialect { delimiter: b'\t', fields: 2, start: 6 });
    }
}
