//! Randomness: every number that a run draws comes from here, never from a framework's generator.
//!
//! A run has one seed and several independent streams, so that drawing more of one thing (a longer
//! latent, say) leaves the others as they were. Their states go into the checkpoint.

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Normal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// The generator of random numbers used on the host; its state can be saved and restored.
pub type Rng = Xoshiro256PlusPlus;

/// What a stream of random numbers is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// The networks' first weights.
    Weights,
    /// The order of the training pictures.
    Order,
    /// Latents and classes of generated pictures.
    Noise,
}

/// The stream of `seed` for one purpose; streams of one seed are 2¹²⁸ draws apart.
pub fn stream(seed: u64, stream: Stream) -> Rng {
    let mut rng = Rng::seed_from_u64(seed);
    for _ in 0..stream as usize {
        rng.jump();
    }
    rng
}

/// `count` independent draws of N(`mean`, `deviation`²).
///
/// # Panics
/// When `deviation` is not finite.
pub fn normals(rng: &mut Rng, count: usize, mean: f32, deviation: f32) -> Vec<f32> {
    let normal = Normal::new(mean, deviation).expect("a finite standard deviation");
    normal.sample_iter(rng).take(count).collect()
}

/// `count` independent draws from −1 to 1, each as likely.
pub fn uniforms(rng: &mut Rng, count: usize) -> Vec<f32> {
    (0..count).map(|_| rng.random_range(-1.0..=1.0)).collect()
}

/// `count` independent draws from 0 to 1, each as likely.
pub fn shares(rng: &mut Rng, count: usize) -> Vec<f32> {
    (0..count).map(|_| rng.random_range(0.0..=1.0)).collect()
}

/// `count` classes, each of `0..classes` as likely as the others.
pub fn classes(rng: &mut Rng, count: usize, classes: usize) -> Vec<u8> {
    (0..count).map(|_| rng.random_range(0..classes) as u8).collect()
}

/// The numbers `0..count` in random order.
pub fn permutation(rng: &mut Rng, count: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count as u32).collect();
    order.shuffle(rng);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_one_seed_differ_and_repeat() {
        let draw = |seed, purpose| normals(&mut stream(seed, purpose), 8, 0.0, 1.0);
        assert_eq!(draw(1, Stream::Noise), draw(1, Stream::Noise));
        assert_ne!(draw(1, Stream::Noise), draw(1, Stream::Weights));
        assert_ne!(draw(1, Stream::Noise), draw(2, Stream::Noise));
    }

    #[test]
    fn normals_have_the_mean_and_deviation_asked_for() {
        let values = normals(&mut stream(3, Stream::Weights), 100_000, 1.0, 0.02);
        let mean = values.iter().sum::<f32>() / 1e5;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / 1e5;
        assert!((mean - 1.0).abs() < 5e-4, "mean {mean}");
        assert!((variance.sqrt() - 0.02).abs() < 3e-4, "deviation {}", variance.sqrt());
    }

    #[test]
    fn a_permutation_holds_every_number_once() {
        let mut order = permutation(&mut stream(0, Stream::Order), 1000);
        assert_ne!(order[..4], [0, 1, 2, 3]);
        order.sort_unstable();
        assert_eq!(order, (0..1000).collect::<Vec<_>>());
    }
}
