//! Every kernel set on its core: layers of any shape, packed, run in the emulator, and each output byte compared with the
//! portable kernels' on the host, which the tests beside the ops hold to the definitions.

use std::fs;
use std::path::PathBuf;

use gan_core::Shape;
use gan_core::ops::phases::Phases;
use gan_core::synthetic::{Activation, Numbers, Synthetic, branching, drawing, pixel_cnn};
use libtest_mimic::{Arguments, Failed, Trial};
use rand_xoshiro::Xoshiro128PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};
use tools::bench::{CORES, Case, check};
use tools::firmware::project;

/// Models of random shape.
const RANDOM: usize = 150;
/// Models of random graphs.
const BRANCHING: u64 = 60;
/// Models of random graphs that draw their picture pixel by pixel.
const DRAWING: u64 = 20;

fn main() {
    let arguments = Arguments::from_args();
    let trials = CORES.iter().map(|core| {
        Trial::test(format!("{} equals the portable kernels to the bit", core.name), move || {
            let cases = cases();
            let checked = check(core, &cases).map_err(|error| Failed::from(describe(&error)))?;
            if checked == cases.len() { Ok(()) } else { Err(format!("only {checked} models ran").into()) }
        })
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}

/// The layers that generators are made of, then any.
fn cases() -> Vec<Case> {
    let usual = [
        (Phases { transposed: true, kernel: 4, stride: 2, padding: 1, output_padding: 0 }, (7, 7, 64), 32),
        (Phases { transposed: true, kernel: 4, stride: 2, padding: 1, output_padding: 0 }, (14, 14, 32), 1),
        (Phases { transposed: true, kernel: 5, stride: 2, padding: 2, output_padding: 1 }, (7, 7, 32), 16),
        (Phases { transposed: true, kernel: 3, stride: 2, padding: 1, output_padding: 1 }, (8, 8, 16), 3),
        (Phases { transposed: false, kernel: 3, stride: 1, padding: 1, output_padding: 0 }, (9, 9, 16), 32),
        (Phases { transposed: false, kernel: 5, stride: 1, padding: 2, output_padding: 0 }, (14, 14, 8), 1),
        (Phases { transposed: false, kernel: 1, stride: 1, padding: 0, output_padding: 0 }, (6, 6, 70), 20),
    ];
    let mut cases: Vec<Case> = usual
        .into_iter()
        .zip(0u64..)
        .map(|((phases, (height, width, inputs), outputs), seed)| {
            let input = Shape::new(height, width, inputs);
            let activations = [Activation::Relu, Activation::Tanh];
            case(seed, 24, 0, input, phases, outputs, activations, Numbers::Usual)
        })
        .collect();
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
    let mut up_to = move |limit: u32| (rng.next_u32() % limit) as u16;
    while cases.len() < RANDOM {
        let transposed = up_to(2) == 0;
        let (kernel, stride, padding) = (1 + up_to(5) as u8, 1 + up_to(3) as u8, up_to(3) as u8);
        let output_padding = if transposed { (up_to(3) as u8).min(stride - 1) } else { 0 };
        let phases = Phases { transposed, kernel, stride, padding, output_padding };
        let input = Shape::new(1 + up_to(9), 1 + up_to(9), 1 + up_to(70));
        let most_outputs = if up_to(4) == 0 { 70 } else { 12 };
        let (latent, outputs, classes) = (1 + up_to(70), 1 + up_to(most_outputs), up_to(4) as u8);
        let activations =
            [0; 2].map(|_| [Activation::None, Activation::Relu, Activation::Tanh][usize::from(up_to(3))]);
        let numbers = [Numbers::Usual, Numbers::Extreme][usize::from(up_to(2))];
        let has_output =
            phases.output_side(input.height).is_some() && phases.output_side(input.width).is_some();
        if has_output {
            let seed = cases.len() as u64;
            cases.push(case(seed, latent, classes, input, phases, outputs, activations, numbers));
        }
    }
    cases.extend(
        [(8, 8, 1), (32, 32, 3), (64, 48, 3)]
            .map(|(height, width, channels)| picture(height, width, channels)),
    );
    cases.extend(pretrained());
    cases.extend((0..BRANCHING).map(|seed| branch(seed, &mut up_to)));
    cases.extend((0..DRAWING).map(|seed| draw(seed, &mut up_to)));
    cases.push(Case { model: pixel_cnn(), name: "a PixelCNN".into() });
    cases
}

/// Every model in `models/`, each with all of its entries.
fn pretrained() -> Vec<Case> {
    let folder = project().join("models");
    let paths =
        fs::read_dir(folder).expect("the project has models").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|end| end == "gan")).collect();
    paths.sort();
    assert!(paths.len() >= 8, "{paths:?}");
    let case = |path: &PathBuf| Case {
        model: fs::read(path).expect("the file was just found"),
        name: path.display().to_string(),
    };
    paths.iter().map(case).collect()
}

