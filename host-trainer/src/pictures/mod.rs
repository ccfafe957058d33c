//! Pictures from a generator: the int8 model's and the floats', from the same latents.
//!
//! Picture `i` is made from the `i`-th latent of its seed's stream, for class `i` modulo the number of classes: nothing
//! is picked.

pub mod sheet;
pub mod sweep;
pub mod walk;

use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use gan_core::{AlignedBytes, LATENT_SCALE, Latent, MAX_TRUNCATION, Model, Noise, ParseError};
use rand_xoshiro::{
    Xoshiro128PlusPlus,
    rand_core::{Rng, SeedableRng},
};
use rayon::prelude::*;

use crate::graph::{Graph, Input, Net, Shape};
use crate::lower::FloatRun;
use crate::players::{batches::one_hot, numbers};

/// Numbers that a [`FloatRun`] holds, nearly: 128 MB of them.
const MOST_NUMBERS: usize = 1 << 25;
/// Latents a pass through the floats, and a task of the integers.
const BATCH: usize = 250;

/// Pictures and the class that each was made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pictures {
    /// `[pictures, height, width]` of the first channel, 0 black to 255 white.
    pub greys: Vec<u8>,
    /// What each was chosen to show, as a rule its class; 0 without a choice.
    pub labels: Vec<u8>,
    /// What the choice of `labels` is called; none without one.
    pub choice: Option<String>,
    /// Height and width of a picture.
    pub size: (usize, usize),
}

/// A model file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The file cannot be read.
    #[error("{path}: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        cause: std::io::Error,
    },
    /// The file is not a model, or a damaged one.
    #[error("{path}: {cause}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// The cause.
        cause: ParseError,
    },
}

/// Reads a model file and checks it.
///
/// # Errors
/// The file cannot be read, or gan-core refuses it.
pub fn read_model(path: &Path) -> Result<AlignedBytes, ModelError> {
    let bytes = std::fs::read(path).map_err(|cause| ModelError::Io { path: path.into(), cause })?;
    let bytes = AlignedBytes::new(&bytes);
    Model::parse(&bytes).map_err(|cause| ModelError::Parse { path: path.into(), cause })?;
    Ok(bytes)
}

/// Which latents are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Draws {
    /// Where they come from.
    pub seed: u64,
    /// The class of all; `None` is each class in turn.
    pub class: Option<u8>,
    /// Beyond which they are drawn again, above 0 and at most 3: less is more typical and less varied.
    pub truncation: f32,
}

impl Draws {
    /// Untruncated latents of `seed`, of each class in turn.
    pub fn of(seed: u64) -> Draws {
        Draws { seed, class: None, truncation: MAX_TRUNCATION }
    }

    /// The first `count` of them, with all that a model reads; of its first choice every one in turn, of the others the first,
    /// which is what they are where nobody asks.
    pub fn latents(&self, count: usize, inputs: &Inputs) -> Vec<Latent> {
        let mut rng = Xoshiro128PlusPlus::seed_from_u64(self.seed);
        let draw = |number: usize| {
            let latent = Latent::sample(&mut rng, inputs.normal, self.truncation);
            let latent = match inputs.uniform {
                0 => latent,
                count => latent.with_uniform(&mut rng, count),
            };
            let latent = match inputs.noise {
                false => latent,
                true => latent.with_noise(rng.next_u32()),
            };
            let latent = match inputs.choices.first() {
                Some(&count) => latent.class((number % count.max(1)) as u8),
                None => latent,
            };
            self.class.into_iter().fold(latent, Latent::class)
        };
        (0..count).map(draw).collect()
    }
}

/// What a model reads besides pictures: what a latent for it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// Normal numbers.
    pub normal: usize,
    /// Uniform numbers.
    pub uniform: usize,
    /// Whether there are planes of noise.
    pub noise: bool,
    /// How many there are to choose from in each choice.
    pub choices: Vec<usize>,
}

impl From<&Model<'_>> for Inputs {
    fn from(model: &Model<'_>) -> Self {
        Inputs {
            normal: model.latent_length(),
            uniform: model.uniform_length(),
            noise: model.noise_planes() > 0,
            choices: model.choices().map(|choice| choice.count.into()).collect(),
        }
    }
}

impl From<&Graph> for Inputs {
    fn from(graph: &Graph) -> Self {
        Inputs {
            normal: graph.latent_length(),
            uniform: graph.input_length(Input::Uniform),
            noise: graph.inputs().any(|(node, kind)| graph.is_noise(node, kind)),
            choices: graph.choices().collect(),
        }
    }
}

