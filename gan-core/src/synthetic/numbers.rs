//! A synthetic model's numbers, all from one seed.

use std::vec::Vec;

use super::Synthetic;
use crate::format::{ActivationRecord, RequantizeRecord, ShiftRecord, TermsRecord};

/// How a model's numbers are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// Weights bell-shaped like trained ones, sums scaled into the range of int8.
    Usual,
    /// Weights, multipliers and shifts of any size, extremes often: sums saturate.
    Extreme,
}

/// The most weights, and the most biases, of a layer.
const MOST_NUMBERS: usize = 1 << 24;

impl Synthetic {
    /// The next 64 pseudo-random bits, by splitmix64.
    pub(super) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// `count` weights in −127..=127.
    ///
    /// # Panics
    /// If they are more than [`MOST_NUMBERS`], or `count` is none.
    pub(super) fn weights(&mut self, count: Option<usize>) -> Vec<i8> {
        let count = count.filter(|&count| count <= MOST_NUMBERS).expect("at most 2^24 weights");
        let draw = |model: &mut Self| match model.numbers {
            Numbers::Usual => {
                // The mean of four uniform numbers: a standard deviation of 37, as a layer has whose largest weight is 127.
                let bytes = (model.next() as u32).to_le_bytes().map(|byte| i32::from(byte as i8));
                (bytes.iter().sum::<i32>() / 4).clamp(-127, 127) as i8
            }
            Numbers::Extreme => match model.next() % 8 {
                0 => 127,
                1 => -127,
                _ => (model.next() as i8).max(-127),
            },
        };
        (0..count).map(|_| draw(self)).collect()
    }

    /// `count` biases.
    ///
    /// # Panics
    /// If they are more than [`MOST_NUMBERS`].
    pub(super) fn biases(&mut self, count: usize) -> Vec<i32> {
        assert!(count <= MOST_NUMBERS, "at most 2^24 biases");
        let bits = match self.numbers {
            Numbers::Usual => 13,
            Numbers::Extreme => 20,
        };
        (0..count).map(|_| (self.next() as i32) >> (32 - bits)).collect()
    }

    /// Factors behind a sum of `products` products of an activation and a weight.
    pub(super) fn requantize(&mut self, channels: u16, products: usize) -> RequantizeRecord {
        // Products of standard deviations 37 and about 60 add up to this; it shall become about 50.
        let spread = 37.0 * 60.0 * (products as f64).sqrt();
        let usual = (50.0 / spread * 4_294_967_296.0) as u64;
        let multipliers: Vec<i32> = (0..channels)
            .map(|_| match self.numbers {
                Numbers::Usual => (usual + self.next() % (usual / 4 + 1)).min(i32::MAX as u64) as i32,
                Numbers::Extreme => match self.next() % 4 {
                    0 => i32::MAX,
                    1 => 1,
                    _ => (self.next() as i32 & i32::MAX).max(1) >> (self.next() % 12),
                }
                .max(1),
            })
            .collect();
        let any_shifts = self.numbers == Numbers::Extreme && self.next().is_multiple_of(2);
        let shifts: Vec<u8> = (0..channels).map(|_| 28 + (self.next() % 16) as u8).collect();
        let constants = &mut self.writer.constants;
        RequantizeRecord {
            multipliers: constants.words(&multipliers),
            shifts: if any_shifts {
                ShiftRecord::PerChannel(constants.shifts(&shifts))
            } else {
                ShiftRecord::All(32)
            },
            activation: ActivationRecord::NONE,
        }
    }

    /// Gains of any sign around `gain`, of what is divided by its own statistics.
    pub(super) fn gains(&mut self, channels: u16, gain: f64) -> RequantizeRecord {
        // gain = 2³⁰ · 2^−shift, or a little more.
        let shift = (30.0 - gain.log2()).floor() as u8;
        let gains: Vec<i32> = (0..channels)
            .map(|_| match (self.numbers, self.next()) {
                (Numbers::Usual, bits) => {
                    let gain = (1 << 30) + (bits % (1 << 29)) as i32;
                    if bits >> 60 == 0 { -gain } else { gain }
                }
                (Numbers::Extreme, bits) => match bits % 4 {
                    0 => i32::MAX,
                    1 => i32::MIN,
                    2 => 0,
                    _ => (bits >> 32) as i32,
                },
            })
            .collect();
        let any_shifts = self.numbers == Numbers::Extreme && self.next().is_multiple_of(2);
        let shifts: Vec<u8> = (0..channels).map(|_| 17 + (self.next() % 32) as u8).collect();
        let constants = &mut self.writer.constants;
        RequantizeRecord {
            multipliers: constants.words(&gains),
            shifts: match any_shifts {
                true => ShiftRecord::PerChannel(constants.shifts(&shifts)),
                false => ShiftRecord::All(shift),
            },
            activation: ActivationRecord::NONE,
        }
    }

    /// Constants of a product to `channels` channels, to which another tensor is `added`.
    pub(super) fn factors(&mut self, channels: u16, added: bool) -> TermsRecord {
        // The largest of both, and the largest bias, still fit.
        let (most, most_added) = match self.numbers {
            Numbers::Usual => (1 << 8, 1 << 14),
            Numbers::Extreme => (20_000, 3_000_000),
        };
        let draw = |model: &mut Self, most: i32| match model.next() {
            bits if bits % 8 == 0 => most,
            bits if bits % 8 == 1 => -most,
            bits => (bits >> 32) as i32 % most,
        };
        let mut multipliers: Vec<i32> = (0..channels).map(|_| draw(self, most)).collect();
        if added {
            multipliers.extend((0..channels).map(|_| draw(self, most_added)));
        }
        let multipliers = self.writer.constants.words(&multipliers);
        let bias = self.biases(channels.into());
        let bias = self.writer.constants.words(&bias);
        TermsRecord { multipliers, bias, requantize: self.requantize(channels, 1 << 12) }
    }

    /// Writes `count` factors of a sum, of any sign; returns their offset.
    fn multipliers(&mut self, count: usize) -> u32 {
        let draw = |model: &mut Self| match (model.numbers, model.next()) {
            (Numbers::Usual, bits) => ((bits % (1 << 17)) as i32 - (1 << 16)) | 1,
            // Three of the largest and the largest bias still fit.
            (Numbers::Extreme, bits) => match bits % 4 {
                0 => 5_000_000,
                1 => -5_000_000,
                _ => (bits >> 32) as i32 % 5_000_000,
            },
        };
        let multipliers: Vec<i32> = (0..count).map(|_| draw(self)).collect();
        self.writer.constants.words(&multipliers)
    }

    /// Constants of a sum or a join to `channels` channels.
    pub(super) fn terms(&mut self, multipliers: usize, channels: u16) -> TermsRecord {
        let multipliers = self.multipliers(multipliers);
        let bias = self.biases(channels.into());
        let bias = self.writer.constants.words(&bias);
        TermsRecord { multipliers, bias, requantize: self.requantize_terms(channels) }
    }

    /// Factors behind a sum of multipliers of 16 bits: operands of any size come out at about their own.
    fn requantize_terms(&mut self, channels: u16) -> RequantizeRecord {
        if self.numbers == Numbers::Extreme {
            return self.requantize(channels, 1);
        }
        let multipliers: Vec<i32> =
            (0..channels).map(|_| (1 << 30) + (self.next() % (1 << 29)) as i32).collect();
        let multipliers = self.writer.constants.words(&multipliers);
        RequantizeRecord { multipliers, shifts: ShiftRecord::All(46), activation: ActivationRecord::NONE }
    }
}
