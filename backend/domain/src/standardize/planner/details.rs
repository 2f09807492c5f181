//! Decides what the network leaves open or gets wrong: whose addresses and numbers are, plain headers, the roles of
//! empty columns, and which columns label others. Each is a rule that holds in every language.

use std::collections::HashSet;

use super::assignment::RoleProbabilities;
use super::evidence::{HARDLY_ANY, MANY, MOST, TELLING};
use super::kinds::{ColumnRole, HeaderKind, ValueKind};
use super::whose;
use super::{Atom, ColumnPlan, Evidence, Kind, Reason, Role};
use crate::standardize::names::NameOrder;
use crate::standardize::text::words;

/// `Secondary Contact | Secondary Email`, `Secretary | Secretary's phone`: columns named like the name of another
/// person are that person's.
pub(super) fn fields_of_other_people(columns: &[Evidence], plans: &mut [ColumnPlan]) {
    let is_name = |role: Role| matches!(role, Role::FullName(_) | Role::FirstName | Role::LastName);
    let lead_names: Vec<Vec<String>> = (0..plans.len())
        .filter(|at| is_name(plans[*at].role))
        .map(|at| words(&columns[at].header_text))
        .collect();
    let other_names: Vec<Vec<String>> = (0..plans.len())
        .filter(|at| plans[*at].role == Role::OtherPerson && is_a_person(&columns[*at]))
        .map(|at| words(&columns[at].header_text))
        .filter(|words| !words.is_empty())
        .collect();
    if lead_names.is_empty() {
        return;
    }
    for (at, plan) in plans.iter_mut().enumerate() {
        // "Account Phone" is not the account owner's
        let is_companys = columns[at].reading.atoms.has(Atom::Company);
        if !matches!(plan.role, Role::Email(_) | Role::Phone(_)) || is_companys {
            continue;
        }
        let header = words(&columns[at].header_text);
        let is_called_like = |name: &Vec<String>| {
            header.first() == name.first() || name.iter().all(|word| header.contains(word))
        };
        let is_the_leads = lead_names.iter().any(|name| !name.is_empty() && header.first() == name.first());
        if !is_the_leads && other_names.iter().any(is_called_like) {
            *plan = ColumnPlan::new(Role::OtherPerson, RULED, Reason::OtherPerson);
        }
    }
}

/// `Owner First Name | Owner Phone | Owner Email`: columns named like the lead's own name are the lead's, whatever such
/// people are elsewhere; a company named like another person (`List Agent | List Office Name`) is that person's.
pub(super) fn fields_of_the_lead(columns: &[Evidence], plans: &mut [ColumnPlan]) {
    let groups = whose::groups(columns);
    let is_name = |role: Role| matches!(role, Role::FullName(_) | Role::FirstName | Role::LastName);
    let Some(named_at) = plans.iter().position(|plan| is_name(plan.role)) else { return };
    let Some(lead) = groups[named_at] else { return };
    let lead_words = &columns[named_at].distinctive_words;
    let others: Vec<&str> = (0..plans.len())
        .filter(|at| plans[*at].role == Role::OtherPerson && holds_names(&columns[*at]))
        .filter_map(|at| groups[at])
        .filter(|group| *group != lead)
        .collect();
    for (at, plan) in plans.iter_mut().enumerate() {
        let Some(group) = groups[at] else { continue };
        let p = &columns[at].profile;
        // "Billing Rep Email" is not the primary rep's, "Lead Owner Email" not the lead's
        let words = &columns[at].distinctive_words;
        let is_called_alike = lead_words.iter().all(|word| words.contains(word))
            && columns[at].reading.who.as_ref().is_none_or(|who| lead_words.contains(who));
        if is_called_alike && plan.role == Role::OtherPerson {
            let rank = columns[at].reading.rank();
            let role = match columns[at].reading.of_lead() {
                Kind::Email if p.email > MOST => Role::Email(rank),
                Kind::Phone if p.sure_phones > MOST => Role::Phone(rank),
                _ => continue,
            };
            *plan = ColumnPlan::new(role, RULED, Reason::HeaderAndValues);
        } else if plan.role == Role::Company && others.contains(&group) {
            *plan = ColumnPlan::new(Role::OtherPerson, RULED, Reason::OtherPerson);
        }
    }
}

