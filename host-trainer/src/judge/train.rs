//! Training of the classifier.

use std::f64::consts::PI;

use burn::{
    module::Module,
    nn::loss::CrossEntropyLossConfig,
    optim::{AdamConfig, GradientsParams},
    tensor::{Device, Int, Tensor, TensorData},
};
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{FEATURES, SIDE, classifier::Classifier};
use crate::data::Dataset;

/// How the classifier is trained. The default is what `models/judge.bpk` was made with.
#[derive(Debug, Clone, PartialEq)]
pub struct Training {
    /// Passes over the data.
    pub epochs: usize,
    /// Pictures a step.
    pub batch: usize,
    /// Highest learning rate of the one-cycle schedule (Smith and Topin 2018).
    pub learning_rate: f64,
    /// Each picture is moved by −shift to +shift pixels, down and sideways.
    pub shift: usize,
    /// Share of the features that are set to 0 in a step (Srivastava et al. 2014).
    pub dropout: f32,
    /// First weights, order, shifts and dropout all come from it.
    pub seed: u64,
}

impl Default for Training {
    fn default() -> Training {
        Training { epochs: 5, batch: 128, learning_rate: 3e-3, shift: 2, dropout: 0.3, seed: 1 }
    }
}

/// Where a training stands, after a step.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Steps done.
    pub step: usize,
    /// Steps in all.
    pub steps: usize,
    /// Cross entropy of the step's batch, in nats.
    pub loss: f32,
}

impl Training {
    /// Trains a classifier on `data`, 28×28 pictures of ten classes, and calls `progress` after each step.
    ///
    /// The same settings on the same data give the same weights on one machine.
    ///
    /// # Panics
    /// When `data` holds less than a batch or pictures of another size: the callers check.
    pub fn run(&self, data: &Dataset, device: &Device, mut progress: impl FnMut(Progress)) -> Classifier {
        assert_eq!((data.height, data.width), (SIDE, SIDE), "the classifier reads 28×28 pixels");
        let steps_an_epoch = data.len() / self.batch;
        assert!(steps_an_epoch > 0, "{} pictures are less than a batch of {}", data.len(), self.batch);
        let steps = self.epochs * steps_an_epoch;
        let device = device.clone().autodiff();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(self.seed);
        let mut classifier = Classifier::init(rng.random(), &device);
        let mut optimizer = AdamConfig::new().with_epsilon(1e-8).init();
        let loss = CrossEntropyLossConfig::new().init(&device);
        let mut order: Vec<usize> = (0..data.len()).collect();
        for step in 0..steps {
            let place = step % steps_an_epoch;
            if place == 0 {
                order.shuffle(&mut rng);
            }
            let chosen = &order[place * self.batch..][..self.batch];
            let pictures: Vec<u8> = chosen
                .iter()
                .flat_map(|&index| {
                    let reach = self.shift as isize;
                    let mut shift = || rng.random_range(0..=2 * self.shift) as isize - reach;
                    shifted(data.picture(index), shift(), shift())
                })
                .collect();
            let labels: Vec<i32> = chosen.iter().map(|&index| data.labels[index].into()).collect();
            let labels = Tensor::<1, Int>::from_data(TensorData::new(labels, [self.batch]), &device);

            let features = classifier.features(Classifier::input(&pictures, &device));
            let features = features * self.dropout_mask(&mut rng, &device);
            let loss = loss.forward(classifier.logits(features), labels);
            let value = loss.clone().into_scalar::<f32>();
            let gradients = GradientsParams::from_grads(loss.backward(), &classifier);
            classifier = optimizer.step(self.one_cycle(step, steps), classifier, gradients);
            progress(Progress { step: step + 1, steps, loss: value });
        }
        classifier.valid()
    }

    /// 0 for a dropped feature, else what keeps the mean as it was.
    fn dropout_mask(&self, rng: &mut Xoshiro256PlusPlus, device: &Device) -> Tensor<2> {
        let kept = (1.0 - self.dropout).recip();
        let mask = (0..self.batch * FEATURES)
            .map(|_| if rng.random::<f32>() < self.dropout { 0.0 } else { kept })
            .collect();
        Tensor::from_data(TensorData::new::<f32, _>(mask, [self.batch, FEATURES]), device)
    }

