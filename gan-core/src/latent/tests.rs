use std::vec::Vec;

use rand_xoshiro::Xoshiro128PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use crate::latent::{LATENT_SCALE, Latent, MAX_LATENT, MAX_TRUNCATION};
use crate::normal::tests::erf;

/// The first `count` values of `seed`.
fn values(seed: u64, truncation: f32, count: usize) -> Vec<i8> {
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(seed);
    let latents = (0..count / MAX_LATENT).map(|_| Latent::sample(&mut rng, MAX_LATENT, truncation));
    latents.flat_map(|latent| latent.values().to_vec()).collect()
}

/// Probability that a standard normal number lies nearer to q than to any other step, for q in −127 to 127, where the
/// ends have the tails.
fn probability(q: i32) -> f64 {
    let cumulative = |steps: f64| 0.5 + 0.5 * erf((steps.abs() * 3.0 / 127.0) / 2f64.sqrt()).copysign(steps);
    let low = if q == -127 { 0.0 } else { cumulative(f64::from(q) - 0.5) };
    let high = if q == 127 { 1.0 } else { cumulative(f64::from(q) + 0.5) };
    high - low
}

/// Pearson's χ² of `values` against the normal distribution within ±`limit` steps, in standard deviations of its own
/// distribution, which for that many steps is nearly normal.
fn chi_square(values: &[i8], limit: i32) -> f64 {
    let mut counts = [0u32; 256];
    for &value in values {
        counts[(i32::from(value) + 128) as usize] += 1;
    }
    let steps = -limit..=limit;
    let allowed: f64 = steps.clone().map(probability).sum();
    let excess = |q: i32| {
        let expected = probability(q) / allowed * values.len() as f64;
        let counted = f64::from(counts[(q + 128) as usize]);
        (counted - expected) * (counted - expected) / expected
    };
    let (sum, freedom) = (steps.map(excess).sum::<f64>(), f64::from(2 * limit));
    (sum - freedom) / (2.0 * freedom).sqrt()
}

#[test]
fn a_million_values_are_those_of_a_normal_distribution_rounded_to_steps() {
    for seed in 1..=3 {
        let deviations = chi_square(&values(seed, MAX_TRUNCATION, 1_000_000), 127);
        assert!(deviations.abs() < 3.0, "seed {seed}: χ² is {deviations} deviations from what it should be");
    }
}

#[test]
fn the_moments_are_those_of_a_normal_distribution_that_ends_at_3() {
    let values = values(4, MAX_TRUNCATION, 1_000_000);
    let count = values.len() as f64;
    let real = |value: i8| f64::from(value) * 3.0 / 127.0;
    let moment = |power: i32| values.iter().map(|&value| real(value).powi(power)).sum::<f64>() / count;
    let deviation = moment(2).sqrt();
    // Four deviations of what a million draws leave to chance.
    assert!(moment(1).abs() < 0.004, "mean {}", moment(1));
    assert!((deviation - 0.9975).abs() < 0.003, "standard deviation {deviation}");
    let skewness = moment(3) / deviation.powi(3);
    assert!(skewness.abs() < 0.01, "skewness {skewness}");
    let kurtosis = moment(4) / deviation.powi(4);
    assert!((kurtosis - 2.9206).abs() < 0.02, "kurtosis {kurtosis}");
    let middle = values.iter().filter(|&&value| real(value).abs() <= 0.25).count() as f64 / count;
    assert!((middle - 0.1959).abs() < 0.0016, "{middle} lie within 0.25");
    let neighbours = values.windows(2).map(|pair| real(pair[0]) * real(pair[1])).sum::<f64>() / count;
    assert!(neighbours.abs() < 0.004, "neighbours correlate by {neighbours}");
}

#[test]
fn truncated_values_are_drawn_again_and_not_clipped() {
    for (truncation, limit) in [(0.1, 4), (0.5, 21), (1.0, 42), (2.0, 84), (2.99, 126)] {
        let values = values(5, truncation, 300_000);
        let largest = values.iter().map(|value| i32::from(value.unsigned_abs())).max();
        assert_eq!(largest, Some(limit), "{truncation}");
        let deviations = chi_square(&values, limit);
        assert!(deviations.abs() < 3.0, "{truncation}: χ² is {deviations} deviations from what it should be");
    }
}

#[test]
fn a_number_takes_one_draw_and_keeps_its_sign_and_order_at_every_truncation() {
    let whole = values(6, MAX_TRUNCATION, 10_000);
    for truncation in [0.05, 0.5, 1.5, 2.5] {
        let mut pairs: Vec<(i8, i8)> = whole.iter().copied().zip(values(6, truncation, 10_000)).collect();
        assert!(pairs.iter().all(|&(whole, cut)| i32::from(whole) * i32::from(cut) >= 0));
        pairs.sort_unstable();
        assert!(pairs.is_sorted_by_key(|&(_, cut)| cut), "{truncation}");
    }
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(7);
    let mut other = rng.clone();
    Latent::sample(&mut rng, 33, 1.0);
    (0..33).for_each(|_| {
        other.next_u32();
    });
    assert_eq!(rng, other);
}

