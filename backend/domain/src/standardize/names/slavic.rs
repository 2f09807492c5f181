//! Russian and Ukrainian names: patronymics and endings show the order.

use super::affixes::is_initials;
use super::{Name, NameOrder};
use crate::standardize::lexicon::NAMES;
use crate::standardize::text::fold;

/// Splits a Russian or Ukrainian name: the patronymic shows the order and goes to the extras.
pub(super) fn split_slavic(words: &[&str], order: NameOrder, name: &mut Name) -> bool {
    if let Some(at) = words.iter().position(|word| is_patronymic(word))
        && words.len() == 3
        && at > 0
    {
        let (first, last) = if at == 2 { (words[1], words[0]) } else { (words[0], words[2]) };
        name.first = first.to_owned();
        name.last = last.to_owned();
        name.extras.push(words[at].to_owned());
        return true;
    }
    let cyrillic = |word: &str| word.chars().any(|c| matches!(c, '\u{400}'..='\u{4ff}'));
    if words.len() == 2 && words.iter().all(|word| cyrillic(word)) {
        if is_patronymic(words[1]) {
            name.first = words[0].to_owned();
            name.extras.push(words[1].to_owned());
            return true;
        }
        let folded = [fold(words[0]), fold(words[1])];
        let given = [NAMES.given.contains(folded[0].as_ref()), NAMES.given.contains(folded[1].as_ref())];
        let family = [slavic_family(&folded[0]), slavic_family(&folded[1])];
        let last_first = match given {
            [true, false] => false,
            [false, true] => true,
            _ => match family {
                [true, false] => true,
                [false, true] => false,
                _ => order == NameOrder::LastFirst,
            },
        };
        let (first, last) = if last_first { (words[1], words[0]) } else { (words[0], words[1]) };
        name.first = first.to_owned();
        name.last = last.to_owned();
        return true;
    }
    // "Иванов И. И.", "Иванов И.И."
    if words.len() >= 2
        && cyrillic(words[0])
        && words[0].chars().count() > 2
        && words[1..].iter().all(|word| is_initials(word))
    {
        name.last = words[0].to_owned();
        name.first = words[1..].join(" ");
        return true;
    }
    false
}

pub(super) fn slavic_family(folded: &str) -> bool {
    folded.chars().count() > 4 && NAMES.slavic_surnames.iter().any(|ending| folded.ends_with(ending.as_str()))
}

pub(super) fn is_patronymic(word: &str) -> bool {
    if word.len() < 6 {
        return false;
    }
    let cyrillic = word.chars().any(|c| matches!(c, '\u{400}'..='\u{4ff}'));
    let folded = if cyrillic { fold(word) } else { return latin_patronymic(word) };
    folded.chars().count() > 5 && NAMES.patronymics.iter().any(|ending| folded.ends_with(ending.as_str()))
}

/// Transliterated patronymics; only the endings no family name has (`-ovich` is one in the Balkans).
pub(super) fn latin_patronymic(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    lower.ends_with("ovna") || lower.ends_with("evna") || lower.ends_with("evich") && lower.len() > 8
}
