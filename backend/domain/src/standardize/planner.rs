//! Decides what each column of a table is, from its header, its values and how it fits the others.
//!
//! [`evidence`] gathers what is known about each column, a small trained network turns that into probabilities of
//! roles, and [`assignment`] finds the plan that is likeliest as a whole. What only a vocabulary can know (which of
//! several numbers is preferred, in which order names are written) is decided afterwards, by the rules in
//! [`preferences`] and [`details`]. The weights are trained by the crate `easy-crm-training` on generated tables, with
//! the features computed here.

use super::headers::{Atom, Kind};
use super::layout::{ColumnPlan, Reason, Role};
use crate::problem_report::REPORT_HEADERS;

pub mod assignment;
pub mod calibration;
mod details;
mod evidence;
pub mod features;
pub mod kinds;
mod preferences;
#[cfg(test)]
mod tests;
pub mod tokens;
pub mod weights;
mod whose;

use assignment::RoleProbabilities;
use calibration::{TABLE_FIGURES, table_figures};
pub(super) use evidence::Evidence;
use evidence::{HARDLY_ANY, MANY, MOST, TELLING};
use kinds::{ColumnRole, HeaderKind, ValueKind};
use weights::Weights;

/// The columns of a table with all that is known about them.
#[derive(Debug)]
pub struct Table {
    columns: Vec<Evidence>,
    rows: usize,
}

impl Table {
    /// Examines the headers and a sample of the rows.
    #[must_use]
    pub fn new(headers: &[String], rows: &[Vec<&str>], weights: &Weights) -> Self {
        Self { columns: evidence::gather(headers, rows, weights), rows: rows.len() }
    }

    /// The features of every column, as input of the network; [`features::groups`] says what each is about.
    #[must_use]
    pub fn features(&self) -> Vec<Vec<f32>> {
        features::of(&self.columns, self.rows)
    }

    /// The likeliest roles of all columns, for given probabilities of each.
    #[must_use]
    pub fn roles(&self, probabilities: &[RoleProbabilities]) -> Vec<ColumnRole> {
        let taken: Vec<bool> =
            self.columns.iter().map(|column| column.is_empty() || self.part(column).is_some()).collect();
        assignment::best(probabilities, &taken, &whose::groups(&self.columns))
    }

    /// The figures the confidence of the whole plan depends on.
    #[must_use]
    pub fn figures(&self, probabilities: &[RoleProbabilities], roles: &[ColumnRole]) -> [f32; TABLE_FIGURES] {
        let has = |wanted: &[ColumnRole]| roles.iter().any(|role| wanted.contains(role));
        let named = has(&[ColumnRole::First, ColumnRole::Last, ColumnRole::Full, ColumnRole::Card]);
        let reached = has(&[ColumnRole::Email, ColumnRole::Phone, ColumnRole::Details, ColumnRole::Card]);
        let open = (0..roles.len()).filter(|at| self.is_open(*at));
        let certainties: Vec<f32> = open.map(|at| probabilities[at][roles[at] as usize]).collect();
        table_figures(&certainties, named, reached)
    }

    /// Whether training uses the column. Empty ones, and parts of names and numbers that only a header can identify,
    /// get their roles without the network.
    #[must_use]
    pub fn is_open(&self, at: usize) -> bool {
        self.columns.get(at).is_some_and(|column| !column.is_empty() && self.part(column).is_none())
    }

    /// A piece of a name or a number that has a column of its own. Only a header can identify such columns, so the
    /// values merely must not contradict it.
    fn part(&self, column: &Evidence) -> Option<Role> {
        let p = &column.profile;
        if !column.reading.is_known() || column.is_empty() {
            return None;
        }
        match column.reading.kind {
            Kind::Last2 if p.name_part > MOST => Some(Role::SecondLastName),
            Kind::Particle if p.name_part + p.two_words > MOST && p.number < HARDLY_ANY => {
                Some(Role::NameParticle)
            }
            Kind::CountryCode if p.name_part <= MANY && column.shape.digits > MANY => {
                Some(Role::PhoneCountryCode)
            }
            Kind::AreaCode if p.number > MOST || p.phone > MOST => Some(Role::PhoneAreaCode),
            Kind::Extension if p.number > MOST => Some(Role::PhoneExtension),
            _ => None,
        }
    }
}

