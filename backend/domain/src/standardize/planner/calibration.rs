//! Turns the network's probabilities into calibrated confidences: of the tables at 0.9, nine in ten are right.

use serde::{Deserialize, Serialize};

/// A logistic regression over a few figures about a plan, fitted on tables of layouts the network has not seen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Calibration {
    /// For a column: bias, and weight of the logit of its probability.
    pub column: [f32; 2],
    /// For a table: bias, and the weights of [`table_figures`].
    pub table: [f32; 1 + TABLE_FIGURES],
}

/// Number of figures that [`table_figures`] returns.
pub const TABLE_FIGURES: usize = 4;

impl Default for Calibration {
    fn default() -> Self {
        Self { column: [0.0, 1.0], table: [0.0; 1 + TABLE_FIGURES] }
    }
}

/// Probabilities are clamped at this distance from 0 and 1.
const LEAST: f32 = 1e-4;

/// The logit of a probability, clamped.
#[must_use]
pub fn logit(probability: f32) -> f32 {
    let probability = probability.clamp(LEAST, 1.0 - LEAST);
    libm::logf(probability / (1.0 - probability))
}

fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-x))
}

/// The figures the confidence of a whole table depends on: its least sure column, how many columns are in doubt,
/// whether somebody is named, and whether anybody can be reached. `probabilities` are those of the columns' roles.
#[must_use]
pub fn table_figures(probabilities: &[f32], named: bool, reached: bool) -> [f32; TABLE_FIGURES] {
    let least = probabilities.iter().copied().fold(1.0, f32::min);
    let doubt: f32 = probabilities.iter().map(|probability| -libm::logf(probability.max(LEAST))).sum();
    [logit(least), libm::logf(doubt.max(LEAST)), f32::from(u8::from(named)), f32::from(u8::from(reached))]
}

impl Calibration {
    /// Confidence in a column's role, 0 to 1.
    #[must_use]
    pub fn column(&self, probability: f32) -> f32 {
        logistic(self.column[0] + self.column[1] * logit(probability))
    }

    /// Confidence that all columns of a table that feed a lead are right, 0 to 1.
    #[must_use]
    pub fn table(&self, figures: &[f32; TABLE_FIGURES]) -> f32 {
        let [bias, weights @ ..] = &self.table;
        logistic(bias + weights.iter().zip(figures).map(|(weight, figure)| weight * figure).sum::<f32>())
    }
}