/// `Company | Company Name`: the same company in every row is the file owner's, if another column has a company for
/// each lead.
pub(super) fn own_company(columns: &[Evidence], plans: &mut [ColumnPlan]) {
    const ENOUGH_ROWS: usize = 3;
    let values = |at: usize| columns[at].profile.distinct * columns[at].profile.filled as f32;
    let Some(own) = plans.iter().position(|plan| plan.role == Role::Company) else { return };
    let is_constant = columns[own].profile.filled >= ENOUGH_ROWS && values(own) < 1.5;
    let is_called_company = |at: &usize| {
        let column = &columns[*at];
        *at != own
            && matches!(plans[*at].role, Role::Remark | Role::Company)
            && column.reading.kind == Kind::Company
            && !is_plainly_no_field(column)
    };
    let other = (0..plans.len()).find(|at| is_called_company(at) && values(*at) > 1.5);
    if let Some(other) = other.filter(|_| is_constant) {
        plans[other] = ColumnPlan::new(Role::Company, RULED, Reason::OtherColumns);
        plans[own] = ColumnPlan::new(Role::Remark, RULED, Reason::Spare);
    }
}

/// The confidence of a rule's decision against the network.
pub(super) const RULED: f32 = 0.9;

/// Whether header or values say that it is a person, rather than something about one.
fn is_a_person(column: &Evidence) -> bool {
    column.says(HeaderKind::OtherPerson) && column.reading.words == 1 || holds_names(column)
}

fn holds_names(column: &Evidence) -> bool {
    let of = |kind| column.values(kind);
    of(ValueKind::FullName)
        + of(ValueKind::FullNameFamilyFirst)
        + of(ValueKind::Given)
        + of(ValueKind::Surname)
        > MOST
}

/// Bare digits are phone numbers only if no header calls them something else: an order number may look just the same.
pub(super) fn numbers_of_other_things(columns: &[Evidence], plans: &mut [ColumnPlan]) {
    use HeaderKind as H;
    for (column, plan) in columns.iter().zip(plans) {
        let others = [H::Id, H::Number, H::Money, H::Date, H::Postal, H::Token, H::Technical, H::Deal];
        let called: f32 = others.into_iter().map(|kind| column.header(kind)).sum();
        if matches!(plan.role, Role::Phone(_)) && called > TELLING && column.shape.digits > BARE_DIGITS {
            *plan = ColumnPlan::new(Role::Remark, RULED, Reason::OtherValues(ValueKind::Id));
        }
    }
}

/// The share of digits in cells that contain hardly anything else.
const BARE_DIGITS: f32 = 0.95;

/// `Office phone / extension` over numbers only: contact details without addresses, or with nothing else, are of one
/// kind only.
pub(super) fn details_of_one_kind(columns: &[Evidence], plans: &mut [ColumnPlan]) {
    for (column, plan) in columns.iter().zip(plans) {
        let p = &column.profile;
        if !matches!(plan.role, Role::ContactDetails | Role::Card) {
            continue;
        }
        if p.sure_phones > MOST && p.email_inside < HARDLY_ANY {
            *plan = ColumnPlan::new(Role::Phone(column.reading.rank()), RULED, Reason::Values);
        } else if p.email > NEARLY_ALL {
            *plan = ColumnPlan::new(Role::Email(column.reading.rank()), RULED, Reason::Values);
        }
    }
}

/// `Country code | Area code | Number`: next to its parts, a column of digits that no header calls a phone is the
/// number.
pub(super) fn number_beside_its_parts(columns: &[Evidence], plans: &mut [ColumnPlan]) {
    let is_part = |plan: &ColumnPlan| matches!(plan.role, Role::PhoneCountryCode | Role::PhoneAreaCode);
    if plans.iter().any(|plan| matches!(plan.role, Role::Phone(_))) {
        return;
    }
    let Some(last_part) = plans.iter().rposition(is_part) else { return };
    let next = last_part + 1;
    if let Some(column) = columns.get(next)
        && plans[next].role == Role::Remark
        && column.shape.digits > NEARLY_ALL
        && column.shape.length >= SHORTEST_NUMBER
    {
        plans[next] = ColumnPlan::new(Role::Phone(1), RULED, Reason::OtherColumns);
    }
}

