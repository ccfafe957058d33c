//! From a 32-bit accumulator back to int8, and the activation that follows.

use core::ops::RangeInclusive;

use crate::error::OpError;
#[cfg(feature = "adaptive")]
use crate::kernels::inverse::{Factor, Inverse};
use crate::kernels::store::every;

/// Factors and activation of a layer's outputs.
#[derive(Debug, Clone, Copy)]
pub struct Requantize<'a> {
    /// One per channel, positive; where it is a gain of what is divided by its own statistics, of any sign.
    pub(crate) multipliers: &'a [i32],
    /// In 1..=62.
    pub(crate) shifts: Shifts<'a>,
    /// Zero point of the requantized number.
    pub(crate) zero_point: i8,
    /// What follows.
    pub(crate) activation: Activation<'a>,
}

/// By how much the product is shifted right.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shifts<'a> {
    All(u8),
    PerChannel(&'a [u8]),
}

/// What follows the rounding.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Activation<'a> {
    /// Into `min..=max`.
    Clamp { min: i8, max: i8 },
    /// The entry for −128 first.
    Table(&'a [i8; 256]),
}

impl Requantize<'_> {
    /// Checks that multipliers are positive, shifts in 1..=62 and the clamp's ends in order.
    #[inline(never)] // small in a firmware: it is called in many places
    pub(crate) fn check(&self) -> Result<(), OpError> {
        if self.multipliers.iter().any(|&multiplier| multiplier <= 0) {
            return Err(OpError::Multiplier);
        }
        self.check_shifts(1..=62)
    }

    /// Checks that shifts are in `range` and the clamp's ends in order.
    #[inline(never)] // small in a firmware: it is called in many places
    pub(crate) fn check_shifts(&self, range: RangeInclusive<u8>) -> Result<(), OpError> {
        let in_range = |shift: &u8| range.contains(shift);
        let shifts_hold = match &self.shifts {
            Shifts::All(shift) => in_range(shift),
            Shifts::PerChannel(shifts) => shifts.iter().all(in_range),
        };
        if !shifts_hold {
            return Err(OpError::Shift);
        }
        match self.activation {
            Activation::Clamp { min, max } if min > max => Err(OpError::Clamp),
            _ => Ok(()),
        }
    }

    /// `clamp(zero_point + ((accumulator · multiplier + 2^(shift−1)) >> shift))`, then the table if there is one:
    /// one rounding, ties up.
    #[inline(never)] // small in a firmware: it is called in several places, and the fast kernels store many at once
    pub(crate) fn apply(&self, accumulator: i32, channel: usize) -> i8 {
        let multiplier = self.multipliers.get(channel).copied().unwrap_or(1);
        self.finish(scale(accumulator, multiplier, self.shift(channel)))
    }
}

