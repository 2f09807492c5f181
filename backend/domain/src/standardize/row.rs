//! One row of cells to one lead, by the table's layout. Every value is a piece of a cell or follows a fixed rule; what no
//! field took goes to the remarks.

use super::headers::{self, Atom, label_rank};
use super::layout::{ColumnPlan, Role, TableLayout};
use super::model::cards::CardReading;
use super::names::{self, NameOrder};
use super::own_export;
use super::text::{same, value};
use super::{cards, company, emails, remarks};
use crate::identity::LeadId;
use crate::lead::LeadValues;

mod employment;
mod phone;
mod realign;

/// A column that may give a field, with the column of its label.
#[derive(Debug, Clone, Copy)]
struct Source {
    column: usize,
    rank: u8,
    label: Option<usize>,
}

/// A [`TableLayout`] prepared for many rows.
#[derive(Debug, Clone)]
pub struct RowStandardizer<'a> {
    layout: &'a TableLayout,
    labels: Vec<String>,
    emails: Vec<Source>,
    phones: Vec<Source>,
    /// The only column of addresses, where there is one alone and the table has a header.
    own_email: Option<usize>,
    /// How many columns there are up to the last one with a header.
    named_columns: usize,
    labelled: bool,
    first: Option<usize>,
    last: Option<usize>,
    second_last: Option<usize>,
    particle: Option<usize>,
    full: Option<(usize, NameOrder)>,
    title: Option<usize>,
    /// Does the header of the title say that the company is in the same cell?
    title_holds_company: bool,
    companies: Vec<usize>,
    country_code: Option<usize>,
    area_code: Option<usize>,
    extension: Option<usize>,
    card: Option<usize>,
    left_out: Vec<usize>,
}

/// What became of each cell of a row.
pub(super) struct Uses<'a> {
    cells: &'a [&'a str],
    /// 0: untouched, 1: taken whole, 2: a rest is left.
    states: Vec<u8>,
    rests: Vec<(usize, String)>,
}

