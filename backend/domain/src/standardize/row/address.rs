//! The email address of a row: which column provides it, and cells whose address cannot be trusted.

use super::{RowStandardizer, Source};
use crate::standardize::emails;
use crate::standardize::headers::{is_all_label, label_rank};
use crate::standardize::text::{fold, value};

impl RowStandardizer<'_> {
    pub(super) fn plain_email(&self, cells: &[&str]) -> Option<String> {
        let (column, span) = self.email_place(cells)?;
        Some(cells.get(column)?.get(span.start..span.end)?.to_lowercase())
    }

    /// Where the row's email address is.
    pub(super) fn email_place(&self, cells: &[&str]) -> Option<(usize, emails::Span)> {
        let mut best: Option<(u8, usize, emails::Span)> = None;
        for source in &self.emails {
            let Some(cell) = cells.get(source.column) else { continue };
            if !cell.contains('@') {
                continue;
            }
            let Some(span) = emails::find(cell, 0) else { continue };
            if source.own_column && is_broken(cell, span) {
                continue;
            }
            if !self.labelled {
                return Some((source.column, span));
            }
            let rank = source.labelled_rank(cells);
            if best.is_none_or(|(least, _, _)| rank < least) {
                best = Some((rank, source.column, span));
            }
        }
        best.map(|(_, column, span)| (column, span))
    }
}

impl Source {
    /// The rank that the row's own label, or else the column, gives the value.
    fn labelled_rank(&self, cells: &[&str]) -> u8 {
        let label = self.label.and_then(|label| cells.get(label)).map_or("", |cell| value(cell));
        match label_rank(label) {
            // a label for faxes next to an address means nothing
            Some(99) | None => self.rank,
            // equal labels keep the columns' order
            Some(rank) => rank.saturating_add(self.rank.min(9)),
        }
    }
}

/// In a column of addresses: whether the address is the end, or the beginning, of one that was split by a space
/// (`pia holt@x.com`, `pia.holt@x.co .uk`). A name before an address (`Pia Holt pia@x.com`) shares something with it,
/// or is written like a name.
fn is_broken(cell: &str, span: emails::Span) -> bool {
    let (before, rest) = cell.split_at(span.start);
    let (address, after) = rest.split_at(span.end - span.start);
    ends_too_early(after) || begins_too_late(before, address)
}

/// Letters of the longest domain ending that is distinguished from a word.
const LONGEST_TOP: usize = 3;

fn ends_too_early(after: &str) -> bool {
    let text = after.trim();
    if text.len() == after.trim_end().len() || after.contains('\n') {
        return false;
    }
    let goes_on = text.strip_prefix('.').is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
    let top = text.len() <= LONGEST_TOP && text.bytes().all(|b| b.is_ascii_lowercase());
    goes_on || top && !is_all_label(text)
}

fn begins_too_late(before: &str, address: &str) -> bool {
    if !before.ends_with(char::is_whitespace) {
        return false;
    }
    let is_separator = |c: char| {
        c != '.'
            && c != '-'
            && c != '_'
            && c != '\''
            && c != '+'
            && !c.is_alphanumeric()
            && !c.is_whitespace()
    };
    let piece = before.rsplit(is_separator).next().unwrap_or("");
    let words: Vec<&str> = piece.split_whitespace().take(3).collect();
    let lower = |word: &&str| !word.chars().any(char::is_uppercase) && word.chars().any(char::is_alphabetic);
    let suspected = match words.as_slice() {
        // "Pia Holt@x.com"
        [one] => lower(one) || address.starts_with(char::is_uppercase),
        [one, two] => lower(one) && lower(two),
        _ => false,
    };
    if !suspected {
        return false;
    }
    let address = fold(address);
    let own = |word: &&str| {
        let word = fold(word.trim_matches(|c: char| !c.is_alphanumeric()));
        let host = address.split('@').next_back().unwrap_or_default();
        word.chars().count() > 1 && (address.contains(word.as_ref()) || word.ends_with(host))
    };
    !words.iter().any(own) && !words.iter().all(|word| is_all_label(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_addresses_cut_by_a_space() {
        let check = |cell: &str, expected: bool| {
            let broken = emails::find(cell, 0).map(|span| is_broken(cell, span));
            assert_eq!(broken, Some(expected), "{cell}");
        };
        for cell in [
            "pia holt@x.com",
            "pia  holt@x.com",
            "pia\nholt@x.com",
            "pia. holt@x.com",
            "anna maria holt@x.com",
            "Pia Holt@x.com",
            "work: pia holt@x.com",
            "pia.holt@x.co m",
            "pia.holt@x.co .uk",
        ] {
            check(cell, true);
        }
        for cell in [
            "pia.holt@x.com",
            "Pia Holt pia@x.com",
            "Pia pholt@x.com",
            "pia pia.holt@x.com",
            "Pia <holt@x.com>",
            "mail holt@x.com",
            "work: holt@x.com",
            "Mail me at holt@x.com",
            "holt@x.com, pia@y.com",
            "0171 123456 holt@x.com",
            "www.x.com holt@x.com",
            "Dr. Holt ph@x.com",
            "holt@x.com bounced",
            "holt@x.com pia@y.com",
            "holt@x.com (private)",
            "- holt@x.com",
        ] {
            check(cell, false);
        }
    }
}
