//! Training of the network that predicts roles: one hidden layer, Adam, small batches.

use easy_crm_domain::standardize::planner::kinds::ColumnRole;
use easy_crm_domain::standardize::planner::weights::{Network, softmax};
use fastrand::Rng;
use rayon::prelude::*;
use strum::EnumCount as _;

/// A column with its role; `weight` is its weight in training.
#[derive(Debug, Clone)]
pub(crate) struct Example {
    pub(crate) features: Vec<f32>,
    pub(crate) role: ColumnRole,
    pub(crate) weight: f32,
}

const ROLES: usize = ColumnRole::COUNT;
/// Random seeds: each network of the ensemble starts from different weights and sees the examples in a different order.
const SEEDS: [u64; 4] = [5, 6, 7, 8];
/// Units of the hidden layer of each network.
const HIDDEN: usize = 48;
const PASSES: usize = 12;
const BATCH: usize = 64;
const LEARNING_RATE: f32 = 0.002;
/// Decay rates of Adam's running means of gradients and of their squares, and the term that prevents division
/// by zero.
const MOMENTUM: f32 = 0.9;
const SQUARES_KEPT: f32 = 0.999;
const LEAST_ROOT: f32 = 1e-6;
/// Share by which the learning rate has dropped at the last step.
const RATE_LOST: f32 = 0.95;
/// Decay of the weights towards zero, as a share of the learning rate.
const DECAY: f32 = 2e-4;
/// Share of the steps at the end whose weights are averaged, which makes the result depend less on chance.
const AVERAGED: f32 = 0.35;
/// Dropout: share of the features hidden from the network for each example, so that it does not rely on any one.
const DROPPED: f32 = 0.1;
const SMOOTHING: f32 = 0.01;
/// Spread of the initial weights: of the first layer, relative to what keeps the units as varied as the
/// features, and of the second.
const STARTING_SPREAD: f32 = 0.7;
const STARTING_SPREAD_OF_ROLES: f32 = 0.2;
/// Lower bound of a feature's standard deviation: a feature that hardly varies must not be amplified.
const LEAST_DEVIATION: f32 = 0.02;

/// Everything that determines a network, for the digest of the training.
pub(crate) fn settings() -> String {
    format!(
        "{SEEDS:?} {HIDDEN} {PASSES} {BATCH} {LEARNING_RATE} {MOMENTUM} {SQUARES_KEPT} {LEAST_ROOT} {RATE_LOST} {DECAY} \
         {AVERAGED} {DROPPED} {SMOOTHING} {LEAST_DEVIATION} {STARTING_SPREAD} {STARTING_SPREAD_OF_ROLES}"
    )
}

struct Adam {
    mean: Vec<f32>,
    square: Vec<f32>,
}

impl Adam {
    fn new(count: usize) -> Self {
        Self { mean: vec![0.0; count], square: vec![0.0; count] }
    }

    fn step(&mut self, weights: &mut [f32], gradients: &mut [f32], rate: f32, decay: f32) {
        for (((weight, gradient), mean), square) in
            weights.iter_mut().zip(gradients.iter_mut()).zip(&mut self.mean).zip(&mut self.square)
        {
            *mean = MOMENTUM * *mean + (1.0 - MOMENTUM) * *gradient;
            *square = SQUARES_KEPT * *square + (1.0 - SQUARES_KEPT) * *gradient * *gradient;
            *weight -= rate * (*mean / (square.sqrt() + LEAST_ROOT) + decay * *weight);
            *gradient = 0.0;
        }
    }
}

