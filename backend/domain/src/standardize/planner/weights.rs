//! The planner's weights: three small models that the crate `easy-crm-training` trains and writes.
//!
//! Values and headers are classified by linear models over hashed tokens; roles by a network with one hidden layer.
//! Most weights are integers of one byte. Sums are of integers or in a fixed order, and [`libm`] computes exponentials,
//! so that a plan is the same on every machine, and in a browser too.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use strum::EnumCount as _;

use super::calibration::Calibration;
use super::kinds::{ColumnRole, HeaderKind, ValueKind};

/// Buckets of the tokens of values.
pub const VALUE_BUCKETS: usize = 4096;
/// Buckets of the tokens of headers.
pub const HEADER_BUCKETS: usize = 6144;

/// The head of the weights file, one line of JSON: where the weights come from, and their shapes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// The command that regenerates the file.
    pub command: String,
    /// A digest of what the models were trained on, features included.
    pub training: String,
    /// Classes of the value model.
    pub value_kinds: usize,
    /// Classes of the header model.
    pub header_kinds: usize,
    /// Features of a column.
    pub features: usize,
    /// Units of the hidden layer.
    pub hidden: usize,
    /// How the network's probabilities become confidences.
    pub calibration: Calibration,
}

/// A linear model over hashed tokens, as stored: one byte per bucket and class.
#[derive(Debug, Clone)]
pub struct Linear {
    /// Number of classes.
    pub classes: usize,
    /// Scale by which the integer weights of a class are multiplied.
    pub scales: Vec<f32>,
    /// The bias of a class.
    pub bias: Vec<f32>,
    /// `buckets * classes` weights.
    pub weights: Vec<i8>,
}

impl Linear {
    /// The probability of each class for the tokens of one text.
    #[must_use]
    pub fn probabilities(&self, buckets: &[u16]) -> Vec<f32> {
        let mut sums = vec![0_i32; self.classes];
        for bucket in buckets {
            let from = usize::from(*bucket) * self.classes;
            for (sum, weight) in sums.iter_mut().zip(&self.weights[from..from + self.classes]) {
                *sum += i32::from(*weight);
            }
        }
        let length = libm::sqrtf(buckets.len().max(1) as f32);
        let mut logits: Vec<f32> = sums
            .iter()
            .zip(self.scales.iter().zip(&self.bias))
            .map(|(sum, (scale, bias))| bias + *sum as f32 * scale / length)
            .collect();
        softmax(&mut logits);
        logits
    }
}

/// A network with one hidden layer of rectified units.
#[derive(Debug, Clone)]
pub struct Network {
    /// Number of input features.
    pub inputs: usize,
    /// Units of the hidden layer.
    pub hidden: usize,
    /// `inputs * hidden` weights, by input; stored per input as a scale and one byte per weight.
    pub first: Vec<f32>,
    /// Bias of the hidden units.
    pub first_bias: Vec<f32>,
    /// `hidden * roles` weights, by hidden unit.
    pub second: Vec<f32>,
    /// Bias of the roles.
    pub second_bias: Vec<f32>,
}

impl Network {
    /// The network with the weights of its first layer quantised as in the file, to one byte each.
    #[must_use]
    pub fn rounded(mut self) -> Self {
        for row in self.first.chunks_exact_mut(self.hidden.max(1)) {
            let scale = scale_of(row);
            row.iter_mut().for_each(|weight| *weight = f32::from(in_one_byte(*weight, scale)) * scale);
        }
        self
    }

    /// The activations of the hidden units.
    #[must_use]
    pub fn hidden(&self, features: &[f32]) -> Vec<f32> {
        let mut hidden = self.first_bias.clone();
        for (feature, weights) in features.iter().zip(self.first.chunks_exact(self.hidden.max(1))) {
            if *feature != 0.0 {
                hidden.iter_mut().zip(weights).for_each(|(unit, weight)| *unit += feature * weight);
            }
        }
        hidden.iter_mut().for_each(|unit| *unit = unit.max(0.0));
        hidden
    }

    /// The probability of each role for the features of one column.
    #[must_use]
    pub fn probabilities(&self, features: &[f32]) -> [f32; ColumnRole::COUNT] {
        let hidden = self.hidden(features);
        let mut logits = [0.0; ColumnRole::COUNT];
        logits.copy_from_slice(&self.second_bias);
        for (unit, weights) in hidden.iter().zip(self.second.chunks_exact(ColumnRole::COUNT)) {
            logits.iter_mut().zip(weights).for_each(|(logit, weight)| *logit += unit * weight);
        }
        softmax(&mut logits);
        logits
    }
}

/// The scale by which the one-byte integers are multiplied to give the weights of one input.
fn scale_of(weights: &[f32]) -> f32 {
    weights.iter().fold(0.0_f32, |most, weight| most.max(weight.abs())) / f32::from(i8::MAX)
}

