//! How well the planner handles families of layouts that it was not trained on.

use std::io::Write;

use easy_crm_domain::standardize::planner::calibration::Calibration;
use easy_crm_domain::standardize::planner::features::FeatureGroup;
use fastrand::Rng;
use rayon::prelude::*;

use crate::calibration::{Outcome, outcome};
use crate::data::{Data, Part, hash};
use crate::tables;
use crate::world::World;
use crate::{layouts, training};

/// Number of parts (folds) the families are split into; one at a time is held out.
const FOLDS: u64 = 5;
/// Number of generated tables of the held-out families.
const TABLES: u64 = 4_000;

fn fold_of(family: &str) -> u64 {
    (hash(family) >> 24) % FOLDS
}

/// Evaluates the first `folds` folds, each with everything retrained, with the features of some groups hidden.
pub(crate) fn run(
    data: &Data,
    folds: u64,
    without: &[FeatureGroup],
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let layouts = layouts::tables()?;
    let (mut generated, mut real) = (Vec::new(), Vec::new());
    for fold in 0..folds.min(FOLDS) {
        let weights = training::learn(data, &layouts, &|family| fold_of(family) != fold, without);
        let world_data = data.part(Part::Roles);
        let world = World::new(&world_data);
        let unseen = (0..TABLES)
            .into_par_iter()
            .map(|seed| tables::generate(&world, &mut Rng::with_seed(5_000_000 + seed)))
            .filter(|table| fold_of(&table.family) == fold);
        let calibration = weights.head.calibration;
        generated.par_extend(unseen.map(|table| (outcome(&table, &weights), calibration)));
        for table in layouts.iter().filter(|table| fold_of(&table.family) == fold) {
            let outcome = outcome(table, &weights);
            if !outcome.is_right {
                writeln!(out, "  {}: {:?}", table.family, outcome.mistakes)?;
            }
            real.push((outcome, calibration));
        }
    }
    report("generated, families held out", &generated, out)?;
    report("layouts, held out", &real, out)?;
    Ok(())
}

fn report(title: &str, outcomes: &[(Outcome, Calibration)], out: &mut impl Write) -> anyhow::Result<()> {
    let right = outcomes.iter().filter(|(outcome, _)| outcome.is_right).count();
    let columns: Vec<(f32, bool)> = outcomes
        .iter()
        .flat_map(|(outcome, calibration)| {
            outcome
                .columns
                .iter()
                .map(|(probability, is_right)| (calibration.column(*probability), *is_right))
        })
        .collect();
    let tables: Vec<(f32, bool)> = outcomes
        .iter()
        .map(|(outcome, calibration)| (calibration.table(&outcome.figures), outcome.is_right))
        .collect();
    let right_columns = columns.iter().filter(|(_, is_right)| *is_right).count();
    writeln!(
        out,
        "{title}: {right} of {} tables wholly right ({:.1} %), {:.2} % of columns; calibration error {:.3} of columns, {:.3} of tables",
        outcomes.len(),
        100.0 * right as f64 / outcomes.len().max(1) as f64,
        100.0 * right_columns as f64 / columns.len().max(1) as f64,
        calibration_error(&columns),
        calibration_error(&tables),
    )?;
    let mut confusions: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for (_, given, truth) in outcomes.iter().flat_map(|(outcome, _)| &outcome.mistakes) {
        *confusions.entry(format!("{truth:?} predicted as {given:?}")).or_default() += 1;
    }
    let mut confusions: Vec<(String, usize)> = confusions.into_iter().collect();
    confusions.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), name.clone()));
    for (name, count) in confusions.iter().take(12) {
        writeln!(out, "  {count:>5} {name}")?;
    }
    for threshold in [0.5, 0.7, 0.8, 0.9, 0.95] {
        let above: Vec<&(f32, bool)> =
            tables.iter().filter(|(confidence, _)| *confidence >= threshold).collect();
        let right = above.iter().filter(|(_, is_right)| *is_right).count();
        writeln!(
            out,
            "  at {threshold}: {:.1} % of tables below; {:.1} % of those above are right",
            100.0 * (tables.len() - above.len()) as f64 / tables.len().max(1) as f64,
            100.0 * right as f64 / above.len().max(1) as f64,
        )?;
    }
    Ok(())
}

/// The mean distance between confidence and accuracy, over ten bins of equal width.
fn calibration_error(said: &[(f32, bool)]) -> f64 {
    let mut bins = [(0_usize, 0.0_f64, 0_usize); 10];
    for (confidence, is_right) in said {
        let bin = &mut bins[((confidence * 10.0) as usize).min(9)];
        bin.0 += 1;
        bin.1 += f64::from(*confidence);
        bin.2 += usize::from(*is_right);
    }
    let distance = |(_, confidence, right): &(usize, f64, usize)| (confidence - *right as f64).abs();
    bins.iter().map(distance).sum::<f64>() / said.len().max(1) as f64
}
