//! What surrounds a name: titles, suffixes, particles, initials, nicknames in brackets.

use super::{NameOrder, is_given};
use crate::standardize::lexicon::{NAMES, key};
use crate::standardize::text::{fold, is_cjk};

/// The words of a name without preceding titles and following suffixes. A lone word always stays.
pub(super) fn plain_words<'a>(text: &'a str, order: NameOrder, extras: &mut Vec<String>) -> Vec<&'a str> {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    take_signs(&mut words, extras);
    let mut start = 0;
    while start + 1 < words.len() {
        // "Dipl.-Ing.", "Prof. Dr. med."
        // "Mr. & Mrs. Jones"
        let joins_titles = start > 0
            && start + 2 < words.len()
            && (matches!(words[start], "&" | "/")
                || NAMES.couple_joiners.contains(&words[start].to_lowercase()))
            && is_honorific(words[start + 1]);
        if joins_titles {
            // "Mr. & Mrs." is one title
            if let Some(title) = extras.last_mut() {
                title.push(' ');
                title.push_str(words[start]);
                title.push(' ');
                title.push_str(words[start + 1]);
            }
            start += 2;
        } else if is_honorific(words[start]) && !is_lone_initial(&words[start..])
            || is_monsieur(&words[start..], order)
        {
            extras.push(words[start].to_owned());
            start += 1;
        } else if let Some(count) = office(&words[start..]) {
            extras.push(words[start..start + count].join(" "));
            start += count;
        } else if let Some((title, name)) = glued_title(words[start]) {
            extras.push(title.to_owned());
            words[start] = name;
        } else {
            break;
        }
    }
    words.drain(..start);
    take_quoted(&mut words, extras);
    take_birth_name(&mut words, extras);
    if let Some(word) = words.first_mut()
        && let Some((title, name)) = prefixed_title(word)
    {
        extras.push(title.to_owned());
        *word = name;
    }
    // "Macaluso David P", "Ramesh Kumar V.": no family name is an initial
    let mut tail = Vec::new();
    if words.len() > 2
        && !words[..words.len() - 1].iter().any(|word| is_initials(word))
        && let Some(word) = words.pop_if(|word| is_initials(word) && word.chars().count() <= 2)
    {
        tail.push(word.to_owned());
        if let [family, given] = words.as_mut_slice()
            && is_given(given)
            && !is_given(family)
        {
            std::mem::swap(family, given);
        }
    }
    while words.len() > 1 {
        let Some(word) = words.last() else { break };
        if !is_suffix(word) || is_short_family_name(&words) {
            break;
        }
        tail.push((*word).trim_matches(',').to_owned());
        words.pop();
    }
    // "Hakkı Bey"
    if words.len() > 1
        && let Some(word) = words.pop_if(|word| TRAILING_HONORIFICS.contains(&key(word).as_str()))
    {
        tail.push(word.to_owned());
    }
    tail.reverse();
    extras.extend(tail);
    words
}

/// Phrases behind names that are neither a name nor a single suffix: `Jane Doe et al.`, `jane doe attorney at law`.
const TRAILING_PHRASES: [&str; 6] =
    ["et al", "attorney at law", "attorneys at law", "atty at law", "attorney", "realtor"];

/// Removes a phrase at the end of a name.
pub(super) fn take_trailing_phrase<'a>(text: &'a str, extras: &mut Vec<String>) -> &'a str {
    const LAST_WORDS: [&str; 5] = ["al", "al.", "law", "attorney", "realtor"];
    let last = text.rsplit(' ').next().unwrap_or_default();
    if !LAST_WORDS.iter().any(|word| word.eq_ignore_ascii_case(last)) {
        return text;
    }
    let starts = text.match_indices([' ', ',']).map(|(at, _)| at);
    let phrase = starts.filter(|at| text.len() - at <= 20).find(|at| {
        let key = key(&text[at + 1..]);
        TRAILING_PHRASES.contains(&key.as_str()) && text[..*at].contains(' ')
    });
    let Some(at) = phrase else { return text };
    extras.push(text[at + 1..].trim().to_owned());
    text[..at].trim_end_matches([' ', ','])
}

/// Turkish forms of address, which follow the given name.
const TRAILING_HONORIFICS: [&str; 3] = ["bey", "hanim", "hanım"];

