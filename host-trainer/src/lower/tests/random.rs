//! Branching graphs at random: lowered, run by gan-core, and held against the floats.

use gan_core::pack::pack;
use gan_core::{AlignedBytes, Generator, KernelSet, Model};

use super::*;
use crate::families::Domain;
use crate::families::networks::GeneratorConfig;
use crate::figure::Figure;
use crate::random::Rng;

fn lowered(graph: &Graph, seed: u64) -> (Vec<u8>, Folded, FloatRun) {
    let parameters = parameters(graph, seed);
    let labels = Labels { model: "random", classes: &[] };
    let runs = float_runs(graph, &parameters);
    let folded = fold(graph, &parameters).unwrap();
    let means = Means::of(&folded, graph, &runs.calibration);
    let file =
        write(labels, graph, &folded, (&runs.calibration, Method::MinMax), Some(&means)).unwrap().1.file;
    (file, folded, runs.held_out)
}

#[test]
fn random_graphs_are_within_the_bound_of_their_floats() {
    assert_within(15.0, testing::random);
}

/// A softmax that turns to another key, or a channel that is nearly constant, costs more.
#[test]
fn random_adaptive_graphs_are_within_the_bound_of_their_floats() {
    assert_within(10.0, testing::random_adaptive);
}

/// Each stage of 150 graphs has this signal to noise, in dB, where there is a signal.
fn assert_within(bound: f64, random: impl Fn(&mut Rng) -> Graph) {
    let (mut layers, mut worst) = (0, f64::INFINITY);
    for seed in 0..150 {
        let graph = random(&mut stream(seed, Stream::Order));
        let (file, folded, run) = lowered(&graph, seed);
        let bytes = AlignedBytes::new(&file);
        let model: Model =
            Model::parse(&bytes).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{graph:?}"));
        assert_eq!(model.entries().count(), graph.outputs.len());
        let sqnrs = compare(&model, &graph, &folded, &run).unwrap().sqnr;
        let named = || -> Vec<String> {
            let line =
                |(stage, sqnr): (&Stage, &Figure)| format!("{} {:?}: {sqnr:?}", stage.name, stage.kind);
            folded.stages.iter().zip(&sqnrs).map(line).collect()
        };
        for (stage, sqnr) in folded.stages.iter().zip(&sqnrs) {
            if let Some(sqnr) = sqnr.sound() {
                assert!(sqnr > bound, "seed {seed}, {}: {sqnr:.1} dB\n{:#?}", stage.name, named());
                worst = worst.min(sqnr);
            }
            layers += 1;
        }
    }
    assert!(layers > 500 && worst.is_finite(), "{layers} layers, the worst {worst:.1} dB");
}

#[test]
fn random_graphs_draw_the_same_bits_whatever_kernels_they_are_packed_for() {
    let random = |seed: u64| if seed < 60 { testing::random } else { testing::random_adaptive };
    for seed in 0..120 {
        let graph = random(seed)(&mut stream(seed, Stream::Order));
        let (file, _, run) = lowered(&graph, seed);
        let pictures = |file: &[u8]| {
            let bytes = AlignedBytes::new(file);
            let model: Model = Model::parse(&bytes).unwrap();
            let mut memory = vec![0; model.arena_bytes() + 15];
            let mut generator = Generator::in_memory(&model, &mut memory).unwrap();
            let mut pictures = Vec::new();
            for entry in 0..model.entries().count() {
                generator.enter(entry);
                for latent in &run.latents[..4] {
                    pictures.push(generator.generate(latent).values().to_vec());
                }
            }
            pictures
        };
        let plain = pictures(&file);
        for set in KernelSet::ALL {
            let packed = pack(&file, set).unwrap().file;
            assert_eq!(plain, pictures(&packed), "seed {seed}, {set:?}");
        }
    }
}

#[test]
fn a_model_of_another_network_is_refused_where_it_is_held_against_floats() {
    let [graph, other] = [1, 2].map(|seed| testing::random(&mut stream(seed, Stream::Order)));
    let (file, ..) = lowered(&graph, 1);
    let (_, folded, run) = lowered(&other, 2);
    let bytes = AlignedBytes::new(&file);
    let model: Model = Model::parse(&bytes).unwrap();
    let error = compare(&model, &other, &folded, &run).unwrap_err().to_string();
    assert!(error.contains("another network"), "{error}");
}

#[test]
fn every_damage_is_refused_or_runs() {
    for seed in 0..6 {
        let graph = testing::random(&mut stream(seed, Stream::Order));
        let (file, _, run) = lowered(&graph, seed);
        let mut refused = 0;
        for place in (0..file.len()).step_by(1 + file.len() / 400) {
            let mut damaged = file.clone();
            damaged[place] ^= 1 << (place % 8);
            gan_core::format::seal(&mut damaged);
            let bytes = AlignedBytes::new(&damaged);
            match Model::parse(&bytes) {
                Err(_) => refused += 1,
                Ok(model) => {
                    let mut memory = vec![0; model.arena_bytes() + 15];
                    Generator::in_memory(&model, &mut memory).unwrap().generate(&run.latents[0]);
                }
            }
        }
        assert!(refused > 10, "seed {seed}: {refused}");
    }
}

#[test]
fn an_upsampling_in_front_of_a_convolution_is_no_op_and_one_alone_is() {
    let build = |joined: bool| {
        let mut g = GraphBuilder::new("up");
        let z = g.normal("z", Shape::vector(6));
        let x = g.dense("project", z, Shape::new(3, 4, 4), true);
        let x = g.activation(x, Activation::Relu);
        let up = g.upsample(x, 2);
        let y = if joined { g.activation(up, Activation::Tanh) } else { up };
        let y = g.conv("picture", y, 1, Window::new(3, 1, 1), true);
        let y = g.activation(y, Activation::Tanh);
        g.finish(y)
    };
    for (joined, ops) in [(false, 2), (true, 3)] {
        let graph = build(joined);
        let (file, folded, run) = lowered(&graph, 7);
        assert_eq!(folded.stages.len(), ops);
        let bytes = AlignedBytes::new(&file);
        let model: Model = Model::parse(&bytes).unwrap();
        for sqnr in compare(&model, &graph, &folded, &run).unwrap().sqnr {
            assert!(sqnr.sound() > Some(24.0), "{sqnr:?}");
        }
        // Four taps a pixel where the convolution behind an upsampling of its own has nine.
        let macs: Vec<u64> = model.macs().collect();
        let last = macs[ops - 1];
        assert!(if joined { last == 48 * 9 * 4 } else { last <= 48 * 4 * 4 }, "{macs:?}");
    }
}

#[test]
fn pictures_of_any_sides_and_channels_are_lowered() {
    for (height, width, channels) in [(8, 8, 1), (32, 32, 3), (64, 48, 3)] {
        for upsample in [false, true] {
            let domain = Domain { shape: Shape::new(height, width, channels), classes: 3 };
            let config = GeneratorConfig { generator_width: 4, upsample, ..GeneratorConfig::default() };
            let graph = config.graph("any", &domain);
            let (file, folded, run) = lowered(&graph, 5);
            let bytes = AlignedBytes::new(&file);
            let model: Model = Model::parse(&bytes).unwrap();
            let shape = model.output_shape();
            let sides = [shape.height, shape.width, shape.channels].map(usize::from);
            assert_eq!(sides, [height, width, channels]);
            for sqnr in compare(&model, &graph, &folded, &run).unwrap().sqnr {
                assert!(sqnr.sound() > Some(20.0), "{height}×{width}×{channels}, {upsample}: {sqnr:?}");
            }
        }
    }
}