/// Trains several networks with different seeds and combines them into one ensemble. What one network gets wrong by
/// chance, the others do not.
pub(crate) fn train(examples: &[Example]) -> Network {
    let inputs = examples.first().map_or(0, |example| example.features.len());
    let (means, deviations) = scales(examples, inputs);
    let scaled: Vec<Vec<f32>> = examples
        .iter()
        .map(|example| {
            let scale =
                |(at, feature): (usize, &f32)| ((feature - means[at]) / deviations[at]).clamp(-8.0, 8.0);
            example.features.iter().enumerate().map(scale).collect()
        })
        .collect();
    let networks: Vec<Network> =
        SEEDS.into_par_iter().map(|seed| train_one(examples, &scaled, inputs, seed)).collect();
    unscaled(side_by_side(&networks), &means, &deviations).rounded()
}

/// A network that returns the mean of the networks' logits.
fn side_by_side(networks: &[Network]) -> Network {
    let share = 1.0 / networks.len() as f32;
    let inputs = networks.first().map_or(0, |network| network.inputs);
    let row = |network: &Network, input: usize| network.first[input * HIDDEN..][..HIDDEN].to_vec();
    let mean = |role: usize| networks.iter().map(|network| network.second_bias[role]).sum::<f32>() * share;
    Network {
        inputs,
        hidden: networks.len() * HIDDEN,
        first: (0..inputs)
            .flat_map(|input| networks.iter().flat_map(move |network| row(network, input)))
            .collect(),
        first_bias: networks.iter().flat_map(|network| network.first_bias.clone()).collect(),
        second: networks.iter().flat_map(|network| &network.second).map(|weight| weight * share).collect(),
        second_bias: (0..ROLES).map(mean).collect(),
    }
}

/// Trains one network on features that have been scaled to a common range.
fn train_one(examples: &[Example], scaled: &[Vec<f32>], inputs: usize, seed: u64) -> Network {
    let mut rng = Rng::with_seed(seed);
    let spread = (2.0 / inputs.max(1) as f32).sqrt() * STARTING_SPREAD;
    let mut random = |count: usize, spread: f32| -> Vec<f32> {
        (0..count).map(|_| (rng.f32() + rng.f32() + rng.f32() - 1.5) * 2.0 * spread).collect()
    };
    let mut network = Network {
        inputs,
        hidden: HIDDEN,
        first: random(inputs * HIDDEN, spread),
        first_bias: vec![0.0; HIDDEN],
        second: random(HIDDEN * ROLES, STARTING_SPREAD_OF_ROLES),
        second_bias: vec![0.0; ROLES],
    };
    let mut adam = [inputs * HIDDEN, HIDDEN, HIDDEN * ROLES, ROLES].map(Adam::new);
    let mut gradients = [inputs * HIDDEN, HIDDEN, HIDDEN * ROLES, ROLES].map(|count| vec![0.0_f32; count]);
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let steps = PASSES * examples.len().div_ceil(BATCH);
    let mut step = 0;
    let mut average: Option<(Network, usize)> = None;
    let mut dropped = vec![0.0_f32; inputs];
    for _ in 0..PASSES {
        rng.shuffle(&mut order);
        for batch in order.chunks(BATCH) {
            for at in batch {
                dropped.copy_from_slice(&scaled[*at]);
                dropped.iter_mut().for_each(|feature| {
                    if rng.f32() < DROPPED {
                        *feature = 0.0;
                    }
                });
                learn(&network, &dropped, &examples[*at], &mut gradients, 1.0 / batch.len() as f32);
            }
            let rate = LEARNING_RATE * (1.0 - RATE_LOST * step as f32 / steps as f32);
            let [first, first_bias, second, second_bias] = &mut adam;
            let [first_gradients, first_bias_gradients, second_gradients, second_bias_gradients] =
                &mut gradients;
            first.step(&mut network.first, first_gradients, rate, DECAY);
            first_bias.step(&mut network.first_bias, first_bias_gradients, rate, 0.0);
            second.step(&mut network.second, second_gradients, rate, DECAY);
            second_bias.step(&mut network.second_bias, second_bias_gradients, rate, 0.0);
            step += 1;
            if step as f32 > (1.0 - AVERAGED) * steps as f32 {
                let (sum, count) = average.get_or_insert_with(|| (zeros(&network), 0));
                add_to(sum, &network);
                *count += 1;
            }
        }
    }
    if let Some((mut sum, count)) = average {
        parts(&mut sum).into_iter().flatten().for_each(|weight| *weight /= count as f32);
        network = sum;
    }
    network
}

