//! The words of headers: which classes they belong to, and how compounds are split into them.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::standardize::text::{is_cjk, words};

/// A class of header words; the names are those of the data file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::EnumIter, strum::EnumString)]
#[strum(serialize_all = "lowercase")]
#[repr(u8)]
pub(in crate::standardize) enum Atom {
    First,
    Last,
    Last2,
    Name,
    Full,
    LastFirst,
    Middle,
    Initials,
    Nick,
    Phonetic,
    Maiden,
    Honorific,
    Suffix,
    Particle,
    Person,
    Company,
    Department,
    Job,
    Title,
    Email,
    Phone,
    Mobile,
    Fax,
    Pager,
    Extension,
    CountryCode,
    AreaCode,
    Work,
    Primary,
    Home,
    Other,
    MainLine,
    Billing,
    #[strum(serialize = "other_person")]
    OtherPerson,
    Formerly,
    Attr,
    Address,
    Number,
    Id,
    Details,
    Card,
    Preposition,
    /// A person who is the lead only if no other person is named (`User`, `Buyer`).
    Weak,
}

/// A set of [`Atom`]s.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::standardize) struct Atoms(u64);

impl Atoms {
    pub(in crate::standardize) fn has(self, atom: Atom) -> bool {
        self.0 & (1 << atom as u8) != 0
    }

    pub(in crate::standardize) fn any(self, atoms: &[Atom]) -> bool {
        atoms.iter().any(|atom| self.has(*atom))
    }

    /// The set without one atom.
    pub(super) const fn without(self, atom: Atom) -> Self {
        Self(self.0 & !(1 << atom as u8))
    }

    pub(super) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// The set as bits, one per atom.
    pub(in crate::standardize) const fn bits(self) -> u64 {
        self.0
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// The vocabulary, loaded once.
pub(super) struct Vocabulary {
    phrases: HashMap<String, Atoms>,
    /// Headers that mean something only as a whole.
    pub(super) whole: HashMap<String, Atoms>,
    longest: usize,
}

pub(super) static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let mut phrases: HashMap<String, Atoms> = HashMap::new();
    let mut whole: HashMap<String, Atoms> = HashMap::new();
    let mut longest = 1;
    for line in crate::standardize::lexicon::lines(include_str!("../../../data/header_words.txt")) {
        let Some((names, list)) = line.split_once(':') else { continue };
        let (names, target) = match names.strip_prefix('=') {
            Some(names) => (names, &mut whole),
            None => (names, &mut phrases),
        };
        let mut atoms = Atoms::default();
        for atom in names.split('+').filter_map(|name| name.parse::<Atom>().ok()) {
            atoms.add(Atoms(1 << atom as u8));
        }
        for phrase in list.split(',') {
            let phrase = words(phrase.trim());
            longest = longest.max(phrase.len());
            if !phrase.is_empty() {
                target.entry(phrase.join(" ")).or_insert(atoms);
            }
        }
    }
    Vocabulary { phrases, whole, longest }
});

impl Vocabulary {
    /// The atom sets of the words in order; `None` for an unknown word.
    pub(super) fn look_up(&self, words: &[String]) -> Vec<Option<Atoms>> {
        let mut found = Vec::with_capacity(words.len());
        let mut at = 0;
        'words: while at < words.len() {
            for length in (1..=self.longest.min(words.len() - at)).rev() {
                let hit = if length == 1 {
                    self.phrase(&words[at])
                } else {
                    self.phrase(&words[at..at + length].join(" "))
                };
                if let Some(atoms) = hit {
                    found.push(Some(*atoms));
                    at += length;
                    continue 'words;
                }
            }
            match self.cut(&words[at]) {
                Some(parts) => found.extend(parts.into_iter().map(Some)),
                None => found.push(None),
            }
            at += 1;
        }
        found
    }

    /// Whether the word on its own means people who are not the lead.
    pub(super) fn is_other_person(&self, word: &str) -> bool {
        self.phrase(word).is_some_and(|atoms| atoms.has(Atom::OtherPerson))
    }

    /// A phrase of the list, also in the plural.
    fn phrase(&self, phrase: &str) -> Option<&Atoms> {
        let singular = || phrase.strip_suffix('s').filter(|rest| rest.len() > 3 && rest.is_ascii());
        self.phrases.get(phrase).or_else(|| self.phrases.get(singular()?))
    }

    /// Splits a compound (`Firmenname`, `会社名`) into known words. Unspaced scripts may keep unknown remainders.
    fn cut(&self, word: &str) -> Option<Vec<Atoms>> {
        let chars: Vec<(usize, char)> = word.char_indices().collect();
        let unspaced = chars.iter().any(|(_, c)| is_cjk(*c));
        if chars.len() > 40 || (!unspaced && chars.len() < 6) {
            return None;
        }
        let end_of = |position: usize| chars.get(position).map_or(word.len(), |(byte, _)| *byte);
        if unspaced {
            let (mut parts, mut at, mut known) = (Vec::new(), 0, 0);
            while at < chars.len() {
                let hit = (at + 1..=chars.len())
                    .rev()
                    .find_map(|end| Some((end, *self.phrases.get(&word[end_of(at)..end_of(end)])?)));
                match hit {
                    Some((end, atoms)) => {
                        parts.push(atoms);
                        known += end - at;
                        at = end;
                    }
                    None => at += 1,
                }
            }
            return (known * 2 >= chars.len()).then_some(parts);
        }
        // best[i]: fewest parts that make up the first i characters
        let mut best: Vec<Option<(usize, usize, Option<Atoms>)>> = vec![None; chars.len() + 1];
        best[0] = Some((0, 0, None));
        for start in 0..chars.len() {
            let Some((parts, _, _)) = best[start] else { continue };
            for end in start + 3..=chars.len() {
                let Some(atoms) = self.phrases.get(&word[end_of(start)..end_of(end)]) else { continue };
                // linking sounds of Germanic compounds: Geschäft-s-telefon, Firma/Firm-en-name
                for link in ["", "s", "en", "n", "e"] {
                    if !word[end_of(end)..].starts_with(link) {
                        continue;
                    }
                    let next = end + link.len();
                    if best[next].is_none_or(|(count, _, _)| parts + 1 < count) {
                        best[next] = Some((parts + 1, start, Some(*atoms)));
                    }
                }
            }
        }
        let mut parts = Vec::new();
        let mut at = chars.len();
        while at > 0 {
            let (_, start, atoms) = best[at]?;
            parts.push(atoms?);
            at = start;
        }
        parts.reverse();
        Some(parts)
    }
}
