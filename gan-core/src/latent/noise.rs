//! Noise for planes: far more numbers than a latent holds, drawn anew from its seed whenever they are needed.

use crate::normal;

/// Numbers of one plane, by a permuted congruential generator of 32 bits (O'Neill 2014, "PCG: a family of simple fast
/// space-efficient statistically good algorithms for random number generation", RXS M XS 32/32).
///
/// Its 2³² numbers are one circle, and seeds are places on it: planes of different seeds overlap by chance only.
pub(super) struct Noise(u32);

impl Noise {
    /// Those of plane number `plane` of a latent with this seed.
    pub(super) fn new(seed: u32, plane: usize) -> Self {
        // Each plane begins as far from the one before it as the golden ratio divides the circle.
        let place = (plane as u32).wrapping_mul(0x9e37_79b9);
        let mut noise = Noise(seed.wrapping_add(place));
        // Neighbouring seeds are neighbours on no part of the circle behind this.
        noise.0 = noise.draw().wrapping_add(place);
        noise
    }

    fn draw(&mut self) -> u32 {
        let state = self.0;
        self.0 = state.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
        let word = ((state >> ((state >> 28) + 4)) ^ state).wrapping_mul(277_803_737);
        (word >> 22) ^ word
    }
}

impl Iterator for Noise {
    type Item = i8;

    fn next(&mut self) -> Option<i8> {
        Some(normal::quantized(self.draw(), normal::MOST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::vec::Vec;

    fn plane(seed: u32, plane: usize) -> Vec<f64> {
        Noise::new(seed, plane).take(784).map(f64::from).collect()
    }

    fn correlation(a: &[f64], b: &[f64]) -> f64 {
        let square = |values: &[f64]| values.iter().map(|value| value * value).sum::<f64>();
        a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / (square(a) * square(b)).sqrt()
    }

    #[test]
    fn numbers_are_standard_normal() {
        let all: Vec<f64> = (0..200).flat_map(|seed| plane(seed, 0)).collect();
        let count = all.len() as f64;
        let mean = all.iter().sum::<f64>() / count * 3.0 / 127.0;
        let deviation = (all.iter().map(|value| value * value).sum::<f64>() / count).sqrt() * 3.0 / 127.0;
        assert!(mean.abs() < 0.01 && (deviation - 0.998).abs() < 0.01, "{mean} {deviation}");
    }

    #[test]
    fn planes_of_other_seeds_and_numbers_are_independent_and_neighbours_too() {
        let first = plane(7, 0);
        for other in [plane(8, 0), plane(7, 1), plane(6, 0), plane(1 << 31, 3)] {
            assert!(correlation(&first, &other).abs() < 0.15);
        }
        assert!(correlation(&first[1..], &first[..783]).abs() < 0.15);
        assert_eq!(first, plane(7, 0));
    }
}