    /// The learning rate of a step: from 1/25 of the highest up to it in 30 % of the steps, then
    /// down to nearly 0, both along half a cosine.
    fn one_cycle(&self, step: usize, steps: usize) -> f64 {
        let cosine = |from: f64, to: f64, part: f64| to + (from - to) * 0.5 * (1.0 + (PI * part).cos());
        let (low, high, end) =
            (self.learning_rate / 25.0, self.learning_rate, self.learning_rate / 250_000.0);
        let part = step as f64 / steps as f64;
        if part < 0.3 { cosine(low, high, part / 0.3) } else { cosine(high, end, (part - 0.3) / 0.7) }
    }
}

/// A 28×28 picture moved `down` rows and `right` columns, background moved in.
fn shifted(picture: &[u8], down: isize, right: isize) -> Vec<u8> {
    let mut moved = vec![0; SIDE * SIDE];
    let within = |at: isize| (0..SIDE as isize).contains(&at).then_some(at as usize);
    for row in 0..SIDE {
        for column in 0..SIDE {
            if let (Some(from_row), Some(from_column)) =
                (within(row as isize - down), within(column as isize - right))
            {
                moved[row * SIDE + column] = picture[from_row * SIDE + from_column];
            }
        }
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_moves_pixels_and_drops_those_that_leave() {
        let mut picture = vec![0; 784];
        picture[0] = 10; // top left
        picture[5 * 28 + 7] = 20;
        let moved = shifted(&picture, 2, -1);
        assert_eq!(moved[7 * 28 + 6], 20);
        assert_eq!(moved.iter().filter(|&&pixel| pixel > 0).count(), 1, "the top left one left the picture");
        assert_eq!(shifted(&picture, 0, 0), picture);
    }

    #[test]
    fn one_cycle_rises_and_falls() {
        let training = Training::default();
        let rate = |step| training.one_cycle(step, 1000);
        assert!((rate(0) - 3e-3 / 25.0).abs() < 1e-12);
        assert!((rate(300) - 3e-3).abs() < 1e-12);
        assert!(rate(999) < 1e-7);
        assert!((0..300).all(|step| rate(step) < rate(step + 1)));
        assert!((300..999).all(|step| rate(step) > rate(step + 1)));
    }

    #[test]
    fn dropout_keeps_the_mean() {
        let training = Training::default();
        let mask = training.dropout_mask(&mut Xoshiro256PlusPlus::seed_from_u64(0), &Device::flex());
        let mean = mask.clone().mean().into_scalar::<f32>();
        assert!((mean - 1.0).abs() < 0.02, "{mean}");
        let dropped = mask.equal_elem(0.0).float().mean().into_scalar::<f32>();
        assert!((dropped - 0.3).abs() < 0.02, "{dropped}");
    }

    #[test]
    fn a_short_training_learns_and_repeats() {
        let whole = Dataset::mnist_train().unwrap();
        let few = Dataset {
            images: whole.images[..2048 * 784].to_vec(),
            labels: whole.labels[..2048].to_vec(),
            ..whole
        };
        let training = Training { epochs: 2, batch: 64, ..Training::default() };
        let run = || {
            let mut losses = vec![];
            let classifier = training.run(&few, &Device::flex(), |progress| losses.push(progress.loss));
            (losses, classifier.into_record().into_bytes().unwrap().to_vec())
        };
        let (losses, weights) = run();
        assert_eq!(losses.len(), 64);
        assert!((losses[0] - 10f32.ln()).abs() < 0.3, "it knows nothing at first: {}", losses[0]);
        let last = losses[56..].iter().sum::<f32>() / 8.0;
        assert!(last < 0.9, "it has learned: {last}");
        assert!(run() == (losses, weights), "the same seed, the same weights");
    }
}
