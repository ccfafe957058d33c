use proptest::prelude::*;

use crate::shape::Shape;
use crate::synthetic::{Activation, Numbers, Synthetic};
use crate::testing::equals_the_definition;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn attentions_equal_the_definition(
        (queries, keys) in ((1u16..=5, 1u16..=5), (1u16..=7, 1u16..=7)),
        (numbers, channels) in (1u16..=6, 1u16..=6), extreme: bool, table: bool, seed: u64,
    ) {
        let drawn = if extreme { Numbers::Extreme } else { Numbers::Usual };
        let mut model = Synthetic::new(seed, 1).numbers(drawn);
        let operands = [(queries, numbers), (keys, numbers), (keys, channels)].map(|((height, width), channels)| {
            model = model.clone().picture(Shape::new(height, width, channels));
            model.last()
        });
        let activation = if table { Activation::Tanh } else { Activation::None };
        equals_the_definition(&model.attention(operands, activation).finish("attention"), seed)?;
    }
}

/// Beside the softmax of real numbers: at the largest picture that keys may have.
#[test]
fn the_result_is_near_the_softmax() {
    use crate::kernels::layers::Attention;
    use crate::kernels::requantize::{Activation, Requantize, Shifts};
    use crate::kernels::statistics::attention;
    use crate::region::Region;

    const KEYS: usize = super::MAX_KEYS;
    let mut memory = std::vec![0i8; 2 + 2 * KEYS + KEYS + 1 + 4 * KEYS];
    for (index, value) in memory[..2 + 3 * KEYS].iter_mut().enumerate() {
        *value = (index as u32).wrapping_mul(2_654_435_761).to_be_bytes()[0] as i8;
    }
    let before = memory.clone();
    let regions = [(0, 2), (2, 2 * KEYS), (2 + 2 * KEYS, KEYS)];
    let place = |(start, length): (usize, usize)| Region { start: start as u32, length: length as u32 };
    let (output, scratch) = (place((2 + 3 * KEYS, 1)), place((3 + 3 * KEYS, 4 * KEYS)));
    // Gain 1; a score of 256 · 2^shift is a power of two.
    let requantize = Requantize {
        multipliers: &[1 << 30],
        shifts: Shifts::All(30),
        zero_point: 0,
        activation: Activation::Clamp { min: -128, max: 127 },
    };
    for shift in [2, 8, 12, 20] {
        let layer =
            Attention { sizes: [1, KEYS, 2, 1], zero_points: [-4, 9, 2], score: (1, shift), requantize };
        attention(&layer, regions.map(place), output, scratch, &mut memory);
        let real = |at: usize, zero_point: i8| f64::from(before[at]) - f64::from(zero_point);
        let score = |key: usize| {
            let dot = real(0, -4) * real(2 + 2 * key, 9) + real(1, -4) * real(3 + 2 * key, 9);
            dot / 2f64.powi(shift.into()) / 256.0
        };
        let most = (0..KEYS).map(score).fold(f64::MIN, f64::max);
        let weights: std::vec::Vec<f64> = (0..KEYS).map(|key| (score(key) - most).exp2()).collect();
        let values = (0..KEYS).map(|key| weights[key] * real(2 + 2 * KEYS + key, 2));
        let exact = values.sum::<f64>() / weights.iter().sum::<f64>();
        let found = f64::from(memory[output.start as usize]);
        // Each weight is off by 0.14 %, and what is below 1/65,535 of the largest is left out.
        assert!((found - exact).abs() <= 0.5 + 0.0014 * 2.0 * 128.0, "{shift}: {found}, {exact}");
    }
}
