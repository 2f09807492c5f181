//! Two people in one cell: the first is the lead, with the family name they share (`John & Jane Albury`).

use super::affixes::{is_honorific, is_initials};
use super::{NameOrder, is_given, looks_like_name, split};
use crate::standardize::lexicon::NAMES;

/// The name of the first of two people, and what the cell says about the other, as written.
pub(in crate::standardize) fn first_of_two(text: &str) -> Option<(String, String)> {
    if text.len() > super::LONGEST_NAME {
        return None;
    }
    let separators: &[&str] = match text.contains(['\n', ';', '/', ',']) {
        true => &["\n", ";", " / ", "/", ", "],
        false => &[],
    };
    for separator in separators {
        let Some((first, other)) = text.split_once(*separator) else { continue };
        let (first, other) = (first.trim(), other.trim());
        // "García López, María José" is one person
        if is_person_of_two_words(first) && is_person_of_two_words(other) {
            return Some((first.to_owned(), other.to_owned()));
        }
        if *separator == "/" && is_given(first) && starts_like_person(other) {
            return shared(first, other);
        }
    }
    let at = text.split_whitespace().position(is_joiner).filter(|at| *at > 0)?;
    let words: Vec<&str> = text.split_whitespace().collect();
    let (first, other) = (words[..at].join(" "), words[at + 1..].join(" "));
    let strong = matches!(words[at].to_lowercase().as_str(), "&" | "+" | "and" | "und");
    let titled = |text: &str| text.split_whitespace().next().is_some_and(is_honorific);
    let title_only = words[..at].iter().all(|word| is_honorific(word));
    // "Patrick & Rose McDarragh": no list has all given names, but a single one in front is enough
    let named = strong && at == 1 && is_given(words[0]) && words.len() > at + 2 && looks_like_name(&other);
    // "Mr. and Mrs. Fenner" is a title; "Ortega y Gasset" and "Bang & Olufsen" are not two people
    // "Nadia Voss + Piers Glyn": no company is named like that
    let added = words[at] == "+" && looks_like_name(&first) && looks_like_name(&other);
    let people = named || added || starts_like_person(&first) && starts_like_person(&other);
    if title_only || other.is_empty() || !people {
        return None;
    }
    // in names, "y" and "e" join two family names of one person
    let given = is_given(words[0]) && words.get(at + 1).is_some_and(|word| is_given(word));
    if strong || titled(&first) || given { shared(&first, &other) } else { None }
}

/// The first person with a family name of their own, or with the other person's.
fn shared(first: &str, other: &str) -> Option<(String, String)> {
    let own = split(first, NameOrder::FirstLast);
    // "Ronald T. & Karen P. Lindsay" share the family name, "Dr. Gomes & Dr. Lui" do not
    let has_own_name = !own.last.is_empty() && !is_initials(&own.last);
    let is_titled = own.first.is_empty() && first.split_whitespace().next().is_some_and(is_honorific);
    if has_own_name && (!own.first.is_empty() || is_titled) {
        return Some((first.to_owned(), other.to_owned()));
    }
    let family = split(other, NameOrder::FirstLast).last;
    if family.is_empty() {
        return Some((first.to_owned(), other.to_owned()));
    }
    Some((format!("{first} {family}"), other.to_owned()))
}

fn is_joiner(word: &str) -> bool {
    /// `und`, `and`, in bytes; other scripts take two or three per letter.
    const LONGEST: usize = 12;
    matches!(word, "&" | "+")
        || word.len() <= LONGEST && NAMES.couple_joiners.contains(word.to_lowercase().as_str())
}

/// Whether the text begins with a title, a given name or an initial.
fn starts_like_person(text: &str) -> bool {
    text.split_whitespace()
        .next()
        .is_some_and(|word| is_honorific(word) || is_given(word) || is_initials(word))
}

fn is_person_of_two_words(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.len() >= 2
        && words.len() <= 4
        && looks_like_name(text)
        && (is_given(words[0]) || is_honorific(words[0]))
        && words.last().is_some_and(|word| !is_given(word) && !is_initials(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_people() {
        let check = |text: &str, expected: Option<(&str, &str)>| {
            let found = first_of_two(text);
            assert_eq!(
                found.as_ref().map(|(first, other)| (first.as_str(), other.as_str())),
                expected,
                "{text}"
            );
        };
        check("John & Jane Albury", Some(("John Albury", "Jane Albury")));
        check("Rob And Beth Edmunds", Some(("Rob Edmunds", "Beth Edmunds")));
        check("Mr R & Mrs J Bloggs", Some(("Mr R Bloggs", "Mrs J Bloggs")));
        check("Mr S Bloxham and Miss L Jonker", Some(("Mr S Bloxham", "Miss L Jonker")));
        check("Anna und Peter Weber", Some(("Anna Weber", "Peter Weber")));
        check("Ana y Luis Pérez", Some(("Ana Pérez", "Luis Pérez")));
        check("John/Jane Doe", Some(("John Doe", "Jane Doe")));
        check("John Doe / Jane Roe", Some(("John Doe", "Jane Roe")));
        check("John Doe; Jane Roe", Some(("John Doe", "Jane Roe")));
        check("John Doe, Jane Roe", Some(("John Doe", "Jane Roe")));
        check("Patrick & Yrsa McDarragh", Some(("Patrick McDarragh", "Yrsa McDarragh")));
        check("John & Jane", Some(("John", "Jane")));
        check("Ronald T. & Karen P. Lindsay", Some(("Ronald T. Lindsay", "Karen P. Lindsay")));
        check("Dr. Gomes & Dr. Lui", Some(("Dr. Gomes", "Dr. Lui")));
        for text in [
            "José Ortega y Gasset",
            "João Costa e Silva",
            "Mr. and Mrs. Brad Fenner",
            "García López, María José",
            "Smith, John",
            "Bang & Olufsen",
            "Johnson & Johnson",
            "Jane Doe",
            "Heinrich Howard, Joseph W",
            "& Jane",
            "&",
        ] {
            check(text, None);
        }
    }
}
