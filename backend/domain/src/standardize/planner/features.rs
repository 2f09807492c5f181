//! The evidence of a column as numbers for the network that gives roles.

use strum::{EnumCount as _, EnumIter, IntoEnumIterator as _};

use super::evidence::Evidence;
use super::kinds::{HeaderKind, ValueKind};
use crate::standardize::headers::{Atom, Kind};

/// What a feature speaks of; training leaves groups out to measure what each is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString)]
#[strum(serialize_all = "lowercase")]
pub enum FeatureGroup {
    /// What the header says.
    Header,
    /// What the values look like.
    Values,
    /// Filling, number of rows, and how a column goes with the others.
    Table,
    /// Header and values together.
    Both,
}

/// Headers by what their columns would be for the lead; the order is that of [`Header::of`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, strum::EnumCount)]
enum Header {
    First,
    Last,
    Full,
    Name,
    Person,
    Title,
    Company,
    Email,
    Phone,
    Details,
    OtherPerson,
}

impl Header {
    fn of(self, evidence: &Evidence) -> f32 {
        use HeaderKind as H;
        let of = |kinds: &[H]| kinds.iter().map(|kind| evidence.header(*kind)).sum();
        match self {
            Self::First => of(&[H::First]),
            Self::Last => of(&[H::Last]),
            Self::Full => of(&[H::Full, H::FullLastFirst]),
            Self::Name => of(&[H::Name]),
            Self::Person => of(&[H::Person]),
            Self::Title => of(&[H::Title]),
            Self::Company => of(&[H::Company]),
            Self::Email => of(&[H::Email, H::EmailHome]),
            Self::Phone => of(&[H::Phone, H::Mobile, H::PhoneHome, H::PhoneMain, H::PhoneOther]),
            Self::Details => of(&[H::Details, H::Card]),
            Self::OtherPerson => of(&[H::OtherPerson]),
        }
    }
}

/// Values by what their columns would be for the lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, strum::EnumCount)]
enum Values {
    Given,
    Surname,
    Full,
    Title,
    Company,
    Email,
    Phone,
    Details,
}

impl Values {
    fn of(self, evidence: &Evidence) -> f32 {
        use ValueKind as V;
        let of = |kinds: &[V]| kinds.iter().map(|kind| evidence.values(*kind)).sum();
        match self {
            Self::Given => of(&[V::Given]),
            Self::Surname => of(&[V::Surname]),
            Self::Full => of(&[V::FullName, V::FullNameFamilyFirst]),
            Self::Title => of(&[V::Title]),
            Self::Company => of(&[V::Company]),
            Self::Email => of(&[V::Email]),
            Self::Phone => of(&[V::Phone]),
            Self::Details => of(&[V::Details, V::Card]),
        }
    }

    /// How far header and values say the same.
    fn agreement(self, evidence: &Evidence) -> f32 {
        let headers: &[Header] = match self {
            Self::Given => &[Header::First],
            Self::Surname => &[Header::Last],
            Self::Full => &[Header::Full, Header::Name, Header::Person],
            Self::Title => &[Header::Title],
            Self::Company => &[Header::Company],
            Self::Email => &[Header::Email],
            Self::Phone => &[Header::Phone],
            Self::Details => &[Header::Details, Header::Person],
        };
        self.of(evidence) * headers.iter().map(|header| header.of(evidence)).sum::<f32>()
    }
}

/// Features under construction, with the group of each.
#[derive(Default)]
struct Builder {
    values: Vec<f32>,
    groups: Vec<FeatureGroup>,
}

impl Builder {
    fn add(&mut self, group: FeatureGroup, features: impl IntoIterator<Item = f32>) {
        self.values.extend(features);
        self.groups.resize(self.values.len(), group);
    }
}

/// Two figures of each column of a table: what it is, and the best of all other columns.
struct Rivals<const N: usize> {
    own: Vec<[f32; N]>,
    best: [f32; N],
    second: [f32; N],
}

impl<const N: usize> Rivals<N> {
    fn new(own: Vec<[f32; N]>) -> Self {
        let (mut best, mut second) = ([0.0; N], [0.0; N]);
        for column in &own {
            for (nth, figure) in column.iter().enumerate() {
                if *figure > best[nth] {
                    second[nth] = best[nth];
                    best[nth] = *figure;
                } else if *figure > second[nth] {
                    second[nth] = *figure;
                }
            }
        }
        Self { own, best, second }
    }

    fn best_of_others(&self, at: usize) -> [f32; N] {
        std::array::from_fn(|nth| {
            if self.own[at][nth] >= self.best[nth] { self.second[nth] } else { self.best[nth] }
        })
    }

    fn neighbour(&self, at: Option<usize>) -> [f32; N] {
        at.and_then(|at| self.own.get(at)).copied().unwrap_or([0.0; N])
    }
}

fn array<const N: usize>(figures: impl Iterator<Item = f32>) -> [f32; N] {
    let mut array = [0.0; N];
    array.iter_mut().zip(figures).for_each(|(place, figure)| *place = figure);
    array
}

/// Keeps a probability of zero apart from a small one.
const LEAST: f32 = 0.01;

