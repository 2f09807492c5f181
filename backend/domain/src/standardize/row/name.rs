//! The name of a row's person.

use super::{RowStandardizer, person};
use crate::lead::LeadValues;
use crate::standardize::layout::Role;
use crate::standardize::names::{self, NameOrder};
use crate::standardize::text::{fold, is_placeholder, same, trimmed, value};
use crate::standardize::uses::Uses;
use crate::standardize::{company, emails};

impl RowStandardizer<'_> {
    /// `Null`, `None`, `NA`: a surname if there is a given name next to it and the address repeats it, or if it is
    /// written as a name and no other cell of the row says the same.
    pub(super) fn surname_like_a_placeholder<'c>(&self, cells: &[&'c str]) -> Option<&'c str> {
        let text = trimmed(cells.get(self.last?).copied()?);
        let may_be_one = text.chars().all(char::is_alphabetic)
            && (is_placeholder(text) && !text.is_empty() || text.eq_ignore_ascii_case("na"));
        if !may_be_one || value(cells.get(self.first?).copied()?).is_empty() {
            return None;
        }
        let written_as_name = text.chars().next().is_some_and(char::is_uppercase)
            && text.chars().skip(1).all(char::is_lowercase);
        let alone = cells.iter().filter(|cell| trimmed(cell).eq_ignore_ascii_case(text)).count() == 1;
        let repeated = || {
            let address = self.plain_email(cells).unwrap_or_default();
            let local = address.split('@').next().unwrap_or_default();
            local.split(|c: char| !c.is_alphabetic()).any(|word| word.eq_ignore_ascii_case(text))
        };
        (written_as_name && alone || repeated()).then_some(text)
    }

    /// `Jane Doe <jane@acme.com>` in an email column, where the row has no other name.
    pub(super) fn name_beside_address(&self, cells: &[&str], lead: &mut LeadValues, uses: &mut Uses<'_>) {
        if !lead.first_name.is_empty() || !lead.last_name.is_empty() || lead.email.is_empty() {
            return;
        }
        let Some((column, span)) = self.email_place(cells) else { return };
        if !matches!(self.layout.columns[column].role, Role::Email(_)) {
            return;
        }
        let (text, other) = mailbox(cells[column], span, &lead.email);
        let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\''));
        if text.is_empty() || !names::looks_like_name(&text.replace(',', "")) || is_nobody(text) {
            return;
        }
        if company::looks_like_company(text) {
            return;
        }
        let name = names::split(text, NameOrder::FirstLast);
        lead.first_name = name.first;
        lead.last_name = name.last;
        let left = name.extras.into_iter().chain((!other.is_empty()).then_some(other));
        uses.replace(column, left.collect::<Vec<_>>().join(", "));
    }

    pub(super) fn name<'c>(
        &self,
        cell: &impl Fn(usize) -> &'c str,
        lead: &mut LeadValues,
        uses: &mut Uses<'_>,
    ) {
        let mut extras = Vec::new();
        if let (Some(first), Some(last)) = (self.first, self.last)
            && names::begins_like_role(if cell(first).is_empty() { cell(last) } else { cell(first) })
            && is_nobody(&format!("{} {}", cell(first), cell(last)))
            && !address_begins_with(&lead.email, cell(first))
        {
            return;
        }
        if self.full.is_none()
            && let Some(column) = self.lone_organisation(cell)
        {
            self.organisation(self.free(cell), column, cell(column).to_owned(), String::new(), lead, uses);
            return;
        }
        // "Co./Last Name": without a given name it is a company
        let last_is_company = self.last_or_company && self.first.is_some_and(|first| cell(first).is_empty());
        if last_is_company && let Some(column) = self.last.filter(|column| !cell(*column).is_empty()) {
            self.organisation(self.free(cell), column, cell(column).to_owned(), String::new(), lead, uses);
        }
        if let Some(column) = self.first
            && !cell(column).is_empty()
        {
            let both = names::first_of_two(cell(column));
            let (first, other) = both
                .as_ref()
                .map_or((cell(column), None), |(first, other)| (first.as_str(), Some(other.clone())));
            lead.first_name = names::clean_part(first, &mut extras);
            extras.extend(other);
            uses.leave(column, extras.join(", "));
        }
        if let Some(column) = self.last
            && !cell(column).is_empty()
            && !last_is_company
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
        let free = self.free(cell);
        // "Strata Plan 5550" as name and as company
        let is_company = |other: &usize| same(cell(*other), cell(column)) && no_name(cell(column));
        if lead.first_name.is_empty() && lead.last_name.is_empty() && self.companies.iter().any(is_company) {
            return;
        }
        self.full_name(column, order, cell(column), free, lead, uses);
    }

    /// A person in the column of companies, in a row that names nobody else: recognised by a title, or by the address.
    /// Returns the column.
    pub(super) fn person_among_companies<'c>(
        &self,
        cell: &impl Fn(usize) -> &'c str,
        lead: &mut LeadValues,
        uses: &mut Uses<'_>,
    ) -> Option<usize> {
        if !lead.first_name.is_empty() || !lead.last_name.is_empty() {
            return None;
        }
        let column = self.companies.iter().copied().find(|column| !cell(*column).is_empty())?;
        let text = cell(column);
        let first = text.split_whitespace().next().unwrap_or_default();
        let given = names::is_given(first) || address_begins_like(&lead.email, first);
        let told = names::is_honorific(first) || given && repeats_a_word(&lead.email, text);
        let order = self.full.map_or(NameOrder::FirstLast, |(_, order)| order);
        // "Julia Roth Fotografie" is what she does; of three words the last may be a family name where people have two
        let count = text.split(" (").next().unwrap_or(text).split_whitespace().count();
        let is_short =
            count == 2 || count == 3 && (order == NameOrder::TwoLastNames || names::is_honorific(first));
        if !told || !is_short || !names::looks_like_name(text) || no_person(text) {
            return None;
        }
        let name = person::read(text, order).name;
        lead.first_name = name.first;
        lead.last_name = name.last;
        uses.leave(column, name.extras.join(", "));
        Some(column)
    }

    /// A company in a column of given or family names whose other part is empty.
    fn lone_organisation<'c>(&self, cell: &impl Fn(usize) -> &'c str) -> Option<usize> {
        let (first, last) = (self.first?, self.last?);
        let column = match (cell(first).is_empty(), cell(last).is_empty()) {
            (false, true) => first,
            (true, false) => last,
            _ => return None,
        };
        let text = cell(column);
        (text.contains(' ') && person::is_organisation(text)).then_some(column)
    }

    fn free<'c>(&self, cell: &impl Fn(usize) -> &'c str) -> Free {
        Free {
            title: self.title.is_none_or(|column| cell(column).is_empty()),
            company: self.companies.iter().all(|column| cell(*column).is_empty()),
        }
    }

    /// An organisation where a person should be: it is the row's company if no column has another.
    fn organisation(
        &self,
        free: Free,
        column: usize,
        text: String,
        other: String,
        lead: &mut LeadValues,
        uses: &mut Uses<'_>,
    ) {
        if free.company && lead.company.is_empty() {
            lead.company = text;
            uses.leave(column, other);
        } else {
            uses.leave(column, if other.is_empty() { text } else { format!("{text}, {other}") });
        }
    }

    /// A whole name in one cell, perhaps with an address, or a company where a person should be.
    fn full_name(
        &self,
        column: usize,
        order: NameOrder,
        cell: &str,
        free: Free,
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
        if lead.first_name.is_empty() && lead.last_name.is_empty() && person::is_organisation(&text) {
            self.organisation(free, column, text, other, lead, uses);
            return;
        }
        let mut person = person::read(&text, order);
        if person.company.is_empty() {
            let is_company = |extra: &String| {
                text.contains(&format!("({extra})")) && company::is_of_address(extra, &lead.email)
            };
            if let Some(at) = person.name.extras.iter().position(is_company) {
                person.company = person.name.extras.remove(at);
            }
        }
        let mut name = person.name;
        title_as_given_name(&text, &lead.email, &mut name);
        for (value, field, is_free) in
            [(person.title, &mut lead.title, free.title), (person.company, &mut lead.company, free.company)]
        {
            if value.is_empty() {
            } else if is_free && field.is_empty() {
                *field = value;
            } else {
                name.extras.push(value);
            }
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

/// Which fields no column of the row fills.
#[derive(Debug, Clone, Copy)]
struct Free {
    title: bool,
    company: bool,
}

/// Whether a text that is both in the name and in the company column is the company's: it has digits, is plainly an
/// organisation's, or is several words the first of which is not a given name.
fn no_name(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let begins_with_given = words.next().is_some_and(names::is_given);
    text.bytes().any(|byte| byte.is_ascii_digit())
        || person::is_organisation(text)
        || !begins_with_given && words.count() > 1
}

/// Whether a text under a company's header has words that no person's name has.
fn no_person(text: &str) -> bool {
    person::is_organisation(text) || company::has_company_word(text) || company::looks_like_job(text)
}

/// Whether the part before the `@` contains a word of the text.
fn repeats_a_word(email: &str, text: &str) -> bool {
    const SHORTEST: usize = 4;
    let local = email.split('@').next().unwrap_or_default();
    let words = text.split_whitespace().filter(|word| word.chars().count() >= SHORTEST);
    words.map(fold).any(|word| local.contains(word.as_ref()))
}

/// Whether the first word of an address is this one.
fn address_begins_with(email: &str, word: &str) -> bool {
    let first = email.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    !first.is_empty() && first == fold(word).as_ref()
}

/// Whether an address begins with the word, or a short form of it: `encarna.molina@…` and `Encarnación`.
fn address_begins_like(email: &str, word: &str) -> bool {
    const SHORTEST: usize = 4;
    let first = email.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let word = fold(word);
    word == first || first.chars().count() >= SHORTEST && word.starts_with(first)
}

/// `Sri Wahyuni` with the address `sri.wahyuni@…`: what may be a title is a given name if the address repeats it.
fn title_as_given_name(text: &str, email: &str, name: &mut names::Name) {
    let Some(word) = text.split_whitespace().next() else { return };
    let lone = if name.first.is_empty() { &name.last } else { &name.first };
    let is_lone = name.first.is_empty() != name.last.is_empty() && !lone.contains(' ');
    if is_lone && name.extras.first().is_some_and(|title| title == word) && address_begins_with(email, word) {
        name.last = lone.clone();
        name.first = name.extras.remove(0);
    }
}

/// Whether it is a department's name where a person's should be. A lone given name is a person's.
fn is_nobody(text: &str) -> bool {
    let text = text.trim();
    names::is_role(text) && (text.contains(' ') || !names::is_given(text))
}

/// The name in a `Jane Doe <jane@…>` cell, and what else is in it: addresses that are not the lead's.
fn mailbox(cell: &str, span: emails::Span, email: &str) -> (String, String) {
    let (before, rest) = cell.split_at(span.start);
    let (address, after) = rest.split_at(span.end - span.start);
    let own = address.to_lowercase() == email;
    if after.contains('@') {
        // several addresses: the name is the text before the first
        let name = before.trim_matches(|c: char| !c.is_alphanumeric() && c != '.');
        let after =
            after.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '>' | ',' | ';' | '"'));
        return (name.to_owned(), if own { after.to_owned() } else { rest.to_owned() });
    }
    (emails::rest(cell, span), if own { String::new() } else { address.to_owned() })
}
