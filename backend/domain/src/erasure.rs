//! Whom an erasure concerns, and which rows of stored files are about them: pure rules of `POST /leads/erase`.

use std::collections::BTreeSet;

use crate::email::NormalizedEmail;
use crate::lead::LeadValues;
use crate::lead_index::fold_text;

/// Fewer digits are not a phone number that identifies a person.
const MIN_PHONE_DIGITS: usize = 7;

/// What is known about a person whose data is to be erased.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    addresses: BTreeSet<String>,
    phones: BTreeSet<String>,
    /// First and last name, each as folded words with a space before and after.
    names: BTreeSet<(String, String)>,
}

impl Person {
    /// A person of whom only the address is known.
    #[must_use]
    pub fn with_address(email: &NormalizedEmail) -> Self {
        Self { addresses: BTreeSet::from([email.as_str().to_owned()]), ..Self::default() }
    }

    /// Adds what a lead says about the person.
    pub fn learn(&mut self, values: &LeadValues) {
        self.addresses.extend(NormalizedEmail::parse(&values.email).map(|email| email.as_str().to_owned()));
        let phone = digits(&values.phone);
        if phone.len() >= MIN_PHONE_DIGITS {
            self.phones.insert(phone);
        }
        let (first, last) = (words(&values.first_name), words(&values.last_name));
        if first.len() > 3 && last.len() > 3 {
            self.names.insert((first, last));
        }
    }

    /// Whether nothing is known that could identify a row.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a row is about the person: the address or the phone number is in one of its cells, or both names are in
    /// the row. A namesake's row counts too: losing a line of a report is better than violating a person's right.
    pub fn is_in<C: AsRef<str>>(&self, cells: &[C]) -> bool {
        let mut row = String::new();
        for cell in cells {
            let cell = cell.as_ref();
            let lower = cell.to_lowercase();
            if self.addresses.iter().any(|address| lower.contains(address.as_str())) {
                return true;
            }
            let digits = digits(cell);
            if self.phones.iter().any(|phone| digits.contains(phone.as_str())) {
                return true;
            }
            row.push_str(&words(cell));
        }
        self.names.iter().any(|(first, last)| row.contains(first.as_str()) && row.contains(last.as_str()))
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// The words of a text without case and accents, with a space before and after each.
fn words(text: &str) -> String {
    let folded = fold_text(text);
    let words: Vec<&str> =
        folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { String::new() } else { format!(" {} ", words.join(" ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ada() -> Person {
        let mut person = Person::default();
        person.learn(&LeadValues {
            first_name: "Ada".into(),
            last_name: "Löve Lace".into(),
            email: "ada@x.example".into(),
            phone: "+44 20 7946-0001".into(),
            ..LeadValues::default()
        });
        person
    }

    #[track_caller]
    fn check(cells: &[&str], expected: bool) {
        assert_eq!(ada().is_in(cells), expected, "{cells:?}");
    }

    #[test]
    fn rows_are_told_by_address_number_or_both_names() {
        check(&["x", "Write to ADA@X.example, please"], true);
        check(&["442079460001"], true);
        check(&["(+44) 20 7946 0001 ext. 5"], true);
        check(&["love lace", "Dr.", "ADA"], true);
        check(&["Ada Löve", "Lace"], false);
        check(&["Ada", "Byron"], false);
        check(&["Adam", "Love Lace"], false);
        check(&["2079460001"], false);
        check(&[], false);
    }

    #[test]
    fn what_is_not_known_tells_nobody() {
        let mut person = Person::default();
        person.learn(&LeadValues {
            first_name: "Ada".into(),
            phone: "12345".into(),
            ..LeadValues::default()
        });
        assert!(person.is_unknown());
        assert!(!person.is_in(&["", "12345", "Ada"]));
        assert!(
            Person::with_address(&NormalizedEmail::parse("A@b.example").unwrap()).is_in(&["a@B.example"])
        );
    }
}
