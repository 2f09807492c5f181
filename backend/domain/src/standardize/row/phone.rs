//! The phone number of a row: the preferred column, the preferred number of a cell, pieces joined.

use super::RowStandardizer;
use crate::lead::LeadValues;
use crate::standardize::uses::Uses;
use crate::standardize::{emails, phones};

impl RowStandardizer<'_> {
    pub(super) fn phone<'c>(
        &self,
        cell: &impl Fn(usize) -> &'c str,
        lead: &mut LeadValues,
        uses: &mut Uses<'_>,
    ) {
        let mut best: Option<(u8, usize, String, String)> = None;
        for source in &self.phones {
            let text = cell(source.column);
            if text.is_empty()
                || (best.is_some()
                    && !self.labelled
                    && best.as_ref().is_some_and(|(rank, ..)| *rank <= source.rank))
            {
                continue;
            }
            let column_rank = match source
                .label
                .map(cell)
                .filter(|label| !label.is_empty())
                .and_then(phones::number_rank)
            {
                Some(phones::NEVER) => continue,
                Some(rank) => rank,
                None => source.rank,
            };
            let Some((rank, number, rest)) = number_of(text, column_rank, &lead.email) else { continue };
            if best.as_ref().is_none_or(|(least, ..)| rank < *least) {
                best = Some((rank, source.column, number, rest));
            }
        }
        let found = best.map(|(_, column, number, rest)| (column, number, rest));
        let Some((column, number, rest)) = found.or_else(|| self.number_among_addresses(cell)) else {
            self.leave_beside_address(cell, lead, uses, None);
            return;
        };
        lead.phone = self.joined(cell, number, uses);
        uses.leave(column, rest);
        // the address may come from another combined cell, whose rest then stays
        self.leave_beside_address(cell, lead, uses, Some(column));
    }

    /// Keeps what is next to the lead's address in a column of numbers, without the address.
    fn leave_beside_address<'c>(
        &self,
        cell: &impl Fn(usize) -> &'c str,
        lead: &LeadValues,
        uses: &mut Uses<'_>,
        but: Option<usize>,
    ) {
        for source in self.phones.iter().filter(|source| Some(source.column) != but) {
            let text = cell(source.column);
            if text.contains('@')
                && let Some(span) = emails::find(text, 0)
                && text[span.start..span.end].to_lowercase() == lead.email
            {
                uses.leave(source.column, emails::rest(text, span));
            }
        }
    }

    /// A number in a column of addresses: whoever filled the row confused the two.
    fn number_among_addresses<'c>(
        &self,
        cell: &impl Fn(usize) -> &'c str,
    ) -> Option<(usize, String, String)> {
        if self.phones.is_empty() {
            return None;
        }
        self.emails.iter().filter(|source| source.own_column).find_map(|source| {
            let text = phones::unwrapped(cell(source.column));
            (!text.contains('@') && phones::is_surely_phone(text))
                .then(|| (source.column, text.to_owned(), String::new()))
        })
    }

    /// The number with its country code, area code and extension from their own columns.
    fn joined<'c>(&self, cell: &impl Fn(usize) -> &'c str, number: String, uses: &mut Uses<'_>) -> String {
        let part = |column: Option<usize>| {
            column
                .map(|column| (column, whole_number(phones::unwrapped(cell(column)))))
                .filter(|(_, text)| !text.is_empty())
        };
        let mut joined = number;
        if !joined.starts_with('+') {
            if let Some((column, area)) = part(self.area_code)
                && phones::digits(area) > 0
                && phones::digits(&joined) <= 8
            {
                joined = format!("{area} {joined}");
                uses.take(column);
            }
            if let Some((column, code)) = part(self.country_code)
                && begins_with_code(&joined, code)
            {
                uses.take(column);
            } else if let Some((column, code)) = part(self.country_code)
                && (1..=5).contains(&phones::digits(code))
                && !code.chars().any(char::is_alphabetic)
            {
                let plus = if code.starts_with(['+', '0', '(']) { "" } else { "+" };
                joined = format!("{plus}{code} {joined}");
                uses.take(column);
            }
        } else if let Some((column, code)) = part(self.country_code)
            && joined.trim_start_matches('+').starts_with(code.trim_start_matches(['+', '0']))
        {
            uses.take(column);
        }
        if let Some((column, extension)) = part(self.extension)
            && phones::digits(extension) > 0
        {
            joined = format!("{joined} ext. {extension}");
            uses.take(column);
        }
        joined
    }
}

