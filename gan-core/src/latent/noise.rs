//! Noise for planes: far more numbers than a latent holds, drawn anew from its seed whenever they are needed.

use super::uniform;
use crate::normal;

/// Normal and uniform numbers from a seed, by a permuted congruential generator of 32 bits (O'Neill 2014, "PCG: a family of simple fast
/// space-efficient statistically good algorithms for random number generation", RXS M XS 32/32); see
/// [`Latent::noise_values`](super::Latent::noise_values).
///
/// Its 2³² numbers are one circle in which neighbouring numbers are far apart, and seeds are places on it: planes of different
/// seeds overlap by chance only.
#[derive(Debug, Clone)]
pub struct Noise(u32);

impl Noise {
    /// Those of a latent with this seed.
    pub(super) fn new(seed: u32) -> Self {
        Noise(seed)
    }

    /// Writes the next numbers to `slots`, uniform ones if that is what they are.
    #[inline(never)] // apart from the loops of what a model without noise needs
    pub(crate) fn fill(&mut self, slots: &mut [i8], is_uniform: bool) {
        for slot in slots {
            *slot = if is_uniform { self.uniform() } else { self.draw() };
        }
    }

    /// The next number, not a normal one but one of −127..=127, all equally likely to 2⁻²⁴.
    pub fn uniform(&mut self) -> i8 {
        uniform(self.bits())
    }

    fn draw(&mut self) -> i8 {
        normal::quantized(self.bits(), normal::MOST)
    }

    fn bits(&mut self) -> u32 {
        let state = self.0;
        self.0 = state.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
        let word = ((state >> ((state >> 28) + 4)) ^ state).wrapping_mul(277_803_737);
        (word >> 22) ^ word
    }
}

impl Iterator for Noise {
    type Item = i8;

    fn next(&mut self) -> Option<i8> {
        Some(self.draw())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::vec::Vec;

    fn numbers(seed: u32) -> Vec<f64> {
        Noise::new(seed).take(784).map(f64::from).collect()
    }

    fn correlation(a: &[f64], b: &[f64]) -> f64 {
        let square = |values: &[f64]| values.iter().map(|value| value * value).sum::<f64>();
        a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / (square(a) * square(b)).sqrt()
    }

    #[test]
    fn numbers_are_standard_normal() {
        let all: Vec<f64> = (0..200).flat_map(numbers).collect();
        let count = all.len() as f64;
        let mean = all.iter().sum::<f64>() / count * 3.0 / 127.0;
        let deviation = (all.iter().map(|value| value * value).sum::<f64>() / count).sqrt() * 3.0 / 127.0;
        assert!(mean.abs() < 0.01 && (deviation - 0.998).abs() < 0.01, "{mean} {deviation}");
    }

    #[test]
    fn numbers_of_other_seeds_are_independent_and_neighbours_too() {
        let first = numbers(7);
        for other in [numbers(8), numbers(6), numbers(1 << 31), numbers(0)] {
            assert!(correlation(&first, &other).abs() < 0.15);
        }
        assert!(correlation(&first[1..], &first[..783]).abs() < 0.15);
    }

    #[test]
    fn slots_are_filled_one_plane_behind_the_other() {
        let (mut noise, mut planes) = (Noise::new(9), ([0; 4], [0; 6]));
        noise.fill(&mut planes.0, false);
        noise.fill(&mut planes.1, false);
        let both: Vec<i8> = planes.0.into_iter().chain(planes.1).collect();
        assert_eq!(both, Noise::new(9).take(10).collect::<Vec<_>>());
    }
}
