use std::vec::Vec;

use proptest::prelude::*;

use crate::shape::Shape;
use crate::synthetic::{Activation, Numbers, Synthetic};
use crate::testing::equals_the_definition;

fn model(shape: Shape, extreme: bool, activation: Activation, seed: u64) -> Vec<u8> {
    let numbers = if extreme { Numbers::Extreme } else { Numbers::Usual };
    let model = Synthetic::new(seed, 1).numbers(numbers).picture(shape);
    let picture = model.last();
    model.norm(picture, activation).finish("norm")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn norms_equal_the_definition(
        (height, width, channels) in (1u16..=9, 1u16..=9, 1u16..=5), extreme: bool, table: bool, seed: u64,
    ) {
        let activation = if table { Activation::Tanh } else { Activation::Relu };
        equals_the_definition(&model(Shape::new(height, width, channels), extreme, activation, seed), seed)?;
    }
}

/// Beside the real numbers: with the gain of one step per standard deviation and ε' = 1, of pictures that are constant, nearly
/// so, of one pixel, and of the largest spread.
#[test]
fn the_result_is_the_quotient_rounded() {
    use crate::kernels::layers::Norm;
    use crate::kernels::requantize::{Activation, Requantize, Shifts};
    use crate::region::Region;

    for (count, seed) in (1u16..200).flat_map(|count| (0..4).map(move |seed| (count, seed))) {
        let value = |index: u16| match seed {
            0 => 77,
            1 => {
                if index == 0 {
                    78
                } else {
                    77
                }
            }
            2 => {
                if index.is_multiple_of(2) {
                    127
                } else {
                    -128
                }
            }
            _ => (u32::from(index).wrapping_mul(2_654_435_761) >> 24) as i8,
        };
        let picture: Vec<i8> = (0..count).map(value).collect();
        // 2³⁰ · 2^−25: 32 steps a standard deviation; half a step of offset.
        let requantize = Requantize {
            multipliers: &[1 << 30],
            shifts: Shifts::All(25),
            zero_point: 3,
            activation: Activation::Clamp { min: -128, max: 127 },
        };
        let (shape, bias) = (Shape::new(1, count, 1), [1 << 15]);
        let norm = Norm { shape, zero_point: -5, bias: &bias, epsilon: 1, requantize };
        let mut memory = picture.clone();
        let region = Region { start: 0, length: count.into() };
        crate::kernels::statistics::norm(&norm, region, region, &mut memory);
        let n = f64::from(count);
        let mean = picture.iter().map(|&q| f64::from(q)).sum::<f64>() / n;
        let variance = picture.iter().map(|&q| (f64::from(q) - mean).powi(2)).sum::<f64>() / n;
        for (&q, &found) in picture.iter().zip(&memory) {
            let exact = 32.0 * (f64::from(q) - mean) / (variance + 1.0 / (n * n)).sqrt() + 0.5;
            let error = f64::from(found) - (3.0 + exact).clamp(-128.0, 127.0);
            assert!(error.abs() <= 0.5 + 2f64.powi(-15), "{count} {seed}: {q} to {found}, {exact}");
        }
    }
}
