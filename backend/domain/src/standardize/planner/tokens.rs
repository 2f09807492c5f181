//! The tokens of cells and headers that are the input of the planner's linear models: words, pieces of words and
//! shapes, hashed into buckets, and what the word lists know about them.

use strum::IntoEnumIterator as _;

use super::weights::{HEADER_BUCKETS, VALUE_BUCKETS};
use crate::standardize::company::BusinessText;
use crate::standardize::emails;
use crate::standardize::headers::{self, Atom, Kind};
use crate::standardize::names::{is_given, is_honorific, looks_like_name};
use crate::standardize::phones::{digits, is_phone, is_surely_phone, looks_like_date, unwrapped};
use crate::standardize::text::{fold, is_cjk, words};

/// Of longer cells, in characters, only the beginning is used.
const LONGEST_CELL: usize = 80;
/// Words of a cell whose pieces are used.
const MOST_WORDS: usize = 10;
/// Words of a header that are used: questions can be long.
const MOST_HEADER_WORDS: usize = 14;
/// Characters of a word that are used.
const LONGEST_WORD: usize = 18;
/// Characters of a shape that are used.
const LONGEST_SHAPE: usize = 32;

/// Collects the buckets of hashed tokens, each once.
struct Buckets {
    count: u32,
    found: Vec<u16>,
}

impl Buckets {
    fn new(count: usize) -> Self {
        Self { count: count as u32, found: Vec::with_capacity(96) }
    }

    /// Adds a token: a class that separates tokens of different meaning, and its text.
    fn token(&mut self, class: u8, text: impl IntoIterator<Item = u8>) {
        let mut hash = Fnv::new(class);
        text.into_iter().for_each(|byte| hash.byte(byte));
        self.add(&hash);
    }

    fn chars(&mut self, class: u8, text: &[char]) {
        let mut hash = Fnv::new(class);
        text.iter().for_each(|c| hash.char(*c));
        self.add(&hash);
    }

    fn add(&mut self, hash: &Fnv) {
        self.found.push((hash.finish() % self.count) as u16);
    }

    fn finish(mut self) -> Vec<u16> {
        self.found.sort_unstable();
        self.found.dedup();
        self.found
    }
}

/// FNV-1a, 32 bits: <http://www.isthe.com/chongo/tech/comp/fnv/>. Its low bits are folded with the high ones.
struct Fnv(u32);

impl Fnv {
    fn new(class: u8) -> Self {
        let mut hash = Self(0x811c_9dc5);
        hash.byte(class);
        hash
    }

    fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }

    fn char(&mut self, c: char) {
        (c as u32).to_le_bytes().into_iter().for_each(|byte| self.byte(byte));
    }

    fn finish(&self) -> u32 {
        (self.0 >> 15) ^ self.0
    }
}

/// The class of a character in a shape.
fn shape_of(c: char) -> u8 {
    if c.is_numeric() {
        return b'0';
    }
    if c.is_alphabetic() {
        return match c as u32 {
            0..0x250 if c.is_uppercase() => b'A',
            0..0x250 => b'a',
            0x250..0x400 => b'G',
            0x400..0x530 if c.is_uppercase() => b'Y',
            0x400..0x530 => b'y',
            0x590..0x780 => b'R',
            _ if is_cjk(c) => b'K',
            _ => b'I',
        };
    }
    if c.is_whitespace() {
        return b' ';
    }
    if c.is_ascii() { c as u8 } else { b'~' }
}

/// A cell as classes of characters; runs of one class are shortened to two.
fn shape(text: &str) -> Vec<u8> {
    let mut shape: Vec<u8> = Vec::with_capacity(LONGEST_SHAPE + 2);
    shape.push(b'^');
    for c in text.chars().take(LONGEST_CELL) {
        let class = shape_of(c);
        let run = shape.iter().rev().take(2).filter(|before| **before == class).count();
        if run == 2 && (class.is_ascii_alphanumeric()) {
            continue;
        }
        if shape.len() > LONGEST_SHAPE {
            break;
        }
        shape.push(class);
    }
    shape.push(b'$');
    shape
}

/// The word with border marks, all digits made the same.
fn bordered(word: &str) -> Vec<char> {
    let inner = word.chars().take(LONGEST_WORD).map(|c| if c.is_numeric() { '0' } else { c });
    std::iter::once('<').chain(inner).chain(std::iter::once('>')).collect()
}

/// Adds all pieces (n-grams) of a word with that many characters. The hash of a longer piece extends that of the
/// shorter one.
fn pieces(buckets: &mut Buckets, class: u8, word: &[char], lengths: std::ops::RangeInclusive<usize>) {
    for start in 0..word.len() {
        let mut hash = Fnv::new(class);
        for (at, c) in word[start..].iter().take(*lengths.end()).enumerate() {
            hash.char(*c);
            if at + 1 >= *lengths.start() {
                buckets.add(&hash);
            }
        }
    }
}

