//! The pretrained model against the floats that it was lowered from.

use std::path::{Path, PathBuf};

use gan_core::Model;
use host_trainer::backend::{self, Backend};
use host_trainer::data::Dataset;
use host_trainer::evaluation::peak_signal_to_noise;
use host_trainer::export::Export;
use host_trainer::families::Domain;
use host_trainer::graph::{Net, Shape};
use host_trainer::lower::{Calibration, Labels};
use host_trainer::pictures;
use host_trainer::train::{RunData, TrainConfig, checkpoint};

/// Of this many latents, and of a seed that the lowering has not seen.
const LATENTS: usize = 256;
const SEED: u64 = 2026;

fn models(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models").join(name)
}

/// The floats of a pretrained model.
fn floats_of(name: &str) -> Net {
    let config = TrainConfig::read(&models(&format!("{name}.toml"))).unwrap();
    let device = backend::device(Backend::Flex);
    let digits = Domain { shape: Shape::new(28, 28, 1), classes: 10 };
    let weights = models(&format!("{name}.bpk"));
    checkpoint::load_average(&weights, &config.family.generator(&digits), &device).unwrap()
}

fn floats() -> Net {
    floats_of("mnist")
}

#[test]
fn int8_pictures_are_within_30_db_of_the_floats() {
    let bytes = pictures::read_model(&models("mnist.gan")).unwrap();
    let model: Model = Model::parse(&bytes).unwrap();
    let int8 = pictures::int8(&model, SEED, LATENTS);
    let floats = pictures::floats(&floats(), SEED, LATENTS, &backend::device(Backend::Flex));
    assert_eq!(int8.labels, floats.labels);
    let psnr = peak_signal_to_noise(&int8.greys, &floats.greys).value().expect("pictures that differ");
    println!("PSNR {psnr:.1} dB");
    assert!(psnr >= 30.0, "PSNR {psnr:.1} dB");
}

/// Ranges are taken from all that there is to choose from, not from what is drawn where nobody chooses.
#[test]
fn pictures_of_every_choice_are_close_to_the_floats() {
    let (name, device) = ("stylegan", backend::device(Backend::Flex));
    let bytes = pictures::read_model(&models(&format!("{name}.gan"))).unwrap();
    let (model, floats): (Model, _) = (Model::parse(&bytes).unwrap(), floats_of(name));
    let (originals, count) = (pictures::Originals::default(), 60);
    let given = pictures::Given { entry: 0, originals: &originals };
    let mut tried = 0;
    for (place, choice) in model.choices().enumerate().skip(1) {
        for number in 0..choice.count {
            let draws = pictures::Draws { chosen: vec![(place, number)], ..pictures::Draws::of(SEED) };
            let int8 = pictures::of_given(&model, given, &draws.latents(count, &(&model).into()));
            let floats = pictures::floats_of_given(&floats, given, (&draws, count), &device);
            let psnr = peak_signal_to_noise(&int8.greys, &floats.greys).value().unwrap();
            let what = choice.name_of(number).unwrap();
            println!("{} {what}: {psnr:.1} dB", choice.name);
            assert!(psnr >= 28.0, "{} {what}: {psnr:.1} dB", choice.name);
            tried += 1;
        }
    }
    assert_eq!(tried, 5 + 4);
}

#[test]
fn lowering_the_floats_again_gives_a_model_of_the_same_size_and_quality() {
    let dir = tempfile::tempdir().unwrap();
    let (config, data) = (TrainConfig::read(&models("mnist.toml")).unwrap(), Dataset::mnist_test().unwrap());
    let floats = floats();
    let stamp = RunData::of(&data).stamp(&config, config.steps, &floats);
    let names: Vec<String> = (0..10).map(|digit| digit.to_string()).collect();
    let export = Export {
        generator: &floats,
        labels: Labels { model: "mnist", classes: &names },
        originals: &pictures::Originals::default(),
        stamp: Some(&stamp),
        device: &backend::device(Backend::Flex),
    };
    let lowered = export.model(Calibration::Auto, &dir.path().join("again.gan")).unwrap();
    let sheet = dir.path().join("again.png");
    export.sheet(&lowered.file, 1, &sheet).unwrap();
    assert!(std::fs::read(sheet).unwrap().starts_with(b"\x89PNG"));
    assert_eq!(lowered.file.len(), std::fs::read(models("mnist.gan")).unwrap().len());
    assert!(lowered.report.psnr >= 30.0, "{}", lowered.report);
    assert!(lowered.report.arena_bytes <= 8 * 1024 && lowered.file.len() <= 64 * 1024);
}