#[test]
fn the_limit_of_a_truncation_is_the_last_step_at_or_below_it() {
    for q in 1..127u8 {
        let at = f32::from(q) * LATENT_SCALE;
        assert_eq!(super::largest_allowed(at), q);
        assert_eq!(super::largest_allowed(at.next_down()), q - 1);
    }
}

#[test]
fn a_truncation_that_is_no_limit_allows_all_and_one_below_a_step_only_zero() {
    let whole = values(8, MAX_TRUNCATION, 1_000);
    for all in [f32::NAN, -f32::NAN, f32::INFINITY, f32::MAX, 3.0, 3.000_001] {
        assert_eq!(values(8, all, 1_000), whole, "{all}");
    }
    for none in [0.0, -0.0, f32::MIN_POSITIVE, 0.0236, -1.0, f32::MIN, f32::NEG_INFINITY] {
        assert!(values(8, none, 1_000).iter().all(|&value| value == 0), "{none}");
    }
}

/// The values that [`Latent::slerp`] defines, before they are rounded, in f64.
fn exact_slerp(from: &[i8], to: &[i8], t: f32) -> Vec<f64> {
    let t = if t.is_nan() { 0.0 } else { f64::from(t).clamp(0.0, 1.0) };
    let to = to.iter().copied().chain(core::iter::repeat(0)).take(from.len());
    let pairs: Vec<(i64, i64)> = from.iter().zip(to).map(|(&a, b)| (a.into(), b.into())).collect();
    let sum = |product: &dyn Fn(&(i64, i64)) -> i64| pairs.iter().map(product).sum::<i64>();
    let (first, second, product) = (sum(&|(a, _)| a * a), sum(&|(_, b)| b * b), sum(&|(a, b)| a * b));
    let area = first * second - product * product;
    let weights = if 2500 * area <= first * second {
        (1.0 - t, t)
    } else {
        let angle = (area as f64).sqrt().atan2(product as f64);
        (((1.0 - t) * angle).sin() / angle.sin(), (t * angle).sin() / angle.sin())
    };
    let value = |(a, b): &(i64, i64)| *a as f64 * weights.0 + *b as f64 * weights.1;
    pairs.iter().map(value).map(|value| value.clamp(-127.0, 127.0)).collect()
}

/// Pairs at every angle: drawn alone, as everybody's are; all but parallel, all but opposite; of few steps, of zeros,
/// of the largest values; of different lengths.
fn pairs() -> impl Iterator<Item = (Latent, Latent)> {
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(9);
    (0..40_000).map(move |number| {
        let length = [1, 2, 3, 8, 32, 64, MAX_LATENT][number % 7];
        let truncation = [3.0, 1.0, 0.1, 0.03][number / 7 % 4];
        let from = Latent::sample(&mut rng, length, truncation);
        let noise = 1 + rng.next_u32() % 64;
        let mut near = |sign: i32| -> Vec<i8> {
            let mut moved = |&value: &i8| {
                let by = (rng.next_u32() % noise) as i32 - noise as i32 / 2;
                (sign * i32::from(value) + by).clamp(-127, 127) as i8
            };
            from.values().iter().map(&mut moved).collect()
        };
        let to = match number / 28 % 6 {
            0 => near(1),
            1 => near(-1),
            2 => std::vec![0; length],
            3 => from.values().iter().map(|value| if *value < 0 { -127 } else { 127 }).collect(),
            4 => Latent::sample(&mut rng, 1 + number % MAX_LATENT, 3.0).values().to_vec(),
            _ => Latent::sample(&mut rng, length, truncation).values().to_vec(),
        };
        (from, Latent::from_quantized(&to))
    })
}

/// Half a step is the rounding's; the rest is what f32 and the polynomials of `arc.rs` leave: 0.000004 at the worst of
/// these pairs.
#[test]
fn a_slerp_is_the_exact_one_rounded_to_the_nearest_step() {
    let mut worst = 0.0f64;
    for (number, (from, to)) in pairs().enumerate() {
        let within = (number % 1001) as f32 / 1000.0;
        for t in [within, 0.5, 0.0, 1.0, -2.5, 1.5, f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let exact = exact_slerp(from.values(), to.values(), t);
            let found = from.slerp(&to, t);
            assert_eq!(found.values().len(), exact.len());
            for (&found, exact) in found.values().iter().zip(exact) {
                let error = (f64::from(found) - exact).abs();
                assert!(error < 0.501, "{error} steps at {t} from {from:?} to {to:?}");
                worst = worst.max(error);
            }
        }
    }
    std::println!("worst error of a slerp: {worst} steps");
}

#[test]
fn a_slerp_of_different_lengths_is_that_of_the_first_one_length() {
    let [short, long] = [&[50, -30][..], &[-20, 40, 90, 10]].map(Latent::from_quantized);
    assert_eq!(short.slerp(&long, 0.5), short.slerp(&Latent::from_quantized(&[-20, 40]), 0.5));
    assert_eq!(long.slerp(&short, 0.5), long.slerp(&Latent::from_quantized(&[50, -30, 0, 0]), 0.5));
    assert_eq!(long.slerp(&short, 1.0).values(), [50, -30, 0, 0]);
}
