//! The shapes of a column's values, measured on a bounded sample spread over the table.

use std::collections::HashMap;

use super::company::BusinessText;
use super::names::{is_given, is_honorific, looks_like_name, looks_like_name_part};
use super::phones::{digits, is_phone, is_surely_phone, looks_like_date, unwrapped};
use super::text::value;
use super::{emails, phones};

/// Rows of a table that a plan examines.
const SAMPLE_ROWS: usize = 240;

/// Shares (0 to 1) of a column's filled cells that have a shape.
#[derive(Debug, Clone, Default)]
pub(super) struct Profile {
    /// Filled cells in the sample.
    pub(super) filled: usize,
    pub(super) email: f32,
    pub(super) email_inside: f32,
    /// Cells that can be a phone number, bare digits included.
    pub(super) phone: f32,
    pub(super) sure_phone: f32,
    pub(super) phone_inside: f32,
    /// Cells that are one or several sure numbers, with labels, and nothing else.
    pub(super) sure_phones: f32,
    pub(super) number: f32,
    pub(super) date: f32,
    pub(super) url: f32,
    pub(super) person: f32,
    /// Cells whose first word is a frequent given name.
    pub(super) given: f32,
    /// Cells whose last word is one.
    pub(super) given_last: f32,
    pub(super) name_part: f32,
    pub(super) two_words: f32,
    pub(super) company: f32,
    pub(super) company_word: f32,
    pub(super) job: f32,
    pub(super) honorific: f32,
    pub(super) card: f32,
    pub(super) country: f32,
    pub(super) text: f32,
    pub(super) distinct: f32,
    pub(super) cased: f32,
}

impl Profile {
    /// All shares, in a fixed order.
    pub(super) const fn shares(&self) -> [f32; 24] {
        [
            self.email,
            self.email_inside,
            self.phone,
            self.sure_phone,
            self.phone_inside,
            self.sure_phones,
            self.number,
            self.date,
            self.url,
            self.person,
            self.given,
            self.given_last,
            self.name_part,
            self.two_words,
            self.company,
            self.company_word,
            self.job,
            self.honorific,
            self.card,
            self.country,
            self.text,
            self.distinct,
            self.cased,
            if self.filled > 0 { 1.0 } else { 0.0 },
        ]
    }
}

/// The profile of the cells.
pub(super) fn profile<'a>(cells: impl Iterator<Item = &'a str>) -> Profile {
    let mut profile = Profile::default();
    // choices repeat, so each is examined once
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for cell in cells.map(value).filter(|cell| !cell.is_empty()) {
        profile.filled += 1;
        *counts.entry(cell).or_default() += 1;
    }
    for (&cell, &count) in &counts {
        let add = |share: &mut f32, is: bool| *share += if is { count as f32 } else { 0.0 };
        let number = unwrapped(cell);
        let words = cell.split_whitespace().take(20).count();
        let has_email = cell.contains('@') && emails::find(cell, 0).is_some();
        let multi_line = cell.trim().contains('\n');
        let date = looks_like_date(cell);
        let phone = !date && is_phone(number);
        add(&mut profile.email_inside, has_email);
        add(
            &mut profile.email,
            has_email && emails::is_address(cell)
                || (has_email && words <= 3 && !cell.contains('<') && digits(cell) < 7),
        );
        add(&mut profile.phone, phone);
        add(&mut profile.sure_phone, phone && is_surely_phone(number));
        let numbers = if cell.len() < 400 { phones::find_all(cell) } else { Vec::new() };
        add(&mut profile.phone_inside, phone || !numbers.is_empty());
        add(
            &mut profile.sure_phones,
            !date && !has_email && cell.len() < 120 && phones::are_phones(cell, &numbers),
        );
        add(
            &mut profile.number,
            cell.chars().all(|c| c.is_numeric() || matches!(c, '.' | ',' | ' ' | '-' | '\'')) && !date,
        );
        add(&mut profile.date, date);
        add(&mut profile.url, cell.contains("://") || cell.starts_with("www."));
        let short = cell.len() <= 200 && !has_email && !phone && !date;
        let business = BusinessText::new(cell);
        let company = short && business.looks_like_company();
        let job = short && business.looks_like_job();
        let company_word = short && business.has_company_word();
        add(&mut profile.company, company);
        add(&mut profile.company_word, company_word || company);
        add(&mut profile.job, job && !company);
        let country = short && business.is_country();
        add(&mut profile.country, country);
        add(
            &mut profile.person,
            short && !company && !job && !company_word && !country && looks_like_name(cell),
        );
        add(&mut profile.name_part, short && looks_like_name_part(cell));
        let first_word = cell.split([' ', ',', '　']).find(|word| word.len() > 1 && !is_honorific(word));
        add(&mut profile.given, short && first_word.is_some_and(is_given));
        add(&mut profile.given_last, short && cell.split_whitespace().last().is_some_and(is_given));
        add(
            &mut profile.two_words,
            (2..=4).contains(&words)
                || cell.chars().all(super::text::is_cjk) && (2..=4).contains(&cell.chars().count()),
        );
        add(
            &mut profile.honorific,
            short
                && words <= 3
                && cell.split_whitespace().all(|w| is_honorific(w) || is_honorific(&format!("{w}."))),
        );
        add(&mut profile.card, multi_line && (has_email || digits(cell) >= 7));
        add(&mut profile.text, words >= 5 && !company);
        add(&mut profile.cased, cell.chars().any(char::is_uppercase));
    }
    let filled = profile.filled.max(1) as f32;
    for share in [
        &mut profile.email,
        &mut profile.email_inside,
        &mut profile.phone,
        &mut profile.sure_phone,
        &mut profile.phone_inside,
        &mut profile.sure_phones,
        &mut profile.number,
        &mut profile.date,
        &mut profile.url,
        &mut profile.person,
        &mut profile.given,
        &mut profile.given_last,
        &mut profile.name_part,
        &mut profile.two_words,
        &mut profile.company,
        &mut profile.company_word,
        &mut profile.job,
        &mut profile.honorific,
        &mut profile.card,
        &mut profile.country,
        &mut profile.text,
        &mut profile.cased,
    ] {
        *share /= filled;
    }
    profile.distinct = counts.len() as f32 / filled;
    profile
}

/// Cells a plan examines in total.
const SAMPLE_CELLS: usize = 60_000;

/// Positions of a sample of at most [`SAMPLE_ROWS`], fewer in a very wide table, spread evenly.
pub(super) fn sample(rows: &[usize], width: usize) -> Vec<usize> {
    let count = SAMPLE_ROWS.min(SAMPLE_CELLS / width.max(1)).max(20);
    evenly_spread(rows, count).collect()
}

/// At most this many of the items, spread evenly.
pub(super) fn evenly_spread<T: Copy>(items: &[T], most: usize) -> impl Iterator<Item = T> {
    let count = items.len().min(most);
    (0..count).map(move |at| items[at * items.len() / count])
}
