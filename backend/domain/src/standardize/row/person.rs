//! What is in a cell that should contain one name: a person, perhaps with a job, a company or a second person, or no
//! person.

use crate::standardize::company::{BusinessText, has_company_word, looks_like_company, looks_like_job};
use crate::standardize::headers::{self, Atom};
use crate::standardize::lexicon::{BUSINESS, NAMES, key};
use crate::standardize::names::{self, Name, NameOrder};
use crate::standardize::text::is_cjk;

/// A parsed name cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) name: Name,
    pub(super) title: String,
    pub(super) company: String,
}

/// Longer cells, in bytes, are not names.
const LONGEST_CELL: usize = 300;

/// Parses a cell; what is neither name, title nor company is in the extras of the name.
pub(super) fn read(text: &str, order: NameOrder) -> Person {
    let mut person = Person::default();
    if text.len() > LONGEST_CELL {
        person.name = names::split(text, order);
        return person;
    }
    let (care_of, text) = without_care_of(text);
    let (mut text, mut relative) = (text, None);
    if text.contains(JOINER_SIGNS) {
        (text, relative) = without_relative(text);
        text = without_business(text, &mut person);
    }
    if let Some((first, other)) = names::first_of_two(text) {
        person.name = names::split(&first, order);
        person.name.extras.push(other);
    } else {
        person.name = names::split(text, order);
    }
    let last_first = text.contains(',');
    let mut left = Vec::new();
    for extra in std::mem::take(&mut person.name.extras) {
        let bracketed = text.contains(&format!("({extra})"));
        if person.company.is_empty()
            && (looks_like_company(&extra) || last_first && bracketed && is_abbreviation(&extra))
        {
            person.company = extra;
        } else if (bracketed || is_rank(&extra)) && person.title.is_empty() && is_job(&extra) {
            person.title = extra;
        } else {
            left.push(extra);
        }
    }
    left.splice(0..0, care_of.map(str::to_owned));
    left.extend(relative.map(str::to_owned));
    person.name.extras = left;
    person
}

/// `Jane Doe, wife of John Doe`, `Jane Doe - mother: Mary Doe`: the part about somebody else is split off.
fn without_relative(text: &str) -> (&str, Option<&str>) {
    let cut = JOINERS.into_iter().filter_map(|joiner| text.split_once(joiner)).find(|(name, other)| {
        let mark =
            other.split(|c: char| !c.is_alphabetic()).find(|word| !word.is_empty()).unwrap_or_default();
        names::looks_like_name(name)
            && mark.chars().count() > 2
            && !names::is_given(mark)
            && !looks_like_job(mark)
            && headers::read(mark).atoms.has(Atom::OtherPerson)
    });
    cut.map_or((text, None), |(name, other)| (name.trim(), Some(other.trim())))
}

/// Whether a word after a name in an East Asian script says what somebody is (`과장`), not just how to address them
/// (`先生`).
fn is_rank(extra: &str) -> bool {
    extra.chars().all(is_cjk) && !NAMES.cjk_honorifics.iter().any(|honorific| honorific == extra)
}

/// `Jane Doe, Head of Sales, Acme Ltd`: a person's name comes before the company's.
fn is_behind_a_name(text: &str) -> bool {
    let Some((name, rest)) = text.split_once(", ") else { return false };
    let given = name.split_whitespace().next().is_some_and(names::is_given);
    let job_between = rest.split_once(", ").is_some_and(|(job, _)| is_job(job));
    let is_more_than_a_form = rest.split_whitespace().count() > 2;
    let is_other_name = is_more_than_a_form && !rest.contains('&') && !rest.contains('.');
    names::looks_like_name(name)
        && !has_company_word(name)
        && (job_between || given && is_more_than_a_form || is_other_name)
}

/// Whether it is the name of a company, a trust or an office. A given name before one other word makes it a person's.
pub(super) fn is_organisation(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().take(3).collect();
    let given = words.iter().any(|word| names::is_given(word));
    if words.len() < 3 && words.first().is_some_and(|word| names::is_given(word)) && !shouts(text) {
        return false;
    }
    if is_behind_a_name(text) {
        return false;
    }
    let business = BusinessText::new(text);
    business.looks_like_company()
        || NAMES.organisations.iter().any(|word| is_first_or_last(business.key(), word))
        || words.len() > 1
            && !given
            && !text.contains(',')
            && business.has_company_word()
            && !business.looks_like_job()
}

/// Whether a legal form is written as no surname is (`GmbH`, `S.A.`, `LLC`).
fn shouts(text: &str) -> bool {
    looks_like_company(text)
        && text.split_whitespace().last().is_some_and(|word| {
            word.chars().filter(|c| c.is_uppercase()).count() > 1
                || word.ends_with('.')
                || word.chars().count() > 2
        })
}