/// The first `count` pictures of `seed`, made by gan-core.
pub fn int8(model: &Model<'_>, seed: u64, count: usize) -> Pictures {
    of_latents(model, &Draws::of(seed).latents(count, &model.into()))
}

/// The pictures of `latents`, made by gan-core on all cores.
pub fn of_latents(model: &Model<'_>, latents: &[Latent]) -> Pictures {
    let shape = model.output_shape();
    let draw = |latents: &[Latent]| {
        let mut memory = vec![0; model.arena_bytes() + 15];
        let mut generator =
            gan_core::Generator::in_memory(model, &mut memory).expect("the memory has the model's size");
        let mut greys = Vec::with_capacity(latents.len() * shape.size());
        for latent in latents {
            greys.extend(generator.generate(latent).greys());
        }
        greys
    };
    Pictures {
        greys: latents.par_chunks(BATCH).flat_map_iter(draw).collect(),
        labels: latents.iter().map(Latent::class_index).collect(),
        choice: model.choices().next().map(|choice| choice.name.to_owned()),
        size: (shape.height.into(), shape.width.into()),
    }
}

/// The first `count` pictures of `seed`, made by the floats of `generator`, which is in evaluation mode on `device`.
pub fn floats(generator: &Net, seed: u64, count: usize, device: &Device) -> Pictures {
    let graph = generator.graph();
    let shape = graph.output_shape();
    let latents = Draws::of(seed).latents(count, &graph.into());
    let range = graph.picture_range();
    let grey = |value: &f32| range.to_grey(*value);
    let picture = |batch| {
        let values = numbers(generator.forward(&tensors(generator.graph(), batch, device)));
        values.iter().step_by(shape.channels).map(grey).collect::<Vec<u8>>()
    };
    Pictures {
        greys: latents.chunks(BATCH).flat_map(picture).collect(),
        labels: latents.iter().map(Latent::class_index).collect(),
        choice: graph.first_choice().map(str::to_owned),
        size: (shape.height, shape.width),
    }
}

/// Every node's output for the first `count` latents of `seed`: what the lowering measures.
pub fn float_run(generator: &Net, seed: u64, count: usize, device: &Device) -> FloatRun {
    let graph = generator.graph();
    let most = (MOST_NUMBERS / graph.numbers()).max(1);
    let latents = Draws::of(seed).latents(count.min(most), &graph.into());
    let mut outputs = vec![Vec::new(); graph.nodes.len()];
    for batch in latents.chunks(BATCH.min(most)) {
        for (all, tensor) in outputs.iter_mut().zip(generator.forward_nodes(&tensors(graph, batch, device))) {
            all.extend(numbers(tensor));
        }
    }
    FloatRun { latents, outputs }
}

/// A graph's inputs from latents, as the floats see them: the very values that gan-core's steps stand for.
///
/// # Panics
/// The graph has a picture as an input, which no latent has.
pub fn tensors(graph: &Graph, batch: &[Latent], device: &Device) -> Vec<Tensor<4>> {
    let (mut normal, mut uniform, mut choice) = (0, 0, 0);
    let mut noises: Vec<Noise> = batch.iter().map(Latent::noise_values).collect();
    let input = |(node, kind): (usize, Input)| {
        let Shape { height, width, channels } = graph.nodes[node].shape;
        let size = height * width * channels;
        let take = |from: &mut usize, values: fn(&Latent) -> &[i8], scale: f32| -> Vec<f32> {
            let range = *from..*from + size;
            *from = range.end;
            let values = batch.iter().flat_map(|latent| &values(latent)[range.clone()]);
            values.map(|&value| f32::from(value) * scale).collect()
        };
        let values = match kind {
            Input::Normal if graph.is_noise(node, kind) => {
                let values = noises.iter_mut().flat_map(|noise| noise.take(size));
                values.map(|value| f32::from(value) * LATENT_SCALE).collect()
            }
            Input::Uniform if graph.is_noise(node, kind) => {
                let values = noises.iter_mut().flat_map(|noise| (0..size).map(move |_| noise.uniform()));
                values.map(|value| f32::from(value) / 127.0).collect()
            }
            Input::Normal => take(&mut normal, Latent::values, LATENT_SCALE),
            Input::Uniform => take(&mut uniform, Latent::uniform_values, 1.0 / 127.0),
            Input::Choice => {
                let chosen: Vec<u8> = batch.iter().map(|latent| latent.choices()[choice]).collect();
                choice += 1;
                return one_hot(&chosen, channels, device);
            }
            Input::Picture => panic!("{}: a latent holds no picture", graph.nodes[node].name),
        };
        Tensor::from_data(TensorData::new(values, [batch.len(), height, width, channels]), device)
    };
    graph.inputs().map(input).collect()
}
