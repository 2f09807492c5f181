//! From the network's probabilities to confidences that are what they say: of the tables at 0.9, nine in ten are right.

use serde::{Deserialize, Serialize};

/// A logistic regression over a few figures about a plan, fitted on tables of layouts the network has not seen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Calibration {
    /// Of a column: bias, and weight of the logit of its probability.
    pub column: [f32; 2],
    /// Of a table: bias, and the weights of [`table_figures`].
    pub table: [f32; 1 + TABLE_FIGURES],
}

/// How many figures [`table_figures`] gives.
pub const TABLE_FIGURES: usize = 4;

impl Default for Calibration {
    fn default() -> Self {
        Self { column: [0.0, 1.0], table: [0.0; 1 + TABLE_FIGURES] }
    }
}

/// The probabilities beyond which a logit says nothing more.
const LEAST: f32 = 1e-4;

/// The logit of a probability, bounded.
#[must_use]
pub fn logit(probability: f32) -> f32 {
    let probability = probability.clamp(LEAST, 1.0 - LEAST);
    libm::logf(probability / (1.0 - probability))
}

fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-x))
}

/// What the certainty of a table as a whole depends on: its least sure column, how many columns are in doubt, whether somebody
/// is named, and whether anybody can be reached. `probabilities` are those of the columns' roles.
#[must_use]
pub fn table_figures(probabilities: &[f32], named: bool, reached: bool) -> [f32; TABLE_FIGURES] {
    let least = probabilities.iter().copied().fold(1.0, f32::min);
    let doubt: f32 = probabilities.iter().map(|probability| -libm::logf(probability.max(LEAST))).sum();
    [logit(least), libm::logf(doubt.max(LEAST)), f32::from(u8::from(named)), f32::from(u8::from(reached))]
}

impl Calibration {
    /// How sure a column's role is, 0 to 1.
    #[must_use]
    pub fn column(&self, probability: f32) -> f32 {
        logistic(self.column[0] + self.column[1] * logit(probability))
    }

    /// How sure it is that all columns of a table that feed a lead are right, 0 to 1.
    #[must_use]
    pub fn table(&self, figures: &[f32; TABLE_FIGURES]) -> f32 {
        let [bias, weights @ ..] = &self.table;
        logistic(bias + weights.iter().zip(figures).map(|(weight, figure)| weight * figure).sum::<f32>())
    }
}
