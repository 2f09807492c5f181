//! Splits a full name into given and family name, in any order and script, and removes titles and suffixes.

use serde::{Deserialize, Serialize};

use super::lexicon::{NAMES, key, role_words};
use super::text::{fold, trimmed};

mod affixes;
mod commas;
mod couples;
mod slavic;
mod unspaced;

pub(super) use affixes::{is_honorific, is_suffix_part};
use affixes::{
    is_initials, is_particle, plain_words, prefixed_title, take_brackets, take_initials, take_trailing_phrase,
};
use commas::split_at_comma;
pub(super) use couples::first_of_two;
use slavic::split_slavic;

/// How the full names of a column are written, if a single name does not show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NameOrder {
    /// Given name first.
    #[default]
    FirstLast,
    /// Family name first.
    LastFirst,
    /// Given name first, two family names.
    TwoLastNames,
    /// Given name first; `M` and `M.` are titles.
    French,
}

/// A name that was split; what belongs to neither part is in `extras`, as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) first: String,
    pub(super) last: String,
    pub(super) extras: Vec<String>,
}

/// Longer texts, in bytes, are not names.
const LONGEST_NAME: usize = 300;

/// Splits a full name.
pub(super) fn split(text: &str, order: NameOrder) -> Name {
    let mut name = Name::default();
    if text.len() > LONGEST_NAME {
        name.extras.push(text.to_owned());
        return name;
    }
    let text = take_brackets(trimmed(text), &mut name.extras);
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '“' | '”' | ',' | ';'));
    let text = take_trailing_phrase(text, &mut name.extras);
    if text.is_empty() {
        return name;
    }
    if unspaced::is_unspaced_name(text) {
        unspaced::split(text, &mut name);
        return name;
    }
    let parts: Vec<&str> =
        text.split([',', '，', '،', ';']).map(str::trim).filter(|part| !part.is_empty()).collect();
    if parts.len() > 1 {
        split_at_comma(&parts, order, &mut name);
    } else {
        let before = name.extras.len();
        let words = plain_words(text, order, &mut name.extras);
        let titled = name.extras.get(before).is_some_and(|title| text.starts_with(title.as_str()));
        split_words(&words, order, &mut name);
        // "Mr. Smith": a title is followed by the family name, unless it is surely a given one; in Thai by the given
        // name
        if titled && words.len() == 1 && !is_given(&name.first) && !name.first.chars().any(is_thai) {
            name.last = std::mem::take(&mut name.first);
        }
    }
    name
}

const fn is_thai(c: char) -> bool {
    matches!(c, '\u{e01}'..='\u{e5b}')
}

/// Whether it is the name of a department or an office (`Sales Team`, `Reception`) rather than of a person.
pub(super) fn is_role(text: &str) -> bool {
    if text.len() > 60 || !begins_like_role(text) {
        return false;
    }
    let key = key(text);
    let known = |word: &str| NAMES.role_names.contains(word) || NAMES.role_addresses.contains(word);
    known(&key) || role_words(&key).all(known)
}

/// Whether the first word is one that names of departments begin with. Few names do, so that most need no second check.
pub(super) fn begins_like_role(text: &str) -> bool {
    let mut pieces = text.split([' ', '.', '-', '‑', '–', '/', '&', '_']).map(key);
    let first = pieces.find(|piece| !piece.is_empty());
    first
        .as_deref()
        .and_then(|piece| role_words(piece).next())
        .is_some_and(|word| NAMES.role_beginnings.contains(word))
}

/// A given or family name from its own column: titles and suffixes are removed.
pub(super) fn clean_part(text: &str, extras: &mut Vec<String>) -> String {
    let text = trimmed(text);
    if text.len() > LONGEST_NAME {
        return text.to_owned();
    }
    if text.is_ascii() && text.bytes().all(|b| b.is_ascii_alphabetic()) {
        return text.to_owned();
    }
    if let Some((title, name)) = prefixed_title(text) {
        extras.push(title.to_owned());
        return name.to_owned();
    }
    // titles and suffixes are words of their own, or have a full stop
    if !text.contains([' ', '.', ',', '(', '®', '\u{a0}', '\u{3000}']) {
        return text.to_owned();
    }
    let mut taken = Vec::new();
    let mut parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let Some(head) = parts.next() else { return text.to_owned() };
    let tail: Vec<&str> = parts.collect();
    if !tail.iter().all(|part| is_suffix_part(part)) {
        return text.to_owned();
    }
    let words = plain_words(head, NameOrder::FirstLast, &mut taken);
    if words.is_empty() {
        return text.to_owned();
    }
    taken.extend(tail.into_iter().map(str::to_owned));
    if taken.is_empty() {
        return text.to_owned();
    }
    extras.append(&mut taken);
    words.join(" ")
}