impl<'a> Uses<'a> {
    fn new(cells: &'a [&'a str]) -> Self {
        Self { cells, states: vec![0; cells.len()], rests: Vec::new() }
    }

    fn take(&mut self, column: usize) {
        if let Some(state) = self.states.get_mut(column)
            && *state == 0
        {
            *state = 1;
        }
    }

    fn leave(&mut self, column: usize, rest: String) {
        if rest.trim().is_empty() {
            self.take(column);
        } else if let Some(state) = self.states.get_mut(column) {
            *state = 2;
            self.rests.push((column, rest));
        }
    }

    /// Another rest of a cell than was left.
    fn replace(&mut self, column: usize, rest: String) {
        self.rests.retain(|(at, _)| *at != column);
        if let Some(state) = self.states.get_mut(column) {
            *state = 0;
        }
        self.leave(column, rest);
    }

    /// What is left of a cell for the remarks.
    pub(super) fn left(&self, column: usize) -> impl Iterator<Item = &str> {
        let state = self.states.get(column).copied().unwrap_or(1);
        let whole = (state == 0).then(|| value(self.cells[column])).filter(|text| !text.is_empty());
        let rests = if state == 2 { self.rests.as_slice() } else { &[] };
        whole
            .into_iter()
            .chain(rests.iter().filter(move |(at, _)| *at == column).map(|(_, rest)| rest.as_str()))
    }

    /// How many cells the row has.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
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
            country_code: None,
            area_code: None,
            extension: None,
            card: None,
            left_out: Vec::new(),
        };
        for (column, plan) in layout.columns.iter().enumerate() {
            let label = plan.label_column.map(usize::from);
            let source = |rank| Source { column, rank, label };
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
        prepared.title_holds_company = prepared.title.is_some_and(|at| {
            layout.headers.get(at).is_some_and(|header| headers::read(header).atoms.has(Atom::Company))
        });
        prepared.emails.sort_by_key(|source| source.rank);
        prepared.phones.sort_by_key(|source| source.rank);
        prepared
    }

    /// The normalised e-mail address [`RowStandardizer::standardize`] will give this row's lead.
    #[must_use]
    pub fn email(&self, cells: &[&str]) -> Option<String> {
        if self.layout.own_export {
            return Some(own_export::values(cells).email).filter(|email| !email.is_empty());
        }
        if let Some(moved) = self.realigned(cells) {
            let moved: Vec<&str> = moved.iter().map(AsRef::as_ref).collect();
            return self.plain_email(&moved);
        }
        self.plain_email(cells)
    }

    fn plain_email(&self, cells: &[&str]) -> Option<String> {
        // a bare `NA` is no address and labels nothing, so it needs no care here
        let (column, span) = self.email_place(cells)?;
        Some(cells.get(column)?.get(span.start..span.end)?.to_lowercase())
    }

    /// Where the row's e-mail address stands.
    fn email_place(&self, cells: &[&str]) -> Option<(usize, emails::Span)> {
        let mut best: Option<(u8, usize, emails::Span)> = None;
        for source in &self.emails {
            let Some(cell) = cells.get(source.column) else { continue };
            if !cell.contains('@') {
                continue;
            }
            let Some(span) = emails::find(cell, 0) else { continue };
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

    /// The lead the row holds.
    #[must_use]
    pub fn standardize(&self, cells: &[&str]) -> LeadValues {
        self.standardize_with(cells, None)
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

    /// The lead the row holds, with its card read by a language model. A reading that is not of this card is passed over.
    #[must_use]
    pub fn standardize_with(&self, cells: &[&str], reading: Option<&CardReading>) -> LeadValues {
        if self.layout.own_export {
            return own_export::values(cells);
        }
        if let Some(moved) = self.realigned(cells) {
            let moved: Vec<&str> = moved.iter().map(AsRef::as_ref).collect();
            return self.plain(&moved, reading);
        }
        self.plain(cells, reading)
    }

    fn plain(&self, cells: &[&str], reading: Option<&CardReading>) -> LeadValues {
        if self.layout.bare_na && cells.iter().any(|cell| cell.trim() == "NA") {
            let without: Vec<&str> =
                cells.iter().map(|cell| if cell.trim() == "NA" { "" } else { *cell }).collect();
            return self.lead(&without, reading);
        }
        self.lead(cells, reading)
    }

    fn lead(&self, cells: &[&str], reading: Option<&CardReading>) -> LeadValues {
        let mut lead = LeadValues::default();
        let mut uses = Uses::new(cells);
        let cell = |column: usize| cells.get(column).copied().map_or("", value);

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
            let read = reading.and_then(|reading| reading.fill(text, &mut lead));
            let rest = read.unwrap_or_else(|| cards::parse(text, &mut lead));
            uses.leave(column, rest);
        }
        for column in &self.left_out {
            uses.take(*column);
        }
        if !lead.email.is_empty() {
            if lead.first_name.is_empty()
                && lead.last_name.is_empty()
                && let Some((first, last)) = emails::name_of(&lead.email)
            {
                lead.first_name = first;
                lead.last_name = last;
            }
            if lead.company.is_empty()
                && let Some(company) = company::of_address(&lead.email)
            {
                lead.company = company;
            }
        }
        lead.remarks = remarks::compose(&self.labels, &lead, &uses);
        lead
    }

    /// `Jane Doe <jane@acme.com>` in an e-mail column, where the row has no other name.
    fn name_beside_address(&self, cells: &[&str], lead: &mut LeadValues, uses: &mut Uses<'_>) {
        if !lead.first_name.is_empty() || !lead.last_name.is_empty() || lead.email.is_empty() {
            return;
        }
        let Some((column, span)) = self.email_place(cells) else { return };
        if !matches!(self.layout.columns[column].role, Role::Email(_)) {
            return;
        }
        let rest = emails::rest(cells[column], span);
        let text = rest.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\''));
        if text.is_empty() || !names::looks_like_name(&text.replace(',', "")) || is_nobody(text) {
            return;
        }
        if company::looks_like_company(text) {
            return;
        }
        let name = names::split(text, NameOrder::FirstLast);
        lead.first_name = name.first;
        lead.last_name = name.last;
        uses.replace(column, name.extras.join(", "));
    }

    fn name<'c>(&self, cell: &impl Fn(usize) -> &'c str, lead: &mut LeadValues, uses: &mut Uses<'_>) {
        let mut extras = Vec::new();
        if let (Some(first), Some(last)) = (self.first, self.last)
            && is_nobody(&format!("{} {}", cell(first), cell(last)))
        {
            return;
        }
        if let Some(column) = self.first
            && !cell(column).is_empty()
        {
            lead.first_name = names::clean_part(cell(column), &mut extras);
            uses.leave(column, extras.join(", "));
        }
        if let Some(column) = self.last
            && !cell(column).is_empty()
        {
            extras.clear();
            lead.last_name = names::clean_part(cell(column), &mut extras);
            uses.leave(column, extras.join(", "));
            if let Some(particle) = self.particle.filter(|column| !cell(*column).is_empty()) {
                lead.last_name = format!("{} {}", cell(particle), lead.last_name);
                uses.take(particle);
            }
        }
        if let Some(column) = self.second_last
            && !cell(column).is_empty()
        {
            if !lead.last_name.is_empty() {
                lead.last_name.push(' ');
            }
            lead.last_name.push_str(cell(column));
            uses.take(column);
        }
        let Some((column, order)) = self.full else { return };
        if cell(column).is_empty() || (!lead.first_name.is_empty() && !lead.last_name.is_empty()) {
            return;
        }
        self.full_name(column, order, cell(column), lead, uses);
    }

    /// A whole name in one cell, perhaps with an address, or a company where a person should be.
    fn full_name(
        &self,
        column: usize,
        order: NameOrder,
        cell: &str,
        lead: &mut LeadValues,
        uses: &mut Uses<'_>,
    ) {
        let (text, other) = match emails::find(cell, 0) {
            None if cell.contains('@') => return,
            None => (cell.to_owned(), String::new()),
            Some(span) => mailbox(cell, span, &lead.email),
        };
        if value(&text).is_empty() {
            uses.leave(column, other);
            return;
        }
        let number_only = text.chars().all(|c| !c.is_alphabetic());
        if number_only {
            return;
        }
        if is_nobody(&text) {
            let rest = if other.is_empty() { text } else { format!("{text}, {other}") };
            uses.leave(column, rest);
            return;
        }
        if lead.company.is_empty()
            && self.companies.is_empty()
            && lead.first_name.is_empty()
            && lead.last_name.is_empty()
            && company::looks_like_company(&text)
            && !text.contains(',')
        {
            lead.company = text;
            uses.leave(column, other);
            return;
        }
        // "Will Wolf, Owner"
        let text = match text.split_once(", ") {
            Some((person, job))
                if self.title.is_none()
                    && company::looks_like_job(job)
                    && !names::is_given(job)
                    && names::looks_like_name(person) =>
            {
                job.trim().clone_into(&mut lead.title);
                person.to_owned()
            }
            _ => text,
        };
        let mut name = names::split(&text, order);
        if lead.company.is_empty()
            && self.companies.is_empty()
            && let Some(at) = name.extras.iter().position(|extra| company::looks_like_company(extra))
        {
            lead.company = name.extras.remove(at);
        }
        if !other.is_empty() {
            name.extras.push(other);
        }
        if lead.first_name.is_empty() && lead.last_name.is_empty() {
            lead.first_name = name.first;
            lead.last_name = name.last;
            uses.leave(column, name.extras.join(", "));
        } else if lead.last_name.is_empty() && same(&lead.first_name, &name.first) && !name.last.is_empty() {
            lead.last_name = name.last;
            uses.leave(column, name.extras.join(", "));
        } else if lead.first_name.is_empty() && same(&lead.last_name, &name.last) {
            lead.first_name = name.first;
            uses.leave(column, name.extras.join(", "));
        }
    }
}