fn in_one_byte(weight: f32, scale: f32) -> i8 {
    if scale > 0.0 { (weight / scale).round() as i8 } else { 0 }
}

/// Turns logits into probabilities.
pub fn softmax(logits: &mut [f32]) {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for logit in logits.iter_mut() {
        *logit = libm::expf(*logit - most);
        sum += *logit;
    }
    logits.iter_mut().for_each(|share| *share /= sum);
}

/// All weights.
#[derive(Debug, Clone)]
pub struct Weights {
    /// Where they come from.
    pub head: Head,
    /// Cells to [`ValueKind`]s.
    pub values: Linear,
    /// Headers to [`HeaderKind`]s.
    pub headers: Linear,
    /// Features of columns to [`ColumnRole`]s.
    pub roles: Network,
}

impl Weights {
    /// Serialises the weights to their file format.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(&self.head).unwrap_or_default();
        bytes.push(b'\n');
        let floats = |bytes: &mut Vec<u8>, values: &[f32]| {
            values.iter().for_each(|value| bytes.extend(value.to_le_bytes()));
        };
        for linear in [&self.values, &self.headers] {
            floats(&mut bytes, &linear.scales);
            floats(&mut bytes, &linear.bias);
            bytes.extend(linear.weights.iter().map(|weight| weight.cast_unsigned()));
        }
        let roles = &self.roles;
        for row in roles.first.chunks_exact(roles.hidden.max(1)) {
            let scale = scale_of(row);
            bytes.extend(scale.to_le_bytes());
            bytes.extend(row.iter().map(|weight| in_one_byte(*weight, scale).cast_unsigned()));
        }
        for values in [&roles.first_bias, &roles.second, &roles.second_bias] {
            floats(&mut bytes, values);
        }
        bytes
    }

    /// Parses a weights file; `None` if it is not of this version of the code.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
        if head.value_kinds != ValueKind::COUNT || head.header_kinds != HeaderKind::COUNT {
            return None;
        }
        let mut rest = Reader(&bytes[end + 1..]);
        let values = rest.linear(VALUE_BUCKETS, head.value_kinds)?;
        let headers = rest.linear(HEADER_BUCKETS, head.header_kinds)?;
        let roles = Network {
            inputs: head.features,
            hidden: head.hidden,
            first: rest.rows(head.features, head.hidden)?,
            first_bias: rest.floats(head.hidden)?,
            second: rest.floats(head.hidden.checked_mul(ColumnRole::COUNT)?)?,
            second_bias: rest.floats(ColumnRole::COUNT)?,
        };
        rest.0.is_empty().then_some(Self { head, values, headers, roles })
    }

    /// The weights the product is built with. They are untrained only between a change of the kinds and the training
    /// that follows it, which reads layouts too; a test of the training crate fails until then.
    #[must_use]
    pub fn built_in() -> &'static Self {
        static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| {
            Weights::from_bytes(include_bytes!("../../../data/planner.weights"))
                .unwrap_or_else(Weights::untrained)
        });
        &WEIGHTS
    }

    /// Weights without any knowledge: every kind is as likely as any other. The starting point of training.
    #[must_use]
    pub fn untrained() -> Self {
        let linear = |buckets: usize, classes: usize| Linear {
            classes,
            scales: vec![0.0; classes],
            bias: vec![0.0; classes],
            weights: vec![0; buckets * classes],
        };
        Self {
            head: Head {
                command: String::new(),
                training: String::new(),
                value_kinds: ValueKind::COUNT,
                header_kinds: HeaderKind::COUNT,
                features: 0,
                hidden: 0,
                calibration: Calibration::default(),
            },
            values: linear(VALUE_BUCKETS, ValueKind::COUNT),
            headers: linear(HEADER_BUCKETS, HeaderKind::COUNT),
            roles: Network {
                inputs: 0,
                hidden: 0,
                first: Vec::new(),
                first_bias: Vec::new(),
                second: Vec::new(),
                second_bias: vec![0.0; ColumnRole::COUNT],
            },
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn floats(&mut self, count: usize) -> Option<Vec<f32>> {
        let (chunks, _) = self.bytes(count.checked_mul(4)?)?.as_chunks();
        Some(chunks.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }

    fn rows(&mut self, count: usize, length: usize) -> Option<Vec<f32>> {
        let mut weights = Vec::new();
        for _ in 0..count {
            let scale = *self.floats(1)?.first()?;
            weights.extend(self.bytes(length)?.iter().map(|byte| f32::from(byte.cast_signed()) * scale));
        }
        Some(weights)
    }

    fn linear(&mut self, buckets: usize, classes: usize) -> Option<Linear> {
        Some(Linear {
            classes,
            scales: self.floats(classes)?,
            bias: self.floats(classes)?,
            weights: self.bytes(buckets * classes)?.iter().map(|byte| byte.cast_signed()).collect(),
        })
    }
}