fn parts(network: &mut Network) -> [&mut Vec<f32>; 4] {
    [&mut network.first, &mut network.first_bias, &mut network.second, &mut network.second_bias]
}

fn zeros(network: &Network) -> Network {
    let mut zeros = network.clone();
    parts(&mut zeros).into_iter().flatten().for_each(|weight| *weight = 0.0);
    zeros
}

fn add_to(sum: &mut Network, network: &Network) {
    let mut network = network.clone();
    for (sum, weights) in parts(sum).into_iter().zip(parts(&mut network)) {
        sum.iter_mut().zip(weights.iter()).for_each(|(sum, weight)| *sum += weight);
    }
}

fn scales(examples: &[Example], inputs: usize) -> (Vec<f32>, Vec<f32>) {
    let count = examples.len().max(1) as f64;
    let mut sums = vec![0.0_f64; inputs];
    let mut squares = vec![0.0_f64; inputs];
    for example in examples {
        for (at, feature) in example.features.iter().enumerate() {
            sums[at] += f64::from(*feature);
            squares[at] += f64::from(*feature) * f64::from(*feature);
        }
    }
    let means: Vec<f32> = sums.iter().map(|sum| (sum / count) as f32).collect();
    let deviations = squares
        .iter()
        .zip(&sums)
        .map(|(square, sum)| {
            (((square / count - (sum / count).powi(2)).max(0.0).sqrt()) as f32).max(LEAST_DEVIATION)
        })
        .collect();
    (means, deviations)
}

/// Accumulates the gradients of one example.
fn learn(network: &Network, features: &[f32], example: &Example, gradients: &mut [Vec<f32>; 4], share: f32) {
    let hidden = network.hidden(features);
    let mut errors = [0.0_f32; ROLES];
    errors.copy_from_slice(&network.second_bias);
    for (unit, weights) in hidden.iter().zip(network.second.chunks_exact(ROLES)) {
        errors.iter_mut().zip(weights).for_each(|(error, weight)| *error += unit * weight);
    }
    softmax(&mut errors);
    for (role, error) in errors.iter_mut().enumerate() {
        let truth =
            if role == example.role as usize { 1.0 - SMOOTHING } else { 0.0 } + SMOOTHING / ROLES as f32;
        *error = (*error - truth) * share * example.weight;
    }
    let [first, first_bias, second, second_bias] = gradients;
    let mut back = [0.0_f32; HIDDEN];
    for (at, unit) in hidden.iter().enumerate() {
        if *unit <= 0.0 {
            continue;
        }
        let weights = &network.second[at * ROLES..][..ROLES];
        back[at] = weights.iter().zip(&errors).map(|(weight, error)| weight * error).sum();
        let row = &mut second[at * ROLES..][..ROLES];
        row.iter_mut().zip(&errors).for_each(|(gradient, error)| *gradient += unit * error);
    }
    second_bias.iter_mut().zip(&errors).for_each(|(gradient, error)| *gradient += error);
    first_bias.iter_mut().zip(&back).for_each(|(gradient, back)| *gradient += back);
    for (feature, row) in features.iter().zip(first.chunks_exact_mut(HIDDEN)) {
        if *feature != 0.0 {
            row.iter_mut().zip(&back).for_each(|(gradient, back)| *gradient += feature * back);
        }
    }
}

/// The network for unscaled features.
fn unscaled(mut network: Network, means: &[f32], deviations: &[f32]) -> Network {
    for (at, row) in network.first.chunks_exact_mut(network.hidden).enumerate() {
        for (weight, bias) in row.iter_mut().zip(&mut network.first_bias) {
            *weight /= deviations[at];
            *bias -= *weight * means[at];
        }
    }
    network
}