fn log(probability: f32) -> f32 {
    libm::logf(probability + LEAST)
}

/// The features of every column, each with [`count`] numbers.
pub(super) fn of(columns: &[Evidence], rows: usize) -> Vec<Vec<f32>> {
    build(columns, rows).into_iter().map(|builder| builder.values).collect()
}

/// The group of each feature.
#[must_use]
pub fn groups() -> Vec<FeatureGroup> {
    let weights = super::weights::Weights::untrained();
    let evidence = super::evidence::gather(&[String::new()], &[], &weights);
    build(&evidence, 0).pop().map(|builder| builder.groups).unwrap_or_default()
}

fn build(columns: &[Evidence], rows: usize) -> Vec<Builder> {
    use FeatureGroup as Group;
    let all = |figure: &dyn Fn(&Evidence) -> Vec<f32>| columns.iter().map(figure).collect::<Vec<_>>();
    let filled = |column: &Evidence| f32::from(u8::from(!column.is_empty()));
    let headers: Vec<[f32; Header::COUNT]> =
        all(&|column| Header::iter().map(|header| header.of(column)).collect())
            .into_iter()
            .map(|figures| array(figures.into_iter()))
            .collect();
    let filled_headers = headers
        .iter()
        .zip(columns)
        .map(|(figures, column)| figures.map(|figure| figure * filled(column)))
        .collect();
    let values: Vec<[f32; Values::COUNT]> =
        columns.iter().map(|column| array(Values::iter().map(|values| values.of(column)))).collect();
    let agreements: Vec<[f32; Values::COUNT]> =
        columns.iter().map(|column| array(Values::iter().map(|values| values.agreement(column)))).collect();
    let header_rivals = Rivals::new(filled_headers);
    let value_rivals = Rivals::new(values.clone());
    let agreement_rivals = Rivals::new(agreements.clone());
    let address_columns = columns.iter().filter(|column| column.profile.email_inside > 0.5).count() as f32;

    let mut built = Vec::with_capacity(columns.len());
    for (at, column) in columns.iter().enumerate() {
        let mut features = Builder::default();
        let minus = |own: f32, other: f32| own - other;
        let before = at.checked_sub(1);
        let after = Some(at + 1);

        let reading = &column.reading;
        features.add(Group::Header, headers[at].map(log));
        features.add(Group::Header, column.header_kinds().iter().copied());
        features.add(
            Group::Header,
            Kind::iter().map(|kind| if kind == reading.kind { reading.strength } else { 0.0 }),
        );
        features.add(Group::Header, Atom::iter().map(|atom| f32::from(u8::from(reading.atoms.has(atom)))));
        features.add(
            Group::Header,
            [
                f32::from(u8::from(reading.kind == Kind::Empty)),
                f32::from(u8::from(column.is_unnamed())),
                f32::from(reading.words.min(10)) / 10.0,
                f32::from(u8::from(reading.is_label)),
                f32::from(u8::from(reading.ordinal.is_some_and(|ordinal| ordinal > 1))),
            ],
        );
        let others = header_rivals.best_of_others(at);
        features.add(Group::Header, headers[at].iter().zip(others).map(|(own, other)| minus(*own, other)));
        features.add(Group::Header, others);
        features.add(Group::Header, header_rivals.neighbour(before));
        features.add(Group::Header, header_rivals.neighbour(after));

        features.add(Group::Values, values[at].map(|share| if column.is_empty() { 0.0 } else { log(share) }));
        features.add(Group::Values, column.value_kinds().iter().copied());
        features.add(Group::Values, column.profile.shares());
        let others = value_rivals.best_of_others(at);
        features.add(Group::Values, values[at].iter().zip(others).map(|(own, other)| minus(*own, other)));
        features.add(Group::Values, others);
        features.add(Group::Values, value_rivals.neighbour(before));
        features.add(Group::Values, value_rivals.neighbour(after));
        let shape = &column.shape;
        features.add(
            Group::Values,
            [
                shape.length.min(60.0) / 60.0,
                shape.spread.min(40.0) / 20.0,
                shape.words.min(10.0) / 10.0,
                shape.single_words,
                shape.letters,
                shape.digits,
                shape.non_latin,
                shape.commas,
            ],
        );

        let relations = &column.relations;
        features.add(
            Group::Table,
            [
                shape.filled,
                column.profile.distinct,
                1.0 - filled(column),
                column.profile.filled.min(10) as f32 / 10.0,
                rows.min(20) as f32 / 20.0,
                columns.len().min(40) as f32 / 40.0,
                relations.in_local_part,
                relations.in_domain,
                relations.names_in_address,
                relations.holds,
                relations.held,
                relations.holds_columns.min(3.0) / 3.0,
                relations.addresses_before.min(3.0) / 3.0,
                address_columns.min(4.0) / 4.0,
            ],
        );

        let others = agreement_rivals.best_of_others(at);
        features.add(Group::Both, agreements[at]);
        features.add(Group::Both, agreements[at].iter().zip(others).map(|(own, other)| minus(*own, other)));
        features.add(Group::Both, others);
        built.push(features);
    }
    built
}
