//! The word lists of `data/`, loaded once: one `kind: word, word, …` per line; `#` begins a comment line.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::text::{fold, is_cjk};

/// The non-comment lines of a data file.
pub(super) fn lines(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The key under which lists store words and names and companies are looked up: case-folded, without full stops and
/// quotes, hyphens as spaces.
pub(super) fn key(word: &str) -> String {
    let mut key = String::with_capacity(word.len());
    let mut push = |c: char| match c {
        '®' | '™' | ',' | '"' | '״' | '׳' => {}
        '.' | '-' | '‑' | '–' | ' ' => {
            if !key.ends_with(' ') && !key.is_empty() {
                key.push(' ');
            }
        }
        _ => key.push(c),
    };
    if word.is_ascii() {
        word.chars().for_each(|c| push(c.to_ascii_lowercase()));
    } else {
        fold(word).chars().for_each(push);
    }
    while key.ends_with(' ') {
        key.pop();
    }
    key
}

/// Looked up for every word of every cell, hence not in the slower hash tables of the standard library.
pub(super) type Words = hashbrown::HashSet<String>;

fn load(file: &'static str) -> HashMap<&'static str, Words> {
    let mut kinds: HashMap<&'static str, Words> = HashMap::new();
    for line in lines(file) {
        let Some((kind, list)) = line.split_once(':') else { continue };
        let words = list.split(',').map(|word| key(word.trim())).filter(|word| !word.is_empty());
        kinds.entry(kind.trim()).or_default().extend(words);
    }
    kinds
}

fn load_spaced(file: &'static str) -> HashMap<&'static str, Words> {
    let mut kinds: HashMap<&'static str, Words> = HashMap::new();
    for line in lines(file) {
        let Some((kind, list)) = line.split_once(':') else { continue };
        kinds
            .entry(kind.trim())
            .or_default()
            .extend(list.split_whitespace().map(|word| fold(word).into_owned()));
    }
    kinds
}

fn take(kinds: &mut HashMap<&'static str, Words>, kind: &str) -> Words {
    kinds.remove(kind).unwrap_or_default()
}

/// Words around names.
pub(super) struct NameWords {
    pub(super) honorifics: Words,
    pub(super) dotted_honorifics: Words,
    pub(super) glued_honorifics: Vec<String>,
    /// Words that make up the names of departments and mailboxes.
    pub(super) role_names: Words,
    /// The first words of all of these.
    pub(super) role_beginnings: Words,
    pub(super) family_first_headers: Words,
    /// Vietnamese family names without their accents.
    pub(super) vi_plain: Words,
    pub(super) suffixes: Words,
    pub(super) particles: Words,
    pub(super) joiners: Words,
    pub(super) compound_given: Words,
    pub(super) cjk_honorifics: Vec<String>,
    pub(super) leading_honorifics: Words,
    pub(super) couple_joiners: Words,
    pub(super) birth_names: Words,
    pub(super) care_of: Words,
    pub(super) organisations: Vec<String>,
    pub(super) no_abbreviations: Words,
    pub(super) patronymics: Vec<String>,
    pub(super) slavic_surnames: Vec<String>,
    pub(super) role_addresses: Words,
    pub(super) given: Words,
    pub(super) zh2: Words,
    pub(super) zh: Words,
    pub(super) ja: Words,
    pub(super) ko2: Words,
    pub(super) vi: Words,
    pub(super) es: Words,
}

/// The words that make up the (keyed) name of a department or a mailbox.
pub(super) fn role_words(key: &str) -> impl Iterator<Item = &str> {
    key.split([' ', '/', '&', '_']).filter(|word| !word.is_empty())
}

pub(super) static NAMES: LazyLock<NameWords> = LazyLock::new(|| {
    let mut words = load(include_str!("../../data/name_words.txt"));
    let mut surnames = load_spaced(include_str!("../../data/surnames.txt"));
    let given = lines(include_str!("../../data/given_names.txt"))
        .flat_map(str::split_whitespace)
        .map(|word| fold(word).into_owned())
        .collect();
    let longest_first = |words: Words| {
        let mut words: Vec<String> = words.into_iter().collect();
        words.sort_by_key(|word| (std::cmp::Reverse(word.len()), word.clone()));
        words
    };
    let role_names = take(&mut words, "role_name");
    let role_addresses = take(&mut words, "role_address");
    let all_roles = role_names.iter().chain(&role_addresses);
    let role_beginnings = all_roles.filter_map(|role| Some(role_words(role).next()?.to_owned())).collect();
    NameWords {
        honorifics: take(&mut words, "honorific"),
        dotted_honorifics: take(&mut words, "dotted_honorific"),
        glued_honorifics: longest_first(take(&mut words, "glued_honorific")),
        role_names,
        role_beginnings,
        family_first_headers: take(&mut words, "family_first_header"),
        vi_plain: take(&mut surnames, "vi"),
        suffixes: take(&mut words, "suffix"),
        particles: take(&mut words, "particle"),
        joiners: take(&mut words, "joiner"),
        compound_given: take(&mut words, "compound_given"),
        cjk_honorifics: longest_first(take(&mut words, "cjk_honorific")),
        leading_honorifics: take(&mut words, "leading_honorific"),
        birth_names: take(&mut words, "birth_name"),
        couple_joiners: take(&mut words, "couple_joiner"),
        care_of: take(&mut words, "care_of"),
        organisations: longest_first(take(&mut words, "organisation")),
        no_abbreviations: take(&mut words, "no_abbreviation"),
        patronymics: longest_first(take(&mut words, "patronymic")),
        slavic_surnames: longest_first(take(&mut words, "slavic_surname")),
        role_addresses,
        given,
        zh2: take(&mut surnames, "zh2"),
        zh: take(&mut surnames, "zh"),
        ja: take(&mut surnames, "ja"),
        ko2: take(&mut surnames, "ko2"),
        // Vietnamese names are recognised by their accents, which folding removes
        vi: lines(include_str!("../../data/surnames.txt"))
            .filter_map(|line| line.strip_prefix("vi:"))
            .flat_map(str::split_whitespace)
            .map(str::to_owned)
            .collect(),
        es: take(&mut surnames, "es"),
    }
});

/// Words, and phrases of two or three words, that are looked for in longer texts.
struct Phrases {
    phrases: Words,
    /// The first words of all phrases: few texts contain one, so few texts need to be checked phrase by phrase.
    beginnings: Words,
}

impl Phrases {
    /// Maximum number of words of a text that are checked.
    const MOST_WORDS: usize = 16;
    /// Words of the longest phrase.
    const LONGEST: usize = 3;

    fn new(phrases: Words) -> Self {
        let beginnings =
            phrases.iter().filter_map(|phrase| Some(words_of(phrase).next()?.to_owned())).collect();
        Self { phrases, beginnings }
    }

    /// Whether any run of words of the (keyed) text is in the list.
    fn any_in(&self, key: &str) -> bool {
        let words: Vec<&str> = words_of(key).take(Self::MOST_WORDS).collect();
        words.iter().enumerate().filter(|(_, word)| self.beginnings.contains(**word)).any(|(at, word)| {
            self.phrases.contains(*word)
                || (2..=Self::LONGEST)
                    .filter_map(|count| words.get(at..at + count))
                    .any(|run| self.phrases.contains(run.join(" ").as_str()))
        })
    }
}

fn words_of(key: &str) -> impl Iterator<Item = &str> {
    let is_cut = |c: char| !(c.is_alphanumeric() || c == '&' || matches!(c, '\u{900}'..='\u{dff}'));
    key.split(is_cut).filter(|word| !word.is_empty())
}

/// Words of companies, jobs and countries.
pub(super) struct BusinessWords {
    legal: Words,
    legal_unspaced: Vec<String>,
    words: Phrases,
    words_unspaced: Vec<String>,
    jobs: Phrases,
    jobs_unspaced: Vec<String>,
    job_endings: Words,
    countries: Words,
}

pub(super) static BUSINESS: LazyLock<BusinessWords> = LazyLock::new(|| {
    let mut words = load(include_str!("../../data/company_words.txt"));
    let unspaced = |words: &Words| {
        let mut words: Vec<String> = words.iter().filter(|word| word.chars().any(is_cjk)).cloned().collect();
        words.sort();
        words
    };
    let (legal, names, jobs) =
        (take(&mut words, "legal"), take(&mut words, "word"), take(&mut words, "jobs"));
    BusinessWords {
        legal_unspaced: unspaced(&legal),
        words_unspaced: unspaced(&names),
        jobs_unspaced: unspaced(&jobs),
        legal,
        words: Phrases::new(names),
        jobs: Phrases::new(jobs),
        job_endings: take(&mut words, "job_ending"),
        countries: take(&mut words, "country"),
    }
});

impl BusinessWords {
    /// Whether there is a legal form at the beginning or the end of the (keyed) text.
    pub(super) fn has_legal_form(&self, key: &str) -> bool {
        /// Words of the longest form (`sp z o o`), with room.
        const LONGEST: usize = 5;
        let begins_or_ends = |word: &String| key.starts_with(word.as_str()) || key.ends_with(word.as_str());
        if !key.is_ascii() && self.legal_unspaced.iter().any(begins_or_ends) {
            return true;
        }
        let Some((first, _)) = key.split_once(' ') else { return false };
        key.rmatch_indices(' ').take(LONGEST).any(|(at, _)| self.legal.contains(&key[at + 1..]))
            || matches!(
                first,
                "ооо"
                    | "зао"
                    | "оао"
                    | "пао"
                    | "ао"
                    | "ип"
                    | "тов"
                    | "شركة"
                    | "مؤسسة"
                    | "مجموعة"
                    | "pt"
                    | "cv"
                    | "p.t."
            )
    }

    /// Whether the (keyed) text contains a word that makes it a company's name.
    pub(super) fn has_company_word(&self, key: &str) -> bool {
        !key.is_ascii() && self.words_unspaced.iter().any(|word| key.contains(word.as_str()))
            || self.words.any_in(key)
    }

    /// Whether the (keyed) text contains a word of job titles.
    pub(super) fn has_job_word(&self, key: &str) -> bool {
        let begins_or_ends = |word: &String| key.ends_with(word.as_str()) || key.starts_with(word.as_str());
        !key.is_ascii() && self.jobs_unspaced.iter().any(begins_or_ends)
            || self.jobs.any_in(key)
            || self.has_job_ending(key)
    }

    /// `einkaufsleiterin`: whether a word of the text is a compound that ends in a job.
    fn has_job_ending(&self, key: &str) -> bool {
        const LONGEST: usize = 18;
        key.split(|c: char| !c.is_alphanumeric()).any(|word| {
            let ends = word.char_indices().skip(4).map(|(at, _)| at);
            ends.filter(|at| word.len() - at <= LONGEST).any(|at| self.job_endings.contains(&word[at..]))
        })
    }

    /// Whether the (keyed) text is a country's name.
    pub(super) fn is_country(&self, key: &str) -> bool {
        self.countries.contains(key)
    }
}

/// Words next to phone numbers.
pub(super) struct PhoneWords {
    pub(super) extension: Words,
    pub(super) direct: Words,
    pub(super) branch: Words,
    pub(super) phone: Words,
    pub(super) fax: Words,
    pub(super) never: Words,
}

pub(super) static PHONE_WORDS: LazyLock<PhoneWords> = LazyLock::new(|| {
    let mut words = load(include_str!("../../data/phone_words.txt"));
    PhoneWords {
        extension: take(&mut words, "extension"),
        direct: take(&mut words, "direct"),
        branch: take(&mut words, "branch"),
        phone: take(&mut words, "phone"),
        fax: take(&mut words, "fax"),
        never: take(&mut words, "never"),
    }
});

/// Words of section titles, totals and footers.
pub(super) struct TitleWords {
    kinds: HashMap<&'static str, Words>,
}

pub(super) static TITLES: LazyLock<TitleWords> =
    LazyLock::new(|| TitleWords { kinds: load(include_str!("../../data/title_words.txt")) });

impl TitleWords {
    /// Whether the text, apart from numbers and punctuation, is one of the words of that kind.
    pub(super) fn is(&self, kind: &str, text: &str) -> bool {
        self.kinds.get(kind).is_some_and(|words| words.contains(bare(text).as_str()))
    }

    /// Whether the text begins with one of the words of that kind.
    pub(super) fn begins(&self, kind: &str, text: &str) -> bool {
        let text = bare(text);
        self.kinds.get(kind).is_some_and(|words| {
            words.iter().any(|word| {
                text.strip_prefix(word.as_str()).is_some_and(|rest| {
                    rest.chars().next().is_none_or(|c| !c.is_alphanumeric()) || word.chars().any(is_cjk)
                })
            })
        })
    }
}

/// The text case-folded, without digits and punctuation at its ends.
fn bare(text: &str) -> String {
    key(text).trim_matches(|c: char| !c.is_alphabetic()).to_owned()
}

/// Free-mail domains: whole domains, and names of providers under any public suffix.
pub(super) static FREE_MAIL: LazyLock<hashbrown::HashSet<&'static str>> = LazyLock::new(|| {
    lines(include_str!("../../data/free_mail.txt")).flat_map(str::split_whitespace).collect()
});
