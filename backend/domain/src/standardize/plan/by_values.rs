//! Columns whose header says nothing, or was contradicted: their values, and whose names the addresses are made of.

use super::{Column, Table, cell};
use crate::standardize::emails;
use crate::standardize::headers::Atom;
use crate::standardize::layout::{Reason, Role};
use crate::standardize::lexicon::key;
use crate::standardize::names::NameOrder;
use crate::standardize::text::value;
use crate::standardize::values::Profile;

impl Table<'_> {
    /// Columns whose header says nothing, or was contradicted.
    pub(super) fn by_values(&mut self) {
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
            } else if p.is_mixed_reach() {
                column.set(Role::ContactDetails, 0.6, Reason::Values);
            } else if p.email > 0.5 {
                column.set(Role::Email(email_rank), 0.6 + 0.4 * p.email, Reason::Values);
            } else if p.sure_phone > 0.5 || p.sure_phones > 0.6 || (qualifier && p.phone > 0.7) {
                column.set(Role::Phone(phone_rank), 0.5 + 0.4 * p.sure_phone, Reason::Values);
            } else if p.email_inside > 0.6 && p.phone_inside < 0.3 && p.text < 0.6 && !emails {
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
    pub(super) fn all_phone_length(&self, column: &Column) -> bool {
        let Some(at) = self.columns.iter().position(|other| std::ptr::eq(other, column)) else {
            return false;
        };
        self.rows.iter().map(|row| value(cell(row, at))).filter(|cell| !cell.is_empty()).all(|cell| {
            let count = crate::standardize::phones::digits(cell);
            (9..=13).contains(&count)
        })
    }

    pub(super) fn best_by_values(&mut self, role: Role, score: impl Fn(&Profile) -> f32, least: f32) {
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
    pub(super) fn person_by_values(&mut self) {
        let matches = |at: usize| self.address_matches(at);
        let mut best: Option<(i32, usize)> = None;
        for (at, column) in self.columns.iter().enumerate() {
            let p = &column.profile;
            // the owner of a business is the lead when the addresses are the owner's and nobody else is named
            let owner = column.role() == Some(Role::OtherPerson) && p.distinct > 0.7 && matches(at) > 0.4;
            if (column.plan.is_some() && !owner) || p.filled == 0 || p.person < 0.5 {
                continue;
            }
            let share = p.filled as f32 / self.rows.len().max(1) as f32;
            let theirs = if owner { 60.0 } else { 0.0 };
            let score =
                (p.person * 40.0 + p.distinct * 30.0 + p.given * 20.0 + matches(at) * 60.0 + share * 40.0
                    - theirs) as i32;
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
    pub(super) fn address_matches(&self, at: usize) -> f32 {
        self.matches_in_address(at, |address| address.split('@').next().unwrap_or(""))
    }

    /// The share of rows in which a word of the column's cell stands in the domain of the row's address.
    pub(super) fn domain_matches(&self, at: usize) -> f32 {
        self.matches_in_address(at, |address| address.rsplit('@').next().unwrap_or(""))
    }

    pub(super) fn matches_in_address(&self, at: usize, part: fn(&str) -> &str) -> f32 {
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
}
