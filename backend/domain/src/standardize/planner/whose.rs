//! Whose field a column is, according to the headers: `Buyer Name` and `Buyer Phone` belong together, `Guest Name` does
//! not.

use std::borrow::Cow;
use std::collections::HashMap;

use super::{Atom, Evidence, Kind};
use crate::standardize::headers;
use crate::standardize::text::{is_cjk, words};

/// Distinctive words of a header that are compared.
const MOST_WORDS: usize = 6;
/// Words of a header that are examined: a question may be of any length.
const MOST_WORDS_READ: usize = 24;
/// Characters that count of a word in a script without spaces: such a header begins with the word for the person,
/// mostly of two characters (`买家公司名`).
const UNSPACED_WORD: usize = 2;

/// The words of a header that name no field: those that may say whose field it is.
pub(super) fn distinctive_words(header: &str) -> Vec<String> {
    let (outside, inside) = split_brackets(header);
    let mut distinctive: Vec<String> = words(&outside)
        .into_iter()
        .take(MOST_WORDS_READ)
        .map(shortened)
        .filter(|word| says_whose(word))
        .collect();
    // words in brackets are about the field (`Phone (mobile preferred)`), except a word for a person: `Name (Guest)`
    let people =
        words(inside).into_iter().take(MOST_WORDS_READ).map(shortened).filter(|word| is_person(word));
    distinctive.extend(people);
    // a word that a header repeats is still one word of one column
    let mut unique = Vec::new();
    for word in distinctive {
        if !unique.contains(&word) {
            unique.push(word);
        }
    }
    unique.truncate(MOST_WORDS);
    unique
}

/// A header without its first pair of brackets, and the text inside them.
fn split_brackets(header: &str) -> (Cow<'_, str>, &str) {
    let Some((before, rest)) = header.split_once(['(', '[', '（']) else { return (header.into(), "") };
    let (inside, after) = rest.split_once([')', ']', '）']).unwrap_or((rest, ""));
    (format!("{before} {after}").into(), inside)
}

fn shortened(word: String) -> String {
    if word.chars().any(is_cjk) { word.chars().take(UNSPACED_WORD).collect() } else { word }
}

/// Whether the word can say whose field it is: a word for a person, or an unknown one. `Secondary` can, `work` cannot.
fn says_whose(word: &str) -> bool {
    use Atom::{Home, MainLine, Preposition, Work};
    let reading = headers::read(word);
    let is_about_the_field = reading.atoms.any(&[Preposition, Work, Home, MainLine]);
    word.chars().count() > 1
        && !word.chars().all(char::is_numeric)
        && !is_about_the_field
        && matches!(reading.kind, Kind::Unknown | Kind::Person | Kind::OtherPerson)
}

fn is_person(word: &str) -> bool {
    matches!(headers::read(word).kind, Kind::Person | Kind::OtherPerson)
}

/// For each column, the distinctive word that it shares with the most others, if any.
pub(super) fn groups<'e>(columns: &'e [Evidence]) -> Vec<Option<&'e str>> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for word in columns.iter().flat_map(|column| &column.distinctive_words) {
        *counts.entry(word).or_default() += 1;
    }
    let commonest = |words: &'e Vec<String>| -> Option<&'e str> {
        let shared = words.iter().rev().filter(|word| counts[word.as_str()] > 1);
        // the first of equal ones
        shared.max_by_key(|word| counts[word.as_str()]).map(String::as_str)
    };
    columns.iter().map(|column| commonest(&column.distinctive_words)).collect()
}