fn is_first_or_last(key: &str, word: &str) -> bool {
    key.strip_prefix(word).is_some_and(|rest| rest.starts_with(' '))
        || key.strip_suffix(word).is_some_and(|rest| rest.ends_with(' '))
}

/// `c/o Jane Doe`, `Attn: Jane Doe`: the mark, and the name after it.
fn without_care_of(text: &str) -> (Option<&str>, &str) {
    let trimmed = text.trim();
    for (at, c) in trimmed.char_indices().take(20) {
        if c == ' ' || c == ':' {
            let (mark, rest) = trimmed.split_at(at);
            let rest = rest.trim_start_matches([':', ' ']);
            if !rest.is_empty() && NAMES.care_of.contains(&key(mark)) {
                return (Some(mark), rest);
            }
        }
    }
    (None, trimmed)
}

/// Removes a job and a company after a name (`Jane Doe - CFO`, `Jane Doe, Acme Ltd`) from the text.
fn without_business<'a>(mut text: &'a str, person: &mut Person) -> &'a str {
    // the company first, extending as far to the end as possible: "Jane Doe - CFO, Acme Ltd"
    if let Some((name, other)) =
        behind_name(text, looks_like_company).into_iter().max_by_key(|(name, _)| name.len())
    {
        other.clone_into(&mut person.company);
        text = name;
    }
    if let Some((name, other)) = behind_name(text, is_job).into_iter().min_by_key(|(name, _)| name.len()) {
        other.clone_into(&mut person.title);
        text = name;
    }
    text
}

/// The ways to split a text into a name and something of a kind after it.
fn behind_name(text: &str, is_one: fn(&str) -> bool) -> Vec<(&str, &str)> {
    let cuts = JOINERS.into_iter().flat_map(|joiner| [text.rsplit_once(joiner), text.split_once(joiner)]);
    let is_name = |name: &str| {
        let before_job = name.split_once(", ").filter(|(_, job)| is_job(job)).map(|(name, _)| name);
        names::looks_like_name(&name.replace(',', " "))
            || is_small_name(name)
            || before_job.is_some_and(names::looks_like_name)
    };
    let is_cut = |(name, other): &(&str, &str)| is_one(other) && is_name(name);
    cuts.flatten().map(|(name, other)| (name.trim(), other.trim())).filter(is_cut).collect()
}

/// `harry c piper` before `, attorney at law`: small letters do not show a name, but what follows is recognised.
fn is_small_name(text: &str) -> bool {
    let words = text.split_whitespace().count();
    let letters =
        text.chars().all(|c| c.is_alphabetic() && !c.is_uppercase() || matches!(c, ' ' | '.' | '-' | '\''));
    (2..=3).contains(&words) && letters && !looks_like_job(text) && !has_company_word(text)
}

/// Separators between a name and a job or a company.
const JOINERS: [&str; 8] = [" - ", " – ", " — ", " | ", " / ", "\n", " c/o ", ", "];

/// Every joiner contains one of these, and most names contain none.
const JOINER_SIGNS: [char; 7] = ['-', '–', '—', '|', '/', '\n', ','];

/// A job title that is neither a name nor an academic suffix (`MD`).
fn is_job(text: &str) -> bool {
    // "MBA, Head of Buying": the degree is the name's
    let begins_with_degree = text.split_once(", ").is_some_and(|(first, _)| names::is_suffix_part(first));
    // "Pennie MD": a given name and a degree
    let is_given_with_degree = text
        .split_once(' ')
        .is_some_and(|(first, rest)| names::is_given(first) && names::is_suffix_part(rest));
    looks_like_job(text)
        && !begins_with_degree
        && !is_given_with_degree
        && !looks_like_company(text)
        && !names::is_given(text)
        && !names::is_suffix_part(text)
}

