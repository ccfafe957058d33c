use std::vec::Vec;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::geometry::phases::Phases;
use crate::kernels::layers::Conv;
use crate::kernels::requantize::{Activation, Requantize, Shifts};
use crate::reference::{Factors, PlainConv};
use crate::shape::Shape;

/// Any geometry that leaves an output.
fn geometry() -> impl Strategy<Value = (Phases, Shape, Shape)> {
    let window = (any::<bool>(), 1u8..=5, 1u8..=3, 0u8..=2, 0u8..=2);
    let shape = (1u16..=7, 1u16..=7, 1u16..=17, 1u16..=17);
    (window, shape).prop_filter_map("no output", |(window, (height, width, inputs, outputs))| {
        let (transposed, kernel, stride, padding, output_padding) = window;
        let output_padding = if transposed { output_padding.min(stride - 1) } else { 0 };
        let phases = Phases { transposed, kernel, stride, padding, output_padding };
        let output = Shape::new(phases.output_side(height)?, phases.output_side(width)?, outputs);
        Some((phases, Shape::new(height, width, inputs), output))
    })
}

fn factors(channels: usize) -> impl Strategy<Value = Factors> {
    let shift = prop_oneof![Just(32u8), 28u8..=44];
    let multiplier = prop_oneof![1 << 19..=i32::MAX, Just(i32::MAX), Just(1)];
    (
        vec(-100_000i32..=100_000, channels),
        vec(multiplier, channels),
        vec(shift, channels),
        any::<i8>(),
        any::<(i8, i8)>(),
    )
        .prop_map(|(bias, multipliers, shifts, zero_point, (a, b))| Factors {
            bias,
            multipliers,
            shifts,
            zero_point,
            clamp: (a.min(b), a.max(b)),
        })
}

/// A layer with its input, extremes among both.
fn layer_and_input() -> impl Strategy<Value = (PlainConv, Vec<i8>)> {
    geometry().prop_flat_map(|(phases, input, output)| {
        let weights = phases.weights(input.channels, output.channels).unwrap();
        let weight = prop_oneof![-127i8..=127, Just(-127), Just(127)];
        let value = prop_oneof![any::<i8>(), Just(-128), Just(127)];
        let numbers = (vec(weight, weights), vec(value, input.size()), any::<i8>());
        (numbers, factors(output.channels.into())).prop_map(
            move |((weights, values, zero_point), factors)| {
                let layer = PlainConv {
                    transposed: phases.transposed,
                    kernel: phases.kernel.into(),
                    stride: phases.stride.into(),
                    padding: phases.padding.into(),
                    input,
                    output,
                    input_zero_point: zero_point,
                    weights,
                    factors,
                };
                (layer, values)
            },
        )
    })
}

/// The layer as lowered: weights in the order of the phases, the zero point folded into the bias.
fn run_lowered(plain: &PlainConv, output_padding: u8, input: &[i8]) -> Vec<i8> {
    let phases = Phases {
        transposed: plain.transposed,
        kernel: plain.kernel as u8,
        stride: plain.stride as u8,
        padding: plain.padding as u8,
        output_padding,
    };
    let (inputs, outputs) = (usize::from(plain.input.channels), usize::from(plain.output.channels));
    let mut weights = std::vec![0i8; plain.weights.len()];
    let phase_count = phases.count() * phases.count();
    let mut bias: Vec<i32> = plain.factors.bias.repeat(phase_count);
    for (index, &weight) in plain.weights.iter().enumerate() {
        let (input, rest) = (index % inputs, index / inputs);
        let (column, rest) = (rest % plain.kernel, rest / plain.kernel);
        let (row, output) = (rest % plain.kernel, rest / plain.kernel);
        weights[phases.weight_index((row, column), (input, inputs), (output, outputs))] = weight;
        bias[phases.phase_of(row, column) * outputs + output] -=
            i32::from(weight) * i32::from(plain.input_zero_point);
    }
    let layer = Conv {
        phases,
        input: plain.input,
        output: plain.output,
        padding_value: plain.input_zero_point,
        weights: &weights,
        bias: &bias,
        requantize: Requantize {
            multipliers: &plain.factors.multipliers,
            shifts: Shifts::PerChannel(&plain.factors.shifts),
            zero_point: plain.factors.zero_point,
            activation: Activation::Clamp { min: plain.factors.clamp.0, max: plain.factors.clamp.1 },
        },
    };
    let mut output = std::vec![0; plain.output.size()];
    layer.run(input, &mut output);
    output
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn both_convolutions_equal_the_definition((layer, input) in layer_and_input()) {
        // The output's shape fixes the output padding.
        let output_padding = if layer.transposed {
            let side = |side: u16| (usize::from(side) - 1) * layer.stride + layer.kernel;
            (usize::from(layer.output.height) + 2 * layer.padding - side(layer.input.height)) as u8
        } else {
            0
        };
        prop_assert_eq!(run_lowered(&layer, output_padding, &input), layer.run(&input));
    }
}
