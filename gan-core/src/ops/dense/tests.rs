use std::vec::Vec;

use proptest::prelude::*;

use crate::kernels::layers::{Choice, Columns, Dense};
use crate::kernels::requantize::{Activation, Requantize, Shifts};
use crate::reference::Factors;

proptest! {
    #[test]
    fn dense_equals_the_definition(
        (inputs, channels, pixels, classes) in (1usize..70, 1usize..20, 1usize..10, 1usize..5),
        one in 1u16..100,
        zero_point: i8,
        per_output: bool,
        seed: u64,
    ) {
        let mut next = numbers(seed);
        let outputs = channels * pixels;
        let mut weights = |length| -> Vec<i8> { (0..length).map(|_| (next() as i8).max(-127)).collect() };
        let (matrix, columns, values) = (weights(inputs * outputs), weights(classes * outputs), weights(inputs));
        let mut next = numbers(!seed);
        let bias: Vec<i32> = (0..if per_output { outputs } else { channels }).map(|_| (next() as i32) >> 12).collect();
        let factors = Factors {
            bias: bias.clone(),
            multipliers: (0..channels).map(|_| (next() as i32 & i32::MAX).max(1)).collect(),
            shifts: (0..channels).map(|_| 36 + (next() % 8) as u8).collect(),
            zero_point,
            clamp: (-128, 127),
        };
        let table: Vec<i8> = (0..256).map(|_| next() as i8).collect();
        for class in 0..classes {
            let expected: Vec<i8> = (0..outputs).map(|o| {
                let products = (0..inputs).map(|i| i128::from(matrix[o * inputs + i]) * i128::from(values[i]));
                let joined = i128::from(columns[class * outputs + o]) * i128::from(one);
                let sum = products.sum::<i128>() + joined + i128::from(bias[o % bias.len()]);
                table[(i32::from(factors.requantize(sum, o % channels)) + 128) as usize]
            }).collect();
            let layer = Dense {
                inputs,
                outputs,
                weights: &matrix,
                bias: &bias,
                columns: Some(Columns { choice: Choice { input: 1, count: classes as u8 }, weights: &columns, one }),
                requantize: Requantize {
                    multipliers: &factors.multipliers,
                    shifts: Shifts::PerChannel(&factors.shifts),
                    zero_point,
                    activation: Activation::Table(table.as_slice().try_into().unwrap()),
                },
            };
            let mut output = std::vec![0; outputs];
            layer.run(&values, &[9, class as u8], &mut output);
            prop_assert_eq!(output, expected);
        }
    }
}

/// Numbers from a seed (splitmix64).
fn numbers(mut state: u64) -> impl FnMut() -> u64 {
    move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed ^ (mixed >> 27)
    }
}
