//! The vocabulary: the meanings of words, by language, from the lists in `data/chat`.
//!
//! A line of a list is `meaning: phrase, phrase`; several meanings are joined by `+` (`last+week: 上周`).

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use easy_crm_shared::query::condition::TextField;

use super::tokens::{Token, is_cjk, tokens};
use crate::lead_index::fold_text;

/// Fields that can be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldRef {
    One(TextField),
    /// First or last name.
    Name,
}

macro_rules! meanings {
    ($($variant:ident $name:literal),* $(,)?) => {
        /// What a word means.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Meaning {
            /// Not vocabulary: it can only be a value.
            Unknown,
            /// After the last word.
            End,
            Field(FieldRef),
            Number(u32),
            /// Monday is 1.
            Weekday(i8),
            /// January is 1.
            Month(i8),
            $($variant),*
        }

        fn simple_meaning(name: &str) -> Option<Meaning> {
            match name { $($name => Some(Meaning::$variant),)* _ => None }
        }
    };
}

meanings! {
    Noise "noise", Stop "stop", Comma "comma", Reject "reject", Leads "leads", Lead "lead", List "list", Find "find",
    Search "search", Count "count", Who "who", With "with", Without "without", Missing "missing", Present "present",
    Neither "neither", Nor "nor", And "and", Or "or", But "but", Not "not", Except "except", Only "only", Those "those",
    WhatAbout "what_about", At "at", From "from", In "in", Of "of", Named "named", By "by", Per "per", Group "group",
    Top "top", Most "most", Fewest "fewest", Common "common", Distinct "distinct", Newest "newest", Oldest "oldest",
    Recent "recent", First "first", Last "last", Past "past", This "this", Sort "sort", Ascending "ascending",
    Descending "descending", Alphabetical "alphabetical", Created "created", Updated "updated", Is "is",
    Contains "contains", Equals "equals", Starts "starts", Ends "ends", Duplicate "duplicate", Same "same",
    File "file", Domain "domain", Address "address", Uses "uses", Today "today", Yesterday "yesterday", Day "day",
    Week "week", MonthUnit "month", Year "year", Quarter "quarter", Since "since", Before "before", After "after",
    Until "until", Between "between", To "to", On "on", Ago "ago", Older "older", Newer "newer", Title "title_word",
}

impl Meaning {
    fn named(name: &str) -> Option<Self> {
        let one = |field| Some(Self::Field(FieldRef::One(field)));
        match name {
            "field_first_name" => one(TextField::FirstName),
            "field_last_name" => one(TextField::LastName),
            "field_title" => one(TextField::Title),
            "field_company" => one(TextField::Company),
            "field_email" => one(TextField::Email),
            "field_phone" => one(TextField::Phone),
            "field_remarks" => one(TextField::Remarks),
            "field_name" => Some(Self::Field(FieldRef::Name)),
            _ => {
                if let Some(n) = name.strip_prefix("weekday").and_then(|n| n.parse().ok()) {
                    return Some(Self::Weekday(n));
                }
                if let Some(n) = name.strip_prefix("month").and_then(|n| n.parse().ok()) {
                    return Some(Self::Month(n));
                }
                name.parse().ok().map(Self::Number).or_else(|| simple_meaning(name))
            }
        }
    }

    /// Words that join or open parts of a question; they are never part of a value.
    pub(super) const fn is_function(self) -> bool {
        !matches!(
            self,
            Self::Unknown
                | Self::Created
                | Self::First
                | Self::Last
                | Self::Top
                | Self::Lead
                | Self::Leads
                | Self::Field(_)
                | Self::Most
                | Self::Common
                | Self::Today
                | Self::Title
                | Self::Number(_)
                | Self::Day
                | Self::Same
                | Self::Group
                | Self::Find
        )
    }
}

/// A language questions can be asked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Language {
    English,
    German,
    French,
    Spanish,
    Chinese,
    Japanese,
}

struct Vocabulary {
    phrases: HashMap<String, Vec<Meaning>>,
    /// Single words of phrases, for misspellings.
    words: Vec<String>,
    /// Maximum number of words (in scripts without spaces: characters) of a phrase.
    longest: usize,
}

