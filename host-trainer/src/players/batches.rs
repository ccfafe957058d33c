//! Minibatches: real pictures in a new order every epoch, and the noise that becomes generated ones.

pub use crate::graph::net::one_hot;

use crate::data::Dataset;
use crate::graph::{Graph, Input, PictureRange, Shape};
use crate::random::{self, Rng};
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

/// Real pictures `[batch, height, width, channels]` in the range of the generator's, with their classes one-hot.
#[derive(Debug, Clone)]
pub struct RealBatch {
    /// The pictures.
    pub pictures: Tensor<4>,
    /// `[batch, 1, 1, classes]`.
    pub classes: Tensor<4>,
}

/// Hands out the pictures of a data set, every one once an epoch (but for a rest smaller than a batch). Of a data set in domains
/// each has epochs of its own.
pub struct Batches<'d> {
    domains: Vec<Shuffled<'d>>,
    batch: usize,
    device: Device,
    range: PictureRange,
}

/// A data set in the order of its epoch.
struct Shuffled<'d> {
    dataset: &'d Dataset,
    position: Place,
    /// The random numbers after this epoch's order was drawn.
    next_epoch: Rng,
    order: Vec<u32>,
}

/// Where in the stream of batches a run stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    #[serde(flatten)]
    first: Place,
    /// In the domains after the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    others: Vec<Place>,
}

/// Where in the pictures of a domain a run stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    /// The random numbers from which this epoch's order was drawn.
    epoch: Rng,
    /// How many pictures of this epoch were handed out.
    taken: usize,
}

impl Position {
    /// At the first picture of the first epoch of each of `domains`.
    pub fn start(order: Rng, domains: usize) -> Self {
        let mut rng = order.clone();
        let mut next = || {
            // Streams of a seed are jumps apart, domains long jumps.
            rng.long_jump();
            Place { epoch: rng.clone(), taken: 0 }
        };
        let others = (1..domains).map(|_| next()).collect();
        Position { first: Place { epoch: order, taken: 0 }, others }
    }

    fn places(&self) -> impl Iterator<Item = &Place> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl<'d> Shuffled<'d> {
    fn new(dataset: &'d Dataset, position: Place) -> Self {
        let mut next_epoch = position.epoch.clone();
        let order = random::permutation(&mut next_epoch, dataset.len());
        Shuffled { dataset, position, next_epoch, order }
    }

    /// The numbers of the next `count` pictures.
    fn next(&mut self, count: usize) -> &[u32] {
        if self.position.taken + count > self.order.len() {
            self.position = Place { epoch: self.next_epoch.clone(), taken: 0 };
            self.order = random::permutation(&mut self.next_epoch, self.dataset.len());
        }
        let chosen = &self.order[self.position.taken..][..count];
        self.position.taken += count;
        chosen
    }
}

impl<'d> Batches<'d> {
    /// Goes on from `position`, with pictures in `range`. Each of the `domains` must hold at least one batch, and have a place in
    /// the position.
    pub fn new(
        domains: &[&'d Dataset],
        batch: usize,
        device: Device,
        position: &Position,
        range: PictureRange,
    ) -> Self {
        let places = position.places().cloned();
        let domains = domains.iter().zip(places).map(|(dataset, place)| Shuffled::new(dataset, place));
        Batches { domains: domains.collect(), batch, device, range }
    }

    /// Where the run stands, for its checkpoint.
    pub fn position(&self) -> Position {
        let mut places = self.domains.iter().map(|domain| domain.position.clone());
        let first = places.next().expect("there is a domain");
        Position { first, others: places.collect() }
    }

    /// The next minibatch of real pictures, of the first domain where there are several.
    pub fn real(&mut self) -> RealBatch {
        self.real_of(0)
    }

    /// The next minibatch of real pictures of a domain.
    ///
    /// # Panics
    /// There is no such domain.
    pub fn real_of(&mut self, domain: usize) -> RealBatch {
        let domain = &mut self.domains[domain];
        let dataset = domain.dataset;
        let chosen = domain.next(self.batch);
        let pixels = chosen.iter().flat_map(|&index| dataset.picture(index as usize));
        let values: Vec<f32> = pixels.map(|&byte| self.range.of_grey(byte)).collect();
        let shape = [self.batch, dataset.height, dataset.width, 1];
        let labels: Vec<u8> = chosen.iter().map(|&index| dataset.labels[index as usize]).collect();
        RealBatch {
            pictures: Tensor::from_data(TensorData::new(values, shape), &self.device),
            classes: one_hot(&labels, dataset.classes, &self.device),
        }
    }

    /// A minibatch for the inputs of `graph`, drawn from `rng`; see [`draw`].
    pub fn draw(&self, rng: &mut Rng, graph: &Graph) -> Vec<Tensor<4>> {
        draw(graph, rng, self.batch, &self.device)
    }
}

/// `count` draws of each of a generator's inputs, in node order: standard normal and uniform numbers, and choices of which
/// each is as likely, one-hot.
///
/// # Panics
/// The graph has a picture as an input, which cannot be drawn.
pub fn draw(graph: &Graph, rng: &mut Rng, count: usize, device: &Device) -> Vec<Tensor<4>> {
    let input = |(node, kind): (usize, Input)| {
        let Shape { height, width, channels } = graph.nodes[node].shape;
        let size = count * height * width * channels;
        let values = match kind {
            Input::Normal => random::normals(rng, size, 0.0, 1.0),
            Input::Uniform => random::uniforms(rng, size),
            Input::Choice => return one_hot(&random::classes(rng, count, channels), channels, device),
            Input::Picture => panic!("{}: a picture cannot be drawn", graph.nodes[node].name),
        };
        Tensor::from_data(TensorData::new(values, [count, height, width, channels]), device)
    };
    graph.inputs().map(input).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Stream, stream};

