use std::string::ToString;
use std::vec;
use std::vec::Vec;

use proptest::prelude::*;
use rand_xoshiro::Xoshiro128PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use super::{PackError, pack};
use crate::engine::Generator;
use crate::error::{ParseError, TensorError};
use crate::format::{self, File, InputKind, seal};
use crate::geometry::phases::Phases;
use crate::kernel_set::KernelSet;
use crate::latent::{Latent, MAX_CHOICES};
use crate::lifetime::{Life, Lifetimes};
use crate::model::Model;
use crate::shape::Shape;
use crate::synthetic::{Activation, Numbers, Synthetic, branching, drawing, reference};
use crate::write::AlignedBytes;

const SETS: [KernelSet; 5] = KernelSet::ALL;

/// Each op's output for a few latents.
fn outputs(file: &[u8]) -> Vec<Vec<i8>> {
    let file = AlignedBytes::new(file);
    let model = Model::parse(&file).unwrap();
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

/// What an entry's ops make, by the engine and by the reference, of the same inputs.
fn both(file: &[u8], definition: &[u8], entry: usize, seed: u64) -> (Vec<Vec<i8>>, Vec<Vec<i8>>) {
    let (file, definition) = (AlignedBytes::new(file), AlignedBytes::new(definition));
    let model = Model::parse(&file).unwrap();
    let mut memory = vec![0x55; model.arena_bytes() + 15];
    let mut generator = Generator::in_memory(&model, &mut memory).unwrap();
    assert!(generator.enter(entry));
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(seed);
    let mut latent = generator.latent(&mut rng);
    for choice in 0..MAX_CHOICES {
        latent = latent.choose(choice, (rng.next_u32() % 5) as u8);
    }
    let (mut inputs, mut choices, mut chosen) = (vec![], vec![], 0);
    let (mut noise, mut uniform) = (latent.noise_values(), latent.uniform_values().iter().copied());
    for input in model.inputs() {
        let (values, choice) = match input.kind {
            InputKind::Normal { .. } => (latent.values().to_vec(), 0),
            InputKind::Uniform { tensor } => {
                let tensor = model.tensor(tensor).unwrap();
                let values = (0..tensor.shape.size()).map(|_| match tensor.is_plane() {
                    true => noise.uniform(),
                    false => uniform.next().unwrap(),
                });
                (values.collect(), 0)
            }
            InputKind::Row { .. } | InputKind::Column { .. } => (vec![], 0),
            InputKind::Picture { .. } => unreachable!("these models have none"),
            InputKind::Choice { count, .. } => {
                chosen += 1;
                let own = latent.choices().get(chosen - 1).copied().unwrap_or(0);
                (vec![], own.min(count - 1))
            }
        };
        inputs.push(values);
        choices.push(choice);
    }
    let mut found = vec![vec![]; model.entries().nth(entry).unwrap().ops.into()];
    generator.generate_observed(&latent, |op, output| found[op] = output.to_vec());
    (found, crate::reference::run(&File::open(&definition).unwrap(), entry, &inputs, &choices))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Against the reference, which has no arena: a plan that let one live tensor lie over another would show here.
    #[test]
    fn branching_models_equal_the_definition_by_every_kernel_set(
        seed: u64, extreme: bool, draws in prop::collection::vec((any::<u8>(), any::<[u16; 4]>()), 1..=11),
    ) {
        let numbers = if extreme { Numbers::Extreme } else { Numbers::Usual };
        every_set_equals_the_definition(&branching(seed, numbers, &draws).finish("branching"), seed)?;
    }

    /// Pixel by pixel too: what is read again for each pixel must be there still.
    #[test]
    fn drawn_models_equal_the_definition_by_every_kernel_set(
        seed: u64, extreme: bool, picture in (1u8..=5, 1u8..=6, 2u16..=16),
        once in prop::collection::vec((any::<u8>(), any::<[u16; 4]>()), 0..=5),
        each in prop::collection::vec((any::<u8>(), any::<[u16; 4]>()), 0..=7),
    ) {
        let numbers = if extreme { Numbers::Extreme } else { Numbers::Usual };
        let model = drawing(seed, numbers, picture, &once, &each);
        every_set_equals_the_definition(&model.finish("drawing"), seed)?;
    }
}

fn every_set_equals_the_definition(definition: &[u8], seed: u64) -> Result<(), TestCaseError> {
    let entries = {
        let file = AlignedBytes::new(definition);
        Model::parse(&file).unwrap().entries().count()
    };
    let mut files: Vec<Vec<u8>> = SETS.map(|set| pack(definition, set).unwrap().file).into();
    files.push(definition.to_vec());
    for (entry, file) in (0..entries).flat_map(|entry| files.iter().map(move |file| (entry, file))) {
        let (found, expected) = both(file, definition, entry, seed);
        prop_assert_eq!(found, expected);
    }
    Ok(())
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

/// The picture is in use to the end, so no op behind the one that makes it may write over it, not even one that reads it.
#[test]
fn an_output_that_a_later_op_overwrites_is_refused() {
    let model = Synthetic::new(1, 8).dense(1, 1, 16, Activation::Relu).dense(1, 1, 16, Activation::Relu);
    let mut file = pack(&model.entry("e", 0).finish("two"), KernelSet::Dsp).unwrap().file;
    // Name, first op, ops, output.
    let entry = file.windows(5).position(|bytes| bytes == [1, b'e', 0, 2, 2]).unwrap();
    file[entry + 4] = 1;
    seal(&mut file);
    let refused = ParseError::Tensor(2, TensorError::Overlaps(1));
    assert_eq!(Model::parse(&AlignedBytes::new(&file)).map(|_| ()), Err(refused));
}

/// Of a latent, two dense layers and their sum, each tensor is put in the place of another one.
#[test]
fn an_output_over_a_tensor_in_use_is_refused() {
    let shape = Shape::new(1, 1, 16);
    let model = Synthetic::new(1, 8).dense(1, 1, 16, Activation::Relu).dense(1, 1, 16, Activation::Relu);
    let model = model.sum(&[1, 2], shape, Activation::None);
    let file = model.finish("three");
    let file = pack(&file, KernelSet::Portable).unwrap().file;
    let at = |tensor: usize| format::HEADER_START + 6 + tensor * format::TENSOR_BYTES + 11;
    let offset = |tensor: usize| file[at(tensor)..][..4].to_vec();
    for (tensor, over) in [(2, 1), (1, 0), (2, 0), (3, 1), (3, 2)] {
        let mut spoiled = file.clone();
        spoiled[at(tensor)..][..4].copy_from_slice(&offset(over));
        seal(&mut spoiled);
        let found = Model::parse(&AlignedBytes::new(&spoiled)).map(|_| ());
        // Tensors 0 and 2 are never in use together, and the sum may lie over either operand.
        let allowed = (tensor, over) == (2, 0) || tensor == 3;
        let overlaps = Err(ParseError::Tensor(tensor as u8, TensorError::Overlaps(over as u8)));
        assert!(
            if allowed { found != overlaps } else { found == overlaps },
            "{tensor} over {over}: {found:?}"
        );
    }
}

/// Of an entry of a pass, each tensor is put in the place of each other one: refused where both are in use at one time, which in a
/// pass is as long as anything of it runs.
#[test]
fn a_tensor_over_one_that_a_pass_reads_again_is_refused() {
    // Tensors 0 z, 1 randomness, 2 picture, 3 read in front of the pass alone, 4 read in the pass, 5 window, 6 and 7 layers,
    // 8 their sum, 9 logits.
    let shape = Shape::new(1, 1, 12);
    let model = Synthetic::new(1, 12).drawn(3, 4).from(0).dense(1, 1, 12, Activation::None);
    let model = model.dense(1, 1, 12, Activation::None).window(&[[-1, 0, 0]; 12], Activation::None);
    let model = model.dense(1, 1, 12, Activation::None).dense(1, 1, 12, Activation::None);
    let model = model.sum(&[4, 7], shape, Activation::None).dense(1, 1, 12, Activation::None).draw(2);
    // A pass of seven ops behind the first two steps; and what is written when and read when last.
    let (end, pass) = (Life::TO_THE_END, 3);
    let lives = [(0, 1), (0, end), (pass, end), (1, 2), (2, end), (3, 4), (4, 5), (5, 6), (6, 7), (7, 8)];
    let file = model.finish("pass");
    let aligned = AlignedBytes::new(&file);
    let opened = File::open(&aligned).unwrap();
    let entry = opened.entries.iter().next().unwrap();
    assert_eq!(opened.pass_of(&entry), 6);
    let found = Lifetimes::of(&opened, &entry).unwrap();
    for (tensor, &(written, read)) in lives.iter().enumerate() {
        assert_eq!(found.get(tensor as u8), Life { written, read }, "{tensor}");
    }
    let at = |tensor: usize| format::HEADER_START + 5 + tensor * format::TENSOR_BYTES + 11;
    for (tensor, over) in
        (0..lives.len()).flat_map(|a| (0..lives.len()).map(move |b| (a, b))).filter(|(a, b)| a != b)
    {
        let mut spoiled = file.clone();
        let offset = file[at(over)..][..4].to_vec();
        spoiled[at(tensor)..][..4].copy_from_slice(&offset);
        seal(&mut spoiled);
        let found = Model::parse(&AlignedBytes::new(&spoiled)).map(|_| ());
        let [(a, a_end), (b, b_end)] = [lives[tensor], lives[over]];
        // The sum may lie over what it reads for the last time.
        let meet = a <= b_end && b <= a_end && ![(7, 8), (8, 7)].contains(&(tensor, over));
        let overlaps = matches!(found, Err(ParseError::Tensor(_, TensorError::Overlaps(_))));
        assert_eq!(overlaps, meet, "{tensor} over {over}: {found:?}");
    }
}

#[test]
fn a_packed_model_is_not_packed_again() {
    let packed = pack(&reference(), KernelSet::Dsp).unwrap();
    let again = pack(&packed.file, KernelSet::Armv7m).unwrap_err();
    assert_eq!(again, PackError::Packed(KernelSet::Dsp));
    assert_eq!(again.to_string(), "the model is packed already, for dsp kernels");
}
