//! Training of the linear models over hashed tokens: softmax regression with AdaGrad, then quantisation to bytes.

use easy_crm_domain::standardize::planner::weights::{Linear, softmax};
use fastrand::Rng;

/// A text as the buckets of its tokens, with its class.
pub(crate) struct Example {
    pub(crate) buckets: Vec<u16>,
    pub(crate) class: usize,
}

/// Passes over the examples.
const PASSES: usize = 5;
const LEARNING_RATE: f32 = 0.6;
/// Label smoothing: share of the truth spread over all classes, so that the model is not overconfident.
const SMOOTHING: f32 = 0.03;
/// Decay of every weight towards zero.
const DECAY: f32 = 1e-6;

/// Bounds of how much more a rare class counts than a common one, and how fast that grows.
const IMPORTANCE: (f32, f32) = (0.1, 4.0);
const IMPORTANCE_GROWTH: f32 = 0.7;
/// Share by which the learning rate has dropped at the last pass.
const RATE_LOST: f32 = 0.8;
/// The learning rate of a class's bias, as a share of that of the weights.
const BIAS_RATE: f32 = 0.1;
/// Initial value of the sums of squared gradients: bounds the first steps.
const FIRST_SQUARE: f32 = 1e-3;

/// Everything that determines a model, for the digest of the training.
pub(crate) fn settings() -> String {
    format!(
        "{PASSES} {LEARNING_RATE} {SMOOTHING} {DECAY} {IMPORTANCE:?} {IMPORTANCE_GROWTH} {RATE_LOST} {BIAS_RATE} {FIRST_SQUARE}"
    )
}

/// Trains a model of `classes` classes over `buckets` buckets. Classes have equal weight however many examples they
/// have.
pub(crate) fn train(examples: &[Example], buckets: usize, classes: usize, seed: u64) -> Linear {
    let mut rng = Rng::with_seed(seed);
    let mut counts = vec![0_usize; classes];
    examples.iter().for_each(|example| counts[example.class] += 1);
    let mean = examples.len() as f32 / classes as f32;
    // rare classes count for more, up to a bound
    let importance = |count: &usize| {
        let rarity = mean / (*count).max(1) as f32;
        libm::powf(rarity, IMPORTANCE_GROWTH).clamp(IMPORTANCE.0, IMPORTANCE.1)
    };
    let importance: Vec<f32> = counts.iter().map(importance).collect();
    let mut weights = vec![0.0_f32; buckets * classes];
    let mut squares = vec![FIRST_SQUARE; buckets * classes];
    let mut bias = vec![0.0_f32; classes];
    let mut bias_squares = vec![FIRST_SQUARE; classes];
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut scores = vec![0.0_f32; classes];
    for pass in 0..PASSES {
        rng.shuffle(&mut order);
        let rate = LEARNING_RATE * (1.0 - RATE_LOST * pass as f32 / PASSES as f32);
        for at in &order {
            let example = &examples[*at];
            let length = 1.0 / libm::sqrtf(example.buckets.len().max(1) as f32);
            scores.copy_from_slice(&bias);
            for bucket in &example.buckets {
                let row = &weights[usize::from(*bucket) * classes..][..classes];
                scores.iter_mut().zip(row).for_each(|(score, weight)| *score += weight * length);
            }
            softmax(&mut scores);
            for (class, score) in scores.iter_mut().enumerate() {
                let truth =
                    if class == example.class { 1.0 - SMOOTHING } else { 0.0 } + SMOOTHING / classes as f32;
                *score = (*score - truth) * importance[example.class];
            }
            for bucket in &example.buckets {
                let from = usize::from(*bucket) * classes;
                let row = &mut weights[from..from + classes];
                let square_row = &mut squares[from..from + classes];
                for ((weight, square), error) in row.iter_mut().zip(square_row).zip(&scores) {
                    let gradient = error * length + DECAY * *weight;
                    *square += gradient * gradient;
                    *weight -= rate * gradient / square.sqrt();
                }
            }
            for ((bias, square), error) in bias.iter_mut().zip(&mut bias_squares).zip(&scores) {
                *square += error * error;
                *bias -= BIAS_RATE * rate * error / square.sqrt();
            }
        }
    }
    rounded(&weights, bias, classes)
}

/// The model with its weights quantised to one byte each.
fn rounded(weights: &[f32], bias: Vec<f32>, classes: usize) -> Linear {
    let mut most = vec![1e-9_f32; classes];
    for row in weights.chunks_exact(classes) {
        most.iter_mut().zip(row).for_each(|(most, weight)| *most = most.max(weight.abs()));
    }
    let scales: Vec<f32> = most.iter().map(|most| most / f32::from(i8::MAX)).collect();
    let round = |(at, weight): (usize, &f32)| (weight / scales[at % classes]).round() as i8;
    Linear { classes, weights: weights.iter().enumerate().map(round).collect(), scales, bias }
}
