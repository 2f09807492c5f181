//! Texts of the list: column names, ranges, page numbers, links, initials. Plain Rust.

use easy_crm_shared::lead::{Lead, LeadField, MISSING};

/// A column's name on screen.
pub(super) const fn label(field: LeadField) -> &'static str {
    match field {
        LeadField::FirstName => "First name",
        LeadField::LastName => "Last name",
        LeadField::Title => "Title",
        LeadField::Company => "Company",
        LeadField::Email => "Email",
        LeadField::Phone => "Phone",
        LeadField::Remarks => "Remarks",
    }
}

/// The value, unless it is missing.
pub(super) fn present(value: &str) -> Option<&str> {
    (!value.is_empty() && value != MISSING).then_some(value)
}

/// `1–50 of 12,345`; `0 leads` if there are none.
pub(super) fn range(
    page: u64,
    page_size: u32,
    shown: usize,
    total: u64,
    number: impl Fn(u64) -> String,
) -> String {
    if shown == 0 {
        return format!("{} {}", number(total), if total == 1 { "lead" } else { "leads" });
    }
    let first = (page.max(1) - 1).saturating_mul(u64::from(page_size)) + 1;
    let last = first + shown as u64 - 1;
    format!("{}–{} of {}", number(first), number(last), number(total))
}

/// An item of the pager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum PageLink {
    Page(u64),
    /// Omitted pages; the number only distinguishes the two gaps.
    Gap(u8),
}

/// The first page, the last, and those around this one.
pub(super) fn page_links(page: u64, total_pages: u64) -> Vec<PageLink> {
    if total_pages <= 7 {
        return (1..=total_pages).map(PageLink::Page).collect();
    }
    let page = page.clamp(1, total_pages);
    // Always seven items, so that the buttons do not move under the pointer.
    let (from, to) = match page {
        p if p <= 4 => (2, 5),
        p if p >= total_pages - 3 => (total_pages - 4, total_pages - 1),
        p => (p - 1, p + 1),
    };
    let mut links = vec![PageLink::Page(1)];
    if from > 2 {
        links.push(PageLink::Gap(0));
    }
    links.extend((from..=to).map(PageLink::Page));
    if to < total_pages - 1 {
        links.push(PageLink::Gap(1));
    }
    links.push(PageLink::Page(total_pages));
    links
}

/// The lead's name, otherwise its email address, company or phone number.
pub(crate) fn display_name(lead: &Lead) -> String {
    let names: Vec<&str> =
        [&lead.first_name, &lead.last_name].into_iter().filter_map(|n| present(n)).collect();
    if !names.is_empty() {
        return names.join(" ");
    }
    let other = present(&lead.email).or_else(|| present(&lead.company)).or_else(|| present(&lead.phone));
    other.unwrap_or("Unnamed lead").to_owned()
}