/// A generator of pictures of these sides and channels, in two steps of upsampling.
fn picture(height: u16, width: u16, channels: u16) -> Case {
    let model = Synthetic::new(u64::from(height), 16).dense(height / 4, width / 4, 8, Activation::Relu);
    let model = model.conv_transpose(4, 2, 1, 0, 8, Activation::Relu);
    let model = model.conv_transpose(4, 2, 1, 0, channels, Activation::Tanh);
    Case { model: model.finish("picture"), name: format!("a picture of {height}×{width}×{channels}") }
}

/// A model of one to eleven ops that branch, of sums, joins and embeddings among them.
fn branch(seed: u64, up_to: &mut impl FnMut(u32) -> u16) -> Case {
    let count = 1 + up_to(11);
    let mut draw = || (up_to(256) as u8, [0; 4].map(|_: u16| up_to(1 << 16)));
    let draws: Vec<(u8, [u16; 4])> = (0..count).map(|_| draw()).collect();
    let numbers = [Numbers::Usual, Numbers::Extreme][(seed % 2) as usize];
    let name = format!("branching, seed {seed}, {numbers:?}, {draws:?}");
    Case { model: branching(seed, numbers, &draws).finish("branching"), name }
}

/// A model that draws up to 8×8 pixels, with up to five ops in front of its pass and up to seven more in it.
fn draw(seed: u64, up_to: &mut impl FnMut(u32) -> u16) -> Case {
    let mut draws = |most: u32| -> Vec<(u8, [u16; 4])> {
        (0..up_to(most + 1)).map(|_| (up_to(256) as u8, [0; 4].map(|_: u16| up_to(1 << 16)))).collect()
    };
    let (once, each) = (draws(5), draws(7));
    let picture = (1 + up_to(8) as u8, 1 + up_to(8) as u8, 2 + up_to(15));
    let numbers = [Numbers::Usual, Numbers::Extreme][(seed % 2) as usize];
    let name = format!("drawing, seed {seed}, {numbers:?}, {picture:?}, {once:?}, {each:?}");
    Case { model: drawing(seed, numbers, picture, &once, &each).finish("drawing"), name }
}

#[expect(clippy::too_many_arguments, reason = "they are a case's fields, named by its description")]
fn case(
    seed: u64,
    latent: u16,
    classes: u8,
    input: Shape,
    phases: Phases,
    outputs: u16,
    [first, second]: [Activation; 2],
    numbers: Numbers,
) -> Case {
    let name = format!(
        "seed {seed}, latent {latent}, {classes} classes, {input:?}, {phases:?}, {outputs} channels, {first:?}, \
         {second:?}, {numbers:?}"
    );
    let model = Synthetic::new(seed, latent).numbers(numbers);
    let model = if classes > 0 { model.classes(classes) } else { model };
    let model = model.dense(input.height, input.width, input.channels, first);
    let model = model.convolution(phases, outputs, second);
    Case { model: model.finish("case"), name }
}
