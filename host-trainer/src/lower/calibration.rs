//! How a tensor's range comes from the values that were observed in it.
//!
//! A wide range clips nothing and rounds coarsely; a narrow one clips the rare and rounds finely. See Krishnamoorthi
//! (2018), "Quantizing deep convolutional networks for efficient inference", section 2.5, and, for the clipping that
//! costs least, Banner et al. (2019), "Post training 4-bit quantization of convolutional networks for rapid-deployment".

use std::fmt;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::range::affine;

/// The share of values that [`Method::Percentile`] leaves outside on each side.
const OUTSIDE: f64 = 1e-4;
/// Bins of the histogram that clipping factors are tried on: 32 an int8 step of the widest range.
const BINS: usize = 8192;
/// Clipping factors that are tried for each end: 1, 127/128, … 1/128.
const FACTORS: usize = 128;

/// How ranges are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Calibration {
    /// By each method in turn; the one whose pictures are closest to the floats' is kept
    #[default]
    Auto,
    /// From the lowest to the highest value
    MinMax,
    /// Without the rarest 0.01 % on each side
    Percentile,
    /// Where clipping and rounding together have the smallest squared error
    Mse,
}

impl Calibration {
    /// The methods to try.
    pub(super) fn methods(self) -> &'static [Method] {
        match self {
            Calibration::Auto => &[Method::MinMax, Method::Percentile, Method::Mse],
            Calibration::MinMax => &[Method::MinMax],
            Calibration::Percentile => &[Method::Percentile],
            Calibration::Mse => &[Method::Mse],
        }
    }
}

/// One way to choose a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// The lowest and the highest value.
    MinMax,
    /// The same without the rarest 1e-4 on each side.
    Percentile,
    /// The range of the smallest squared error.
    Mse,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Method::MinMax => "min-max",
            Method::Percentile => "percentile",
            Method::Mse => "mse",
        })
    }
}

impl Method {
    /// Low and high end for `values`, which count as `±limit` where they are beyond it; `None` where one is not finite.
    pub(super) fn range(self, values: &[f32], limit: f32) -> Option<(f32, f32)> {
        if values.is_empty() || !values.iter().all(|value| value.is_finite()) {
            return None;
        }
        let outside = match self {
            Method::Percentile => (values.len() as f64 * OUTSIDE) as usize,
            Method::MinMax | Method::Mse => 0,
        };
        let mut sorted = values.to_vec();
        let (_, &mut low, _) = sorted.select_nth_unstable_by(outside, f32::total_cmp);
        let (_, &mut high, _) = sorted.select_nth_unstable_by(values.len() - 1 - outside, f32::total_cmp);
        let (low, high) = (low.max(-limit), high.min(limit));
        Some(match self {
            Method::MinMax | Method::Percentile => (low, high),
            Method::Mse => least_error(values, (low, high)),
        })
    }
}

/// The part of `low..=high` that has the least squared error: first its high end is moved towards 0, then its low end.
fn least_error(values: &[f32], (low, high): (f32, f32)) -> (f32, f32) {
    if low == high {
        return (low, high);
    }
    let histogram = Histogram::new(values, (low, high));
    let factors = || (1..=FACTORS).rev().map(|part| part as f32 / FACTORS as f32);
    let best = |ranges: &mut dyn Iterator<Item = (f32, f32)>| {
        let errors = ranges.map(|range| (histogram.error(range), range));
        errors.min_by(|a, b| a.0.total_cmp(&b.0)).expect("there are factors").1
    };
    let (low, high) = best(&mut factors().map(|factor| (low, if high > 0.0 { high * factor } else { high })));
    best(&mut factors().map(|factor| (if low < 0.0 { low * factor } else { low }, high)))
}

/// Values by size. A bin stands for its mean, so that many equal ones, a ReLU's zeros say, stay what they are.
struct Histogram {
    /// Mean and count of every bin that is not empty.
    bins: Vec<(f32, f64)>,
}

impl Histogram {
    fn new(values: &[f32], (low, high): (f32, f32)) -> Self {
        let mut bins = vec![(0f64, 0f64); BINS];
        let scale = BINS as f32 / (high - low);
        for value in values {
            let value = value.clamp(low, high);
            let (sum, count) = &mut bins[(((value - low) * scale) as usize).min(BINS - 1)];
            *sum += f64::from(value);
            *count += 1.0;
        }
        let filled = bins.into_iter().filter(|(_, count)| *count > 0.0);
        Histogram { bins: filled.map(|(sum, count)| ((sum / count) as f32, count)).collect() }
    }

    /// Sum of the squared errors of the values in int8 steps that cover `range`.
    fn error(&self, range: (f32, f32)) -> f64 {
        let params = affine(range);
        let squared = |&(value, count): &(f32, f64)| {
            count * f64::from(params.real(params.quantize(value)) - value).powi(2)
        };
        self.bins.iter().map(squared).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Method; 3] = [Method::MinMax, Method::Percentile, Method::Mse];

    fn error(values: &[f32], range: (f32, f32)) -> f64 {
        let params = affine(range);
        values.iter().map(|&x| f64::from(params.real(params.quantize(x)) - x).powi(2)).sum()
    }

    fn uniform(count: usize) -> Vec<f32> {
        (0..count).map(|index| index as f32 / (count - 1) as f32).collect()
    }

    #[test]
    fn of_uniform_values_all_ends_are_the_best_range() {
        let values = uniform(100_001);
        assert_eq!(Method::Mse.range(&values, f32::INFINITY), Some((0.0, 1.0)));
        assert_eq!(Method::MinMax.range(&values, f32::INFINITY), Some((0.0, 1.0)));
    }

    #[test]
    fn a_far_outlier_is_clipped_by_percentile_and_by_error_but_not_by_min_max() {
        let mut values = uniform(1_000_000);
        values[7] = 20.0;
        let [min_max, percentile, mse] = ALL.map(|method| method.range(&values, f32::INFINITY).unwrap());
        assert_eq!(min_max.1, 20.0);
        assert!((percentile.1 - 0.9999).abs() < 1e-3, "{percentile:?}");
        assert!(mse.1 < 15.0, "{mse:?}");
        let [of_min_max, of_percentile, of_mse] = [min_max, percentile, mse].map(|r| error(&values, r));
        assert!(of_mse < of_min_max && of_mse < of_percentile, "{of_min_max} {of_percentile} {of_mse}");
    }

    #[test]
    fn what_a_function_saturates_is_not_looked_at() {
        for method in ALL {
            let (low, high) = method.range(&[-9.0, -0.5, 0.0, 0.5, 9.0], 2.0).unwrap();
            assert!(low >= -2.0 && high <= 2.0, "{method}: {low} {high}");
        }
    }

    #[test]
    fn what_is_not_finite_has_no_range() {
        for method in ALL {
            assert_eq!(method.range(&[0.0, f32::NAN], f32::INFINITY), None);
            assert_eq!(method.range(&[0.5; 8], f32::INFINITY), Some((0.5, 0.5)));
        }
    }
}
