//! How confident the planner may be: logistic regressions on tables it has not seen.

use easy_crm_domain::standardize::planner;
use easy_crm_domain::standardize::planner::calibration::{Calibration, TABLE_FIGURES, logit};
use easy_crm_domain::standardize::planner::kinds::ColumnRole;
use easy_crm_domain::standardize::planner::weights::Weights;

use rayon::prelude::*;

use crate::tables::Table;

/// The plan of a table compared with the truth.
pub(crate) struct Outcome {
    /// For the columns that were decided: the probability of the role given, and whether it is right.
    pub(crate) columns: Vec<(f32, bool)>,
    pub(crate) figures: [f32; TABLE_FIGURES],
    /// Whether all columns that feed a lead are right, and there are no extra ones.
    pub(crate) is_right: bool,
    /// Headers with the predicted and the true role, where they differ.
    pub(crate) mistakes: Vec<(String, ColumnRole, ColumnRole)>,
}

/// Plans a table and compares the result.
pub(crate) fn outcome(table: &Table, weights: &Weights) -> Outcome {
    let (headers, rows) = (table.headers(), table.rows());
    let seen = planner::Table::new(&headers, &rows, weights);
    let probabilities: Vec<_> =
        seen.features().iter().map(|features| weights.roles.probabilities(features)).collect();
    let roles = seen.roles(&probabilities);
    let mut columns = Vec::new();
    let mut mistakes = Vec::new();
    for (at, role) in roles.iter().enumerate().filter(|(at, _)| seen.is_open(*at)) {
        let truth = table.columns[at].role;
        // whether remarks are another person's is shown to users, but changes no lead
        let plain = |role: ColumnRole| if role == ColumnRole::OtherPerson { ColumnRole::Other } else { role };
        let is_right = plain(*role) == plain(truth);
        columns.push((probabilities[at][*role as usize], is_right));
        if !is_right {
            mistakes.push((table.columns[at].header.clone(), *role, truth));
        }
    }
    Outcome {
        figures: seen.figures(&probabilities, &roles),
        is_right: mistakes.is_empty(),
        columns,
        mistakes,
    }
}

/// Fits the confidences.
pub(crate) fn fit(tables: &[Table], weights: &Weights) -> Calibration {
    let outcomes: Vec<Outcome> = tables.par_iter().map(|table| outcome(table, weights)).collect();
    let columns: Vec<([f32; 1], bool)> = outcomes
        .iter()
        .flat_map(|outcome| &outcome.columns)
        .map(|(probability, is_right)| ([logit(*probability)], *is_right))
        .collect();
    let whole: Vec<([f32; TABLE_FIGURES], bool)> =
        outcomes.iter().map(|outcome| (outcome.figures, outcome.is_right)).collect();
    Calibration { column: regression(&columns), table: regression(&whole) }
}

/// Steps of gradient descent; more change nothing.
const STEPS: usize = 3_000;
/// Step size (learning rate), and the decay of the running mean of squared gradients.
const RATE: f64 = 0.01;
const SQUARES_KEPT: f64 = 0.9;

/// Everything that determines a regression, for the digest of the training.
pub(crate) fn settings() -> String {
    format!("{STEPS} {RATE} {SQUARES_KEPT}")
}

/// A logistic regression: bias and weights.
fn regression<const N: usize, const M: usize>(examples: &[([f32; N], bool)]) -> [f32; M] {
    let mut weights = [0.0_f64; M];
    let mut squares = [1e-8_f64; M];
    for _ in 0..STEPS {
        let mut gradient = [0.0_f64; M];
        for (figures, is_right) in examples {
            let score: f64 =
                weights[0] + figures.iter().zip(&weights[1..]).map(|(x, w)| f64::from(*x) * w).sum::<f64>();
            let error = 1.0 / (1.0 + libm::exp(-score)) - f64::from(u8::from(*is_right));
            gradient[0] += error;
            gradient[1..]
                .iter_mut()
                .zip(figures)
                .for_each(|(gradient, x)| *gradient += error * f64::from(*x));
        }
        for ((weight, square), gradient) in weights.iter_mut().zip(&mut squares).zip(gradient) {
            let gradient = gradient / examples.len().max(1) as f64;
            *square = SQUARES_KEPT * *square + (1.0 - SQUARES_KEPT) * gradient * gradient;
            *weight -= RATE * gradient / square.sqrt();
        }
    }
    weights.map(|weight| weight as f32)
}
