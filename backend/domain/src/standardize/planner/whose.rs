//! Whose field a column is, as far as headers say: `Buyer Name` and `Buyer Phone` go together, `Guest Name` does not.

use std::collections::HashMap;

use super::{Evidence, Kind};
use crate::standardize::headers;
use crate::standardize::text::{is_cjk, words};

/// Distinctive words of a header that are compared.
const MOST_WORDS: usize = 6;

/// The words of a header that name no field: those that may say whose field it is.
pub(super) fn distinctive_words(column: &Evidence) -> Vec<String> {
    let says_whose = |word: &String| {
        let is_number = word.chars().all(char::is_numeric);
        !is_number && matches!(headers::read(word).kind, Kind::Unknown | Kind::Person | Kind::OtherPerson)
    };
    // what stands in brackets is about the field
    let header = column.header_text.split(['(', '[', '（']).next().unwrap_or("");
    let mut distinctive = words(header);
    for word in &mut distinctive {
        // `买家公司名`: scripts without spaces begin with the word for the person, mostly of two characters
        if word.chars().any(is_cjk) {
            *word = word.chars().take(2).collect();
        }
    }
    distinctive.retain(|word| word.chars().count() > 1 && says_whose(word));
    distinctive.truncate(MOST_WORDS);
    distinctive
}

/// For each column, the distinctive word that it shares with the most others, if any.
pub(super) fn groups(columns: &[Evidence]) -> Vec<Option<String>> {
    let words: Vec<Vec<String>> = columns.iter().map(distinctive_words).collect();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for word in words.iter().flatten() {
        *counts.entry(word).or_default() += 1;
    }
    let commonest = |words: &Vec<String>| {
        let shared = words.iter().rev().filter(|word| counts[word.as_str()] > 1);
        // of equal ones the first
        shared.max_by_key(|word| counts[word.as_str()]).cloned()
    };
    words.iter().map(commonest).collect()
}
