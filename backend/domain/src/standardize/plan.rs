//! What each column of a table is: headers, values and the other columns together.

use std::collections::HashSet;

use super::emails;
use super::headers::{Atom, Kind, Reading, read};
use super::layout::{ColumnPlan, Reason, Role};
use super::lexicon::key;
use super::names::NameOrder;
use super::text::{fold, value};
use super::values::{Profile, profile};

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
        Self { columns: columns.collect(), rows, iberian }
    }

    fn has(&self, test: impl Fn(Role) -> bool) -> bool {
        self.columns.iter().any(|column| column.role().is_some_and(&test))
    }

    /// `User Email` beside `Invitee Email` is one of our own people's.
    fn other_people(&mut self) {
        let about = |column: &Column| {
            column.reading.is_known()
                && matches!(
                    column.reading.kind,
                    Kind::Email
                        | Kind::Phone
                        | Kind::Full
                        | Kind::First
                        | Kind::Last
                        | Kind::Person
                        | Kind::Name
                )
        };
        let strong = self.columns.iter().any(|column| {
            about(column) && column.reading.atoms.has(Atom::Person) && !column.reading.atoms.has(Atom::Weak)
        });
        for column in &mut self.columns {
            if strong && about(column) && column.reading.atoms.has(Atom::Weak) {
                column.set(Role::OtherPerson, 0.7, Reason::OtherPerson);
            }
        }
    }

    /// Is the column filled in enough rows to be what the table calls people by?
    fn is_used(&self, column: &Column) -> bool {
        column.profile.filled * 10 >= self.rows.len() * 3
    }

    /// What the header alone settles, unless the values contradict it.
    fn by_header(&mut self) {
        for column in &mut self.columns {
            let p = column.profile.clone();
            let strength = column.reading.strength.max(0.5);
            let rank = column.reading.rank();
            let some = p.filled > 0;
            let agree = |share: f32| 0.75 * strength + 0.25 * share;
            // what the values are beyond doubt
            let values = if some && p.email > 0.6 {
                Some(Role::Email(rank))
            } else if some && p.sure_phone > 0.6 && p.filled > 1 {
                Some(Role::Phone(rank))
            } else {
                None
            };
            let against =
                |column: &mut Column, role: Role| column.set(role, 0.75, Reason::ValuesAgainstHeader);
            match column.reading.kind {
                _ if column.plan.is_some() || !column.reading.is_known() => {}
                Kind::Email if !some || p.email_inside >= 0.3 => {
                    column.set(
                        Role::Email(rank),
                        agree(p.email),
                        if some { Reason::HeaderAndValues } else { Reason::Header },
                    );
                }
                Kind::Email => match values {
                    Some(role @ Role::Phone(_)) => against(column, role),
                    _ if p.email_inside > 0.0 => column.set(Role::Email(rank), 0.5, Reason::Header),
                    _ if p.person > 0.5 || p.company > 0.5 => {}
                    _ => column.set(Role::Remark, 0.6, Reason::NoField),
                },
                Kind::Phone if !some || p.phone_inside >= 0.3 => {
                    column.set(
                        Role::Phone(rank),
                        agree(p.phone),
                        if some { Reason::HeaderAndValues } else { Reason::Header },
                    );
                }
                Kind::Phone => match values {
                    Some(role @ Role::Email(_)) => against(column, role),
                    _ if p.email_inside > 0.4 => column.set(Role::ContactDetails, 0.7, Reason::Values),
                    _ if p.phone_inside > 0.0 => column.set(Role::Phone(rank), 0.5, Reason::Header),
                    _ if p.person > 0.5 || p.company > 0.5 => {}
                    _ => column.set(Role::Remark, 0.6, Reason::NoField),
                },
                Kind::Details if p.card > 0.3 => column.set(Role::Card, 0.7, Reason::HeaderAndValues),
                Kind::Details if some && p.email > 0.95 => {
                    column.set(Role::Email(rank), 0.9, Reason::HeaderAndValues)
                }
                Kind::Details if some && p.phone > 0.95 => {
                    column.set(Role::Phone(rank), 0.9, Reason::HeaderAndValues)
                }
                Kind::Details if p.email_inside + p.phone_inside > 0.3 => {
                    column.set(Role::ContactDetails, 0.85, Reason::HeaderAndValues);
                }
                Kind::Details => {}
                Kind::Card if p.card > 0.3 || p.email_inside > 0.3 => {
                    column.set(Role::Card, 0.8, Reason::HeaderAndValues)
                }
                Kind::Card => column.set(Role::Remark, 0.7, Reason::NoField),
                Kind::First
                | Kind::Last
                | Kind::Last2
                | Kind::Particle
                | Kind::Full
                | Kind::FullLastFirst
                | Kind::Company
                | Kind::Job
                    if values.is_some() =>
                {
                    if let Some(role) = values {
                        against(column, role);
                    }
                }
                Kind::First | Kind::Last if p.company > 0.6 => {}
                Kind::First => column.set(Role::FirstName, agree(p.name_part), Reason::Header),
                Kind::Last => column.set(Role::LastName, agree(p.name_part), Reason::Header),
                Kind::Last2 => column.set(Role::SecondLastName, agree(p.name_part), Reason::Header),
                Kind::Particle => column.set(Role::NameParticle, strength, Reason::Header),
                Kind::Company if p.number > 0.8 || p.url > 0.6 || p.date > 0.6 => {
                    column.set(Role::Remark, 0.7, Reason::ValuesAgainstHeader);
                }
                Kind::Company if some && p.company_word < 0.1 && p.person > 0.7 && p.given > 0.4 => {}
                Kind::Company => column.set(Role::Company, agree(p.company_word.max(0.5)), Reason::Header),
                Kind::CountryCode if p.name_part > 0.3 => column.set(Role::Remark, 0.9, Reason::NoField),
                Kind::CountryCode => column.set(Role::PhoneCountryCode, agree(p.number), Reason::Header),
                Kind::AreaCode if p.number > 0.6 || p.phone > 0.5 => {
                    column.set(Role::PhoneAreaCode, 0.8, Reason::HeaderAndValues)
                }
                Kind::Extension if p.number > 0.6 || !some => {
                    column.set(Role::PhoneExtension, 0.8, Reason::Header)
                }
                Kind::AreaCode | Kind::Extension => column.set(Role::Remark, 0.7, Reason::NoField),
                Kind::OtherPerson => column.set(Role::OtherPerson, strength, Reason::OtherPerson),
                Kind::Attribute | Kind::NameVariant | Kind::Middle | Kind::Honorific | Kind::Suffix => {
                    column.set(Role::Remark, strength, Reason::NoField);
                }
                Kind::Job | Kind::Title | Kind::Full | Kind::FullLastFirst | Kind::Name | Kind::Person => {}
                Kind::Empty | Kind::Unknown => {}
            }
        }
        self.one_of_each();
    }

    /// One first name, one last name: the pair that stands together and is not somebody's shipping address.
    fn one_of_each(&mut self) {
        for role in [Role::FirstName, Role::LastName] {
            let mut best: Option<(u32, usize)> = None;
            for (at, column) in self.columns.iter().enumerate() {
                if column.role() != Some(role) {
                    continue;
                }
                let atoms = column.reading.atoms;
                let burden = u32::from(atoms.has(Atom::Other)) * 8
                    + u32::from(atoms.has(Atom::Home)) * 2
                    + u32::from(atoms.has(Atom::Billing)) * 2
                    + u32::from(column.profile.filled == 0) * 16
                    + u32::from(column.reading.ordinal.unwrap_or(1) > 1) * 4;
                if best.is_none_or(|(least, _)| burden < least) {
                    best = Some((burden, at));
                }
            }
            let Some((_, best)) = best else { continue };
            for (at, column) in self.columns.iter_mut().enumerate() {
                if at != best && column.role() == Some(role) {
                    column.set(Role::Remark, 0.7, Reason::Spare);
                }
            }
        }
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

    fn order(&self, at: usize) -> NameOrder {
        let column = &self.columns[at];
        let p = &column.profile;
        if column.reading.kind == Kind::FullLastFirst && !(p.given > 0.5 && p.given_last < 0.2) {
            return NameOrder::LastFirst;
        }
        if p.filled >= 4 && p.given < 0.15 && p.given_last > 0.5 {
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

    /// Columns whose header says nothing, or was contradicted.
    fn by_values(&mut self) {
        let open: Vec<usize> =
            (0..self.columns.len()).filter(|at| self.columns[*at].plan.is_none()).collect();
        for at in &open {
            let p = self.columns[*at].profile.clone();
            let emails = self.has(|role| matches!(role, Role::Email(_)));
            let phones = self.has(|role| matches!(role, Role::Phone(_)));
            let column = &mut self.columns[*at];
            let qualifier = column.reading.is_qualifier();
            let rank = |others: bool| {
                if qualifier {
                    column.reading.rank()
                } else if others {
                    70
                } else {
                    1
                }
            };
            let (email_rank, phone_rank) = (rank(emails), rank(phones));
            if p.filled == 0 {
                column.set(Role::Empty, 1.0, Reason::Empty);
            } else if p.card > 0.4 {
                column.set(Role::Card, 0.7, Reason::Values);
            } else if p.email > 0.5 {
                column.set(Role::Email(email_rank), 0.6 + 0.4 * p.email, Reason::Values);
            } else if p.sure_phone > 0.5 || (qualifier && p.phone > 0.7) {
                column.set(Role::Phone(phone_rank), 0.5 + 0.4 * p.sure_phone, Reason::Values);
            } else if p.email_inside > 0.6 && p.phone_inside < 0.3 && p.text < 0.3 && !emails {
                column.set(Role::FullName(NameOrder::FirstLast), 0.7, Reason::Values);
            } else if p.honorific > 0.5 {
                column.set(Role::Remark, 0.8, Reason::NoField);
            } else if p.email_inside > 0.3 && p.phone_inside > 0.3 && p.text < 0.3 {
                column.set(Role::ContactDetails, 0.6, Reason::Values);
            }
        }
        self.best_by_values(
            Role::Company,
            |p| {
                if p.person > 0.6 && p.company < 0.25 {
                    0.0
                } else {
                    if p.company_word < 0.7 { p.company } else { p.company_word * 0.7 }
                }
            },
            0.25,
        );
        self.best_by_values(Role::Title, |p| if p.text > 0.5 { 0.0 } else { p.job }, 0.4);
        if !self.has(|role| matches!(role, Role::FullName(_) | Role::FirstName | Role::LastName | Role::Card))
        {
            self.person_by_values();
        }
        if !self.has(|role| matches!(role, Role::Email(_) | Role::ContactDetails | Role::Card)) {
            // a login that is an address
            let login = self.columns.iter().position(|column| {
                column.role() == Some(Role::Remark)
                    && column.profile.email > 0.8
                    && column.profile.distinct > 0.5
            });
            if let Some(at) = login {
                self.columns[at].set(Role::Email(1), 0.6, Reason::ValuesAgainstHeader);
            }
        }
        if !self.has(|role| matches!(role, Role::Phone(_) | Role::ContactDetails | Role::Card)) {
            let told = self.columns.iter().position(|column| {
                let p = &column.profile;
                let other = [Atom::Fax, Atom::Pager, Atom::Id, Atom::OtherPerson];
                column.role() == Some(Role::Remark)
                    && p.sure_phone > 0.8
                    && p.distinct > 0.5
                    && !column.reading.atoms.any(&other)
            });
            if let Some(at) = told {
                self.columns[at].set(Role::Phone(1), 0.5, Reason::ValuesAgainstHeader);
                return;
            }
            let bare = self.columns.iter().position(|column| {
                let p = &column.profile;
                column.plan.is_none()
                    && column.is_unnamed()
                    && p.phone > 0.9
                    && p.filled > 1
                    && p.distinct > 0.8
                    && p.date == 0.0
                    && self.all_phone_length(column)
            });
            if let Some(at) = bare {
                self.columns[at].set(Role::Phone(1), 0.55, Reason::Values);
            }
        }
    }

    /// Bare digits are phones only when they have the length of phones.
    fn all_phone_length(&self, column: &Column) -> bool {
        let Some(at) = self.columns.iter().position(|other| std::ptr::eq(other, column)) else {
            return false;
        };
        self.rows.iter().map(|row| value(cell(row, at))).filter(|cell| !cell.is_empty()).all(|cell| {
            let count = super::phones::digits(cell);
            (9..=13).contains(&count)
        })
    }

    fn best_by_values(&mut self, role: Role, score: impl Fn(&Profile) -> f32, least: f32) {
        if self.has(|other| other == role) {
            return;
        }
        let mut best: Option<(f32, usize)> = None;
        for (at, column) in self.columns.iter().enumerate() {
            let share = score(&column.profile);
            if column.plan.is_none() && share >= least && best.is_none_or(|(most, _)| share > most) {
                best = Some((share, at));
            }
        }
        if let Some((share, at)) = best {
            self.columns[at].set(role, 0.5 + 0.4 * share, Reason::Values);
        }
    }

    /// Whose names are these: the lead's are as many as the rows, and the addresses are made of them.
    fn person_by_values(&mut self) {
        let matches = |at: usize| self.address_matches(at);
        let mut best: Option<(i32, usize)> = None;
        for (at, column) in self.columns.iter().enumerate() {
            let p = &column.profile;
            // the owner of a business is the lead when the addresses are the owner's and nobody else is named
            let owner = column.role() == Some(Role::OtherPerson) && p.distinct > 0.7 && matches(at) > 0.4;
            if (column.plan.is_some() && !owner) || p.filled == 0 || p.person < 0.5 {
                continue;
            }
            let score = (p.person * 40.0 + p.distinct * 30.0 + p.given * 20.0 + matches(at) * 60.0) as i32;
            if best.is_none_or(|(most, _)| score > most) {
                best = Some((score, at));
            }
        }
        if let Some((_, at)) = best {
            let role = Role::FullName(self.order(at));
            let confidence = 0.6 + 0.3 * matches(at);
            self.columns[at].set(role, confidence, Reason::Values);
            return;
        }
        // two neighbouring columns of single names
        for at in 0..self.columns.len().saturating_sub(1) {
            let is_part = |column: &Column| {
                column.plan.is_none()
                    && column.profile.filled > 0
                    && column.profile.name_part > 0.8
                    && column.profile.job < 0.3
                    && column.profile.country < 0.3
                    && column.profile.distinct > 0.4
            };
            let (one, two) = (&self.columns[at], &self.columns[at + 1]);
            if !is_part(one) || !is_part(two) || one.profile.given.max(two.profile.given) < 0.3 {
                continue;
            }
            let swapped = two.profile.given > one.profile.given;
            let (first, last) = if swapped { (at + 1, at) } else { (at, at + 1) };
            self.columns[first].set(Role::FirstName, 0.65, Reason::Values);
            self.columns[last].set(Role::LastName, 0.65, Reason::Values);
            return;
        }
        // single names only
        let single = self.columns.iter().position(|column| {
            column.plan.is_none()
                && column.profile.given > 0.5
                && column.profile.name_part > 0.8
                && column.profile.filled > 0
        });
        if let Some(at) = single {
            let role = Role::FullName(self.order(at));
            self.columns[at].set(role, 0.5, Reason::Values);
        }
    }

    /// The share of rows in which a word of the column's cell stands in the row's address.
    fn address_matches(&self, at: usize) -> f32 {
        self.matches_in_address(at, |address| address.split('@').next().unwrap_or(""))
    }

    /// The share of rows in which a word of the column's cell stands in the domain of the row's address.
    fn domain_matches(&self, at: usize) -> f32 {
        self.matches_in_address(at, |address| address.rsplit('@').next().unwrap_or(""))
    }

    fn matches_in_address(&self, at: usize, part: fn(&str) -> &str) -> f32 {
        let Some(email) =
            self.columns.iter().position(|column| matches!(column.role(), Some(Role::Email(_))))
        else {
            return 0.0;
        };
        let (mut seen, mut hits) = (0, 0);
        for row in self.rows {
            let Some(address) = emails::first(cell(row, email)) else { continue };
            let name = key(value(cell(row, at)));
            if name.is_empty() {
                continue;
            }
            seen += 1;
            let part = part(&address);
            hits += usize::from(name.split(' ').any(|word| word.chars().count() > 2 && part.contains(word)));
        }
        if seen == 0 { 0.0 } else { hits as f32 / seen as f32 }
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
