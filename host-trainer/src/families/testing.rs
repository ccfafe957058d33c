//! Networks for tests of what families share.

use super::{Domain, FamilyConfig, Start, networks};
use crate::data::Dataset;
use crate::graph::{Graph, Shape};
use crate::players::{AdamConfig, Objective};
use crate::random::{Stream, stream};
use burn::tensor::Device;

/// What the embedded pictures are.
pub(crate) const DIGITS: Domain = Domain { shape: Shape { height: 28, width: 28, channels: 1 }, classes: 10 };

/// A discriminator of digits that is told the class.
pub(crate) fn discriminator(width: usize) -> Graph {
    networks::discriminator(width, true, &DIGITS)
}

/// The narrowest game of digits that steers by styles.
pub(crate) fn styled(device: &Device) -> Box<dyn Objective> {
    narrowest("stylegan", device)
}

/// The narrowest game of digits whose singular values are watched.
pub(crate) fn watched(device: &Device) -> Box<dyn Objective> {
    narrowest("biggan", device)
}

fn narrowest(family: &str, device: &Device) -> Box<dyn Objective> {
    let config = FamilyConfig::named(family).unwrap().with("generator_width", 2).unwrap();
    begin(&config.with("discriminator_width", 2).unwrap(), device)
}

/// A family's networks of digits at their first step.
pub(crate) fn begin(config: &FamilyConfig, device: &Device) -> Box<dyn Objective> {
    config.system().begin(Start {
        domain: DIGITS,
        adam: &AdamConfig::default(),
        average_decay: 0.9,
        weights: stream(1, Stream::Weights),
        device: device.clone(),
    })
}

/// `count` pictures of [`DIGITS`], class after class; grey `place` of all is `place` · `stride` mod 256.
pub(crate) fn pictures(count: usize, stride: usize) -> Dataset {
    let labels: Vec<u8> = (0..count).map(|number| (number % 10) as u8).collect();
    let images = (0..count * 784).map(|place| (place * stride % 256) as u8).collect();
    Dataset { images, labels, height: 28, width: 28, classes: 10, names: vec![], second: None }
}
