use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use super::{MOST, PackError, pack};
use crate::engine::Generator;
use crate::kernels::set::KernelSet;
use crate::latent::Latent;
use crate::model::Model;
use crate::ops::phases::Phases;
use crate::synthetic::{Activation, Numbers, Synthetic, reference};
use crate::write::AlignedBytes;

const SETS: [KernelSet; 5] = KernelSet::ALL;

/// Each op's output for a few latents.
fn outputs(file: &[u8]) -> Vec<Vec<i8>> {
    let file = AlignedBytes::new(file);
    let model: Model<'_, MOST, MOST> = Model::parse_sized(&file).unwrap();
    let mut memory = vec![0x55; model.arena_bytes() + 15];
    let mut generator = Generator::in_memory(&model, &mut memory).unwrap();
    let mut outputs = vec![];
    for class in 0..3u8 {
        let value = |index: usize| (index as u32).wrapping_mul(0x9E37_79B1).rotate_left(class.into()) as i8;
        let values: Vec<i8> = (0..model.latent_length()).map(|index| value(index + 1).max(-127)).collect();
        let latent = Latent::from_quantized(&values).class(class);
        generator.generate_observed(&latent, |_, output| outputs.push(output.to_vec()));
    }
    outputs
}

fn activation() -> impl Strategy<Value = Activation> {
    prop_oneof![Just(Activation::None), Just(Activation::Relu), Just(Activation::Tanh)]
}

fn numbers() -> impl Strategy<Value = Numbers> {
    prop_oneof![Just(Numbers::Usual), Just(Numbers::Extreme)]
}

/// A dense layer, then a convolution of any geometry that leaves an output.
#[derive(Debug, Clone)]
struct Case {
    phases: Phases,
    height: u16,
    width: u16,
    inputs: u16,
    outputs: u16,
    latent: u16,
    classes: u8,
    activations: (Activation, Activation),
    numbers: Numbers,
    seed: u64,
}

impl Case {
    fn file(&self) -> Vec<u8> {
        let model = Synthetic::new(self.seed, self.latent).numbers(self.numbers);
        let model = if self.classes > 0 { model.classes(self.classes) } else { model };
        let model = model.dense(self.height, self.width, self.inputs, self.activations.0);
        let model = model.convolution(self.phases, self.outputs, self.activations.1);
        model.finish("any")
    }
}

fn cases() -> impl Strategy<Value = Case> {
    let window = (any::<bool>(), 1u8..=5, 1u8..=3, 0u8..=3, 0u8..=2);
    let shape = (1u16..=9, 1u16..=9, 1u16..=70, 1u16..=70);
    let draw = (1u16..=70, activation(), activation(), numbers(), any::<u64>(), 0u8..4);
    (window, shape, draw).prop_filter_map("no output", |(window, shape, draw)| {
        let (transposed, kernel, stride, padding, extra) = window;
        let (height, width, inputs, outputs) = shape;
        let (latent, first, second, numbers, seed, classes) = draw;
        let output_padding = if transposed { extra.min(stride - 1) } else { 0 };
        let phases = Phases { transposed, kernel, stride, padding, output_padding };
        phases.output_side(height)?;
        phases.output_side(width)?;
        let activations = (first, second);
        Some(Case { phases, height, width, inputs, outputs, latent, classes, activations, numbers, seed })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// The portable kernels are held to the plain loops by the tests beside the ops.
    #[test]
    fn every_kernel_set_makes_the_bits_of_the_portable_one(case in cases()) {
        let file = case.file();
        let expected = outputs(&file);
        for set in SETS {
            let packed = pack(&file, set).unwrap();
            prop_assert!(outputs(&packed.file) == expected, "{}, paths {:?}", set, packed.paths);
        }
    }
}

#[test]
fn a_straight_line_reaches_the_lower_bound() {
    for set in SETS {
        let packed = pack(&reference(), set).unwrap();
        // Working memory starts at a multiple of 16.
        assert!(packed.arena_bytes < packed.arena_lower_bound + 16, "{set}: {packed:?}");
        if set != KernelSet::Portable {
            assert!(packed.paths.iter().all(|&path| path == set.name()), "{packed:?}");
            // The two largest tensors together take 9,408 bytes: the larger one holds both.
            assert!(packed.arena_bytes < 6272 + 4800, "{set}: {}", packed.arena_bytes);
        }
    }
}

#[test]
fn a_packed_model_is_not_packed_again() {
    let packed = pack(&reference(), KernelSet::Dsp).unwrap();
    let again = pack(&packed.file, KernelSet::Armv7m).unwrap_err();
    assert_eq!(again, PackError::Packed(KernelSet::Dsp));
    assert_eq!(again.to_string(), "the model is packed already, for dsp kernels");
}