/// `Head of Sales · Acme`, where known.
pub(crate) fn position(lead: &Lead) -> Option<String> {
    let parts: Vec<&str> =
        [&lead.title, &lead.company].into_iter().filter_map(|part| present(part)).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// One or two letters for a lead's avatar, in the name's own case: the style sheet capitalises them.
pub(super) fn initials(name: &str) -> String {
    let is_letter = |c: &char| !c.is_ascii_punctuation() && !c.is_ascii_control();
    let mut letters = name.split([' ', '@', '\u{a0}']).filter_map(|word| word.chars().find(is_letter));
    match (letters.next(), letters.next_back()) {
        (Some(first), Some(last)) => [first, last].iter().collect(),
        (Some(only), None) => only.to_string(),
        _ => "?".to_owned(),
    }
}

/// Target of a phone link: digits and a leading plus. An extension (`ext. 12`) is dropped.
pub(super) fn phone_link(phone: &str) -> Option<String> {
    let main = phone
        .split(|c: char| c.is_ascii_alphabetic())
        .find(|part| part.chars().any(|c| c.is_ascii_digit()))?;
    let digits: String = main.chars().filter(char::is_ascii_digit).collect();
    let plus = if main.trim_start_matches(|c: char| c != '+' && !c.is_ascii_digit()).starts_with('+') {
        "+"
    } else {
        ""
    };
    (digits.len() >= 3).then(|| format!("tel:{plus}{digits}"))
}

/// Target of an email link.
pub(super) fn email_link(email: &str) -> Option<String> {
    let (local, domain) = email.split_once('@')?;
    (!local.is_empty() && domain.contains('.')).then(|| {
        format!("mailto:{}@{}", crate::query_string::encode(local), crate::query_string::encode(domain))
    })
}

/// Splits remarks of the form `Header: value; Header: value` into pairs; a part without a header gets an empty one.
pub(super) fn remark_parts(remarks: &str) -> Vec<(String, String)> {
    let mut parts = Vec::new();
    let mut rest = Some(remarks);
    while let Some(text) = rest {
        let (part, after) = match split_at_pair(text, *b"; ") {
            Some((part, after)) => (part, Some(after)),
            None => (text, None),
        };
        rest = after;
        let part = part.trim();
        match split_at_pair(part, *b": ") {
            _ if part.is_empty() => {}
            Some((header, value)) if !header.contains('\n') && header.chars().count() <= 60 => {
                parts.push((header.to_owned(), value.to_owned()));
            }
            _ => parts.push((String::new(), part.to_owned())),
        }
    }
    parts
}

/// Splits a text at the first occurrence of two ASCII characters. The standard library's general string search would
/// add to the download.
fn split_at_pair(text: &str, pair: [u8; 2]) -> Option<(&str, &str)> {
    let at = text.as_bytes().windows(2).position(|two| two == pair)?;
    Some((text.get(..at)?, text.get(at + 2..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead(first: &str, last: &str, company: &str, email: &str) -> Lead {
        Lead {
            lead_id: "1".into(),
            first_name: first.into(),
            last_name: last.into(),
            title: MISSING.into(),
            company: company.into(),
            email: email.into(),
            phone: MISSING.into(),
            remarks: MISSING.into(),
            source_file: String::new(),
            created_at: String::new(),
            updated_at: String::new(),
        }
    }

    #[test]
    fn ranges_count_from_one() {
        let check = |page, size, shown, total, expected: &str| {
            assert_eq!(range(page, size, shown, total, |n| n.to_string()), expected);
        };
        check(1, 50, 50, 12345, "1–50 of 12345");
        check(247, 50, 45, 12345, "12301–12345 of 12345");
        check(1, 50, 0, 0, "0 leads");
        check(9, 50, 0, 12, "12 leads");
    }

    #[test]
    fn page_links_keep_their_number() {
        let check = |page, total, expected: &str| {
            let links = page_links(page, total).into_iter().map(|link| match link {
                PageLink::Page(page) => page.to_string(),
                PageLink::Gap(_) => "…".to_owned(),
            });
            assert_eq!(links.collect::<Vec<_>>().join(" "), expected);
        };
        check(1, 0, "");
        check(1, 1, "1");
        check(2, 7, "1 2 3 4 5 6 7");
        check(1, 8, "1 2 3 4 5 … 8");
        check(4, 20, "1 2 3 4 5 … 20");
        check(5, 20, "1 … 4 5 6 … 20");
        check(17, 20, "1 … 16 17 18 19 20");
        check(99, 20, "1 … 16 17 18 19 20");
    }

    #[test]
    fn a_lead_always_has_a_name() {
        let check = |lead, expected: &str| assert_eq!(display_name(&lead), expected);
        check(lead("Ana", "Gil", "Acme", "a@x.org"), "Ana Gil");
        check(lead(MISSING, "Gil", "Acme", "a@x.org"), "Gil");
        check(lead(MISSING, MISSING, "Acme", "a@x.org"), "a@x.org");
        check(lead(MISSING, MISSING, "Acme", MISSING), "Acme");
        check(lead(MISSING, MISSING, MISSING, MISSING), "Unnamed lead");
    }

    #[test]
    fn initials_are_at_most_two() {
        let check = |name, expected: &str| assert_eq!(initials(name), expected);
        check("Ana María Gil", "AG");
        check("björk", "b");
        check("info@acme.org", "ia");
        check("(none)", "n");
        check("", "?");
    }

    #[test]
    fn phone_links_hold_digits_only() {
        let check = |phone, expected: Option<&str>| assert_eq!(phone_link(phone).as_deref(), expected);
        check("+49 (0)30 12-34", Some("tel:+490301234"));
        check("030/1234 ext. 5", Some("tel:0301234"));
        check("Tel: +1 555 123", Some("tel:+1555123"));
        check("N/A", None);
        check("12", None);
    }

    #[test]
    fn email_links_cannot_smuggle_headers() {
        let check = |email, expected: Option<&str>| assert_eq!(email_link(email).as_deref(), expected);
        check("a.b+c@x.org", Some("mailto:a.b%2Bc@x.org"));
        check("a?bcc=evil@x.org", Some("mailto:a%3Fbcc%3Devil@x.org"));
        check("N/A", None);
        check("a@localhost", None);
    }

    #[test]
    fn remarks_fall_into_pairs() {
        let check = |remarks, expected: &[(&str, &str)]| {
            let expected: Vec<_> = expected.iter().map(|(h, v)| ((*h).to_owned(), (*v).to_owned())).collect();
            assert_eq!(remark_parts(remarks), expected);
        };
        check("Source: fair; Budget: 10: 20", &[("Source", "fair"), ("Budget", "10: 20")]);
        check("called twice", &[("", "called twice")]);
        check("", &[]);
    }
}