struct Shared {
    titles: HashSet<String>,
    title_parts: HashSet<String>,
    places: HashSet<String>,
    providers: HashSet<String>,
    channels: HashSet<String>,
    company_parts: HashSet<String>,
}

fn lines(file: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    file.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(':'))
        .map(|(meaning, phrases)| (meaning.trim(), phrases.trim()))
}

fn phrases(list: &'static str) -> impl Iterator<Item = String> {
    list.split(',').map(|phrase| fold_text(phrase.trim())).filter(|phrase| !phrase.is_empty())
}

fn load(file: &'static str, language: Language) -> Vocabulary {
    let mut vocabulary = Vocabulary { phrases: HashMap::new(), words: Vec::new(), longest: 1 };
    let unspaced = matches!(language, Language::Chinese | Language::Japanese);
    for (meaning, list) in lines(file) {
        let meanings: Vec<Meaning> = meaning.split('+').filter_map(Meaning::named).collect();
        for phrase in phrases(list) {
            let length = if unspaced { phrase.chars().count() } else { phrase.split(' ').count() };
            vocabulary.longest = vocabulary.longest.max(length);
            vocabulary.words.extend(phrase.split(' ').map(str::to_owned));
            vocabulary.phrases.insert(phrase, meanings.clone());
        }
    }
    vocabulary.words.sort_unstable();
    vocabulary.words.dedup();
    vocabulary
}

static VOCABULARIES: LazyLock<[Vocabulary; 6]> = LazyLock::new(|| {
    [
        load(include_str!("../../data/chat/english.txt"), Language::English),
        load(include_str!("../../data/chat/german.txt"), Language::German),
        load(include_str!("../../data/chat/french.txt"), Language::French),
        load(include_str!("../../data/chat/spanish.txt"), Language::Spanish),
        load(include_str!("../../data/chat/chinese.txt"), Language::Chinese),
        load(include_str!("../../data/chat/japanese.txt"), Language::Japanese),
    ]
});

static SHARED: LazyLock<Shared> = LazyLock::new(|| {
    let mut kinds: HashMap<&str, HashSet<String>> = HashMap::new();
    for (kind, list) in lines(include_str!("../../data/chat/values.txt")) {
        kinds.entry(kind).or_default().extend(phrases(list));
    }
    let mut take = |kind| kinds.remove(kind).unwrap_or_default();
    Shared {
        titles: take("title"),
        title_parts: take("title_part"),
        places: take("place"),
        providers: take("provider"),
        channels: take("channel"),
        company_parts: take("company_part"),
    }
});

/// Whether it is a country or a large city.
pub(super) fn is_place(value: &str) -> bool {
    SHARED.places.contains(&fold_text(value))
}

/// Whether it is a mailbox provider, like gmail.
pub(super) fn is_provider(key: &str) -> bool {
    SHARED.providers.contains(key)
}

/// Whether it is a lead source, like a webinar. Those may be files, companies or remarks.
pub(super) fn is_channel(key: &str) -> bool {
    SHARED.channels.contains(key)
}

/// Whether the word continues a company's name, like `corp`.
pub(super) fn is_company_part(key: &str) -> bool {
    SHARED.company_parts.contains(key)
}

/// Whether the word can precede a job title, like `sales`.
pub(super) fn is_title_part(key: &str) -> bool {
    SHARED.title_parts.contains(key)
}

/// The singular of a job title.
pub(super) fn title_singular<'a>(key: &'a str, text: &'a str) -> Option<&'a str> {
    if SHARED.titles.contains(key) {
        return Some(text);
    }
    ["s", "es", "en", "e", "n", "nen", "'s"].into_iter().find_map(|ending| {
        let stem = key.strip_suffix(ending)?;
        (stem.len() > 1 && SHARED.titles.contains(stem))
            .then(|| &text[..text.len().saturating_sub(ending.len())])
    })
}

/// A word or phrase with its meaning.
#[derive(Debug, Clone)]
pub(super) struct Lexeme {
    pub(super) meaning: Meaning,
    pub(super) token: Token,
    /// Whether it was understood only as a misspelling.
    pub(super) fuzzy: bool,
}