/// `212.0`, as floating-point columns write a code.
fn whole_number(text: &str) -> &str {
    let whole = text.strip_suffix(".0").filter(|whole| whole.bytes().all(|b| b.is_ascii_digit()));
    whole.unwrap_or(text)
}

/// Digits of the shortest number that can include its country code.
const LEAST_WITH_CODE: usize = 11;

/// `442079460101` next to the code `44`, `0049 30 …` next to `49`.
fn begins_with_code(number: &str, code: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let (number, code) = (digits(number), digits(code));
    let international = number.strip_prefix("00").unwrap_or(&number);
    let code = code.trim_start_matches('0');
    !code.is_empty() && international.len() >= LEAST_WITH_CODE && international.starts_with(code)
}

/// The best number of a cell with its rank, and the rest of the cell.
fn number_of(cell: &str, rank: u8, email: &str) -> Option<(u8, String, String)> {
    let plain = phones::unwrapped(cell);
    // a lone number is the common case
    if !plain.contains([';', '|', ',', '\n', ':', '/', '@'])
        && phones::is_phone(plain)
        && !phones::looks_like_date(plain)
    {
        return Some((rank, plain.to_owned(), String::new()));
    }
    if phones::is_damaged(plain) {
        return None;
    }
    if phones::is_vanity(plain) {
        return Some((rank, plain.to_owned(), String::new()));
    }
    let mut text = cell.to_owned();
    if cell.contains('@')
        && let Some(span) = emails::find(cell, 0)
        && cell[span.start..span.end].to_lowercase() == email
    {
        text = emails::rest(cell, span);
    }
    let found = phones::find_all(&text);
    let ranked = found.iter().map(|number| {
        let label = phones::number_rank(number.label).map_or(rank, |label| label.max(rank));
        (label, number)
    });
    let (rank, number) = ranked.filter(|(rank, _)| *rank < phones::NEVER).min_by_key(|(rank, _)| *rank)?;
    let (start, end) = (number.span.start, number.span.end);
    let separators =
        |c: char| c.is_whitespace() || matches!(c, ';' | '|' | ',' | '/' | ':' | '\'' | '=' | '"');
    let before = text[..start].trim_end_matches(separators);
    let before = if phones::says_nothing(number.label) {
        let unlabelled = before.trim_end_matches(['.', ' ']).strip_suffix(number.label);
        unlabelled.unwrap_or(before).trim_end_matches(separators)
    } else {
        before
    };
    let after = text[end..].trim_start_matches(separators).trim_end_matches(['"', ' ']);
    let after = if phones::says_nothing(after) { "" } else { without_outer_brackets(after) };
    let rest = match (before.is_empty(), after.is_empty()) {
        (true, _) => after.to_owned(),
        (false, true) => before.to_owned(),
        (false, false) => format!("{before}; {after}"),
    };
    Some((rank, text[start..end].trim().to_owned(), rest))
}

/// `(ask for Anna)` without its brackets.
fn without_outer_brackets(text: &str) -> &str {
    let inner = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
    inner.filter(|inner| !inner.contains(['(', ')'])).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_number_of_a_cell() {
        let check = |cell: &str, number: Option<&str>, left: &str| {
            let found = number_of(cell, 0, "");
            let expected = number.map(|number| (number, left));
            let found = found.as_ref().map(|(_, number, rest)| (number.as_str(), rest.as_str()));
            assert_eq!(found, expected, "{cell}");
        };
        check("020 7946 0133 (ask for Anna)", Some("020 7946 0133"), "ask for Anna");
        check("Tel. 020 7946 0133", Some("020 7946 0133"), "");
        check("Fax 020 7946 0133", None, "");
        check("Fax: 030 1234567, Tel: 030 7654321", Some("030 7654321"), "Fax: 030 1234567");
        check(
            "Mobile 07700 900001; direct 020 7946 0001",
            Some("020 7946 0001"),
            "Mobile 07700 900001; direct",
        );
        check("Branch 020 7946 0000 / M 07700 900001", Some("07700 900001"), "Branch 020 7946 0000 / M");
        check(
            "WhatsApp: +44 7700 900001 | Home: 020 7946 0002",
            Some("+44 7700 900001"),
            "WhatsApp; Home: 020 7946 0002",
        );
        check("Assistant: 020 7946 0001", None, "");
        check("2016-2017", None, "");
        check("6.59E+09", None, "");
        check("none, use e-mail", None, "");
    }
}
