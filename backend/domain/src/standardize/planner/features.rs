//! The evidence about a column as numbers: the input of the network that predicts roles.

use std::collections::HashMap;

use strum::{EnumCount as _, EnumIter, IntoEnumIterator as _};

use super::evidence::{Evidence, MOST};
use super::kinds::{HeaderKind, ValueKind};
use crate::standardize::headers::{Atom, Kind};

/// What a feature is about; training leaves groups out to measure what each is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString)]
#[strum(serialize_all = "lowercase")]
pub enum FeatureGroup {
    /// What the header says.
    Header,
    /// What the values look like.
    Values,
    /// Filling, number of rows, and how a column relates to the others.
    Table,
    /// How well header and values agree.
    Agreement,
}

/// Headers grouped by what their columns would be for the lead.
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

/// Values grouped by what their columns would be for the lead.
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

    /// How well header and values agree.
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

/// `N` figures of each column of a table, and the two best of each figure among all columns: what a column competes
/// with.
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

/// Columns sharing a word that are examined: of hundreds, the first say enough.
const MOST_SIBLINGS: usize = 24;

/// Added before taking a logarithm, so that a probability of zero stays finite and close to a small one.
const LEAST: f32 = 0.01;

fn log(probability: f32) -> f32 {
    libm::logf(probability + LEAST)
}

/// The features of every column, all of the same length.
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
    let table = Figures::new(columns, rows);
    let of_column = |at: usize| {
        let mut features = Builder::default();
        table.add_header(at, &mut features);
        table.add_values(at, &mut features);
        table.add_table(at, &mut features);
        table.add_agreement(at, &mut features);
        features
    };
    (0..columns.len()).map(of_column).collect()
}

/// The figures of a table's columns that features compare.
struct Figures<'a> {
    columns: &'a [Evidence],
    rows: usize,
    headers: Vec<[f32; Header::COUNT]>,
    values: Vec<[f32; Values::COUNT]>,
    agreements: Vec<[f32; Values::COUNT]>,
    header_rivals: Rivals<{ Header::COUNT }>,
    value_rivals: Rivals<{ Values::COUNT }>,
    agreement_rivals: Rivals<{ Values::COUNT }>,
    address_columns: usize,
    /// The first columns under each distinctive word of a header.
    columns_by_word: HashMap<&'a str, Vec<usize>>,
    /// The columns, in descending likelihood that the header means an address.
    by_email_header: Vec<usize>,
}

