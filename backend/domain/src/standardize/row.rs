//! Turns one row of cells into one lead, by the table's layout. Every value is a piece of a cell or follows a fixed
//! rule; what fits no field goes to the remarks.

use std::collections::BTreeSet;

use easy_crm_shared::lead::LeadField;

use super::cleaning::{cleaned, cleaned_row};
use super::headers::{self, Atom};
use super::layout::{ColumnPlan, Role, TableLayout};
use super::model::cards::CardReading;
use super::names::NameOrder;
use super::own_export;
use super::text::value;
use super::uses::Uses;
use super::{cards, company, emails, remarks};
use crate::identity::LeadId;
use crate::lead::LeadValues;

mod address;
mod employment;
mod name;
mod person;
mod phone;
mod realign;
#[cfg(test)]
mod tests;

/// A column that may provide a field, with the column of its label.
#[derive(Debug, Clone, Copy)]
struct Source {
    column: usize,
    rank: u8,
    label: Option<usize>,
    /// Whether it is a column of addresses, not one that may contain an address among other things.
    own_column: bool,
}

/// What a row of cells says about its lead.
#[derive(Debug, Clone, Default)]
pub struct StandardizedRow {
    /// The lead's values.
    pub values: LeadValues,
    /// Fields that no cell has: their values, which may be missing, follow from the email address.
    pub derived: BTreeSet<LeadField>,
}

/// A [`TableLayout`] prepared for many rows.
#[derive(Debug, Clone)]
pub struct RowStandardizer<'a> {
    layout: &'a TableLayout,
    labels: Vec<String>,
    emails: Vec<Source>,
    phones: Vec<Source>,
    /// The only column of addresses, if there is exactly one and the table has a header.
    own_email: Option<usize>,
    /// Number of columns up to the last one with a header.
    named_columns: usize,
    labelled: bool,
    first: Option<usize>,
    last: Option<usize>,
    second_last: Option<usize>,
    particle: Option<usize>,
    full: Option<(usize, NameOrder)>,
    title: Option<usize>,
    /// Whether the header of the title says that the company is in the same cell.
    title_holds_company: bool,
    companies: Vec<usize>,
    /// Whether the header of the last name says that it may contain a company instead.
    last_or_company: bool,
    country_code: Option<usize>,
    area_code: Option<usize>,
    extension: Option<usize>,
    card: Option<usize>,
    left_out: Vec<usize>,
}

impl TableLayout {
    /// The lead of a row. For many rows prepare a [`RowStandardizer`].
    #[must_use]
    pub fn standardize(&self, cells: &[&str]) -> LeadValues {
        RowStandardizer::new(self).standardize(cells)
    }

    /// The normalised email address [`TableLayout::standardize`] will give the row's lead.
    #[must_use]
    pub fn email(&self, cells: &[&str]) -> Option<String> {
        RowStandardizer::new(self).email(cells)
    }
}

impl<'a> RowStandardizer<'a> {
    /// Prepares a layout.
    #[must_use]
    pub fn new(layout: &'a TableLayout) -> Self {
        let mut prepared = Self {
            layout,
            labels: layout.headers.iter().map(|header| remarks::label(header)).collect(),
            emails: Vec::new(),
            phones: Vec::new(),
            own_email: None,
            named_columns: layout
                .headers
                .iter()
                .rposition(|header| !header.is_empty())
                .map_or(0, |at| at + 1),
            labelled: false,
            first: None,
            last: None,
            second_last: None,
            particle: None,
            full: None,
            title: None,
            title_holds_company: false,
            companies: Vec::new(),
            last_or_company: false,
            country_code: None,
            area_code: None,
            extension: None,
            card: None,
            left_out: Vec::new(),
        };
        for (column, plan) in layout.columns.iter().enumerate() {
            let label = plan.label_column.map(usize::from);
            let own_column = matches!(plan.role, Role::Email(_));
            let source = |rank| Source { column, rank, label, own_column };
            match plan.role {
                Role::FirstName => prepared.first = prepared.first.or(Some(column)),
                Role::LastName => prepared.last = prepared.last.or(Some(column)),
                Role::SecondLastName => prepared.second_last = Some(column),
                Role::NameParticle => prepared.particle = Some(column),
                Role::FullName(order) => {
                    prepared.full = prepared.full.or(Some((column, order)));
                    prepared.emails.push(source(150));
                }
                Role::Title => prepared.title = prepared.title.or(Some(column)),
                Role::Company => prepared.companies.push(column),
                Role::Email(rank) => prepared.emails.push(source(rank)),
                Role::Phone(rank) => {
                    prepared.phones.push(source(rank));
                    prepared.emails.push(source(160));
                }
                Role::ContactDetails => {
                    prepared.emails.push(source(100));
                    prepared.phones.push(source(30));
                }
                Role::PhoneCountryCode => prepared.country_code = Some(column),
                Role::PhoneAreaCode => prepared.area_code = Some(column),
                Role::PhoneExtension => prepared.extension = Some(column),
                Role::Card => {
                    prepared.card = prepared.card.or(Some(column));
                    prepared.emails.push(source(120));
                }
                Role::Report => prepared.left_out.push(column),
                Role::OtherPerson | Role::Remark | Role::Empty => {}
            }
            prepared.labelled |= label.is_some();
        }
        let is_email = |plan: &ColumnPlan| matches!(plan.role, Role::Email(_));
        let mut own = (0..layout.columns.len()).filter(|at| is_email(&layout.columns[*at]));
        prepared.own_email = match (own.next(), own.next()) {
            (Some(column), None) if layout.header_row.is_some() => Some(column),
            _ => None,
        };
        let says_company = |column: Option<usize>| {
            let header = column.and_then(|at| layout.headers.get(at));
            header.is_some_and(|header| headers::read(header).atoms.has(Atom::Company))
        };
        prepared.title_holds_company = says_company(prepared.title);
        prepared.last_or_company = says_company(prepared.last);
        prepared.emails.sort_by_key(|source| source.rank);
        prepared.phones.sort_by_key(|source| source.rank);
        prepared
    }

