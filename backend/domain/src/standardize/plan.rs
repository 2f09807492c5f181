//! What each column of a table is: headers, values and the other columns together.

use std::collections::HashSet;

use super::headers::{Atom, Kind, Reading, read};
use super::layout::{ColumnPlan, Reason, Role};
use super::lexicon::{NAMES, key};
use super::names::NameOrder;
use super::text::{fold, value};
use super::values::{Profile, profile};

mod by_header;
mod by_values;

/// A column while the plan is made.
struct Column {
    reading: Reading,
    profile: Profile,
    plan: Option<ColumnPlan>,
}

impl Column {
    fn set(&mut self, role: Role, confidence: f32, reason: Reason) {
        self.plan = Some(ColumnPlan::new(role, confidence, reason));
    }

    /// Has it no header, or one that numbers the columns (`Column 3`, `Spalte3`)?
    fn is_unnamed(&self) -> bool {
        self.reading.kind == Kind::Empty
            || (self.reading.kind == Kind::Unknown
                && self.reading.words <= 2
                && self.reading.ordinal.is_some())
    }

    fn role(&self) -> Option<Role> {
        self.plan.as_ref().map(|plan| plan.role)
    }
}

/// The plan of the columns. `rows` is the sample.
pub(super) fn columns(headers: &[String], rows: &[Vec<&str>]) -> Vec<ColumnPlan> {
    let mut table = Table::new(headers, rows);
    table.report_columns(headers);
    table.promote_other_people();
    table.other_people();
    table.by_header();
    table.titles();
    table.companies_under_names();
    table.names();
    table.people();
    table.by_values();
    table.single_names();
    table.swapped_names();
    table.details_as_cards();
    table.link_labels();
    table.finish()
}

struct Table<'a> {
    columns: Vec<Column>,
    rows: &'a [Vec<&'a str>],
    /// Do the headers speak Spanish or Portuguese, where people have two family names?
    iberian: bool,
    /// Do they speak a language that puts the family name first?
    family_first: bool,
}