/// `Dr.Smith`: a title written without a space.
pub(super) fn glued_title(word: &str) -> Option<(&str, &str)> {
    let at = word.find('.')? + 1;
    let (title, name) = word.split_at(at);
    let long_name = name.chars().count() > 2 && name.chars().all(|c| c.is_alphabetic() || c == '-');
    (long_name && title.chars().count() > 2 && NAMES.honorifics.contains(key(title).as_str()))
        .then_some((title, name))
}

/// `คุณสุดา`: a title in a script that writes it before the name without a space.
pub(super) fn prefixed_title(word: &str) -> Option<(&str, &str)> {
    if !word.starts_with(|c: char| matches!(c, '\u{e01}'..='\u{e2e}' | '\u{e40}'..='\u{e44}')) {
        return None;
    }
    let title = NAMES.glued_honorifics.iter().find(|title| word.starts_with(title.as_str()))?;
    let (title, name) = word.split_at_checked(title.len())?;
    // a name of one syllable has at least two letters
    (name.chars().filter(|c| c.is_alphabetic()).count() > 1).then_some((title, name.trim_start_matches('.')))
}

/// `JACK MA`: where all is in capitals they do not make two letters a degree, and a name of two words has a family name.
fn is_short_family_name(words: &[&str]) -> bool {
    let [given, family] = words else { return false };
    let is_shouted = |word: &str| word.chars().all(char::is_uppercase);
    matches!(key(family).as_str(), "ma" | "do" | "ba")
        && is_shouted(given)
        && is_shouted(family)
        && is_given(given)
}

/// `H. Hawkins`, `D Hawkins`: with one name behind it a letter is an initial, though it stands for a title elsewhere.
fn is_lone_initial(words: &[&str]) -> bool {
    words.len() == 2
        && words[0].starts_with(|c: char| c.is_ascii_uppercase())
        && words[0].trim_end_matches('.').chars().count() == 1
}

/// `M. Benoît Evrard`: the French title, not an initial, in a French list or if a given name and a family name follow.
fn is_monsieur(words: &[&str], order: NameOrder) -> bool {
    match words {
        ["M." | "M", _, ..] if order == NameOrder::French => true,
        ["M.", given, _, ..] => NAMES.given.contains(fold(given).as_ref()),
        _ => false,
    }
}

/// `Dame Judi Dench`, `Secretary of State Jane Doe`, `Lord Byron`: number of words that are a title; as they are names
/// too, names must follow.
fn office(words: &[&str]) -> Option<usize> {
    /// `secretary of state`
    const LONGEST: usize = 3;
    (1..=LONGEST.min(words.len().saturating_sub(1))).rev().find(|count| {
        let key = key(&words[..*count].join(" "));
        let sure = matches!(key.as_str(), "lord" | "dame" | "familie");
        NAMES.leading_honorifics.contains(&key) && (words.len() > count + 1 || sure)
    })
}

/// Removes `née Johnson`, and everything after it, from the words of a name.
pub(super) fn take_birth_name(words: &mut Vec<&str>, extras: &mut Vec<String>) {
    let is_mark =
        |word: &&str| NAMES.birth_names.contains(&key(word)) && !word.chars().any(char::is_uppercase);
    if let Some(at) = words.iter().position(is_mark).filter(|at| *at > 0 && at + 1 < words.len()) {
        extras.push(words[at..].join(" "));
        words.truncate(at);
    }
}

/// Removes words without a letter or a digit (`Sam Smith 😊`); words that join names stay.
fn take_signs(words: &mut Vec<&str>, extras: &mut Vec<String>) {
    let is_sign = |word: &&str| !word.chars().any(char::is_alphanumeric) && !matches!(*word, "&" | "/" | "+");
    if words.len() > 1 && !words.iter().all(is_sign) {
        extras.extend(
            words.iter().filter(|word| is_sign(word) && !word.is_ascii()).map(|word| (*word).to_owned()),
        );
        words.retain(|word| !is_sign(word));
    }
}

/// Removes a quoted nickname (`Benjamin 'Ben' Franklin`, `Edmund ''Ed'' Hill`) from the words of a name.
pub(super) fn take_quoted(words: &mut Vec<&str>, extras: &mut Vec<String>) {
    let is_quote = |c: char| matches!(c, '\'' | '‘' | '’' | '`');
    let is_quoted =
        |word: &&str| word.chars().count() > 3 && word.starts_with(is_quote) && word.ends_with(is_quote);
    if let Some(at) = words.iter().position(is_quoted).filter(|at| *at > 0) {
        extras.push(words.remove(at).trim_matches(is_quote).to_owned());
    }
}

