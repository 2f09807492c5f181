//! What is known about each column of a table before any is given a role: its header, its values, and how they relate
//! to the other columns.

use std::borrow::Cow;
use std::collections::HashMap;

use strum::{EnumCount as _, IntoEnumIterator as _};

use super::kinds::{HeaderKind, ValueKind};
use super::weights::Weights;
use super::{tokens, whose};
use crate::standardize::cleaning::cleaned;
use crate::standardize::emails;
use crate::standardize::headers::{self, Kind, Reading};
use crate::standardize::lexicon::key;
use crate::standardize::text::{fold, value};
use crate::standardize::values::{Profile, evenly_spread, profile};

/// Cells of a column that the value model examines; more change nothing.
const SAMPLED_CELLS: usize = 14;
/// Cells of a column that the profile is made from: shares are the same to a few hundredths, in a fraction of the time.
const PROFILED_CELLS: usize = 48;
/// Rows in which columns are compared with each other.
const COMPARED_ROWS: usize = 60;
/// Columns of addresses that are searched for names.
const MOST_ADDRESS_COLUMNS: usize = 4;
/// Columns that are searched for each other's cells: comparing is quadratic.
const MOST_COMPARED_COLUMNS: usize = 10;
/// Longer cells, in bytes, contain no names that could be found in an address or another cell.
const LONGEST_COMPARED: usize = 80;
/// Shorter words would be found in anything.
const SHORTEST_COMPARED_WORD: usize = 3;

/// What is known about one column.
#[derive(Debug, Clone)]
pub(in crate::standardize) struct Evidence {
    pub(super) header_text: String,
    /// The words of the header that may say whose field it is.
    pub(super) distinctive_words: Vec<String>,
    pub(in crate::standardize) reading: Reading,
    pub(in crate::standardize) profile: Profile,
    /// Probabilities of [`HeaderKind`]s.
    header_kinds: Vec<f32>,
    /// Mean probabilities of [`ValueKind`]s over the sampled cells; zeros for an empty column.
    value_kinds: Vec<f32>,
    pub(super) shape: Shape,
    pub(super) relations: Relations,
}

/// Plain statistics of a column's cells.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape {
    /// Filled cells per row.
    pub(super) filled: f32,
    /// Mean length, in characters.
    pub(super) length: f32,
    /// Standard deviation of the length.
    pub(super) spread: f32,
    /// Mean number of words.
    pub(super) words: f32,
    /// Share of the cells that are one word.
    pub(super) single_words: f32,
    /// Share of the cells that consist of letters only.
    pub(super) letters: f32,
    /// Mean share of digits.
    pub(super) digits: f32,
    /// Share without Latin letters.
    pub(super) non_latin: f32,
    /// Share with a comma.
    pub(super) commas: f32,
}

/// How a column relates to the others.
#[derive(Debug, Clone, Default)]
pub(super) struct Relations {
    /// Share of rows in which a word of the cell occurs in the local part of the row's address.
    pub(super) in_local_part: f32,
    /// The same for the domain.
    pub(super) in_domain: f32,
    /// For a column of addresses: share of rows in which the local part contains a word of one particular other column.
    pub(super) names_in_address: f32,
    /// Share of rows in which the cell contains the whole cell of another column, and more.
    pub(super) holds: f32,
    /// Share of rows in which another column's cell contains this one.
    pub(super) held: f32,
    /// How many columns it contains in most rows.
    pub(super) holds_columns: f32,
    /// Columns of addresses before this one.
    pub(super) addresses_before: f32,
}

/// The lowest probability at which a header or values are said to be of a kind.
pub(super) const TELLING: f32 = 0.5;
/// Shares of a column's cells that count as most, many and hardly any.
pub(super) const MOST: f32 = 0.5;
pub(super) const MANY: f32 = 0.3;
pub(super) const HARDLY_ANY: f32 = 0.1;

impl Evidence {
    /// The probability that the header is of a kind.
    pub(in crate::standardize) fn header(&self, kind: HeaderKind) -> f32 {
        self.header_kinds.get(kind as usize).copied().unwrap_or(0.0)
    }

    /// Whether the header is more likely of this kind than of all others together.
    pub(super) fn says(&self, kind: HeaderKind) -> bool {
        self.header(kind) > TELLING
    }

    /// The share of the values that are of a kind.
    pub(in crate::standardize) fn values(&self, kind: ValueKind) -> f32 {
        self.value_kinds.get(kind as usize).copied().unwrap_or(0.0)
    }

    pub(super) fn header_kinds(&self) -> &[f32] {
        &self.header_kinds
    }

