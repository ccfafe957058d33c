use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use crate::kernels::layers::{Choice, Draw, Score};
use crate::kernels::pixels::draw;
use crate::kernels::statistics::probability;
use crate::region::Region;
use crate::synthetic::{Activation, Numbers, Synthetic};
use crate::testing::equals_the_definition;

/// What is drawn of these logits by each value of chance, as the level's number, and what the logits weigh.
fn drawn(logits: &[i8], score: Score) -> (Vec<usize>, Vec<f64>) {
    let count = logits.len();
    let levels: Vec<i8> = (0..count as i8).collect();
    let position = [Choice { input: 0, count: 1 }, Choice { input: 1, count: 1 }];
    let layer = Draw { position, width: 1, levels: &levels, score };
    // The logits, a pair of numbers, the picture.
    let mut memory = logits.to_vec();
    memory.extend([0, 0, -1]);
    let place = |start: usize, length: u32| Region { start: start as u32, length };
    let operands = [place(0, count as u32), place(count, 2)];
    let pairs = (-127..=127).flat_map(|high| (-127..=127).map(move |low| [high, low]));
    let of_pair = |pair: [i8; 2]| {
        memory[count..count + 2].copy_from_slice(&pair);
        draw(&layer, operands, &[0, 0], place(count + 2, 1), &mut memory);
        memory[count + 2] as usize
    };
    let drawn = pairs.map(of_pair).collect();
    let most = *logits.iter().max().unwrap();
    let weight = |&logit: &i8| f64::from(probability(score, most.abs_diff(logit).into()));
    (drawn, logits.iter().map(weight).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn draws_equal_the_definition(
        rows in 1u8..=6, columns in 1u8..=6, levels in 2u16..=16, extreme: bool, seed: u64,
    ) {
        let numbers = if extreme { Numbers::Extreme } else { Numbers::Usual };
        let model = Synthetic::new(seed, 4).numbers(numbers).drawn(rows, columns).from(0);
        let model = model.dense(1, 1, levels, Activation::None).draw((seed % 2) as u8);
        equals_the_definition(&model.finish("draw"), seed)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// All 65,025 of them, counted.
    #[test]
    fn each_level_has_the_share_of_chance_that_its_logit_weighs(
        logits in prop::collection::vec(any::<i8>(), 2..=16), shift in 20u8..=36,
    ) {
        let (found, weights) = drawn(&logits, (1 << 28, shift));
        let total: f64 = weights.iter().sum();
        for (level, weight) in weights.iter().enumerate() {
            let share = found.iter().filter(|&&drawn| drawn == level).count() as f64;
            let exact = 65_025.0 * weight / total;
            prop_assert!((share - exact).abs() < 1.0, "{}: {} of {}", level, share, exact);
        }
    }
}

#[test]
fn the_ends_of_chance_draw_the_first_and_the_last_level() {
    for count in 2..=16 {
        let (found, _) = drawn(&vec![5; count], (1 << 28, 28));
        assert_eq!((found[0], found[65_024]), (0, count - 1));
        // In the levels' order, and each as often as all others, to within 1.
        assert!(found.is_sorted());
        let shares: Vec<usize> =
            (0..count).map(|level| found.iter().filter(|&&drawn| drawn == level).count()).collect();
        assert!(shares.iter().max().unwrap() - shares.iter().min().unwrap() <= 1, "{shares:?}");
    }
}

#[test]
fn a_level_far_above_all_others_is_always_drawn() {
    for (count, above) in (2..=16).flat_map(|count| (0..count).map(move |above| (count, above))) {
        let mut logits = vec![-128; count];
        logits[above] = 127;
        // 255 steps of an octave.
        let (found, _) = drawn(&logits, (1 << 20, 12));
        assert!(found.iter().all(|&drawn| drawn == above), "{count} {above}");
    }
}
