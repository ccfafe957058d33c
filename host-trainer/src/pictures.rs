//! Pictures from a generator: the int8 model's and the floats', from the same latents.
//!
//! Picture `i` is made from the `i`-th latent of its seed's stream, for class `i` modulo the number of classes: nothing
//! is picked.

use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use gan_core::{AlignedBytes, LATENT_SCALE, Latent, MAX_TRUNCATION, Model, ParseError};
use rand_xoshiro::{Xoshiro128PlusPlus, rand_core::SeedableRng};
use rayon::prelude::*;

use crate::generator::Generator;
use crate::lower::FloatRun;
use crate::train::batches::one_hot;

/// Latents a pass through the floats, and a task of the integers.
const BATCH: usize = 250;

/// Pictures and the class that each was made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pictures {
    /// `[pictures, height, width]` of the first channel, 0 black to 255 white.
    pub greys: Vec<u8>,
    /// One a picture; 0 without classes.
    pub labels: Vec<u8>,
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

    /// The first `count` of them, `length` numbers each, of classes below `classes`.
    pub fn latents(&self, count: usize, length: usize, classes: usize) -> Vec<Latent> {
        let mut rng = Xoshiro128PlusPlus::seed_from_u64(self.seed);
        let class = |number: usize| self.class.unwrap_or((number % classes.max(1)) as u8);
        (0..count)
            .map(|number| Latent::sample(&mut rng, length, self.truncation).class(class(number)))
            .collect()
    }
}

/// The first `count` latents of `seed`, `length` numbers each, of classes 0, 1, … in turn.
pub fn latents(seed: u64, count: usize, length: usize, classes: usize) -> Vec<Latent> {
    Draws::of(seed).latents(count, length, classes)
}

/// The first `count` pictures of `seed`, made by gan-core.
pub fn int8(model: &Model<'_>, seed: u64, count: usize) -> Pictures {
    of_latents(model, &latents(seed, count, model.latent_length(), model.classes().into()))
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
        size: (shape.height.into(), shape.width.into()),
    }
}

/// The first `count` pictures of `seed`, made by the floats of `generator`, which is in evaluation mode on `device`.
pub fn floats(generator: &Generator, seed: u64, count: usize, device: &Device) -> Pictures {
    let graph = generator.graph();
    let shape = graph.output_shape();
    let latents = latents(seed, count, graph.latent_length(), graph.classes().unwrap_or(0));
    let grey = |value: &f32| ((value.clamp(-1.0, 1.0) + 1.0) * 127.5).round() as u8;
    let picture = |batch| {
        let (latents, classes) = tensors(generator, batch, device);
        let values: Vec<f32> = generator
            .forward(latents, classes)
            .into_data()
            .try_to_vec()
            .expect("the networks compute in f32");
        let area = shape.height * shape.width;
        let first_channels = values.chunks(area).step_by(shape.channels);
        first_channels.flatten().map(grey).collect::<Vec<u8>>()
    };
    Pictures {
        greys: latents.chunks(BATCH).flat_map(picture).collect(),
        labels: latents.iter().map(Latent::class_index).collect(),
        size: (shape.height, shape.width),
    }
}

/// Every node's output for the first `count` latents of `seed`: what the lowering measures.
pub fn float_run(generator: &Generator, seed: u64, count: usize, device: &Device) -> FloatRun {
    let graph = generator.graph();
    let latents = latents(seed, count, graph.latent_length(), graph.classes().unwrap_or(0));
    let mut outputs = vec![Vec::new(); graph.nodes.len()];
    for batch in latents.chunks(BATCH) {
        let (latents, classes) = tensors(generator, batch, device);
        for (all, tensor) in outputs.iter_mut().zip(generator.forward_nodes(latents, classes)) {
            // Channels last, as gan-core has them.
            let tensor = tensor.permute([0, 2, 3, 1]);
            all.extend(tensor.into_data().try_to_vec::<f32>().expect("the networks compute in f32"));
        }
    }
    FloatRun { latents, outputs }
}

/// Latents as the floats see them: the very values that gan-core's steps stand for.
fn tensors(generator: &Generator, batch: &[Latent], device: &Device) -> (Tensor<2>, Option<Tensor<2>>) {
    let graph = generator.graph();
    let values: Vec<f32> = batch
        .iter()
        .flat_map(|latent| latent.values().iter().map(|&value| f32::from(value) * LATENT_SCALE))
        .collect();
    let latents = Tensor::from_data(TensorData::new(values, [batch.len(), graph.latent_length()]), device);
    let labels: Vec<u8> = batch.iter().map(Latent::class_index).collect();
    (latents, graph.classes().map(|classes| one_hot(&labels, classes, device)))
}