impl Language {
    fn vocabulary(self) -> &'static Vocabulary {
        &VOCABULARIES[self as usize]
    }

    /// The languages a question may be in, only the likeliest.
    pub(super) fn candidates(question: &str) -> Vec<Self> {
        let words = tokens(question);
        if !words.iter().any(|word| word.quoted || word.key.chars().any(char::is_alphanumeric)) {
            return Vec::new();
        }
        let unquoted = || words.iter().filter(|word| !word.quoted).flat_map(|word| word.key.chars());
        if unquoted().any(|c| matches!(c, '\u{3040}'..='\u{30ff}')) {
            return vec![Self::Japanese, Self::Chinese];
        }
        if unquoted().any(is_cjk) {
            return vec![Self::Chinese, Self::Japanese];
        }
        let scored = [Self::English, Self::German, Self::French, Self::Spanish]
            .map(|language| (language.known(&words), language));
        let best = scored.iter().map(|(known, _)| *known).max().unwrap_or_default();
        scored.into_iter().filter(|(known, _)| *known == best).map(|(_, language)| language).collect()
    }

    fn known(self, words: &[Token]) -> usize {
        let vocabulary = self.vocabulary();
        let (mut at, mut known) = (0, 0);
        while at < words.len() {
            let length = self.phrase(vocabulary, words, at).map_or(0, |(_, length)| length);
            known += length;
            at += length.max(1);
        }
        known
    }

    /// The longest phrase that begins at a word.
    fn phrase(
        self,
        vocabulary: &'static Vocabulary,
        words: &[Token],
        at: usize,
    ) -> Option<(&'static [Meaning], usize)> {
        (1..=vocabulary.longest.min(words.len() - at)).rev().find_map(|length| {
            let run = &words[at..at + length];
            if run.iter().any(|word| word.quoted) {
                return None;
            }
            let key = run.iter().map(|word| word.key.as_str()).collect::<Vec<_>>().join(" ");
            vocabulary.phrases.get(&key).map(|meanings| (meanings.as_slice(), length))
        })
    }

    /// The words of a question with their meanings.
    pub(super) fn read(self, question: &str) -> Vec<Lexeme> {
        let vocabulary = self.vocabulary();
        let mut words = tokens(question);
        if matches!(self, Self::Chinese | Self::Japanese) {
            words = words.into_iter().flat_map(|word| segments(vocabulary, word, question)).collect();
        }
        let capitals = words.iter().skip(1).filter(|word| word.capital && !word.quoted).count();
        // If most words have a capital, capitals mean nothing.
        let capital_counts = self != Self::German && capitals * 2 <= words.len().saturating_sub(1);
        let fuzzy: Vec<bool> = (0..words.len())
            .map(|at| {
                let word = &words[at];
                let as_typed = word.quoted || word.capital && at > 0 && capital_counts;
                let may = !as_typed
                    && self.phrase(vocabulary, &words, at).is_none()
                    && !vocabulary.words.contains(&word.key)
                    && title_singular(&word.key, &word.key).is_none()
                    && !is_title_part(&word.key)
                    && !is_place(&word.key);
                let better = if may { vocabulary.nearest(&word.key) } else { None };
                let is = better.is_some();
                if let Some(better) = better {
                    words[at].key = better;
                }
                is
            })
            .collect();
        let mut read = Vec::with_capacity(words.len() + 1);
        let mut at = 0;
        while at < words.len() {
            let word = &words[at];
            if let Some((meanings, length)) = self.phrase(vocabulary, &words, at) {
                let token = Token {
                    end: words[at + length - 1].end,
                    key: words[at..at + length]
                        .iter()
                        .map(|word| word.key.as_str())
                        .collect::<Vec<_>>()
                        .join(" "),
                    ..word.clone()
                };
                let fuzzy = fuzzy[at..at + length].iter().any(|fuzzy| *fuzzy);
                let lexeme = |meaning: &Meaning| Lexeme { meaning: *meaning, token: token.clone(), fuzzy };
                read.extend(meanings.iter().map(lexeme));
                at += length;
                continue;
            }
            let meaning = if word.quoted { Meaning::Unknown } else { mark_or_title(&word.key) };
            read.push(Lexeme { meaning, token: word.clone(), fuzzy: false });
            at += 1;
        }
        read
    }
}

