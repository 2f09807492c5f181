//! What the headers alone settle, unless the values contradict them.

use super::{Column, Table};
use crate::problem_report::REPORT_HEADERS;
use crate::standardize::headers::{Atom, Kind};
use crate::standardize::layout::{Reason, Role};

impl Table<'_> {
    /// `User Email` beside `Invitee Email` is one of our own people's.
    pub(super) fn other_people(&mut self) {
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

    /// What our own problem report added to a file.
    pub(super) fn report_columns(&mut self, headers: &[String]) {
        for (column, header) in self.columns.iter_mut().zip(headers) {
            if REPORT_HEADERS.contains(&header.trim()) {
                column.set(Role::Report, 1.0, Reason::Report);
            }
        }
    }

    /// Is the column filled in enough rows to be what the table calls people by?
    pub(super) fn is_used(&self, column: &Column) -> bool {
        column.profile.filled * 10 >= self.rows.len() * 3
    }

    /// What the header alone settles, unless the values contradict it.
    pub(super) fn by_header(&mut self) {
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

    /// A list of agents, managers or owners alone: where nobody else is named and no address is anybody else's, they
    /// are the leads.
    pub(super) fn promote_other_people(&mut self) {
        let named = |kind: Kind| {
            matches!(
                kind,
                Kind::Full | Kind::FullLastFirst | Kind::First | Kind::Last | Kind::Name | Kind::Person
            )
        };
        let other = |column: &Column| column.reading.kind == Kind::OtherPerson && column.reading.is_known();
        let somebody = self.columns.iter().any(|column| {
            let p = &column.profile;
            !other(column)
                && p.filled > 0
                && (named(column.reading.kind) && column.reading.is_known()
                    || p.email_inside > 0.3
                    || p.card > 0.3
                    || column.reading.kind == Kind::Email
                    || column.plan.is_none() && p.person > 0.5 && p.given > 0.3)
        });
        if somebody {
            return;
        }
        // the first of them that has a name and an address or number
        let of = |column: &Column| column.reading.who.clone();
        let groups: Vec<Option<String>> =
            self.columns.iter().filter(|column| other(column)).map(of).collect();
        let complete = groups.into_iter().flatten().find(|who| {
            let mut members = self.columns.iter().filter(|c| other(c) && c.reading.who.as_ref() == Some(who));
            let (mut name, mut reach) = (false, false);
            members.by_ref().filter(|column| column.profile.filled > 0).for_each(|column| {
                name |= named(column.reading.aside);
                reach |= matches!(column.reading.aside, Kind::Email | Kind::Phone);
            });
            name && reach
        });
        let Some(who) = complete else { return };
        for column in &mut self.columns {
            if other(column) && column.reading.who.as_ref() == Some(&who) {
                column.reading.kind = column.reading.aside;
                column.plan = None;
            }
        }
    }

    /// One first name, one last name: the pair that stands together and is not somebody's shipping address.
    pub(super) fn one_of_each(&mut self) {
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
}