    /// The normalised email address [`RowStandardizer::standardize`] will give this row's lead.
    #[must_use]
    pub fn email(&self, cells: &[&str]) -> Option<String> {
        if self.layout.own_export {
            return Some(own_export::values(cells).email).filter(|email| !email.is_empty());
        }
        self.with_cells(cells, |cells| self.plain_email(cells))
    }

    /// The lead of the row.
    #[must_use]
    pub fn standardize(&self, cells: &[&str]) -> LeadValues {
        self.standardize_with(cells, None).values
    }

    /// The lead that a row of our own export names.
    #[must_use]
    pub fn named_lead(&self, cells: &[&str]) -> Option<LeadId> {
        if self.layout.own_export { own_export::lead_id(cells) } else { None }
    }

    /// The text of the row that no column plan fits: a card that a language model may read.
    #[must_use]
    pub fn card_text<'c>(&self, cells: &[&'c str]) -> Option<&'c str> {
        let text = value(cells.get(self.card?).copied()?);
        (!text.is_empty() && text.len() <= cards::LONGEST_CARD).then_some(text)
    }

    /// The lead of the row, with its card read by a language model. A reading that is not of this card is ignored.
    #[must_use]
    pub fn standardize_with(&self, cells: &[&str], reading: Option<&CardReading>) -> StandardizedRow {
        if self.layout.own_export {
            return StandardizedRow { values: own_export::values(cells), derived: BTreeSet::new() };
        }
        let card = self.card_text(cells);
        self.with_cells(cells, |cells| self.lead(cells, card.zip(reading)))
    }

    /// Runs `work` on the cells as people see them, in their own columns, without placeholders.
    fn with_cells<T>(&self, cells: &[&str], work: impl Fn(&[&str]) -> T) -> T {
        let cleaned = cleaned_row(cells);
        let cleaned: Option<Vec<&str>> =
            cleaned.as_ref().map(|cells| cells.iter().map(AsRef::as_ref).collect());
        let cells = cleaned.as_deref().unwrap_or(cells);
        let moved = self.realigned(cells);
        let moved: Option<Vec<&str>> = moved.as_ref().map(|cells| cells.iter().map(AsRef::as_ref).collect());
        let cells = moved.as_deref().unwrap_or(cells);
        if self.layout.bare_na && cells.iter().any(|cell| cell.trim() == "NA") {
            let without = |cell: &&str| -> bool { cell.trim() != "NA" };
            let known: Vec<&str> = cells.iter().map(|cell| if without(cell) { *cell } else { "" }).collect();
            return work(&known);
        }
        work(cells)
    }

    /// `read_card`: the card as written in the file, with what a language model read in it.
    fn lead(&self, cells: &[&str], read_card: Option<(&str, &CardReading)>) -> StandardizedRow {
        let mut lead = LeadValues::default();
        let mut derived = BTreeSet::new();
        let mut uses = Uses::new(cells);
        let surname = self.surname_like_a_placeholder(cells);
        let cell = |column: usize| match surname {
            Some(surname) if Some(column) == self.last => surname,
            _ => cells.get(column).copied().map_or("", value),
        };

        if let Some((column, span)) = self.email_place(cells) {
            lead.email = cells[column].get(span.start..span.end).unwrap_or_default().to_lowercase();
            // the other fields look at the rest of a combined cell themselves
            let own = matches!(self.layout.columns[column].role, Role::Email(_));
            if own {
                uses.leave(column, emails::rest(cells[column], span));
            }
        }
        self.name(&cell, &mut lead, &mut uses);
        self.name_beside_address(cells, &mut lead, &mut uses);
        self.phone(&cell, &mut lead, &mut uses);
        self.title_and_company(&cell, &mut lead, &mut uses);
        if let Some(column) = self.card {
            let text = cell(column);
            let own = read_card.filter(|(card, _)| value(&cleaned(card)) == text);
            let read = own.and_then(|(card, reading)| reading.fill(card, &mut lead));
            let rest = read.unwrap_or_else(|| cards::parse(text, &mut lead));
            uses.leave(column, rest);
        }
        for column in &self.left_out {
            uses.take(*column);
        }
        if !lead.email.is_empty() {
            // "jane@doe.example": a name that was derived from the address proves nothing
            let named = [lead.first_name.clone(), lead.last_name.clone()];
            if lead.first_name.is_empty()
                && lead.last_name.is_empty()
                && let Some((first, last)) = emails::name_of(&lead.email)
            {
                lead.first_name = first;
                lead.last_name = last;
                derived.extend([LeadField::FirstName, LeadField::LastName]);
            }
            if lead.company.is_empty()
                && let Some(company) = company::of_address(&lead.email)
                && !company::is_own_name(&company, &named)
            {
                lead.company = company;
                derived.insert(LeadField::Company);
            }
        }
        lead.remarks = remarks::compose(&self.labels, &lead, &uses);
        StandardizedRow { values: lead, derived }
    }
}
