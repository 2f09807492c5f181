//! The telephone number of a row: the preferred column, the preferred number of a cell, pieces joined.

use super::{RowStandardizer, Uses};
use crate::lead::LeadValues;
use crate::standardize::headers::label_rank;
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
            let column_rank =
                match source.label.map(cell).filter(|label| !label.is_empty()).and_then(label_rank) {
                    Some(99) => continue,
                    Some(rank) => rank,
                    None => source.rank,
                };
            let Some((rank, number, rest)) = number_of(text, column_rank, &lead.email) else { continue };
            if best.as_ref().is_none_or(|(least, ..)| rank < *least) {
                best = Some((rank, source.column, number, rest));
            }
        }
        let Some((_, column, number, rest)) = best else {
            // an address alone in a combined cell
            for source in &self.phones {
                let text = cell(source.column);
                if text.contains('@')
                    && let Some(span) = emails::find(text, 0)
                    && text[span.start..span.end].to_lowercase() == lead.email
                {
                    uses.leave(source.column, emails::rest(text, span));
                }
            }
            return;
        };
        lead.phone = self.joined(cell, number, uses);
        uses.leave(column, rest);
        // the address may have come out of another combined cell, whose rest then stays
        for source in &self.phones {
            let text = cell(source.column);
            if source.column != column
                && text.contains('@')
                && let Some(span) = emails::find(text, 0)
                && text[span.start..span.end].to_lowercase() == lead.email
            {
                uses.leave(source.column, emails::rest(text, span));
            }
        }
    }

    /// The number with its country code, area code and extension out of their own columns.
    fn joined<'c>(&self, cell: &impl Fn(usize) -> &'c str, number: String, uses: &mut Uses<'_>) -> String {
        let part = |column: Option<usize>| {
            column
                .map(|column| (column, phones::unwrapped(cell(column))))
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
        (
            if number.label.is_empty() {
                rank
            } else {
                label_rank(number.label).map_or(rank, |label| if label == 99 { 99 } else { label.max(rank) })
            },
            number,
        )
    });
    let (rank, number) = ranked.filter(|(rank, _)| *rank < 99).min_by_key(|(rank, _)| *rank)?;
    let (start, end) = (number.span.start, number.span.end);
    let separators =
        |c: char| c.is_whitespace() || matches!(c, ';' | '|' | ',' | '/' | ':' | '\'' | '=' | '"');
    let before = text[..start].trim_end_matches(separators);
    let before =
        if before.eq_ignore_ascii_case("tel") || before.eq_ignore_ascii_case("p") { "" } else { before };
    let after = text[end..].trim_start_matches(separators).trim_end_matches(['"', ' ']);
    let rest = match (before.is_empty(), after.is_empty()) {
        (true, _) => after.to_owned(),
        (false, true) => before.to_owned(),
        (false, false) => format!("{before}; {after}"),
    };
    Some((rank, text[start..end].trim().to_owned(), rest))
}