fn mark_or_title(key: &str) -> Meaning {
    match key {
        "," | "、" | "，" => Meaning::Comma,
        ":" | "：" => Meaning::Is,
        "=" => Meaning::Equals,
        "?" | "!" | "." | ";" | "-" | "–" | "—" | "¿" | "¡" | "？" | "。" | "！" | "…" | "(" | ")" => {
            Meaning::Stop
        }
        "&" => Meaning::And,
        _ => match key.parse() {
            Ok(number) if key.bytes().all(|byte| byte.is_ascii_digit()) && !key.starts_with('0') => {
                Meaning::Number(number)
            }
            _ if title_singular(key, key).is_some() => Meaning::Title,
            _ => Meaning::Unknown,
        },
    }
}

/// Splits a run of a script without spaces into phrases and what is between them.
fn segments(vocabulary: &Vocabulary, word: Token, question: &str) -> Vec<Token> {
    let text = &question[word.start..word.end];
    if word.quoted || !text.starts_with(is_cjk) {
        return vec![word];
    }
    let piece = |start: usize, end: usize| Token {
        key: fold_text(&text[start..end]),
        start: word.start + start,
        end: word.start + end,
        quoted: false,
        capital: true,
    };
    let mut found = Vec::new();
    let (mut at, mut unknown) = (0, 0);
    while at < text.len() {
        let ends = text[at..].char_indices().map(|(i, c)| at + i + c.len_utf8()).take(vocabulary.longest);
        let known = |key: &str| vocabulary.phrases.contains_key(key) || SHARED.places.contains(key);
        let phrase = ends.filter(|end| known(&fold_text(&text[at..*end]))).last();
        if let Some(end) = phrase {
            if unknown < at {
                found.push(piece(unknown, at));
            }
            found.push(piece(at, end));
            (at, unknown) = (end, end);
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    if unknown < at {
        found.push(piece(unknown, at));
    }
    found
}

impl Vocabulary {
    /// The one vocabulary word that a misspelt word is meant to be. Words that differ by an ending are other words.
    fn nearest(&self, key: &str) -> Option<String> {
        let length = key.chars().count();
        if length < 4 || !key.chars().all(char::is_alphabetic) || key.chars().any(is_cjk) {
            return None;
        }
        let allowed = if length >= 8 { 2 } else { 1 };
        let near = |word: &&String| {
            let letters = word.chars().count();
            letters >= 4
                && word.chars().next() == key.chars().next()
                && letters.abs_diff(length) <= allowed
                && !differs_by_ending(key, word)
                && (length > 4 || letters == 4 && is_swap(key, word))
        };
        let mut found = self
            .words
            .iter()
            .filter(near)
            .map(|word| (strsim::osa_distance(key, word), word))
            .filter(|(distance, _)| *distance <= allowed)
            .collect::<Vec<_>>();
        found.sort();
        match found.as_slice() {
            [(_, word)] => Some((*word).clone()),
            // Two equally near words have to mean the same.
            [(first, word), (second, other), ..] => {
                let same = first < second || self.phrases.get(*word) == self.phrases.get(*other);
                same.then(|| (*word).clone())
            }
            [] => None,
        }
    }
}

fn is_swap(a: &str, b: &str) -> bool {
    let mut letters = [a.chars().collect::<Vec<_>>(), b.chars().collect()];
    letters.iter_mut().for_each(|letters| letters.sort_unstable());
    letters[0] == letters[1]
}

fn differs_by_ending(key: &str, word: &str) -> bool {
    let inflected = |text: &str| {
        ["ed", "ing", "er", "ers", "est", "able", "ly"].into_iter().find(|end| text.ends_with(end))
    };
    key.starts_with(word)
        || !is_swap(key, word) && inflected(key).is_some() && inflected(key) != inflected(word)
}