    pub(super) fn value_kinds(&self) -> &[f32] {
        &self.value_kinds
    }

    /// The kind of most of the values, if one stands out.
    pub(in crate::standardize) fn likeliest_values(&self) -> Option<ValueKind> {
        ValueKind::iter().find(|kind| self.values(*kind) > TELLING)
    }

    pub(in crate::standardize) fn is_empty(&self) -> bool {
        self.profile.filled == 0
    }

    /// Whether it has no header, or one that numbers the columns (`Column 3`, `Spalte3`).
    pub(in crate::standardize) fn is_unnamed(&self) -> bool {
        self.reading.kind == Kind::Empty
            || (self.reading.kind == Kind::Unknown
                && self.reading.words <= 2
                && self.reading.ordinal.is_some())
    }
}

/// The evidence of all columns. `rows` is a sample of the table.
pub(super) fn gather(headers: &[String], rows: &[Vec<&str>], weights: &Weights) -> Vec<Evidence> {
    let cells: Vec<Vec<Cow<'_, str>>> = (0..headers.len())
        .map(|at| rows.iter().map(|row| cleaned(row.get(at).copied().unwrap_or(""))).collect())
        .collect();
    let columns: Vec<Vec<&str>> =
        cells.iter().map(|column| column.iter().map(|cell| value(cell)).collect()).collect();
    let mut known_kinds = HashMap::new();
    let mut evidence: Vec<Evidence> = headers
        .iter()
        .zip(&columns)
        .map(|(header, cells)| {
            let filled: Vec<&str> = cells.iter().copied().filter(|cell| !cell.is_empty()).collect();
            Evidence {
                header_text: header.clone(),
                distinctive_words: whose::distinctive_words(header),
                reading: headers::read(header),
                profile: profile(evenly_spread(&filled, PROFILED_CELLS)),
                header_kinds: weights.headers.probabilities(&tokens::of_header(header)),
                value_kinds: value_kinds(&filled, weights, &mut known_kinds),
                shape: shape(&filled, cells.len()),
                relations: Relations::default(),
            }
        })
        .collect();
    compare_with_addresses(&columns, &mut evidence);
    compare_with_each_other(&columns, &mut evidence);
    evidence
}

/// The mean over sampled cells. `known` caches the kinds of each cell: answers, dates and places repeat, also in other
/// columns.
fn value_kinds<'c>(cells: &[&'c str], weights: &Weights, known: &mut HashMap<&'c str, Vec<f32>>) -> Vec<f32> {
    let mut means = vec![0.0; ValueKind::COUNT];
    let share = 1.0 / cells.len().clamp(1, SAMPLED_CELLS) as f32;
    for cell in evenly_spread(cells, SAMPLED_CELLS) {
        let probabilities =
            known.entry(cell).or_insert_with(|| weights.values.probabilities(&tokens::of_value(cell)));
        means.iter_mut().zip(probabilities).for_each(|(mean, probability)| *mean += *probability * share);
    }
    means
}

fn shape(cells: &[&str], rows: usize) -> Shape {
    let mut shape = Shape { filled: cells.len() as f32 / rows.max(1) as f32, ..Shape::default() };
    let count = cells.len().clamp(1, SAMPLED_CELLS) as f32;
    let mut squares = 0.0;
    for cell in evenly_spread(cells, SAMPLED_CELLS) {
        let characters = cell.chars().count().max(1) as f32;
        let words = cell.split_whitespace().count();
        let digits = cell.chars().filter(|c| c.is_numeric()).count() as f32;
        let is = |test: bool| f32::from(u8::from(test)) / count;
        shape.length += characters / count;
        squares += characters * characters / count;
        shape.words += words as f32 / count;
        shape.single_words += is(words == 1);
        shape.letters += is(cell.chars().all(char::is_alphabetic));
        shape.digits += digits / characters / count;
        shape.non_latin += is(cell.chars().any(|c| c.is_alphabetic() && c as u32 > 0x24f));
        shape.commas += is(cell.contains([',', '、', '，']));
    }
    shape.spread = libm::sqrtf((squares - shape.length * shape.length).max(0.0));
    shape
}

/// The words of a short cell as they would be written in an address.
fn compared_words(cell: &str) -> Vec<String> {
    if cell.is_empty() || cell.len() > LONGEST_COMPARED || cell.contains('@') {
        return Vec::new();
    }
    let is_long = |word: &&str| word.chars().count() >= SHORTEST_COMPARED_WORD;
    key(cell).split(|c: char| !c.is_alphanumeric()).filter(is_long).map(str::to_owned).collect()
}

