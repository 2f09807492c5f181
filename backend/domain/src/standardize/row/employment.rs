//! Job title and company of a row, also where one cell holds both (`Head of Sales at Acme`, `Acme GmbH, Einkäufer`).

use super::RowStandardizer;
use crate::lead::LeadValues;
use crate::standardize::company::{is_persons_name, looks_like_company, looks_like_job};
use crate::standardize::emails;
use crate::standardize::text::{is_boolean, value};
use crate::standardize::uses::Uses;

/// Longer cells, in bytes, are sentences.
const LONGEST_CELL: usize = 160;

impl RowStandardizer<'_> {
    /// Fills title and company from their columns.
    pub(super) fn title_and_company<'c>(
        &self,
        cell: &impl Fn(usize) -> &'c str,
        lead: &mut LeadValues,
        uses: &mut Uses<'_>,
    ) {
        if let Some(column) = self.title
            && may_be_title(cell(column))
        {
            let text = cell(column);
            let both = if self.companies.is_empty() && lead.company.is_empty() {
                cut(text, self.title_holds_company)
            } else {
                None
            };
            if let Some((title, company)) = both {
                title.clone_into(&mut lead.title);
                company.clone_into(&mut lead.company);
            } else {
                text.clone_into(&mut lead.title);
            }
            uses.take(column);
        }
        let person = self.person_among_companies(cell, lead, uses);
        let mut company = None;
        for column in self.companies.iter().copied().filter(|column| person != Some(*column)) {
            if is_persons_name(cell(column), &lead.first_name, &lead.last_name) {
                uses.take(column);
            } else if company.is_none() && may_be_company(cell(column)) {
                company = Some(column);
            }
        }
        if lead.company.is_empty()
            && let Some(column) = company
        {
            let text = cell(column);
            match cut(text, false) {
                Some((title, company)) if self.title.is_none() && !title.is_empty() => {
                    title.clone_into(&mut lead.title);
                    company.clone_into(&mut lead.company);
                }
                _ => text.clone_into(&mut lead.company),
            }
            uses.take(column);
        }
    }
}

/// Answers, dates, numbers and addresses are nobody's job, whatever the header says.
fn may_be_title(text: &str) -> bool {
    may_be_company(text) && text.chars().any(char::is_alphabetic)
}

/// Companies may be named by numbers (`1&1`), but not by answers or addresses.
fn may_be_company(text: &str) -> bool {
    let is_address = text.contains('@') && emails::is_address(text);
    !text.is_empty() && !is_boolean(text) && !is_address
}

/// The title and the company of a cell with both. `told`: the header says that it may have both.
fn cut(text: &str, told: bool) -> Option<(&str, &str)> {
    if text.len() > LONGEST_CELL {
        return None;
    }
    let is_joined = text.contains(['@', '|', '-', '–', '—', '/', '\n', ','])
        || text.split(' ').any(|word| matches!(word, "at" | "bei" | "chez" | "presso" | "firmie"));
    if !is_joined {
        return (told && looks_like_company(text) && !is_job(text)).then_some(("", text));
    }
    for joiner in [
        " at ",
        " @ ",
        " bei ",
        " chez ",
        " presso ",
        " w firmie ",
        " | ",
        " - ",
        " – ",
        " — ",
        " / ",
        "\n",
        ", ",
    ] {
        let Some(at) = text.find(joiner) else { continue };
        // a company's name may contain the joiner too: the last comma before the title, the first one after it
        let last = text.rfind(joiner).unwrap_or(at);
        let word = joiner.chars().any(char::is_alphabetic) || joiner == " @ ";
        for at in [at, last] {
            let (before, after) = (value(&text[..at]), value(&text[at + joiner.len()..]));
            if before.is_empty() || after.is_empty() {
                continue;
            }
            let job = [is_job(before), is_job(after)];
            let company = [looks_like_company(before), looks_like_company(after)];
            if word && job[0] && !job[1] {
                return Some((before, after));
            }
            let sure = |one: usize, other: usize| job[one] && company[other] && !company[one];
            let likely = |one: usize, other: usize| told && job[one] && !job[other];
            if sure(0, 1) || likely(0, 1) {
                return Some((before, after));
            }
            if sure(1, 0) || likely(1, 0) {
                return Some((after, before));
            }
        }
    }
    (told && looks_like_company(text) && !is_job(text)).then_some(("", text))
}

fn is_job(text: &str) -> bool {
    looks_like_job(text) && !looks_like_company(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_no_employment() {
        let check = |text: &str, title: bool, company: bool| {
            assert_eq!((may_be_title(text), may_be_company(text)), (title, company), "{text}");
        };
        check("Buyer", true, true);
        check("1&1", false, true);
        check("2024-01-02", false, true);
        check("TRUE", false, false);
        check("nein", false, false);
        check("jane@acme.test", false, false);
        check("", false, false);
    }

    #[test]
    fn cuts_cells_that_hold_both() {
        let check = |text: &str, told: bool, expected: Option<(&str, &str)>| {
            assert_eq!(cut(text, told), expected, "{text}");
        };
        check("Head of Sales at Oakline Ltd", false, Some(("Head of Sales", "Oakline Ltd")));
        check("CEO @ Priorix", false, Some(("CEO", "Priorix")));
        check("Sklo Bor s.r.o., obchodní ředitelka", false, Some(("obchodní ředitelka", "Sklo Bor s.r.o.")));
        check("Leiter Einkauf, Acme, Inc.", false, Some(("Leiter Einkauf", "Acme, Inc.")));
        check("Priorix / Sales Manager", true, Some(("Sales Manager", "Priorix")));
        check("Senior Analyst, Pricing", false, None);
        check("Founder | Speaker", false, None);
        check("Buschwerk GmbH", true, Some(("", "Buschwerk GmbH")));
        check("Manager", true, None);
    }
}
