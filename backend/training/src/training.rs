//! From generated tables to weights: first the models of values and headers, then the network on top of them, and its
//! calibration.

use easy_crm_domain::standardize::planner;
use easy_crm_domain::standardize::planner::features::{self, FeatureGroup};
use easy_crm_domain::standardize::planner::kinds::{HeaderKind, ValueKind};
use easy_crm_domain::standardize::planner::tokens;
use easy_crm_domain::standardize::planner::weights::{HEADER_BUCKETS, VALUE_BUCKETS, Weights};
use fastrand::Rng;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use strum::{EnumCount as _, IntoEnumIterator as _};

use crate::data::{Data, Part};
use crate::tables::{self, Table};
use crate::world::{NameStyle, World, chance, pick};
use crate::{calibration, headers, layouts, linear, network};

/// The command that generates the weights.
const COMMAND: &str = "cargo run --release -p easy-crm-training -- train";
/// Number of cells of each kind the value model is trained on; kinds that are hard to distinguish get more.
const CELLS: usize = 7_000;
/// Number of tables the network is trained on.
const TABLES: u64 = 20_000;
/// Weight of a table of the layouts: there are few of them, and they are real.
const LAYOUT_WEIGHT: f32 = 12.0;
/// Number of tables the confidence is fitted on.
const CALIBRATION_TABLES: u64 = 2_500;

/// Trains all weights. `is_used` selects the families of tables for training, `without` the feature groups to leave
/// out.
pub(crate) fn learn(
    data: &Data,
    layouts: &[Table],
    is_used: &(dyn Fn(&str) -> bool + Sync),
    without: &[FeatureGroup],
) -> Weights {
    let mut data = data.clone();
    data.sets.retain(|set| is_used(&set.product));
    let first = kinds(&data.part(Part::Kinds));
    let network_data = data.part(Part::Roles);
    let world = World::new(&network_data);
    let generated = (0..TABLES)
        .into_par_iter()
        .map(|seed| (tables::generate(&world, &mut Rng::with_seed(seed)), 1.0))
        .filter(|(table, _)| is_used(&table.family));
    let mut rng = Rng::with_seed(77);
    let mut real = Vec::new();
    for table in layouts.iter().filter(|table| is_used(&table.family)) {
        real.push((table.clone(), LAYOUT_WEIGHT));
        real.extend((0..3).map(|_| (varied(table, &mut rng), LAYOUT_WEIGHT / 3.0)));
    }
    let mut examples: Vec<network::Example> =
        generated.chain(real).flat_map_iter(|(table, weight)| examples_of(&table, &first, weight)).collect();
    let hidden: Vec<bool> = features::groups().iter().map(|group| without.contains(group)).collect();
    for example in &mut examples {
        let features = example.features.iter_mut().zip(&hidden);
        features.filter(|(_, hidden)| **hidden).for_each(|(feature, _)| *feature = 0.0);
    }
    let mut roles = network::train(&examples);
    let rows = roles.first.chunks_exact_mut(roles.hidden.max(1)).zip(&hidden);
    rows.filter(|(_, hidden)| **hidden).for_each(|(row, _)| row.fill(0.0));
    let mut weights = Weights { roles, ..first };
    weights.head.features = weights.roles.inputs;
    weights.head.hidden = weights.roles.hidden;
    // confidence is fitted on tables the network has not seen, with the final models
    let whole = kinds(&data);
    let mut weights = Weights { roles: weights.roles, head: weights.head, ..whole };
    let unseen: Vec<Table> = (0..CALIBRATION_TABLES)
        .into_par_iter()
        .map(|seed| tables::generate(&world, &mut Rng::with_seed(1_000_000 + seed)))
        .collect();
    weights.head.calibration = calibration::fit(&unseen, &weights);
    weights.head.command = COMMAND.to_owned();
    weights
}

/// The models of values and headers.
fn kinds(data: &Data) -> Weights {
    let world = World::new(data);
    let values = || linear::train(&cells(&world), VALUE_BUCKETS, ValueKind::COUNT, 1);
    let headers = || {
        let examples: Vec<linear::Example> = headers::examples(data, &mut Rng::with_seed(2))
            .into_iter()
            .flat_map(|(header, kind)| {
                [tokens::of_header(&header), tokens::of_vocabulary(&header)]
                    .map(|buckets| linear::Example { buckets, class: kind as usize })
            })
            .collect();
        linear::train(&examples, HEADER_BUCKETS, HeaderKind::COUNT, 3)
    };
    let (values, headers) = rayon::join(values, headers);
    Weights { values, headers, ..Weights::untrained() }
}

