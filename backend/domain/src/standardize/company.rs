//! Derives a company's name from an email domain, by the public suffix list, and recognises what company names look
//! like.

use super::emails::capitalised;
use super::lexicon::{BUSINESS, FREE_MAIL, key};
use super::public_suffix;
use super::text::fold;

/// The label before the public suffix, with hyphens as spaces and capital first letters; `None` for free-mail domains.
pub(super) fn of_address(address: &str) -> Option<String> {
    let (_, host) = address.rsplit_once('@')?;
    let suffix = public_suffix::suffix(host);
    let rest = host.len().checked_sub(suffix.len() + 1)?;
    let label = host.get(..rest)?.rsplit('.').next()?;
    if label.is_empty() || is_free(host, rest - label.len(), label) {
        return None;
    }
    let words = label.split(['-', '_']).filter(|word| !word.is_empty()).map(capitalised);
    let company = words.collect::<Vec<_>>().join(" ");
    (!company.is_empty()).then_some(company)
}

/// Whether a company's name derived from an address is the family name, or the whole name, of the address's owner.
pub(super) fn is_own_name(company: &str, [first, last]: &[String; 2]) -> bool {
    let begins_like_either = begins_like(company, first) || begins_like(company, last);
    if last.is_empty() || company.len() + SIGNS_AND_ACCENTS < last.len() || !begins_like_either {
        return false;
    }
    let letters = |text: &str| fold(text).chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let (company, first, last) = (letters(company), letters(first), letters(last));
    !last.is_empty() && (company == last || !first.is_empty() && company == format!("{first}{last}"))
}

/// Whether the address's domain repeats a company's name, or its first word: `Brightwell Trust` and
/// `brightwell.example`.
pub(super) fn is_of_address(company: &str, address: &str) -> bool {
    const SHORTEST_WORD: usize = 4;
    let letters = |text: &str| fold(text).chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let Some(domain) = of_address(address).map(|domain| letters(&domain)) else { return false };
    let first = company.split_whitespace().next().map(letters).unwrap_or_default();
    letters(company) == domain || first.chars().count() >= SHORTEST_WORD && domain.starts_with(&first)
}

/// Bytes by which two spellings of a name may differ.
const SIGNS_AND_ACCENTS: usize = 6;

/// Whether a company cell is just the name of the row's person, as address books without companies fill it.
pub(super) fn is_persons_name(company: &str, first: &str, last: &str) -> bool {
    // accents and signs aside, it begins like the name and is as long
    let is_as_long = company.len().abs_diff(first.len() + last.len()) <= SIGNS_AND_ACCENTS;
    let is_alike = is_as_long && (begins_like(company, first) || begins_like(company, last));
    if first.is_empty() || last.is_empty() || !is_alike {
        return false;
    }
    let letters = |text: &str| fold(text).chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let (company, first, last) = (letters(company), letters(first), letters(last));
    company == format!("{first}{last}") || company == format!("{last}{first}")
}

/// Whether two texts begin with the same letter, judging by their first bytes. Letters with accents may be the same.
fn begins_like(one: &str, other: &str) -> bool {
    match (one.as_bytes().first(), other.as_bytes().first()) {
        (Some(one), Some(other)) => {
            one.eq_ignore_ascii_case(other) || !(one.is_ascii_alphanumeric() && other.is_ascii_alphanumeric())
        }
        _ => false,
    }
}

/// Whether it is a free-mail provider, by its name, its registered domain (from `start`), or the whole host.
fn is_free(host: &str, start: usize, label: &str) -> bool {
    let domain = host.get(start..).unwrap_or(host);
    FREE_MAIL.contains(label) || FREE_MAIL.contains(domain) || FREE_MAIL.contains(host)
}

/// A text that is checked several times for companies and jobs, with the key used for these checks.
pub(super) struct BusinessText<'a> {
    text: &'a str,
    key: String,
}

impl<'a> BusinessText<'a> {
    /// Longer texts, in bytes, match nothing.
    const LONGEST: usize = 300;
    /// Longer company names, in bytes, are sentences.
    const LONGEST_COMPANY: usize = 120;
    /// Longer job titles, in bytes and in words, are sentences.
    const LONGEST_JOB: (usize, usize) = (100, 9);