/// The plan of the columns, and its confidence as a whole, 0 to 1. `rows` is the sample.
pub(super) fn columns(headers: &[String], rows: &[Vec<&str>]) -> (Vec<ColumnPlan>, f64) {
    let weights = Weights::built_in();
    let table = Table::new(headers, rows, weights);
    let probabilities: Vec<RoleProbabilities> =
        table.features().iter().map(|features| weights.roles.probabilities(features)).collect();
    let roles = table.roles(&probabilities);
    let mut plans: Vec<ColumnPlan> = (0..headers.len())
        .map(|at| {
            let column = &table.columns[at];
            let confidence = weights.head.calibration.column(probabilities[at][roles[at] as usize]);
            let plan = |role, reason| ColumnPlan::new(role, confidence, reason);
            let sure = |role, reason| ColumnPlan::new(role, 1.0, reason);
            if REPORT_HEADERS.contains(&headers[at].trim()) {
                return sure(Role::Report, Reason::Report);
            }
            if column.is_empty() {
                return sure(Role::Empty, Reason::Empty);
            }
            if let Some(part) = table.part(column) {
                return ColumnPlan::new(part, details::RULED, Reason::HeaderAndValues);
            }
            let role = match roles[at] {
                ColumnRole::First => Role::FirstName,
                ColumnRole::Last => Role::LastName,
                ColumnRole::Full => Role::FullName(preferences::name_order(&table.columns, at, rows)),
                ColumnRole::Title => Role::Title,
                ColumnRole::Company => Role::Company,
                ColumnRole::Email => {
                    Role::Email(preferences::rank(&table.columns, at, ColumnRole::Email, &roles))
                }
                ColumnRole::Phone => {
                    Role::Phone(preferences::rank(&table.columns, at, ColumnRole::Phone, &roles))
                }
                ColumnRole::Details => Role::ContactDetails,
                ColumnRole::Card => Role::Card,
                ColumnRole::OtherPerson => Role::OtherPerson,
                ColumnRole::Other => Role::Remark,
            };
            plan(role, reason(column, roles[at], &probabilities[at]))
        })
        .collect();
    details::numbers_of_other_things(&table.columns, &mut plans);
    details::details_of_one_kind(&table.columns, &mut plans);
    details::plain_headers(&table.columns, &mut plans);
    details::fields_of_other_people(&table.columns, &mut plans);
    details::fields_of_the_lead(&table.columns, &mut plans);
    details::number_beside_its_parts(&table.columns, &mut plans);
    details::more_companies(&table.columns, &probabilities, &mut plans);
    details::own_company(&table.columns, &mut plans);
    details::empty_columns(&table.columns, &mut plans);
    details::details_as_card(&mut plans);
    details::link_labels(&table.columns, &mut plans);
    let figures = table.figures(&probabilities, &roles);
    let confidence = f64::from(weights.head.calibration.table(&figures));
    (plans, (confidence * 1000.0).round() / 1000.0)
}

/// Why a column has its role, in the words shown to users.
fn reason(column: &Evidence, role: ColumnRole, probabilities: &RoleProbabilities) -> Reason {
    if role == ColumnRole::OtherPerson {
        return Reason::OtherPerson;
    }
    if role == ColumnRole::Other {
        let spare = ColumnRole::Details as usize;
        let best = probabilities[..=spare].iter().copied().fold(0.0, f32::max);
        return match column.likeliest_values() {
            _ if best > TELLING => Reason::Spare,
            Some(kind) => Reason::OtherValues(kind),
            None => Reason::NoField,
        };
    }
    let header: f32 = header_kinds(role).iter().map(|kind| column.header(*kind)).sum();
    let values: f32 = value_kinds(role).iter().map(|kind| column.values(*kind)).sum();
    let is_named = !column.is_unnamed() && column.reading.kind != Kind::Unknown;
    match (header > TELLING, values > TELLING) {
        (true, true) => Reason::HeaderAndValues,
        (true, false) => Reason::Header,
        (false, true) if is_named => Reason::ValuesAgainstHeader,
        (false, true) => Reason::Values,
        (false, false) => Reason::OtherColumns,
    }
}

/// The headers that indicate a role.
fn header_kinds(role: ColumnRole) -> &'static [HeaderKind] {
    use HeaderKind as H;
    match role {
        ColumnRole::First => &[H::First],
        ColumnRole::Last => &[H::Last],
        ColumnRole::Full => &[H::Full, H::FullLastFirst, H::Name, H::Person],
        ColumnRole::Title => &[H::Title],
        ColumnRole::Company => &[H::Company],
        ColumnRole::Email => &[H::Email, H::EmailHome],
        ColumnRole::Phone => &[H::Phone, H::Mobile, H::PhoneHome, H::PhoneMain, H::PhoneOther],
        ColumnRole::Details | ColumnRole::Card => &[H::Details, H::Card, H::Person],
        ColumnRole::OtherPerson => &[H::OtherPerson],
        ColumnRole::Other => &[],
    }
}

/// The values that a role has.
fn value_kinds(role: ColumnRole) -> &'static [ValueKind] {
    use ValueKind as V;
    match role {
        ColumnRole::First => &[V::Given],
        ColumnRole::Last => &[V::Surname],
        ColumnRole::Full => &[V::FullName, V::FullNameFamilyFirst],
        ColumnRole::Title => &[V::Title],
        ColumnRole::Company => &[V::Company],
        ColumnRole::Email => &[V::Email],
        ColumnRole::Phone => &[V::Phone],
        ColumnRole::Details | ColumnRole::Card => &[V::Details, V::Card],
        ColumnRole::OtherPerson | ColumnRole::Other => &[],
    }
}