/// Removes middle initials (`Niko A.`) from the given name if a name remains.
pub(super) fn take_initials(first: &mut Vec<&str>, extras: &mut Vec<String>) {
    if first.len() < 2 || is_initials(first[0]) {
        return;
    }
    let mut kept = 1;
    for at in 1..first.len() {
        if is_initials(first[at]) {
            extras.push(first[at].to_owned());
        } else {
            first[kept] = first[at];
            kept += 1;
        }
    }
    first.truncate(kept);
}

/// `A.`, `J.R.`, `B`.
pub(super) fn is_initials(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let upper = word.chars().all(|c| c.is_uppercase() || c == '.' || c == '-');
    upper
        && (letters == 1 || (letters <= 3 && word.matches('.').count() == letters))
        && !word.chars().any(is_cjk)
}

pub(in crate::standardize) fn is_honorific(word: &str) -> bool {
    if word.len() > 40 {
        return false;
    }
    // Czech and Polish for Mr and Mrs; in capitals they are initials
    if matches!(word, "p." | "pí." | "pí") {
        return true;
    }
    let key = key(word);
    NAMES.honorifics.contains(key.as_str())
        || (word.ends_with('.') && NAMES.dotted_honorifics.contains(key.as_str()))
}

/// Whether the word is a suffix of a name. Short ones only in their usual capitals, as `Ma`, `Do` and `Ba` are names.
pub(super) fn is_suffix(word: &str) -> bool {
    let plain = word.trim_matches([',', '.', '®', '™', '(', ')']);
    if plain.is_empty() || word.len() > 24 || word.starts_with(is_cjk) {
        return false;
    }
    let key = key(word.trim_matches([',', '(', ')']));
    if !NAMES.suffixes.contains(key.as_str()) {
        return false;
    }
    match key.as_str() {
        "jr" | "sr" | "junior" | "senior" | "phd" | "ph d" | "esq" | "esquire" | "ii" | "iii" | "iv" => true,
        "i" | "v" | "do" | "ma" | "ba" | "med" | "np" | "ca" | "pe" | "ms" | "bs" | "ret" | "rn" | "od"
        | "dc" | "rd" => {
            word.contains('.') && word.len() > 2
                || (plain.len() > 1 && plain.chars().all(char::is_uppercase) && key.len() > 1)
        }
        // "Peng", "Meng" and "Mba" are names
        _ => plain.chars().filter(|c| c.is_uppercase()).count() > 1 || plain.contains(['.', '-']),
    }
}

/// Whether every word after a comma is a suffix or title (`PhD, MBA`), so that the part before is the whole name.
pub(in crate::standardize) fn is_suffix_part(part: &str) -> bool {
    let key = key(part);
    if NAMES.suffixes.contains(key.as_str()) {
        return true;
    }
    part.split_whitespace().all(|word| {
        is_suffix(word)
            || is_honorific(word)
            || word.ends_with(['®', '™'])
            || (word.len() > 2
                && word.len() < 9
                && word.contains('-')
                && word.chars().all(|c| c.is_uppercase() || c == '-' || c.is_numeric()))
    })
}

pub(super) fn is_particle(word: &str) -> bool {
    if word.len() > 12 {
        return false;
    }
    let lower = fold(word);
    let lower = lower.trim_end_matches('.');
    NAMES.particles.contains(lower) && (lower.chars().count() > 1 || word.chars().all(char::is_lowercase))
}

/// Removes `(nickname)` and `"nickname"` from a name.
pub(super) fn take_brackets(text: &str, extras: &mut Vec<String>) -> String {
    let mut rest = text.to_owned();
    for (open, close) in [('(', ')'), ('（', '）'), ('[', ']'), ('"', '"'), ('“', '”')] {
        while let Some(start) = rest.find(open) {
            let after = start + open.len_utf8();
            let Some(end) = rest[after..].find(close).map(|end| after + end) else { break };
            let inner = rest[after..end].trim();
            let outer = format!("{} {}", rest[..start].trim(), rest[end + close.len_utf8()..].trim());
            if outer.trim().is_empty() {
                break;
            }
            if !inner.is_empty() {
                extras.push(inner.to_owned());
            }
            rest = outer.trim().to_owned();
        }
    }
    rest
}