fn split_words(words: &[&str], order: NameOrder, name: &mut Name) {
    let mut words: Vec<&str> = words.to_vec();
    match words.len() {
        0 => return,
        1 => {
            name.first = words[0].to_owned();
            return;
        }
        _ => {}
    }
    if split_slavic(&words, order, name) {
        return;
    }
    // "dos Santos", "de la Vega": a family name alone
    let is_small =
        |word: &&str| word.chars().count() > 1 && word.chars().all(char::is_lowercase) && is_particle(word);
    if let Some((family, particles)) = words.split_last()
        && particles.iter().all(is_small)
        && family.starts_with(char::is_uppercase)
    {
        name.last = words.join(" ");
        return;
    }
    if let Some(family) = capital_family(&words) {
        let (first, last) = match family {
            Family::First(count) => (words[count..].to_vec(), words[..count].to_vec()),
            Family::Last(at) => (words[..at].to_vec(), words[at..].to_vec()),
        };
        let mut first = first;
        take_initials(&mut first, &mut name.extras);
        name.first = first.join(" ");
        name.last = last.join(" ");
        return;
    }
    let vietnamese = words.len() > 1
        && NAMES.vi.contains(words[0].to_lowercase().as_str())
        && words.iter().any(|w| !w.is_ascii());
    // "de La Tour Hugues": nobody's given name is a particle
    let particle_first = words.len() > 2
        && words[0].chars().all(char::is_lowercase)
        && words[0].len() > 1
        && is_particle(words[0]);
    if order == NameOrder::LastFirst || vietnamese || particle_first {
        let count = family_length(&words);
        let mut first = words.split_off(count);
        take_initials(&mut first, &mut name.extras);
        name.first = first.join(" ");
        name.last = words.join(" ");
        return;
    }
    let at = family_start(&words, order);
    let last = words.split_off(at);
    take_initials(&mut words, &mut name.extras);
    name.first = words.join(" ");
    name.last = last.join(" ");
}

/// Number of words of the family name at the front.
fn family_length(words: &[&str]) -> usize {
    // "Kissné Tóth Ilona": a Hungarian married name before the family name
    if words.len() == 3 && words[0].ends_with("né") && words[0].chars().count() > 3 {
        return 2;
    }
    let particles = words.iter().take_while(|word| is_particle(word)).count();
    // "Le Minh Tuan": no particle comes before a given name
    if particles == 1
        && NAMES.vi_plain.contains(fold(words[0]).as_ref())
        && words.len() > 2
        && is_given(words[1])
    {
        return 1;
    }
    (particles + 1).min(words.len() - 1)
}

/// Where the family name begins if the given name comes first.
fn family_start(words: &[&str], order: NameOrder) -> usize {
    let count = words.len();
    // "عبد الله": names of the form "servant of" are one given name
    let joined = NAMES.joiners.contains(fold(words[0]).as_ref()) && count > 2;
    // "María del Carmen" is one given name
    let compound = |length: usize| {
        count > length + 1 && NAMES.compound_given.contains(fold(&words[1..=length].join(" ")).as_ref())
    };
    let first_free = if compound(3) {
        4
    } else if compound(2) {
        3
    } else if joined {
        2
    } else {
        1
    };
    if first_free + 1 >= count {
        return first_free.min(count - 1);
    }
    // "Ortega y Gasset": the joining word ties two family names; right after the given name it is an initial ("John e Smith")
    let is_joiner = |at: usize| matches!(words[at], "y" | "e" | "i");
    let is_free = |at: &usize| is_particle(words[*at]) && !(is_joiner(*at) && *at == first_free);
    if let Some(particle) = (first_free..count - 1).find(is_free) {
        let y = is_joiner(particle);
        return if y && particle > first_free { particle - 1 } else { particle };
    }
    if words[count - 1].starts_with("ال") && count > 2 {
        return count - 1;
    }
    if count == 2 {
        return 1;
    }
    let folded: Vec<String> = words.iter().map(|word| fold(word).into_owned()).collect();
    let given = |at: usize| NAMES.given.contains(folded[at].as_str());
    let iberian = |at: usize| NAMES.es.contains(folded[at].as_str());
    if first_free > 2 {
        return if count - first_free > 2 { count - 2 } else { first_free };
    }
    let two_last = order == NameOrder::TwoLastNames
        || (count == 3 && iberian(1) && !given(1) && iberian(2))
        || (count == 4 && iberian(2) && iberian(3));
    if two_last {
        let at = count - 2;
        if count == 3 && given(1) && !iberian(1) { count - 1 } else { at }
    } else {
        count - 1
    }
}

