//! What the label next to a phone number says about it.

use crate::standardize::headers::label_rank;
use crate::standardize::lexicon::{PHONE_WORDS, Words, key};

/// A number nobody should call to reach the lead: a fax, a pager, an assistant's.
pub(in crate::standardize) const NEVER: u8 = 99;

/// The rank a label gives a number, single letters included; `None` if it says nothing about it.
pub(in crate::standardize) fn number_rank(label: &str) -> Option<u8> {
    let key = key(label);
    let words = || key.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let any = |list: &Words| list.contains(&key) || words().any(|word| list.contains(word));
    match key.as_str() {
        "t" | "p" | "d" | "o" | "b" | "w" => return Some(0),
        "m" | "c" => return Some(20),
        "f" => return Some(NEVER),
        "h" => return Some(50),
        _ => {}
    }
    // "Tel./Fax" can be called
    if any(&PHONE_WORDS.fax) && !(label.contains(['/', '&', '+', ',']) && any(&PHONE_WORDS.phone))
        || any(&PHONE_WORDS.never)
    {
        return Some(NEVER);
    }
    if any(&PHONE_WORDS.direct) {
        return Some(0);
    }
    if any(&PHONE_WORDS.branch) {
        return Some(40);
    }
    label_rank(label).filter(|rank| *rank < NEVER || !any(&PHONE_WORDS.phone) || !any(&PHONE_WORDS.fax))
}

/// Whether a label says no more than that a number follows (`Tel.`).
pub(in crate::standardize) fn says_nothing(label: &str) -> bool {
    let key = key(label.trim_end_matches([':', '：', ' ', '.']));
    PHONE_WORDS.phone.contains(&key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_of_labels() {
        let check = |label: &str, expected: Option<u8>| assert_eq!(number_rank(label), expected, "{label}");
        for label in ["Direct", "Durchwahl", "work", "D", "dienstlich"] {
            check(label, Some(0));
        }
        for label in ["Mobile", "Handy", "WhatsApp", "m", "моб", "手机"] {
            check(label, Some(20));
        }
        for label in ["Switchboard", "Zentrale", "Branch", "Filiale", "HQ"] {
            check(label, Some(40));
        }
        for label in ["Home", "privat"] {
            check(label, Some(50));
        }
        for label in
            ["Fax", "Telefax", "f", "Pager", "Assistant (Mary)", "Sekretariat", "факс", "传真", "PA's fax"]
        {
            check(label, Some(NEVER));
        }
        for label in ["Tel", "Tel./Fax", "Berlin", ""] {
            check(label, None);
        }
        assert!(says_nothing("Tel.:") && says_nothing("T") && !says_nothing("Mobile"));
    }
}