/// Local part and domain of an address, letters and digits only.
type AddressParts = (String, String);

/// Finds out whose names and companies the addresses are made of.
fn compare_with_addresses(columns: &[Vec<&str>], evidence: &mut [Evidence]) {
    let address_columns: Vec<usize> =
        (0..columns.len()).filter(|at| evidence[*at].profile.email_inside > MOST).collect();
    for (before, at) in address_columns.iter().enumerate() {
        evidence[*at].relations.addresses_before = before as f32;
    }
    let compared: Vec<(usize, Vec<Option<AddressParts>>)> = address_columns
        .iter()
        .take(MOST_ADDRESS_COLUMNS)
        .map(|at| {
            let parts = |cell: &&str| {
                let address = emails::first(cell)?;
                let (local, domain) = address.rsplit_once('@')?;
                let plain =
                    |text: &str| fold(text).chars().filter(|c| c.is_alphanumeric()).collect::<String>();
                Some((plain(local), plain(domain)))
            };
            (*at, columns[*at].iter().take(COMPARED_ROWS).map(parts).collect())
        })
        .collect();
    if compared.is_empty() {
        return;
    }
    for at in 0..columns.len() {
        if evidence[at].profile.email_inside > MOST || evidence[at].profile.number > MOST {
            continue;
        }
        let words: Vec<Vec<String>> =
            columns[at].iter().take(COMPARED_ROWS).map(|cell| compared_words(cell)).collect();
        for (address_column, addresses) in &compared {
            let (mut seen, mut local, mut domain) = (0_u32, 0_u32, 0_u32);
            for (words, address) in words.iter().zip(addresses) {
                let Some((local_part, host)) = address else { continue };
                if words.is_empty() {
                    continue;
                }
                seen += 1;
                local += u32::from(words.iter().any(|word| local_part.contains(word.as_str())));
                domain += u32::from(words.iter().any(|word| host.contains(word.as_str())));
            }
            if seen == 0 {
                continue;
            }
            let share = |hits: u32| hits as f32 / seen as f32;
            let relations = &mut evidence[at].relations;
            relations.in_local_part = relations.in_local_part.max(share(local));
            relations.in_domain = relations.in_domain.max(share(domain));
            let theirs = &mut evidence[*address_column].relations.names_in_address;
            *theirs = theirs.max(share(local));
        }
    }
}

/// Finds out which columns contain others' cells whole: a full name next to its parts.
fn compare_with_each_other(columns: &[Vec<&str>], evidence: &mut [Evidence]) {
    let names_or_companies = |at: &usize| {
        let of = |kind| evidence[*at].values(kind);
        let likely = of(ValueKind::Given)
            + of(ValueKind::Surname)
            + of(ValueKind::FullName)
            + of(ValueKind::FullNameFamilyFirst)
            + of(ValueKind::Company);
        evidence[*at].profile.email_inside < MOST && likely > MANY
    };
    let compared: Vec<usize> =
        (0..columns.len()).filter(names_or_companies).take(MOST_COMPARED_COLUMNS).collect();
    let plain: Vec<Vec<String>> = compared
        .iter()
        .map(|at| {
            let cells = columns[*at].iter().take(COMPARED_ROWS);
            cells.map(|cell| if cell.len() > LONGEST_COMPARED { String::new() } else { key(cell) }).collect()
        })
        .collect();
    for (nth, at) in compared.iter().enumerate() {
        let filled = plain[nth].iter().filter(|cell| !cell.is_empty()).count();
        let mut held_columns = 0.0;
        for (other, _) in compared.iter().enumerate().filter(|(other, _)| *other != nth) {
            let (mut seen, mut holds, mut held) = (0_u32, 0_u32, 0_u32);
            for (cell, theirs) in plain[nth].iter().zip(&plain[other]) {
                if cell.is_empty() || theirs.is_empty() || cell == theirs {
                    continue;
                }
                seen += 1;
                holds += u32::from(cell.contains(theirs.as_str()));
                held += u32::from(theirs.contains(cell.as_str()));
            }
            if seen == 0 || (seen as f32) < MANY * filled as f32 {
                continue;
            }
            let share = |hits: u32| hits as f32 / seen as f32;
            let relations = &mut evidence[*at].relations;
            relations.holds = relations.holds.max(share(holds));
            relations.held = relations.held.max(share(held));
            held_columns += f32::from(u8::from(share(holds) > MOST));
        }
        evidence[*at].relations.holds_columns = held_columns;
    }
}
