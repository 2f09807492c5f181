//! The name in the local part of an address.

use crate::standardize::lexicon::{NAMES, key};
use crate::standardize::names::is_given;

/// The name derived from an address: `jane.doe@…` is Jane Doe. Role addresses give none.
pub(in crate::standardize) fn name_of(address: &str) -> Option<(String, String)> {
    let (local, _) = address.split_once('@')?;
    let local = local.split('+').next().unwrap_or(local);
    let plain = local.trim_end_matches(|c: char| c.is_ascii_digit());
    if NAMES.role_addresses.contains(key(plain).as_str())
        || NAMES.role_addresses.contains(key(local).as_str())
    {
        return None;
    }
    // a small roman numeral is a letter too, and a name must not lose one
    let letters: String = local.chars().filter(|c| !c.is_numeric() || c.is_alphabetic()).collect();
    // "anna-lena.krause": the hyphen belongs to the name if there is another separator
    let plain = letters.contains(['.', '_']);
    let cut = |c: char| matches!(c, '.' | '_') || (c == '-' && !plain);
    let parts: Vec<&str> = letters.split(cut).filter(|part| !part.trim_matches('-').is_empty()).collect();
    let role = |part: &&str| NAMES.role_addresses.contains(&part.to_lowercase());
    match parts.as_slice() {
        [] => None,
        [single] => {
            // "jsmith" is nobody's name
            is_given(single).then(|| (capitalised(single), String::new()))
        }
        _ if parts.iter().take(2).any(role) => None,
        _ => {
            let last = parts.len() - 1;
            // "m.van.dijk": the particle begins the family name
            let particle =
                |part: &str| part.len() > 1 && NAMES.particles.contains(part.to_lowercase().as_str());
            let family = (1..last).find(|at| particle(parts[*at])).unwrap_or(last);
            let word = |(at, part): (usize, &&str)| {
                if at >= family && at < last && particle(part) { part.to_lowercase() } else { hyphened(part) }
            };
            let words: Vec<String> = parts.iter().enumerate().map(word).collect();
            Some((words[..family].join(" "), words[family..].join(" ")))
        }
    }
}

/// `Anna-Lena` of `anna-lena`.
fn hyphened(part: &str) -> String {
    part.split('-').filter(|piece| !piece.is_empty()).map(capitalised).collect::<Vec<_>>().join("-")
}

/// The word with a capital first letter, if that is the same letter: `ß` would become two, and the micro sign a letter
/// of another alphabet.
pub(in crate::standardize) fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    let Some(first) = chars.next() else { return String::new() };
    let mut upper = first.to_uppercase();
    let capital = match (upper.next(), upper.next()) {
        (Some(capital), None) if capital.to_lowercase().eq([first]) => capital,
        _ => first,
    };
    std::iter::once(capital).chain(chars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Found by the fuzzer: a domain `ß.co` gave the company `SS`, an address that begins with a micro sign a Greek
    /// name.
    #[test]
    fn capitals_invent_no_letters() {
        let check = |word: &str, expected: &str| assert_eq!(capitalised(word), expected);
        check("ada", "Ada");
        check("école", "École");
        check("ß", "ß");
        check("µa", "µa");
        check("ﬁn", "ﬁn");
        check("", "");
    }

    #[test]
    fn names_from_addresses() {
        let check = |address: &str, expected: Option<(&str, &str)>| {
            let name = name_of(address);
            assert_eq!(
                name.as_ref().map(|(first, last)| (first.as_str(), last.as_str())),
                expected,
                "{address}"
            );
        };
        check("nathan-wang@x.net", Some(("Nathan", "Wang")));
        check("j.smith@x.net", Some(("J", "Smith")));
        check("lea.plum52@gmail.com", Some(("Lea", "Plum")));
        check("scott_kim+crm@x.com", Some(("Scott", "Kim")));
        check("info@x.com", None);
        check("no-reply@x.com", None);
        check("jsmith@x.com", None);
        check("jane@x.com", Some(("Jane", "")));
        check("e-ma5.co\u{2177}a@b.co", Some(("E-Ma", "Co\u{2177}a")));
    }
}