    pub(super) fn new(text: &'a str) -> Self {
        let key = if text.len() <= Self::LONGEST { key(text) } else { String::new() };
        Self { text, key }
    }

    /// Whether the text is written like a company's name: with a legal form.
    pub(super) fn looks_like_company(&self) -> bool {
        (2..=Self::LONGEST_COMPANY).contains(&self.text.len())
            && !self.text.contains('@')
            && BUSINESS.has_legal_form(&self.key)
    }

    /// The weaker sign: a word typical of companies.
    pub(super) fn has_company_word(&self) -> bool {
        self.text.len() <= Self::LONGEST_COMPANY && BUSINESS.has_company_word(&self.key)
    }

    /// Whether the text is written like a job title.
    pub(super) fn looks_like_job(&self) -> bool {
        let (bytes, words) = Self::LONGEST_JOB;
        self.text.len() <= bytes
            && !self.text.contains('@')
            && BUSINESS.has_job_word(&self.key)
            && self.text.split_whitespace().count() <= words
    }

    /// Whether it is the name of a country.
    pub(super) fn is_country(&self) -> bool {
        BUSINESS.is_country(&self.key)
    }

    /// The case-folded text without punctuation, empty for a long one.
    pub(super) fn key(&self) -> &str {
        &self.key
    }
}

/// [`BusinessText::looks_like_company`] for a single check.
pub(super) fn looks_like_company(text: &str) -> bool {
    BusinessText::new(text).looks_like_company()
}

/// [`BusinessText::has_company_word`] for a single check.
pub(super) fn has_company_word(text: &str) -> bool {
    BusinessText::new(text).has_company_word()
}

/// [`BusinessText::looks_like_job`] for a single check.
pub(super) fn looks_like_job(text: &str) -> bool {
    BusinessText::new(text).looks_like_job()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn companies_from_domains() {
        let check = |address: &str, expected: Option<&str>| {
            assert_eq!(of_address(address).as_deref(), expected, "{address}")
        };
        check("a@acme.com", Some("Acme"));
        check("a@mail.acme.co.uk", Some("Acme"));
        check("a@blue-harbor.de", Some("Blue Harbor"));
        check("a@gmail.com", None);
        check("a@yahoo.co.in", None);
        check("a@web.de", None);
        check("a@mail.ru", None);
        check("a@ourcompany.example", Some("Ourcompany"));
        check("a@free.fr", None);
        check("a@free.com", Some("Free"));
    }

    #[test]
    fn own_domains() {
        let check = |company: &str, first: &str, last: &str, expected: bool| {
            assert_eq!(is_own_name(company, &[first.to_owned(), last.to_owned()]), expected, "{company}");
        };
        check("Doe", "Jane", "Doe", true);
        check("Jane Doe", "Jane", "Doe", true);
        check("Janedoe", "Jane", "Doe", true);
        check("Lefevre", "", "Lefèvre", true);
        check("Doeworks", "Jane", "Doe", false);
        check("Jane", "Jane", "", false);
        check("Acme", "", "", false);
    }

    #[test]
    fn companies_and_jobs() {
        for text in [
            "Acme GmbH & Co. KG",
            "Foo Sp. z o.o.",
            "Bar, Inc.",
            "ООО Ромашка",
            "株式会社東雲製作所",
            "Baz S.L.",
            "海岳信息技术有限公司",
            "Qux A.Ş.",
        ] {
            assert!(looks_like_company(text), "{text}");
        }
        for text in ["Jane Doe", "Berlin", "Smith", "张平"] {
            assert!(!looks_like_company(text), "{text}");
        }
        for text in [
            "Head of Procurement",
            "Geschäftsführer",
            "采购经理",
            "Gerente de ventas",
            "Генеральный директор",
            "CEO",
        ] {
            assert!(looks_like_job(text), "{text}");
        }
        assert!(!looks_like_job("Jane Doe"));
    }
}