impl<'a> Figures<'a> {
    fn new(columns: &'a [Evidence], rows: usize) -> Self {
        let headers: Vec<[f32; Header::COUNT]> =
            columns.iter().map(|column| array(Header::iter().map(|header| header.of(column)))).collect();
        let values: Vec<[f32; Values::COUNT]> =
            columns.iter().map(|column| array(Values::iter().map(|values| values.of(column)))).collect();
        let agreements: Vec<[f32; Values::COUNT]> = columns
            .iter()
            .map(|column| array(Values::iter().map(|values| values.agreement(column))))
            .collect();
        let filled_headers = headers
            .iter()
            .zip(columns)
            .map(|(figures, column)| figures.map(|figure| figure * filled(column)));
        let mut columns_by_word: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, column) in columns.iter().enumerate() {
            for word in &column.distinctive_words {
                let under_word = columns_by_word.entry(word).or_default();
                if under_word.len() < MOST_SIBLINGS {
                    under_word.push(at);
                }
            }
        }
        let email = |at: &usize| headers[*at][Header::Email as usize];
        let mut by_email_header: Vec<usize> = (0..columns.len()).collect();
        by_email_header.sort_by(|one, other| email(other).total_cmp(&email(one)));
        Self {
            columns,
            rows,
            header_rivals: Rivals::new(filled_headers.collect()),
            value_rivals: Rivals::new(values.clone()),
            agreement_rivals: Rivals::new(agreements.clone()),
            headers,
            values,
            agreements,
            address_columns: columns.iter().filter(|column| column.profile.email_inside > MOST).count(),
            columns_by_word,
            by_email_header,
        }
    }

    fn add_header(&self, at: usize, features: &mut Builder) {
        use FeatureGroup::Header as Group;
        let column = &self.columns[at];
        let reading = &column.reading;
        features.add(Group, self.headers[at].map(log));
        features.add(Group, column.header_kinds().iter().copied());
        features
            .add(Group, Kind::iter().map(|kind| if kind == reading.kind { reading.strength } else { 0.0 }));
        features.add(Group, Atom::iter().map(|atom| is(reading.atoms.has(atom))));
        features.add(
            Group,
            [
                is(reading.kind == Kind::Empty),
                is(column.is_unnamed()),
                f32::from(reading.words.min(10)) / 10.0,
                is(reading.is_label),
                is(reading.ordinal.is_some_and(|ordinal| ordinal > 1)),
            ],
        );
        let others = self.header_rivals.best_of_others(at);
        features.add(Group, differences(&self.headers[at], &others));
        features.add(Group, others);
        features.add(Group, self.header_rivals.neighbour(at.checked_sub(1)));
        features.add(Group, self.header_rivals.neighbour(Some(at + 1)));
        features.add(Group, self.siblings(at));
    }

    /// What the columns that share a distinctive word are called (`Parent Name`, `Parent Email`), whether they are
    /// somebody else's, and whether addresses are called otherwise.
    fn siblings(&self, at: usize) -> [f32; 8] {
        let words = self.columns[at].distinctive_words.iter();
        let mut siblings: Vec<usize> =
            words.flat_map(|word| &self.columns_by_word[word.as_str()]).copied().collect();
        siblings.sort_unstable();
        siblings.dedup();
        siblings.retain(|other| *other != at);
        let called = |headers: &[Header]| {
            let of = |other: &usize| {
                headers.iter().map(|header| self.headers[*other][*header as usize]).fold(0.0, f32::max)
            };
            siblings.iter().map(of).fold(0.0, f32::max)
        };
        let names = [Values::Full, Values::Given, Values::Surname];
        let holding_names =
            siblings.iter().flat_map(|other| names.map(|name| self.values[*other][name as usize]));
        let is_unrelated = |other: &&usize| **other != at && siblings.binary_search(*other).is_err();
        let address_of_others = self.by_email_header.iter().find(is_unrelated);
        [
            siblings.len().min(6) as f32 / 6.0,
            called(&[Header::First, Header::Last, Header::Full, Header::Name]),
            called(&[Header::Email]),
            called(&[Header::Phone]),
            called(&[Header::Company, Header::Title]),
            called(&[Header::OtherPerson]),
            holding_names.fold(0.0, f32::max),
            address_of_others.map_or(0.0, |other| self.headers[*other][Header::Email as usize]),
        ]
    }

    fn add_values(&self, at: usize, features: &mut Builder) {
        use FeatureGroup::Values as Group;
        let column = &self.columns[at];
        let empty = column.is_empty();
        features.add(Group, self.values[at].map(|share| if empty { 0.0 } else { log(share) }));
        features.add(Group, column.value_kinds().iter().copied());
        features.add(Group, column.profile.shares());
        let others = self.value_rivals.best_of_others(at);
        features.add(Group, differences(&self.values[at], &others));
        features.add(Group, others);
        features.add(Group, self.value_rivals.neighbour(at.checked_sub(1)));
        features.add(Group, self.value_rivals.neighbour(Some(at + 1)));
        let shape = &column.shape;
        features.add(
            Group,
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
    }

    fn add_table(&self, at: usize, features: &mut Builder) {
        let column = &self.columns[at];
        let relations = &column.relations;
        features.add(
            FeatureGroup::Table,
            [
                column.shape.filled,
                column.profile.distinct,
                1.0 - filled(column),
                column.profile.filled.min(10) as f32 / 10.0,
                self.rows.min(20) as f32 / 20.0,
                self.columns.len().min(40) as f32 / 40.0,
                relations.in_local_part,
                relations.in_domain,
                relations.names_in_address,
                relations.holds,
                relations.held,
                relations.holds_columns.min(3.0) / 3.0,
                relations.addresses_before.min(3.0) / 3.0,
                self.address_columns.min(4) as f32 / 4.0,
            ],
        );
    }

    fn add_agreement(&self, at: usize, features: &mut Builder) {
        let others = self.agreement_rivals.best_of_others(at);
        features.add(FeatureGroup::Agreement, self.agreements[at]);
        features.add(FeatureGroup::Agreement, differences(&self.agreements[at], &others));
        features.add(FeatureGroup::Agreement, others);
    }
}

fn is(said: bool) -> f32 {
    f32::from(u8::from(said))
}

fn filled(column: &Evidence) -> f32 {
    is(!column.is_empty())
}

fn differences<const N: usize>(own: &[f32; N], others: &[f32; N]) -> [f32; N] {
    std::array::from_fn(|nth| own[nth] - others[nth])
}