impl<'a> Table<'a> {
    fn new(headers: &[String], rows: &'a [Vec<&'a str>]) -> Self {
        let cell = |row: &'a Vec<&'a str>, at: usize| row.get(at).copied().unwrap_or("");
        let columns = headers.iter().enumerate().map(|(at, header)| Column {
            reading: read(header),
            profile: profile(rows.iter().map(|row| cell(row, at))),
            plan: None,
        });
        const IBERIAN: [&str; 14] = [
            "telemovel",
            "morada",
            "profissao",
            "endereco",
            "observacoes",
            "nombre",
            "empresa",
            "correo",
            "apellidos",
            "celular",
            "puesto",
            "ciudad",
            "sobrenome",
            "movil",
        ];
        let iberian = headers
            .iter()
            .filter(|header| {
                fold(header).split(|c: char| !c.is_alphabetic()).any(|word| IBERIAN.contains(&word))
            })
            .count()
            > 1;
        let family_first =
            headers.iter().filter(|header| NAMES.family_first_headers.contains(&key(header))).count() > 1;
        Self { columns: columns.collect(), rows, iberian, family_first }
    }

    fn has(&self, test: impl Fn(Role) -> bool) -> bool {
        self.columns.iter().any(|column| column.role().is_some_and(&test))
    }

    /// Job titles, and the honorifics that go by the same header.
    fn titles(&mut self) {
        let job_by_header = self
            .columns
            .iter()
            .position(|c| c.plan.is_none() && c.reading.kind == Kind::Job && c.reading.is_known());
        for at in 0..self.columns.len() {
            let column = &mut self.columns[at];
            if column.plan.is_some()
                || !matches!(column.reading.kind, Kind::Job | Kind::Title)
                || !column.reading.is_known()
            {
                continue;
            }
            let p = column.profile.clone();
            if column.reading.kind == Kind::Job {
                // numbers, dates and links are no titles, whatever the header
                if p.number > 0.6 || p.date > 0.5 || p.url > 0.5 {
                    column.set(Role::Remark, 0.7, Reason::ValuesAgainstHeader);
                } else {
                    column.set(Role::Title, 0.7 + 0.3 * p.job, Reason::Header);
                }
            } else if p.honorific > 0.25 && p.honorific > p.job {
                column.set(Role::Remark, 0.9, Reason::NoField);
            } else if p.job >= 0.3 || (job_by_header.is_none() && p.number < 0.5 && p.text < 0.6) {
                let sure = 0.6 + 0.4 * p.job;
                column.set(Role::Title, sure, Reason::HeaderAndValues);
            } else {
                column.set(Role::Remark, 0.7, Reason::OtherColumns);
            }
        }
        // several: the one with the likeliest values, then the first; the others fill gaps only when they are jobs too
        let titles: Vec<usize> =
            (0..self.columns.len()).filter(|at| self.columns[*at].role() == Some(Role::Title)).collect();
        if titles.len() > 1 {
            let score = |at: usize| {
                let column = &self.columns[at];
                let word = column.reading.atoms.has(Atom::Job) && column.reading.atoms.has(Atom::Title);
                (
                    column.profile.filled > 0,
                    // a headline is a job title only where there is no better one
                    !column.reading.atoms.has(Atom::Weak),
                    ((column.profile.job + f32::from(u8::from(word)) * 0.3) * 10.0) as i32,
                )
            };
            let best = titles.iter().copied().max_by_key(|at| (score(*at), std::cmp::Reverse(*at)));
            for at in titles {
                if Some(at) != best {
                    self.columns[at].set(Role::Remark, 0.7, Reason::Spare);
                }
            }
        }
    }

    /// `Customer Name`, `Name`, `Client`: companies, when that is what the values are.
    fn companies_under_names(&mut self) {
        let mut has_company = self.has(|role| role == Role::Company);
        let named = self.has(|role| matches!(role, Role::FirstName | Role::LastName));
        for at in 0..self.columns.len() {
            let p = self.columns[at].profile.clone();
            let column = &mut self.columns[at];
            let open = column.plan.is_none()
                && column.reading.is_known()
                && matches!(
                    column.reading.kind,
                    Kind::Full
                        | Kind::Name
                        | Kind::Person
                        | Kind::First
                        | Kind::Last
                        | Kind::Email
                        | Kind::Phone
                );
            let by_domain = p.filled > 1 && self.domain_matches(at) > 0.5 && self.address_matches(at) < 0.3;
            let column = &mut self.columns[at];
            let companies = by_domain && p.given < 0.3
                || p.company >= 0.5
                || p.company >= 0.25 && p.company_word > p.person
                || (named && p.company_word > 0.4 && p.person < 0.4);
            if open && companies && !has_company && p.filled > 0 {
                column.set(Role::Company, 0.5 + 0.4 * p.company_word, Reason::Values);
                has_company = true;
            }
        }
    }

    /// Do most names begin with one of the few Vietnamese family names? Without accents a single name does not tell.
    fn is_vietnamese(&self, at: usize) -> bool {
        let names = self.rows.iter().map(|row| value(cell(row, at))).filter(|name| name.contains(' '));
        let (mut count, mut known) = (0, 0);
        for name in names {
            count += 1;
            let first = name.split_whitespace().next().unwrap_or("");
            known += usize::from(NAMES.vi_plain.contains(fold(first).as_ref()));
        }
        count >= 2 && known * 3 >= count * 2
    }

    fn order(&self, at: usize) -> NameOrder {
        let column = &self.columns[at];
        let p = &column.profile;
        if column.reading.kind == Kind::FullLastFirst && !(p.given > 0.5 && p.given_last < 0.2) {
            return NameOrder::LastFirst;
        }
        if p.filled >= 4 && p.given < 0.15 && p.given_last > 0.5 {
            return NameOrder::LastFirst;
        }
        if (self.family_first && !(p.given > 0.5 && p.given_last < 0.2)) || self.is_vietnamese(at) {
            return NameOrder::LastFirst;
        }
        if self.iberian { NameOrder::TwoLastNames } else { NameOrder::FirstLast }
    }

    /// `Name` beside a first or a last name is the other one; alone it is the full name.
    fn names(&mut self) {
        let open = |column: &Column, kinds: &[Kind]| {
            column.plan.is_none() && column.reading.is_known() && kinds.contains(&column.reading.kind)
        };
        for at in 0..self.columns.len() {
            if !open(&self.columns[at], &[Kind::Name, Kind::Full, Kind::FullLastFirst]) {
                continue;
            }
            let p = self.columns[at].profile.clone();
            let first = self.has(|role| role == Role::FirstName);
            let last = self.has(|role| role == Role::LastName);
            if p.filled > 0 && p.email > 0.6 {
                let rank = self.columns[at].reading.rank();
                self.columns[at].set(Role::Email(rank), 0.75, Reason::ValuesAgainstHeader);
            } else if p.filled > 1 && p.sure_phone > 0.6 {
                self.columns[at].set(Role::Phone(0), 0.7, Reason::ValuesAgainstHeader);
            } else if p.card > 0.3 {
                self.columns[at].set(Role::Card, 0.6, Reason::Values);
            } else if p.filled > 0 && (p.number > 0.7 || p.date > 0.6) {
                self.columns[at].set(Role::Remark, 0.6, Reason::ValuesAgainstHeader);
            } else if self.columns[at].reading.kind == Kind::Name && first != last {
                let role = if p.two_words > 0.7 && p.person > 0.6 && self.holds_other_name(at) {
                    Role::FullName(self.order(at))
                } else if first {
                    Role::LastName
                } else {
                    Role::FirstName
                };
                self.columns[at].set(role, 0.8, Reason::OtherColumns);
            } else if p.company > 0.3 && (first || last) {
                self.columns[at].set(Role::Remark, 0.7, Reason::Spare);
            } else {
                let burden = |column: &Column| {
                    u8::from(column.reading.atoms.has(Atom::Other)) * 2 + u8::from(column.profile.filled == 0)
                };
                let full =
                    self.columns.iter().position(|column| matches!(column.role(), Some(Role::FullName(_))));
                let role = Role::FullName(self.order(at));
                match full {
                    Some(other) if burden(&self.columns[other]) <= burden(&self.columns[at]) => {
                        self.columns[at].set(Role::Remark, 0.7, Reason::Spare);
                    }
                    other => {
                        if let Some(other) = other {
                            self.columns[other].set(Role::Remark, 0.7, Reason::Spare);
                        }
                        self.columns[at].set(role, 0.7 + 0.3 * p.person, Reason::HeaderAndValues);
                    }
                }
            }
        }
    }

    /// Do the cells of a `Name` column hold those of the first or last name column and more?
    fn holds_other_name(&self, at: usize) -> bool {
        let Some(other) =
            self.columns.iter().position(|c| matches!(c.role(), Some(Role::FirstName | Role::LastName)))
        else {
            return false;
        };
        let (mut seen, mut held) = (0, 0);
        for row in self.rows {
            let (name, part) = (value(cell(row, at)), value(cell(row, other)));
            if !name.is_empty() && !part.is_empty() {
                seen += 1;
                held += usize::from(name.len() > part.len() && fold(name).contains(fold(part).as_ref()));
            }
        }
        seen > 0 && held * 2 > seen
    }

    /// `Contact`, `Attendee`, `Customer`: whatever the values are.
    fn people(&mut self) {
        for at in 0..self.columns.len() {
            let column = &self.columns[at];
            if column.plan.is_some() || column.reading.kind != Kind::Person || !column.reading.is_known() {
                continue;
            }
            let p = column.profile.clone();
            let named = self.columns.iter().any(|column| {
                let name =
                    matches!(column.role(), Some(Role::FullName(_) | Role::FirstName | Role::LastName));
                name && self.is_used(column)
            });
            let order = self.order(at);
            let company = self.has(|role| role == Role::Company);
            let rank = column.reading.rank();
            let column = &mut self.columns[at];
            if p.card > 0.3 {
                column.set(Role::Card, 0.7, Reason::Values);
            } else if p.is_mixed_reach() {
                column.set(Role::ContactDetails, 0.7, Reason::Values);
            } else if p.email > 0.6 {
                column.set(Role::Email(rank), 0.8, Reason::Values);
            } else if p.phone > 0.6 && p.sure_phone > 0.3 {
                column.set(Role::Phone(rank), 0.8, Reason::Values);
            } else if p.email_inside + p.phone_inside > 0.5 {
                column.set(Role::ContactDetails, 0.7, Reason::Values);
            } else if !named && (p.person > 0.3 || p.name_part > 0.7 || p.filled == 0) && p.company < 0.5 {
                column.set(Role::FullName(order), 0.6 + 0.4 * p.person, Reason::HeaderAndValues);
            } else if !company
                && p.filled > 0
                && p.number < 0.5
                && (p.company_word > 0.3 || named)
                && p.text < 0.5
                && p.person < 0.6
            {
                column.set(Role::Company, 0.5 + 0.3 * p.company_word, Reason::Values);
            } else {
                column.set(Role::Remark, 0.6, Reason::NoField);
            }
        }
    }

    /// A lone `First name` column of whole names is a full name.
    fn single_names(&mut self) {
        for (role, other) in [(Role::FirstName, Role::LastName), (Role::LastName, Role::FirstName)] {
            let filled_other = self.columns.iter().any(|c| c.role() == Some(other) && c.profile.filled > 0);
            let full = self.has(|role| matches!(role, Role::FullName(_)));
            let Some(at) = self.columns.iter().position(|column| column.role() == Some(role)) else {
                continue;
            };
            let p = &self.columns[at].profile;
            if !filled_other && !full && p.filled > 0 && p.person > 0.7 && p.two_words > 0.7 {
                let role = Role::FullName(self.order(at));
                self.columns[at].set(role, 0.7, Reason::ValuesAgainstHeader);
            }
        }
    }

    /// First and last name under each other's header, when the values leave no doubt.
    fn swapped_names(&mut self) {
        let find = |role| self.columns.iter().position(|column| column.role() == Some(role));
        let (Some(first), Some(last)) = (find(Role::FirstName), find(Role::LastName)) else { return };
        let (f, l) = (&self.columns[first].profile, &self.columns[last].profile);
        if f.filled.min(l.filled) >= 4 && f.given < 0.15 && l.given > 0.6 {
            self.columns[first].set(Role::LastName, 0.55, Reason::ValuesAgainstHeader);
            self.columns[last].set(Role::FirstName, 0.55, Reason::ValuesAgainstHeader);
        }
    }

    /// `E-mail 1 - Type` says what `E-mail 1 - Value` is.
    fn link_labels(&mut self) {
        let mut taken = HashSet::new();
        for at in 0..self.columns.len() {
            if !self.columns[at].reading.is_label || self.columns[at].role() != Some(Role::Remark) {
                continue;
            }
            let email = self.columns[at].reading.atoms.has(Atom::Email);
            let phone = self.columns[at].reading.atoms.has(Atom::Phone);
            // "Contact type" is no label of the address that happens to follow
            let about = [Atom::Person, Atom::Company, Atom::OtherPerson, Atom::Id, Atom::Job];
            if !email && !phone && self.columns[at].reading.atoms.any(&about) {
                continue;
            }
            let fits = |column: &Column| match column.role() {
                Some(Role::Email(_)) => !phone,
                Some(Role::Phone(_)) => !email,
                _ => false,
            };
            let ordinal = self.columns[at].reading.ordinal;
            let beside = [at + 1, at.wrapping_sub(1)];
            let found = beside.into_iter().find(|other| {
                self.columns.get(*other).is_some_and(|column| {
                    fits(column) && column.reading.ordinal == ordinal && !taken.contains(other)
                })
            });
            // `phone, phone_2, phone_type, phone_type_2`: the one with the same number, when there is one alone
            let found = found.or_else(|| {
                let mut others = (0..self.columns.len()).filter(|other| {
                    let column = &self.columns[*other];
                    fits(column)
                        && (email || phone)
                        && column.reading.ordinal.unwrap_or(1) == ordinal.unwrap_or(1)
                        && !taken.contains(other)
                });
                let one = others.next();
                one.filter(|_| others.next().is_none())
            });
            if let (Some(found), Ok(label)) = (found, u16::try_from(at)) {
                taken.insert(found);
                if let Some(plan) = &mut self.columns[found].plan {
                    plan.label_column = Some(label);
                }
            }
        }
    }

    /// Where no column has names, a cell of contact details is a small card.
    fn details_as_cards(&mut self) {
        if self.has(|role| matches!(role, Role::FullName(_) | Role::FirstName | Role::LastName | Role::Card))
        {
            return;
        }
        if let Some(column) =
            self.columns.iter_mut().find(|column| column.role() == Some(Role::ContactDetails))
        {
            column.set(Role::Card, 0.6, Reason::OtherColumns);
        }
    }

    fn finish(self) -> Vec<ColumnPlan> {
        let finished = self.columns.into_iter().map(|column| {
            let doubt =
                if column.reading.kind == Kind::Unknown && column.profile.person > 0.5 { 0.4 } else { 0.7 };
            column.plan.unwrap_or_else(|| ColumnPlan::new(Role::Remark, doubt, Reason::NoField))
        });
        finished.collect()
    }
}

fn cell<'a>(row: &[&'a str], at: usize) -> &'a str {
    row.get(at).copied().unwrap_or("")
}