/// Cells of all kinds, for the value model.
fn cells(world: &World<'_>) -> Vec<linear::Example> {
    let mut rng = Rng::with_seed(11);
    let rng = &mut rng;
    let mut examples = Vec::new();
    for kind in ValueKind::iter() {
        let count = match kind {
            ValueKind::Given
            | ValueKind::Surname
            | ValueKind::FullName
            | ValueKind::Company
            | ValueKind::Title => CELLS * 8 / 5,
            ValueKind::FullNameFamilyFirst | ValueKind::City => CELLS * 6 / 5,
            _ => CELLS,
        };
        let mut made = 0;
        while made < count {
            let locale = world.locale(rng);
            let company = if chance(rng, 0.8) { world.company(rng, locale) } else { String::new() };
            let style = rng.usize(..World::PHONE_STYLES);
            let person = world.person(rng, locale, company, style);
            let mut maker = world.maker(rng, kind, locale);
            for _ in 0..*pick(rng, &[1, 2, 4]) {
                let cell = match kind {
                    ValueKind::FullName => {
                        let style = *pick(
                            rng,
                            &[
                                NameStyle::Plain,
                                NameStyle::Plain,
                                NameStyle::Plain,
                                NameStyle::Honorific,
                                NameStyle::Suffix,
                                NameStyle::MiddleInitial,
                            ],
                        );
                        let other = world.person(rng, locale, String::new(), 0);
                        world.full_name(rng, &other, style)
                    }
                    ValueKind::FullNameFamilyFirst => {
                        let style = *pick(
                            rng,
                            &[NameStyle::LastCommaFirst, NameStyle::LastFirst, NameStyle::CapitalLastFirst],
                        );
                        let other = world.person(rng, locale, String::new(), 0);
                        world.full_name(rng, &other, style)
                    }
                    _ => maker(rng, &person),
                };
                let cell = match rng.usize(..100) {
                    0..8 => cell.to_uppercase(),
                    8..13 => cell.to_lowercase(),
                    _ => cell,
                };
                let buckets = tokens::of_value(&cell);
                if !buckets.is_empty() {
                    examples.push(linear::Example { buckets, class: kind as usize });
                }
                made += 1;
            }
        }
    }
    examples
}

/// The columns of a table that the network decides.
fn examples_of(table: &Table, weights: &Weights, weight: f32) -> Vec<network::Example> {
    let (headers, rows) = (table.headers(), table.rows());
    let seen = planner::Table::new(&headers, &rows, weights);
    let columns = seen.features().into_iter().zip(&table.columns).enumerate();
    columns
        .filter(|(at, _)| seen.is_open(*at))
        .map(|(_, (features, column))| network::Example { features, role: column.role, weight })
        .collect()
}

/// A variation of the table: columns reordered, some that are not a field left out, and only some of its rows.
fn varied(table: &Table, rng: &mut Rng) -> Table {
    use easy_crm_domain::standardize::planner::kinds::ColumnRole;
    let mut columns = table.columns.clone();
    columns.retain(|column| column.role != ColumnRole::Other || chance(rng, 0.75));
    if chance(rng, 0.4) {
        let by = rng.usize(..columns.len().max(1));
        columns.rotate_left(by);
    }
    let rows = columns.first().map_or(0, |column| column.cells.len());
    let keep: Vec<bool> = (0..rows).map(|_| chance(rng, 0.7)).collect();
    if keep.iter().any(|keep| *keep) {
        for column in &mut columns {
            let mut keep = keep.iter();
            column.cells.retain(|_| keep.next().copied().unwrap_or(true));
        }
    }
    Table { family: table.family.clone(), columns }
}

/// Number of generated tables in the digest: enough to notice a change of the generator or of a feature.
const DIGEST_TABLES: u64 = 60;

/// A digest of what the weights are trained on and how: the data files, the settings, how tables are generated, and how
/// their tokens and features are computed. A test compares it with the one in the weights.
pub(crate) fn fingerprint(data: &Data) -> anyhow::Result<String> {
    let mut hash = Sha256::new();
    for name in ["headers.txt", "header_sets.txt", "phrases.txt", "pools.txt", "layout_roles.txt"] {
        hash.update(std::fs::read(crate::data::folder().join(name))?);
    }
    for layout in layouts::files()? {
        hash.update(layout);
    }
    let settings = [network::settings(), linear::settings(), calibration::settings()].join(" ");
    hash.update(format!("{CELLS} {TABLES} {LAYOUT_WEIGHT} {CALIBRATION_TABLES} {settings}"));
    for (header, kind) in headers::examples(data, &mut Rng::with_seed(2)) {
        hash.update([kind as u8]);
        hash.update(header);
    }
    let untrained = Weights::untrained();
    let network_data = data.part(Part::Roles);
    let world = World::new(&network_data);
    for seed in 0..DIGEST_TABLES {
        let table = tables::generate(&world, &mut Rng::with_seed(seed));
        for column in &table.columns {
            hash.update([column.role as u8]);
            let cells = column.cells.iter().flat_map(|cell| tokens::of_value(cell));
            let buckets = tokens::of_header(&column.header).into_iter().chain(cells);
            buckets.for_each(|bucket| hash.update(bucket.to_le_bytes()));
        }
        let (headers, rows) = (table.headers(), table.rows());
        for features in planner::Table::new(&headers, &rows, &untrained).features() {
            features.iter().for_each(|feature| hash.update(feature.to_le_bytes()));
        }
    }
    Ok(hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_belong_to_the_data_and_the_code() {
        let data = Data::load().unwrap();
        let built_in = &Weights::built_in().head;
        assert_eq!(
            built_in.training,
            fingerprint(&data).unwrap(),
            "data, generator or features changed since the weights were trained: run `{COMMAND}`"
        );
        assert_eq!(built_in.command, COMMAND);
    }
}