impl Requantize<'_> {
    /// Requantizes sums of one channel to every `step`-th element of `output`.
    #[inline(never)]
    pub(crate) fn store(&self, channel: usize, sums: &[i32], output: &mut [i8], step: usize) {
        let multiplier = self.multipliers.get(channel).copied().unwrap_or(1);
        let zero_point = i32::from(self.zero_point);
        let shift = self.shift(channel);
        match (shift, self.activation) {
            // One multiplication whose upper half is the result, rounded; saturated, it is clamped.
            (32, Activation::Clamp { min: i8::MIN, max: i8::MAX }) => {
                every(sums, output, step, |sum| saturate(scale_by_upper_half(sum, multiplier) + zero_point));
            }
            (32, Activation::Table(table)) => every(sums, output, step, |sum| {
                let scaled = saturate(scale_by_upper_half(sum, multiplier) + zero_point);
                table[usize::from((scaled as u8) ^ 0x80)]
            }),
            _ => every(sums, output, step, |sum| self.finish(scale(sum, multiplier, shift))),
        }
    }

    /// Adds biases to sums of consecutive channels, from `channel` on, and requantizes them.
    #[inline(never)]
    pub(crate) fn store_channels(&self, channel: usize, sums: &[i32], biases: &[i32], output: &mut [i8]) {
        let multipliers = self.multipliers.get(channel..).unwrap_or_default();
        let parts = sums.iter().zip(biases).zip(multipliers).zip(output);
        let zero_point = i32::from(self.zero_point);
        match (self.shifts, self.activation) {
            (Shifts::All(32), Activation::Clamp { min: i8::MIN, max: i8::MAX }) => {
                for (((sum, bias), &multiplier), slot) in parts {
                    let sum = sum.wrapping_add(*bias);
                    *slot = saturate(scale_by_upper_half(sum, multiplier) + zero_point);
                }
            }
            _ => {
                for (index, (((sum, bias), &multiplier), slot)) in parts.enumerate() {
                    let sum = sum.wrapping_add(*bias);
                    *slot = self.finish(scale(sum, multiplier, self.shift(channel + index)));
                }
            }
        }
    }

    /// The gain of `channel`, that is its multiplier · 2^−shift, times `inverse`. Its shift is in
    /// [`SHIFTS`](crate::kernels::inverse::SHIFTS).
    #[cfg(feature = "adaptive")]
    #[inline(never)] // small in a firmware: it is called in several places
    pub(crate) fn gain(&self, channel: usize, inverse: Inverse) -> Factor {
        inverse.times(self.multipliers.get(channel).copied().unwrap_or(0), self.shift(channel))
    }

    /// From steps of 2⁻¹⁶ of the output: rounded, ties up, then as [`Requantize::apply`] ends.
    #[cfg(feature = "adaptive")]
    #[inline(never)] // small in a firmware: it is called in several places
    pub(crate) fn round(&self, scaled: i64) -> i8 {
        self.finish((scaled + (1 << 15)) >> 16)
    }

    fn shift(&self, channel: usize) -> u8 {
        match self.shifts {
            Shifts::All(shift) => shift,
            Shifts::PerChannel(shifts) => shifts.get(channel).copied().unwrap_or(1),
        }
    }

    /// Zero point and activation.
    #[inline(always)]
    fn finish(&self, scaled: i64) -> i8 {
        let scaled = scaled + i64::from(self.zero_point);
        match self.activation {
            // No `clamp`, which panics where min > max.
            Activation::Clamp { min, max } => scaled.max(min.into()).min(max.into()) as i8,
            Activation::Table(table) => table[usize::from((scaled.clamp(-128, 127) + 128) as u8)],
        }
    }
}

/// Into −128..=127.
#[inline(always)]
fn saturate(value: i32) -> i8 {
    value.clamp(-128, 127) as i8
}

/// [`scale`] by a shift of 32; at most 2³⁰ in size.
#[inline(always)]
fn scale_by_upper_half(accumulator: i32, multiplier: i32) -> i32 {
    ((i64::from(accumulator) * i64::from(multiplier) + (1 << 31)) >> 32) as i32
}

/// `round(accumulator · multiplier / 2^shift)`, ties up, `shift` in 1..=62.
#[inline(always)]
fn scale(accumulator: i32, multiplier: i32, shift: u8) -> i64 {
    // |product| ≤ 2^62 and the half is at most 2^61: no overflow.
    (i64::from(accumulator) * i64::from(multiplier) + (1 << (shift - 1))) >> shift
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ties_round_up() {
        // 2^31 · acc >> 32 is acc / 2.
        let half = |accumulator| scale(accumulator, 1 << 30, 31);
        assert_eq!([half(1), half(3), half(-1), half(-3)], [1, 2, 0, -1]);
    }

    proptest! {
        #[test]
        fn scale_is_the_rounded_quotient(accumulator: i32, multiplier in 1..=i32::MAX, shift in 1u8..=62) {
            let product = i128::from(accumulator) * i128::from(multiplier);
            let floor_of_half_up = (2 * product + (1i128 << shift)).div_euclid(1i128 << (shift + 1));
            prop_assert_eq!(i128::from(scale(accumulator, multiplier, shift)), floor_of_half_up);
        }

        #[test]
        fn the_result_is_clamped_around_the_zero_point(
            accumulator: i32, multiplier in 1..=i32::MAX, shift in 1u8..=62, zero_point: i8, a: i8, b: i8,
        ) {
            let (min, max) = (a.min(b), a.max(b));
            let multipliers = [multiplier];
            let requantize = Requantize {
                multipliers: &multipliers,
                shifts: Shifts::PerChannel(&[shift]),
                zero_point,
                activation: Activation::Clamp { min, max },
            };
            let exact = scale(accumulator, multiplier, shift) + i64::from(zero_point);
            let got = i64::from(requantize.apply(accumulator, 0));
            prop_assert_eq!(got, exact.clamp(i64::from(min), i64::from(max)));
        }
    }
}