/// A header that names a field and nothing else is believed if no other column is that field, unless the values are
/// plainly something else: `P0001` under `First Name` is what the file calls a first name. Addresses and numbers that
/// were left to the remarks are believed even next to others.
pub(super) fn plain_headers(columns: &[Evidence], plans: &mut [ColumnPlan]) {
    for at in 0..plans.len() {
        let column = &columns[at];
        let is_told = column.reading.is_known() && column.reading.strength >= 1.0;
        if !is_told || !matches!(plans[at].role, Role::Remark | Role::OtherPerson) {
            continue;
        }
        let has = |test: &dyn Fn(Role) -> bool| plans.iter().any(|plan| test(plan.role));
        // the same address in every row is still the one the file has
        let reaches = match column.reading.kind {
            Kind::Email if column.profile.email > NEARLY_ALL => Some(Role::Email(column.reading.rank())),
            Kind::Phone if column.profile.sure_phones > NEARLY_ALL => {
                Some(Role::Phone(column.reading.rank()))
            }
            _ => None,
        };
        if let Some(role) = reaches {
            let is_alone = !has(&|other| std::mem::discriminant(&other) == std::mem::discriminant(&role));
            if is_alone || plans[at].role == Role::Remark {
                plans[at] = ColumnPlan::new(role, BY_HEADER_ALONE, Reason::Header);
            }
            continue;
        }
        if plans[at].role != Role::Remark || is_plainly_no_field(column) {
            continue;
        }
        let named = has(&|role| matches!(role, Role::FullName(_) | Role::Card));
        let role = match column.reading.kind {
            Kind::First if !named => Role::FirstName,
            Kind::Last if !named => Role::LastName,
            Kind::Full | Kind::Name
                if !named && !has(&|role| matches!(role, Role::FirstName | Role::LastName)) =>
            {
                Role::FullName(NameOrder::FirstLast)
            }
            // "Role" may be what somebody is allowed to do
            Kind::Job if column.says(HeaderKind::Title) => Role::Title,
            Kind::Title if !holds_honorifics(column) => Role::Title,
            Kind::Company if column.says(HeaderKind::Company) => Role::Company,
            _ => continue,
        };
        if !has(&|other| other == role) {
            plans[at] = ColumnPlan::new(role, BY_HEADER_ALONE, Reason::Header);
        }
    }
}

/// The confidence of a header's word against the network.
const BY_HEADER_ALONE: f32 = 0.6;

fn holds_honorifics(column: &Evidence) -> bool {
    column.profile.honorific.max(column.values(ValueKind::Honorific)) > MANY
}

/// Whether the values are dates, numbers, answers or similar, which no header makes a name, a job or a company.
fn is_plainly_no_field(column: &Evidence) -> bool {
    let p = &column.profile;
    let of = |kind| column.values(kind);
    // one word under "Job Title" may look like any choice
    let choices = of(ValueKind::Industry)
        + of(ValueKind::Department)
        + of(ValueKind::Status)
        + of(ValueKind::Username)
        + of(ValueKind::Note);
    let told = if column.reading.kind == Kind::Job { 0.0 } else { choices };
    let others = of(ValueKind::Boolean) + of(ValueKind::Money) + of(ValueKind::Date) + told;
    p.number.max(p.date).max(p.url) > MANY || p.email_inside.max(p.sure_phone) > MANY || others > MOST
}

/// A share of the cells that is nearly all.
const NEARLY_ALL: f32 = 0.8;
/// Characters of the shortest phone number without its area code.
const SHORTEST_NUMBER: f32 = 5.0;

