//! Cutting a full name into given and family name, in any order and script, and taking titles and suffixes out of it.

use serde::{Deserialize, Serialize};

use super::lexicon::{NAMES, key};
use super::text::{fold, is_cjk, trimmed};

mod unspaced;

/// How the full names of a column are written where a single name does not tell.
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
}

/// A name that was cut; what belongs to neither part is in `extras`, as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) first: String,
    pub(super) last: String,
    pub(super) extras: Vec<String>,
}

/// Cuts a full name.
pub(super) fn split(text: &str, order: NameOrder) -> Name {
    let mut name = Name::default();
    let text = take_brackets(trimmed(text), &mut name.extras);
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '“' | '”' | ',' | ';'));
    if text.is_empty() {
        return name;
    }
    if unspaced::is_unspaced_name(text) {
        unspaced::split(text, &mut name);
        return name;
    }
    let parts: Vec<&str> =
        text.split([',', '，', '،']).map(str::trim).filter(|part| !part.is_empty()).collect();
    if parts.len() > 1 {
        split_at_comma(&parts, order, &mut name);
    } else {
        let words = plain_words(text, &mut name.extras);
        split_words(&words, order, &mut name);
    }
    name
}

/// A given or family name out of its own column: titles and suffixes are taken out.
pub(super) fn clean_part(text: &str, extras: &mut Vec<String>) -> String {
    let text = trimmed(text);
    if text.is_ascii() && text.bytes().all(|b| b.is_ascii_alphabetic()) {
        return text.to_owned();
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
    let words = plain_words(head, &mut taken);
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

/// `Last, First`, `First Last, PhD`, `Last, Dr. First M., MBA`.
fn split_at_comma(parts: &[&str], order: NameOrder, name: &mut Name) {
    let credentials = parts.iter().rposition(|part| !is_suffix_part(part)).unwrap_or(0);
    // "Smith, John, MD": what follows the last part that is a name is a suffix
    let (names, suffixes) = parts.split_at(credentials + 1);
    match names {
        [] => {}
        [single] => {
            let words = plain_words(single, &mut name.extras);
            split_words(&words, order, name);
        }
        [last, rest @ ..] => {
            let mut words = Vec::new();
            for part in rest {
                words.extend(plain_words(part, &mut name.extras));
            }
            let family = plain_words(last, &mut name.extras);
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

/// The words of a name without titles before and suffixes after it. A lone word always stays.
fn plain_words<'a>(text: &'a str, extras: &mut Vec<String>) -> Vec<&'a str> {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let mut start = 0;
    while start + 1 < words.len() {
        // "Dipl.-Ing.", "Prof. Dr. med."
        if is_honorific(words[start]) {
            extras.push(words[start].to_owned());
            start += 1;
        } else if let Some((title, name)) = glued_title(words[start]) {
            extras.push(title.to_owned());
            words[start] = name;
        } else {
            break;
        }
    }
    words.drain(..start);
    let mut tail = Vec::new();
    while words.len() > 1 {
        let Some(word) = words.last() else { break };
        if !is_suffix(word) {
            break;
        }
        tail.push((*word).trim_matches(',').to_owned());
        words.pop();
    }
    tail.reverse();
    extras.extend(tail);
    words
}

/// `Dr.Smith`: a title written without a space.
fn glued_title(word: &str) -> Option<(&str, &str)> {
    let at = word.find('.')? + 1;
    let (title, name) = word.split_at(at);
    let long_name = name.chars().count() > 2 && name.chars().all(|c| c.is_alphabetic() || c == '-');
    (long_name && title.chars().count() > 2 && NAMES.honorifics.contains(key(title).as_str()))
        .then_some((title, name))
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

/// How many words the family name at the front has.
fn family_length(words: &[&str]) -> usize {
    let particles = words.iter().take_while(|word| is_particle(word)).count();
    (particles + 1).min(words.len() - 1)
}

/// Where the family name begins when the given name comes first.
fn family_start(words: &[&str], order: NameOrder) -> usize {
    let count = words.len();
    // "عبد الله": the servant-of names are one given name
    let joined = NAMES.joiners.contains(fold(words[0]).as_ref()) && count > 2;
    let first_free = if joined { 2 } else { 1 };
    if let Some(particle) = (first_free..count - 1).find(|at| is_particle(words[*at])) {
        // "Ortega y Gasset": the joining word ties two family names
        let y = matches!(words[particle], "y" | "e" | "i");
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

/// Russian and Ukrainian names: the patronymic tells the order and goes to the extras.
fn split_slavic(words: &[&str], order: NameOrder, name: &mut Name) -> bool {
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

fn slavic_family(folded: &str) -> bool {
    folded.chars().count() > 4 && NAMES.slavic_surnames.iter().any(|ending| folded.ends_with(ending.as_str()))
}

fn is_patronymic(word: &str) -> bool {
    if word.len() < 6 {
        return false;
    }
    let cyrillic = word.chars().any(|c| matches!(c, '\u{400}'..='\u{4ff}'));
    let folded = if cyrillic { fold(word) } else { return latin_patronymic(word) };
    folded.chars().count() > 5 && NAMES.patronymics.iter().any(|ending| folded.ends_with(ending.as_str()))
}

/// Transliterated patronymics; only the endings no family name has (`-ovich` is one in the Balkans).
fn latin_patronymic(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    lower.ends_with("ovna") || lower.ends_with("evna") || lower.ends_with("evich") && lower.len() > 8
}

/// Words in capitals beside words that are not are the family name: `CHAN Tai Man`, `Jean DUPONT`.
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

/// Middle initials (`Niko A.`) leave the given name when a name remains.
fn take_initials(first: &mut Vec<&str>, extras: &mut Vec<String>) {
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
fn is_initials(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let upper = word.chars().all(|c| c.is_uppercase() || c == '.' || c == '-');
    upper
        && (letters == 1 || (letters <= 3 && word.matches('.').count() == letters))
        && !word.chars().any(is_cjk)
}

pub(super) fn is_honorific(word: &str) -> bool {
    if word.len() > 40 {
        return false;
    }
    let key = key(word);
    NAMES.honorifics.contains(key.as_str())
        || (word.ends_with('.') && NAMES.dotted_honorifics.contains(key.as_str()))
}

/// Is the word one that follows a name? Short ones only in the usual capitals, as `Ma`, `Do` and `Ba` are names.
fn is_suffix(word: &str) -> bool {
    let plain = word.trim_matches([',', '.', '®', '™', '(', ')']);
    if plain.is_empty() || word.len() > 24 || word.starts_with(is_cjk) {
        return false;
    }
    let key = key(word.trim_matches([',', '(', ')']));
    if !NAMES.suffixes.contains(key.as_str()) {
        return false;
    }
    match key.as_str() {
        "jr" | "sr" | "junior" | "senior" | "phd" | "ph d" | "esq" | "esquire" => true,
        "i" | "v" | "do" | "ma" | "ba" | "med" | "np" | "ca" | "pe" | "ms" | "bs" | "ret" | "rn" | "od"
        | "dc" | "rd" => {
            word.contains('.') && word.len() > 2
                || (plain.len() > 1 && plain.chars().all(char::is_uppercase) && key.len() > 1)
        }
        _ => plain.chars().next().is_some_and(char::is_uppercase),
    }
}

/// Is every word after a comma a suffix or title (`PhD, MBA`), so that what stands before is the whole name?
fn is_suffix_part(part: &str) -> bool {
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

fn is_particle(word: &str) -> bool {
    if word.len() > 12 {
        return false;
    }
    let lower = fold(word);
    let lower = lower.trim_end_matches('.');
    NAMES.particles.contains(lower) && (lower.chars().count() > 1 || word.chars().all(char::is_lowercase))
}

/// Takes `(nickname)` and `"nickname"` out of a name.
fn take_brackets(text: &str, extras: &mut Vec<String>) -> String {
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

/// Is the text written like a person's name: two to five capitalised words of letters, or a CJK name?
pub(super) fn looks_like_name(text: &str) -> bool {
    let text = trimmed(text);
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

/// Is the word a frequent given name?
pub(super) fn is_given(word: &str) -> bool {
    NAMES.given.contains(fold(word.trim_matches(|c: char| !c.is_alphabetic())).as_ref())
}

/// Is the text one word as a given or family name would be?
pub(super) fn looks_like_name_part(text: &str) -> bool {
    let text = trimmed(text);
    let count = text.split_whitespace().count();
    let letters = text.chars().all(|c| {
        c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’' | '.') || matches!(c, '\u{900}'..='\u{dff}')
    });
    letters && (1..=3).contains(&count) && (1..=30).contains(&text.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_order(order: NameOrder, text: &str, first: &str, last: &str, extras: &[&str]) {
        let name = split(text, order);
        let extras: Vec<String> = extras.iter().map(|extra| (*extra).to_owned()).collect();
        assert_eq!((name.first.as_str(), name.last.as_str(), &name.extras), (first, last, &extras), "{text}");
    }

    fn check(text: &str, first: &str, last: &str, extras: &[&str]) {
        check_order(NameOrder::FirstLast, text, first, last, extras);
    }

    #[test]
    fn western_names() {
        check("Jane Doe", "Jane", "Doe", &[]);
        check("Wells, Sara", "Sara", "Wells", &[]);
        check("Mills, Ms. Kelly, CPA", "Kelly", "Mills", &["Ms.", "CPA"]);
        check("Beckmann III, Dr. Andre M.", "Andre", "Beckmann", &["Dr.", "III", "M."]);
        check("Dipl.-Ing. Paola Freud, PhD", "Paola", "Freud", &["Dipl.-Ing.", "PhD"]);
        check("Ms. Sarah Barnett III", "Sarah", "Barnett", &["Ms.", "III"]);
        check("van den Eijssel, Evy", "Evy", "van den Eijssel", &[]);
        check("Romy de Vrome", "Romy", "de Vrome", &[]);
        check("Ludwig van Beethoven", "Ludwig", "van Beethoven", &[]);
        check("Beethoven, Ludwig van", "Ludwig", "van Beethoven", &[]);
        check("Mary Jane Watson", "Mary Jane", "Watson", &[]);
        check("Niko A. Löwer", "Niko", "Löwer", &["A."]);
        check("Robert (Bob) Smith Jr.", "Robert", "Smith", &["Bob", "Jr."]);
        check("Santamaria, Sr. Nando, CPA", "Nando", "Santamaria", &["Sr.", "CPA"]);
        check("John", "John", "", &[]);
        check("María García López", "María", "García López", &[]);
        check("José Luis García Pérez", "José Luis", "García Pérez", &[]);
        check("CHAN Tai Man", "Tai Man", "CHAN", &[]);
        check("Jean DUPONT", "Jean", "DUPONT", &[]);
        check("CHARLES DRAKE", "CHARLES", "DRAKE", &[]);
        check("Prof. Dr. med. Eva Braun-Huber", "Eva", "Braun-Huber", &["Prof.", "Dr.", "med."]);
        check("Yo Yo Ma", "Yo Yo", "Ma", &[]);
    }

    #[test]
    fn other_scripts() {
        check("张平", "平", "张", &[]);
        check("欧阳思远", "思远", "欧阳", &[]);
        check("山崎 稔", "稔", "山崎", &[]);
        check("山田　裕美子", "裕美子", "山田", &[]);
        check("佐々木翔太", "翔太", "佐々木", &[]);
        check("김민준", "민준", "김", &[]);
        check("남궁민수", "민수", "남궁", &[]);
        check("Иванов Иван Иванович", "Иван", "Иванов", &["Иванович"]);
        check("Иван Иванович Петров", "Иван", "Петров", &["Иванович"]);
        check("Петрова Анна", "Анна", "Петрова", &[]);
        check("Анна Петрова", "Анна", "Петрова", &[]);
        check("محمد بن سلمان", "محمد", "بن سلمان", &[]);
        check("Nguyễn Văn An", "Văn An", "Nguyễn", &[]);
        check_order(NameOrder::LastFirst, "Kowalska Anna", "Anna", "Kowalska", &[]);
    }

    #[test]
    fn parts_of_their_own() {
        let mut extras = Vec::new();
        assert_eq!(clean_part("Sims, PMP®", &mut extras), "Sims");
        assert_eq!(clean_part("Dr. Anna", &mut extras), "Anna");
        assert_eq!(clean_part("Anne-Marie", &mut extras), "Anne-Marie");
        assert_eq!(clean_part("de la Cruz", &mut extras), "de la Cruz");
        assert_eq!(extras, ["PMP®", "Dr."]);
    }
}
