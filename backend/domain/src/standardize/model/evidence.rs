//! How the values of a column bear on an answer of the model.

use crate::standardize::layout::Role;
use crate::standardize::values::Profile;

/// How a column's values bear on a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// They look like it.
    For,
    /// They leave it open.
    Open,
    /// They cannot be it.
    Against,
}

/// Weighs the values.
pub(super) fn of(role: Role, p: &Profile) -> Evidence {
    if p.filled == 0 {
        return Evidence::Open;
    }
    let told = |for_it: bool, against: bool| match (for_it, against) {
        (_, true) => Evidence::Against,
        (true, false) => Evidence::For,
        (false, false) => Evidence::Open,
    };
    let reach = p.email_inside.max(p.sure_phone);
    let no_words = p.number.max(p.date).max(p.url) > 0.3 || reach > 0.3;
    match role {
        Role::FirstName | Role::LastName | Role::SecondLastName | Role::NameParticle => {
            told(p.name_part > 0.6 && p.given > 0.2, no_words || p.phone > 0.3 || p.text > 0.3)
        }
        Role::FullName(_) => told(p.person > 0.5, no_words || p.phone > 0.3 || p.text > 0.3),
        Role::Title => told(p.job > 0.4, no_words || p.honorific > 0.5 || p.text > 0.8),
        Role::Company => told(p.company_word > 0.3, no_words || p.text > 0.8),
        Role::Email(_) => told(p.email_inside >= 0.5, p.email_inside < 0.3),
        Role::Phone(_) => {
            told(p.sure_phone >= 0.5, p.phone_inside < 0.3 || p.date > 0.5 || p.email_inside > 0.5)
        }
        Role::ContactDetails | Role::Card => {
            let inside = p.email_inside + p.phone_inside;
            told(inside > 0.6, inside < 0.3)
        }
        Role::PhoneCountryCode | Role::PhoneAreaCode | Role::PhoneExtension => {
            told(p.number > 0.6, p.number < 0.3)
        }
        Role::OtherPerson | Role::Remark | Role::Empty | Role::Report => Evidence::Open,
    }
}