/// Lets further columns of companies fill the gaps of the first.
pub(super) fn more_companies(
    columns: &[Evidence],
    probabilities: &[RoleProbabilities],
    plans: &mut [ColumnPlan],
) {
    if !plans.iter().any(|plan| plan.role == Role::Company) {
        return;
    }
    for (at, plan) in plans.iter_mut().enumerate() {
        let probability = probabilities[at][ColumnRole::Company as usize];
        let is_open = plan.role == Role::Remark && columns[at].reading.kind == Kind::Company;
        if is_open && probability > TELLING && columns[at].values(ValueKind::Company) > MOST {
            *plan = ColumnPlan::new(Role::Company, probability, Reason::HeaderAndValues);
        }
    }
}

/// A column that is empty in the sample is what its header says, if no other column is: further down it may be filled.
pub(super) fn empty_columns(columns: &[Evidence], plans: &mut [ColumnPlan]) {
    for at in 0..plans.len() {
        let reading = &columns[at].reading;
        if plans[at].role != Role::Empty || !reading.is_known() {
            continue;
        }
        let role = match reading.kind {
            Kind::Email => Role::Email(reading.rank()),
            Kind::Phone => Role::Phone(reading.rank()),
            Kind::First => Role::FirstName,
            Kind::Last => Role::LastName,
            Kind::Company => Role::Company,
            Kind::Job => Role::Title,
            _ => continue,
        };
        let is_named = |plan: &ColumnPlan| {
            matches!(role, Role::FirstName | Role::LastName) && matches!(plan.role, Role::FullName(_))
        };
        if !plans.iter().any(|plan| plan.role == role || is_named(plan)) {
            plans[at] = ColumnPlan::new(role, 1.0, Reason::Header);
        }
    }
}

/// Where no column has names, a cell of contact details is treated as a small card.
pub(super) fn details_as_card(plans: &mut [ColumnPlan]) {
    let is_name =
        |role: Role| matches!(role, Role::FullName(_) | Role::FirstName | Role::LastName | Role::Card);
    if plans.iter().any(|plan| is_name(plan.role)) {
        return;
    }
    if let Some(plan) = plans.iter_mut().find(|plan| plan.role == Role::ContactDetails) {
        *plan = ColumnPlan { role: Role::Card, reason: Reason::OtherColumns, ..plan.clone() };
    }
}

/// `E-mail 1 - Type` says what `E-mail 1 - Value` is.
pub(super) fn link_labels(columns: &[Evidence], plans: &mut [ColumnPlan]) {
    let mut taken = HashSet::new();
    for at in 0..columns.len() {
        let reading = &columns[at].reading;
        if !reading.is_label || plans[at].role != Role::Remark {
            continue;
        }
        let email = reading.atoms.has(Atom::Email);
        let phone = reading.atoms.has(Atom::Phone);
        // "Contact type" is not a label of the address that happens to follow
        let about = [Atom::Person, Atom::Company, Atom::OtherPerson, Atom::Id, Atom::Job];
        if !email && !phone && reading.atoms.any(&about) {
            continue;
        }
        let fits = |other: usize| match plans[other].role {
            Role::Email(_) => !phone,
            Role::Phone(_) => !email,
            _ => false,
        };
        let ordinal = reading.ordinal;
        let is_beside = |other: &usize| {
            *other < columns.len()
                && fits(*other)
                && columns[*other].reading.ordinal == ordinal
                && !taken.contains(other)
        };
        let beside = [at + 1, at.wrapping_sub(1)].into_iter().find(is_beside);
        // `phone, phone_2, phone_type, phone_type_2`: the one with the same number, if there is exactly one
        let by_number = || {
            let mut others = (0..columns.len()).filter(|other| {
                fits(*other)
                    && (email || phone)
                    && columns[*other].reading.ordinal.unwrap_or(1) == ordinal.unwrap_or(1)
                    && !taken.contains(other)
            });
            let one = others.next();
            one.filter(|_| others.next().is_none())
        };
        if let (Some(found), Ok(label)) = (beside.or_else(by_number), u16::try_from(at)) {
            taken.insert(found);
            plans[found].label_column = Some(label);
        }
    }
}
