//! Names in Chinese, Japanese and Korean script: family name first, often without a space.

use super::Name;
use crate::standardize::company::looks_like_job;
use crate::standardize::lexicon::NAMES;
use crate::standardize::text::{is_cjk, is_han, is_hangul, is_kana};

/// Whether every character is of a script written without spaces (a space or middle dot between the parts is fine).
pub(super) fn is_unspaced_name(text: &str) -> bool {
    let mut any = false;
    for c in text.chars() {
        if is_cjk(c) {
            any = true;
        } else if !(c.is_whitespace() || matches!(c, '・' | '·' | '•')) {
            return false;
        }
    }
    any
}

/// Whether the text is short enough for a name, and begins like one.
pub(super) fn looks_like_name(text: &str) -> bool {
    let text = without_honorific(text).0;
    let parts: Vec<&str> = text.split_whitespace().collect();
    let length: usize = parts.iter().map(|part| part.chars().count()).sum();
    if parts.len() == 2 {
        return (2..=8).contains(&length);
    }
    if parts.len() != 1 || !(2..=5).contains(&length) {
        return false;
    }
    let family = family_length(parts[0]);
    let head: String = parts[0].chars().take(family).collect();
    let known = NAMES.zh.contains(head.as_str())
        || NAMES.zh2.contains(head.as_str())
        || NAMES.ja.contains(head.as_str())
        || parts[0].chars().all(is_hangul);
    known && length <= family + 3
}

/// The text without a form of address at its end.
fn without_honorific(text: &str) -> (&str, Option<&str>) {
    for honorific in &NAMES.cjk_honorifics {
        if let Some(rest) = text.strip_suffix(honorific.as_str())
            && (rest.trim().chars().count() > 1
                || rest.ends_with(char::is_whitespace)
                || honorific.chars().count() > 1 && NAMES.zh.contains(rest))
            && !(honorific.chars().count() == 1
                && rest.chars().count() < 3
                && !rest.contains(char::is_whitespace))
        {
            return (rest.trim_end(), Some(&text[rest.len()..]));
        }
    }
    (text, None)
}

/// Splits the name.
pub(super) fn split(text: &str, name: &mut Name) {
    let (text, honorific) = without_honorific(text);
    let parts: Vec<&str> = text.split(|c: char| c.is_whitespace()).filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [] => {}
        [whole] if whole.contains(['・', '·', '•']) => {
            // a foreign name in transcription keeps its own order
            let mut pieces = whole.splitn(2, ['・', '·', '•']);
            name.first = pieces.next().unwrap_or_default().to_owned();
            name.last = pieces.next().unwrap_or_default().to_owned();
        }
        [whole] => {
            let at = family_length(whole);
            let cut = whole.char_indices().nth(at).map_or(whole.len(), |(byte, _)| byte);
            let (family, given) = whole.split_at(cut);
            if given.is_empty() && honorific.is_none() {
                name.first = family.to_owned();
            } else {
                name.last = family.to_owned();
                name.first = given.to_owned();
            }
        }
        // "김철수 과장", "문 부장": the rank follows the whole name, or the family name alone
        [whole, rank] if whole.chars().count() != 2 && looks_like_job(rank) => {
            split(whole, name);
            if name.last.is_empty() {
                name.last = std::mem::take(&mut name.first);
            }
            name.extras.push((*rank).to_owned());
        }
        [family, given @ ..] => {
            name.last = (*family).to_owned();
            name.first = given.join(" ");
        }
    }
    if let Some(honorific) = honorific {
        name.extras.push(honorific.trim().to_owned());
    }
}

/// Number of characters of the family name.
fn family_length(whole: &str) -> usize {
    let chars: Vec<char> = whole.chars().collect();
    let head = |count: usize| chars.iter().take(count).collect::<String>();
    let count = chars.len();
    if count < 2 {
        return count;
    }
    if chars.iter().all(|c| is_hangul(*c)) {
        let double = count > 2 && NAMES.ko2.contains(head(2).as_str());
        return if double { 2 } else { 1 };
    }
    if count > 2 && NAMES.zh2.contains(head(2).as_str()) {
        return 2;
    }
    let kana = chars.iter().any(|c| is_kana(*c));
    let single = NAMES.zh.contains(head(1).as_str());
    if count > 3 && NAMES.ja.contains(head(3).as_str()) {
        return 3;
    }
    if (count > 3 || kana || (count == 3 && !single)) && count > 2 && NAMES.ja.contains(head(2).as_str()) {
        return 2;
    }
    if kana && chars.iter().take(2).all(|c| is_han(*c)) && count > 2 {
        return if NAMES.ja.contains(head(1).as_str()) && count < 4 { 1 } else { 2 };
    }
    if count >= 4 { 2 } else { 1 }
}
