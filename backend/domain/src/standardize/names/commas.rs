//! Names with commas: the family name first, or titles and suffixes last.

use super::affixes::{is_initials, is_particle, is_suffix_part, plain_words, take_initials};
use super::slavic::is_patronymic;
use super::{Name, NameOrder, is_given, split_words};
use crate::standardize::lexicon::{NAMES, key};

/// `Last, First`, `First Last, PhD`, `Last, Dr. First M., MBA`.
pub(super) fn split_at_comma(parts: &[&str], order: NameOrder, name: &mut Name) {
    // "Akmaev, I", "Kim, P-H": after a family name alone, letters are the given name's initials
    let initial = match parts {
        [family, given] if !family.contains(' ') => given.split('-').all(is_initials),
        _ => false,
    };
    let is_suffix =
        |(at, part): (usize, &&str)| !initial && (is_suffix_part(part) || is_credential(parts, at, part));
    let credentials = parts.iter().enumerate().rposition(|part| !is_suffix(part)).unwrap_or(0);
    // "Smith, John, MD": what follows the last part that is a name is a suffix
    let (names, suffixes) = parts.split_at(credentials + 1);
    // "Griffey, Jr., Ken"
    let is_between = |(at, part): (usize, &&str)| at > 0 && at + 1 < names.len() && is_suffix_part(part);
    let between: Vec<&str> =
        names.iter().enumerate().filter(|part| is_between(*part)).map(|(_, part)| *part).collect();
    let names: Vec<&str> = names.iter().copied().filter(|part| !between.contains(part)).collect();
    name.extras.extend(between.iter().map(|part| (*part).to_owned()));
    match names.as_slice() {
        [] => {}
        [single] => {
            let words = plain_words(single, order, &mut name.extras);
            split_words(&words, order, name);
        }
        // "Carolyn E, Savage": a comma too many
        [given, family] if is_given_with_initial(given) && !family.contains(' ') && !is_given(family) => {
            let mut words = plain_words(given, order, &mut name.extras);
            take_initials(&mut words, &mut name.extras);
            name.first = words.join(" ");
            name.last = (*family).to_owned();
        }
        [last, rest @ ..] => {
            let mut words = Vec::new();
            for part in rest {
                words.extend(plain_words(part, order, &mut name.extras));
            }
            let family = plain_words(last, order, &mut name.extras);
            if family.is_empty() || words.is_empty() {
                let mut all = family;
                all.extend(words);
                split_words(&all, order, name);
            } else {
                // particles may have been left with the given name: "Beethoven, Ludwig van"
                let particles = words.iter().rposition(|word| !is_particle(word)).map_or(0, |at| at + 1);
                let moved: Vec<&str> = if particles > 0 { words.split_off(particles) } else { Vec::new() };
                let patronymic = words.len() > 1 && words.last().is_some_and(|word| is_patronymic(word));
                if patronymic && let Some(word) = words.pop() {
                    name.extras.push(word.to_owned());
                }
                take_initials(&mut words, &mut name.extras);
                name.first = words.join(" ");
                name.last = moved.into_iter().chain(family).collect::<Vec<_>>().join(" ");
            }
        }
    }
    name.extras.extend(suffixes.iter().map(|part| (*part).to_owned()));
}

fn is_given_with_initial(text: &str) -> bool {
    text.split_once(' ').is_some_and(|(given, initial)| is_given(given) && is_initials(initial))
}

/// `AIA` in `Michio Yamaguchi, AIA`: short capitals after a whole name that is written in mixed case, `née Johnson`
/// too.
fn is_credential(parts: &[&str], at: usize, part: &str) -> bool {
    const LONGEST: usize = 5;
    let Some(name) = parts.first().filter(|_| at > 0) else { return false };
    let whole = name.split_whitespace().count() > 1 || at > 1;
    let letters = part.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = (2..=LONGEST).contains(&letters)
        && part.chars().all(|c| c.is_uppercase() && c.is_ascii() || c == '.')
        && !is_initials(part);
    let birth_name = part.split_once(' ').is_some_and(|(mark, _)| NAMES.birth_names.contains(&key(mark)));
    whole && name.chars().any(char::is_lowercase) && (capitals && !is_given(part) || birth_name)
}