/// Is it a department's name where a person's should be? A lone given name is a person's.
fn is_nobody(text: &str) -> bool {
    let text = text.trim();
    names::is_role(text) && (text.contains(' ') || !names::is_given(text))
}

/// The name of a `Jane Doe <jane@…>` cell, and what else is in it: addresses that are not the lead's.
fn mailbox(cell: &str, span: emails::Span, email: &str) -> (String, String) {
    let (before, rest) = cell.split_at(span.start);
    let (address, after) = rest.split_at(span.end - span.start);
    let own = address.to_lowercase() == email;
    if after.contains('@') {
        // more addresses than one: the name is what stands before the first
        let name = before.trim_matches(|c: char| !c.is_alphanumeric() && c != '.');
        let after =
            after.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '>' | ',' | ';' | '"'));
        return (name.to_owned(), if own { after.to_owned() } else { rest.to_owned() });
    }
    (emails::rest(cell, span), if own { String::new() } else { address.to_owned() })
}

impl Source {
    /// The rank the row's own label gives the value, or the column's.
    fn labelled_rank(&self, cells: &[&str]) -> u8 {
        let label = self.label.and_then(|label| cells.get(label)).map_or("", |cell| value(cell));
        match label_rank(label) {
            // a label for faxes beside an address means nothing
            Some(99) | None => self.rank,
            // equal labels keep the columns' order
            Some(rank) => rank.saturating_add(self.rank.min(9)),
        }
    }
}
