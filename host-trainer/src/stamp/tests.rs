//! Stamps of small generators, beside and in files.

use super::*;
use crate::backend::{self, Backend};
use crate::data::Dataset;
use crate::families::testing::DIGITS;
use crate::families::{Domain, FamilyConfig};
use crate::random::{self, Stream};
use crate::train::{DataConfig, RunData, TrainConfig};

fn config() -> TrainConfig {
    let family = FamilyConfig::default().with("generator_width", 4).unwrap();
    TrainConfig { name: "tiny".into(), steps: 30, family, ..TrainConfig::default() }
}

fn generator(seed: u64) -> Net {
    let graph = config().family.generator(&Domain { classes: 2, ..DIGITS });
    Net::new(&graph, &mut random::stream(seed, Stream::Weights), &backend::device(Backend::Flex))
}

fn data() -> RunData {
    let names = ["cat", "dog"].map(str::to_owned).to_vec();
    RunData::of(&Dataset {
        images: vec![1, 2],
        labels: vec![0, 1],
        height: 1,
        width: 1,
        classes: 2,
        names,
        second: None,
    })
}

fn stamp() -> Stamp {
    data().stamp(&config(), 30, &generator(1))
}

#[test]
fn a_stamp_knows_its_weights_from_others() {
    assert!(stamp().is_of(&generator(1)));
    assert!(!stamp().is_of(&generator(2)));
}

#[test]
fn what_does_not_decide_the_outcome_is_no_changed_setting() {
    let data = DataConfig { dir: Some("elsewhere".into()), ..DataConfig::default() };
    let moved = TrainConfig { name: "other".into(), checkpoint_every: 7, fid_every: 7, data, ..config() };
    assert_eq!(stamp().settings_changed(moved.assignments()), [""; 0]);
    let tuned = TrainConfig { qat_steps: 100, ..config() };
    assert_eq!(stamp().settings_changed(tuned.assignments()), ["qat_steps was 0, is 100 now"]);
}

#[test]
fn a_setting_that_one_side_does_not_know_is_no_change() {
    let mut old = stamp();
    old.settings.remove("learning_rate_floor").unwrap();
    old.settings.insert("forgotten".into(), "1".into());
    assert_eq!(old.settings_changed(config().assignments()), [""; 0]);
}

#[test]
fn a_sidecar_is_of_its_model_alone() {
    let dir = tempfile::tempdir().unwrap();
    let model = dir.path().join("some.gan");
    assert_eq!(Sidecar::read(&model, b"model").unwrap(), Sidecar::Missing);
    Sidecar::write(&model, b"model", &stamp()).unwrap();
    assert_eq!(Sidecar::read(&model, b"model").unwrap(), Sidecar::Own(stamp()));
    let path = dir.path().join("some.json");
    assert_eq!(Sidecar::read(&model, b"another").unwrap(), Sidecar::Strange(path.clone()));
    std::fs::write(&path, "{}").unwrap();
    assert_eq!(Sidecar::read(&model, b"model").unwrap(), Sidecar::Strange(path));
}

#[test]
fn a_picture_says_what_it_was_made_from() {
    let origin = Origin { model_md5: Some(digest::of(b"model")), stamp: Some(stamp()) };
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, 1, 1);
    picture::mark(&mut encoder, &origin).unwrap();
    encoder.write_header().unwrap().write_image_data(&[7]).unwrap();
    assert_eq!(picture::read(&png), Some(origin));
    assert_eq!(picture::read(b"no picture"), None);
}