/// The buckets of a cell's tokens, in order, without duplicates. An empty cell has none.
#[must_use]
pub fn of_value(cell: &str) -> Vec<u16> {
    let cell = crate::standardize::text::value(cell);
    if cell.is_empty() {
        return Vec::new();
    }
    let end = cell.char_indices().nth(LONGEST_CELL).map_or(cell.len(), |(at, _)| at);
    let text = &cell[..end];
    let mut buckets = Buckets::new(VALUE_BUCKETS);
    let folded = fold(text);
    let words: Vec<&str> =
        folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    for word in words.iter().take(MOST_WORDS) {
        let bordered = bordered(word);
        buckets.chars(b'w', &bordered);
        let unspaced = word.starts_with(is_cjk);
        pieces(&mut buckets, b'n', &bordered, if unspaced { 1..=2 } else { 2..=4 });
    }
    for c in folded.chars().filter(|c| !c.is_alphanumeric() && !c.is_whitespace()) {
        buckets.chars(b'p', &[c]);
    }
    if let (Some(first), Some(last)) = (words.first(), words.last()) {
        let (first, last) = (bordered(first), bordered(last));
        buckets.chars(b'F', &first);
        buckets.chars(b'L', &last);
        buckets.chars(b'f', &first[first.len().saturating_sub(4)..]);
        buckets.chars(b'l', &last[last.len().saturating_sub(4)..]);
    }
    let shape = shape(text);
    buckets.token(b'S', shape.iter().copied());
    for length in [3, 5] {
        for piece in shape.windows(length) {
            buckets.token(b's', piece.iter().copied());
        }
    }
    let length = cell.chars().count();
    buckets.token(b'#', [words.len().min(9) as u8]);
    buckets.token(b'-', [(length / 3).min(20) as u8]);
    buckets.token(b'%', [(10 * digits(text) / text.chars().count().max(1)) as u8]);
    value_marks(cell, &mut |mark| buckets.token(b'@', [mark as u8]));
    buckets.finish()
}

/// What the word lists and the parsers of single values know about a cell.
#[derive(Debug, Clone, Copy)]
#[repr(u8)]
enum Mark {
    Email,
    EmailInside,
    Phone,
    SurePhone,
    Date,
    GivenFirst,
    GivenLast,
    Name,
    LegalForm,
    CompanyWord,
    Job,
    Honorific,
    Country,
    LineBreak,
    NoSpace,
}

fn value_marks(cell: &str, mark: &mut impl FnMut(Mark)) {
    if cell.contains('\n') {
        mark(Mark::LineBreak);
    }
    if cell.contains('@') && emails::find(cell, 0).is_some() {
        mark(if emails::is_address(cell) { Mark::Email } else { Mark::EmailInside });
        return;
    }
    let number = unwrapped(cell);
    if looks_like_date(cell) {
        mark(Mark::Date);
        return;
    }
    if is_phone(number) {
        mark(if is_surely_phone(number) { Mark::SurePhone } else { Mark::Phone });
        return;
    }
    if cell.len() > 200 {
        return;
    }
    let mut words = cell.split([' ', ',', '　']).filter(|word| !word.is_empty());
    let (first, last) = (words.next().unwrap_or(""), words.next_back());
    if last.is_none() {
        mark(Mark::NoSpace);
    }
    if is_given(first) {
        mark(Mark::GivenFirst);
    }
    if last.is_some_and(is_given) {
        mark(Mark::GivenLast);
    }
    if looks_like_name(cell) {
        mark(Mark::Name);
    }
    let business = BusinessText::new(cell);
    if business.looks_like_company() {
        mark(Mark::LegalForm);
    }
    if business.has_company_word() {
        mark(Mark::CompanyWord);
    }
    if business.looks_like_job() {
        mark(Mark::Job);
    }
    if is_honorific(first) && last.is_none() {
        mark(Mark::Honorific);
    }
    if business.is_country() {
        mark(Mark::Country);
    }
}

/// The buckets of a header's tokens, in order, without duplicates. A header without words has the bucket for empty
/// ones.
#[must_use]
pub fn of_header(header: &str) -> Vec<u16> {
    let mut buckets = Buckets::new(HEADER_BUCKETS);
    let mut words = words(header);
    words.truncate(MOST_HEADER_WORDS);
    if words.is_empty() {
        buckets.token(b'0', []);
        return buckets.finish();
    }
    let bordered: Vec<Vec<char>> = words.iter().map(|word| bordered(word)).collect();
    buckets.chars(b'W', &bordered.concat());
    for word in &bordered {
        buckets.chars(b'w', word);
        let unspaced = word.get(1).is_some_and(|c| is_cjk(*c));
        pieces(&mut buckets, b'n', word, if unspaced { 1..=3 } else { 3..=5 });
    }
    for pair in bordered.windows(2) {
        buckets.chars(b'b', &pair.concat());
    }
    if let (Some(first), Some(last)) = (bordered.first(), bordered.last()) {
        buckets.chars(b'F', first);
        buckets.chars(b'L', last);
    }
    buckets.token(b'#', [words.len().min(9) as u8]);
    if header.contains(['?', '？']) {
        buckets.token(b'?', []);
    }
    vocabulary(&mut buckets, header, &words);
    buckets.finish()
}

/// The buckets of what the vocabulary knows about a header, without its letters: all that is left of a header whose
/// words are not in the training data.
#[must_use]
pub fn of_vocabulary(header: &str) -> Vec<u16> {
    let mut buckets = Buckets::new(HEADER_BUCKETS);
    vocabulary(&mut buckets, header, &words(header));
    buckets.finish()
}

/// Words that are not in the training data are represented by their class.
fn vocabulary(buckets: &mut Buckets, header: &str, words: &[String]) {
    let reading = headers::read(header);
    buckets.token(b'K', [reading.kind as u8]);
    if reading.kind == Kind::OtherPerson {
        buckets.token(b'k', [reading.aside as u8]);
    }
    buckets.token(b'%', [(reading.strength * 4.0) as u8]);
    for atom in Atom::iter().filter(|atom| reading.atoms.has(*atom)) {
        buckets.token(b'@', [atom as u8]);
    }
    let of_words = headers::atoms_of_words(words);
    if let Some(Some(atoms)) = of_words.first() {
        buckets.token(b'^', atoms.bits().to_le_bytes());
    }
    if let Some(Some(atoms)) = of_words.last() {
        buckets.token(b'$', atoms.bits().to_le_bytes());
    }
    if of_words.last().is_some_and(Option::is_none) {
        buckets.token(b'!', []);
    }
}