    /// Ten pictures of one pixel, picture i being i·25, of class i.
    fn dataset() -> Dataset {
        let labels: Vec<u8> = (0..10).collect();
        let images = labels.iter().map(|label| label * 25).collect();
        let names = labels.iter().map(u8::to_string).collect();
        Dataset { images, labels, height: 1, width: 1, classes: 10, names, second: None }
    }

    fn values(batch: &RealBatch) -> Vec<f32> {
        batch.pictures.clone().into_data().try_to_vec().unwrap()
    }

    #[test]
    fn an_epoch_hands_out_every_picture_once_with_its_class() {
        let set = dataset();
        let start = Position::start(stream(5, Stream::Order), 1);
        let mut batches = Batches::new(&[&set], 2, Device::flex(), &start, PictureRange::Signed);
        let mut epochs = Vec::new();
        for _ in 0..2 {
            let mut epoch: Vec<i32> = Vec::new();
            for _ in 0..5 {
                let batch = batches.real();
                let classes: Vec<f32> = batch.classes.clone().into_data().try_to_vec().unwrap();
                for (value, class) in values(&batch).iter().zip(classes.chunks(10)) {
                    let picture = ((value + 1.0) * 127.5 / 25.0).round() as usize;
                    assert_eq!((class[picture], class.iter().sum::<f32>()), (1.0, 1.0));
                    epoch.push(picture as i32);
                }
            }
            epochs.push(epoch);
        }
        assert_ne!(epochs[0], epochs[1], "each epoch has an order of its own");
        for mut epoch in epochs {
            epoch.sort_unstable();
            assert_eq!(epoch, (0..10).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_saved_position_goes_on_with_the_same_batches() {
        let (set, few) = (dataset(), Dataset { images: vec![1, 2, 3, 4], labels: vec![0; 4], ..dataset() });
        for domains in [&[&set][..], &[&set, &few]] {
            let of = |position: &Position| {
                Batches::new(domains, 3, Device::flex(), position, PictureRange::Signed)
            };
            let mut unbroken = of(&Position::start(stream(5, Stream::Order), domains.len()));
            for _ in 0..4 {
                (0..domains.len()).for_each(|domain| drop(unbroken.real_of(domain)));
            }
            let text = serde_json::to_string(&unbroken.position()).unwrap();
            let mut resumed = of(&serde_json::from_str(&text).unwrap());
            for domain in (0..7).flat_map(|_| 0..domains.len()) {
                assert_eq!(values(&unbroken.real_of(domain)), values(&resumed.real_of(domain)));
            }
        }
    }

    #[test]
    fn domains_have_orders_of_their_own_and_the_first_that_of_a_data_set_alone() {
        let set = dataset();
        let order = |domains: &[&Dataset], domain: usize| {
            let start = Position::start(stream(5, Stream::Order), domains.len());
            let mut batches = Batches::new(domains, 10, Device::flex(), &start, PictureRange::Signed);
            values(&batches.real_of(domain))
        };
        assert_eq!(order(&[&set], 0), order(&[&set, &set], 0));
        assert_ne!(order(&[&set, &set], 0), order(&[&set, &set], 1));
    }
}