/// `ACME` in `Doe, Jane (ACME)`, as companies' address books write it.
fn is_abbreviation(text: &str) -> bool {
    let key = key(text);
    (3..=12).contains(&text.chars().count())
        && text.chars().all(char::is_uppercase)
        && !names::is_given(text)
        && !names::is_role(text)
        && !names::is_suffix_part(text)
        && !BUSINESS.is_country(&key)
        && !looks_like_job(text)
        && !NAMES.no_abbreviations.contains(&key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_business_beside() {
        let check = |text: &str, expected: [&str; 4], extras: &[&str]| {
            let person = read(text, NameOrder::FirstLast);
            let found = [&person.name.first, &person.name.last, &person.title, &person.company];
            assert_eq!(
                (
                    found.map(String::as_str),
                    person.name.extras.iter().map(String::as_str).collect::<Vec<_>>()
                ),
                (expected, extras.to_vec()),
                "{text}"
            );
        };
        check("Jane Doe, Head of Sales", ["Jane", "Doe", "Head of Sales", ""], &[]);
        check("Jane Doe (CFO)", ["Jane", "Doe", "CFO", ""], &[]);
        check("Jane Doe - CFO", ["Jane", "Doe", "CFO", ""], &[]);
        check("Jane Doe - CFO, Acme Ltd", ["Jane", "Doe", "CFO", "Acme Ltd"], &[]);
        check("Jane Doe - Manager, Sales", ["Jane", "Doe", "Manager, Sales", ""], &[]);
        check("harry c piper, attorney at law", ["harry c", "piper", "attorney at law", ""], &[]);
        check("Jane Doe, wife of John Doe", ["Jane", "Doe", "", ""], &["wife of John Doe"]);
        check("Jane Doe - mother: Mary Doe", ["Jane", "Doe", "", ""], &["mother: Mary Doe"]);
        check("Jane Doe (spouse: John)", ["Jane", "Doe", "", ""], &["spouse: John"]);
        check("Jane Doe, Agent", ["Jane", "Doe", "Agent", ""], &[]);
        check("Doe, Jane - CFO", ["Jane", "Doe", "CFO", ""], &[]);
        check("Jane Doe, Acme, Inc.", ["Jane", "Doe", "", "Acme, Inc."], &[]);
        check("HEUSER, Justine (Prokurist)", ["Justine", "HEUSER", "Prokurist", ""], &[]);
        check("Doe, Jane (ACME)", ["Jane", "Doe", "", "ACME"], &[]);
        check("Doe, Jane (Acme Ltd)", ["Jane", "Doe", "", "Acme Ltd"], &[]);
        check("Jane Doe, CFO, Acme Foods Ltd", ["Jane", "Doe", "CFO", "Acme Foods Ltd"], &[]);
        check(
            "Jane Doe, Head of Sales, Acme Foods Ltd",
            ["Jane", "Doe", "Head of Sales", "Acme Foods Ltd"],
            &[],
        );
        check("Jane Doe, MBA, Head of Buying", ["Jane", "Doe", "Head of Buying", ""], &["MBA"]);
        check("정수빈 과장", ["수빈", "정", "과장", ""], &[]);
        check("문 부장", ["", "문", "부장", ""], &[]);
        check("林小姐", ["", "林", "", ""], &["小姐"]);
        check("คุณนก", ["นก", "", "", ""], &["คุณ"]);
        check("Hakkı Bey", ["Hakkı", "", "", ""], &["Bey"]);
        check("p. Vondra", ["", "Vondra", "", ""], &["p."]);
        check("P. Vondra", ["P.", "Vondra", "", ""], &[]);
        check("Nadia Voss + Piers Glyn", ["Nadia", "Voss", "", ""], &["Piers Glyn"]);
        check("Doe, Jane (EXT)", ["Jane", "Doe", "", ""], &["EXT"]);
        check("Jane (JD) Doe", ["Jane", "Doe", "", ""], &["JD"]);
        check("Jane Doe, MD", ["Jane", "Doe", "", ""], &["MD"]);
        check("Ma, Andrew", ["Andrew", "Ma", "", ""], &[]);
        check("c/o Jane Doe", ["Jane", "Doe", "", ""], &["c/o"]);
        check("Attn: Jane Doe", ["Jane", "Doe", "", ""], &["Attn"]);
        check("Jane Doe c/o Acme Ltd", ["Jane", "Doe", "", "Acme Ltd"], &[]);
        check("John & Jane Albury", ["John", "Albury", "", ""], &["Jane Albury"]);
        check("Mr. and Mrs. Brad Fenner", ["Brad", "Fenner", "", ""], &["Mr. and Mrs."]);
    }

    #[test]
    fn organisations() {
        for text in [
            "Acme Ltd",
            "The Knox Family Trust",
            "Estate of Jane Doe",
            "Sunrise Technologies",
            "Jane Doe GmbH",
            "First Baptist Church",
            "Acme Widgets, Inc.",
            "Baxter Hull, Price & Co LLP",
        ] {
            assert!(is_organisation(text), "{text}");
        }
        for text in [
            "Jane Doe",
            "Anna Ek",
            "Charlotte Church",
            "Jane",
            "Doe, Jane",
            "Trust",
            "Mary Sa",
            "Jane Doe, CFO, Acme Ltd",
            "",
        ] {
            assert!(!is_organisation(text), "{text}");
        }
    }
}