/// Words in capitals next to words that are not are the family name: `CHAN Tai Man`, `Jean DUPONT`.
enum Family {
    First(usize),
    Last(usize),
}

fn capital_family(words: &[&str]) -> Option<Family> {
    let letters = |word: &str| word.chars().filter(|c| c.is_alphabetic()).count();
    let capital =
        |word: &str| letters(word) > 1 && !word.contains('.') && word.chars().all(|c| !c.is_lowercase());
    let small = |word: &str| word.chars().any(char::is_lowercase);
    if !words.iter().any(|word| word.chars().any(char::is_uppercase)) {
        return None;
    }
    let front = words.iter().take_while(|word| capital(word)).count();
    if front > 0
        && front < words.len()
        && words[front..].iter().all(|word| small(word) || is_initials(word))
        && words[front..].iter().any(|word| small(word))
    {
        // a short capital word in front may be initials: "JP Morgan"
        return (letters(words[0]) > 2 || front > 1 || words[front..].len() > 1 || !has_vowel_less(words[0]))
            .then_some(Family::First(front));
    }
    let back = words.iter().rev().take_while(|word| capital(word)).count();
    if back > 0
        && back < words.len()
        && words[..words.len() - back].iter().all(|word| small(word) || is_initials(word))
        && words[..words.len() - back].iter().any(|word| small(word))
    {
        let mut at = words.len() - back;
        while at > 1 && is_particle(words[at - 1]) {
            at -= 1;
        }
        return Some(Family::Last(at));
    }
    None
}

/// Two capitals without a vowel are initials.
fn has_vowel_less(word: &str) -> bool {
    word.chars().count() < 3 && !word.chars().any(|c| matches!(c, 'A' | 'E' | 'I' | 'O' | 'U' | 'Y'))
}

/// Whether the text is written like a person's name: two to five capitalised words of letters, or a CJK name.
pub(super) fn looks_like_name(text: &str) -> bool {
    let text = trimmed(text);
    // "Adam Cole (Coleman Ltd)"
    let text = match text.split_once(" (") {
        Some((name, rest)) if rest.ends_with(')') => name,
        _ => text,
    };
    let length = text.chars().count();
    if !(2..=60).contains(&length)
        || text.chars().any(|c| {
            c.is_numeric()
                || matches!(
                    c,
                    '@' | '/' | ':' | '_' | '&' | ';' | '?' | '!' | '=' | '*' | '#' | '<' | '|' | '+'
                )
        })
    {
        return false;
    }
    if unspaced::is_unspaced_name(text) {
        return unspaced::looks_like_name(text);
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    if !(2..=6).contains(&words.len()) {
        return false;
    }
    let named = |word: &&str| {
        let caseless = !word.chars().any(|c| c.is_lowercase() || c.is_uppercase());
        word.chars().next().is_some_and(|c| c.is_uppercase() || caseless)
            || is_particle(word)
            || is_honorific(word)
    };
    let all_lower = text.chars().all(|c| !c.is_uppercase()) && words.len() <= 3;
    words.iter().all(named) || (all_lower && words.iter().any(|word| is_given(word)))
}

/// Whether the word is a frequent given name.
pub(super) fn is_given(word: &str) -> bool {
    NAMES.given.contains(fold(word.trim_matches(|c: char| !c.is_alphabetic())).as_ref())
}

/// Whether the text is one word as a given or family name would be.
pub(super) fn looks_like_name_part(text: &str) -> bool {
    let text = trimmed(text);
    let count = text.split_whitespace().count();
    let letters = text.chars().all(|c| {
        c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’' | '.') || matches!(c, '\u{900}'..='\u{dff}')
    });
    letters && (1..=3).contains(&count) && (1..=30).contains(&text.chars().count())
}

#[cfg(test)]
mod tests;
