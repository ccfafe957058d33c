//! Pictures from a generator: the int8 model's and the floats', from the same latents.
//!
//! Picture `i` is made from the `i`-th latent of its seed's stream, for class `i` modulo the number of classes: nothing
//! is picked. Where a model reads a picture, that is the `i`-th of its [`Originals`].

mod choices;
mod originals;
pub mod sheet;
pub mod sweep;
pub mod walk;

use std::ops::Range;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use gan_core::format::InputKind;
use gan_core::{AlignedBytes, LATENT_SCALE, Latent, MAX_TRUNCATION, Model, Noise, ParseError};
use rand_xoshiro::{
    Xoshiro128PlusPlus,
    rand_core::{Rng, SeedableRng},
};
use rayon::prelude::*;

pub use choices::of_all_choices;
pub use originals::{Given, Originals, as_originals};

use crate::graph::{CLASS, Graph, Input, Net, QuantParams, Shape};
use crate::lower::{FloatRun, show};
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
#[derive(Debug, Clone, PartialEq)]
pub struct Draws {
    /// Where they come from.
    pub seed: u64,
    /// What is chosen in all of them: the place of a choice among the model's, and a number. Otherwise the first choice, as a rule
    /// the class, goes through all in turn, and others are 0.
    pub chosen: Vec<(usize, u8)>,
    /// Beyond which they are drawn again, above 0 and at most 3: less is more typical and less varied.
    pub truncation: f32,
}

impl Draws {
    /// Untruncated latents of `seed`, of each class in turn.
    pub fn of(seed: u64) -> Draws {
        Draws { seed, chosen: Vec::new(), truncation: MAX_TRUNCATION }
    }

    /// What is chosen of the first choice, the class; none where it goes through all in turn.
    pub fn class(&self) -> Option<u8> {
        self.chosen.iter().rfind(|(place, _)| *place == 0).map(|(_, class)| *class)
    }

    /// The first `count` of them, with all that a model reads.
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
            let latent = match inputs.first_choice {
                0 => latent,
                count => latent.class((number % count) as u8),
            };
            self.chosen.iter().fold(latent, |latent, &(place, number)| latent.choose(place, number))
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
    /// How many there are to choose from in the first choice; 0 without one.
    pub first_choice: usize,
}

impl From<&Model<'_>> for Inputs {
    fn from(model: &Model<'_>) -> Self {
        Inputs {
            normal: model.latent_length(),
            uniform: model.uniform_length(),
            noise: model.noise_planes() > 0,
            first_choice: model.classes().into(),
        }
    }
}

impl From<&Graph> for Inputs {
    fn from(graph: &Graph) -> Self {
        Inputs {
            normal: graph.latent_length(),
            uniform: graph.input_length(Input::Uniform),
            noise: graph.inputs().any(|(node, kind)| graph.is_noise(node, kind)),
            first_choice: graph.classes().unwrap_or(0),
        }
    }
}

/// The first `count` pictures of `seed` by the model's first entry, made by gan-core.
pub fn int8(model: &Model<'_>, seed: u64, count: usize) -> Pictures {
    of_latents(model, &Draws::of(seed).latents(count, &model.into()))
}

/// The pictures of `latents` by the model's first entry, made by gan-core on all cores.
pub fn of_latents(model: &Model<'_>, latents: &[Latent]) -> Pictures {
    of_given(model, Given { entry: 0, originals: &Originals::default() }, latents)
}

/// The pictures of `latents` and of what is `given`, made by gan-core on all cores.
pub fn of_given(model: &Model<'_>, given: Given<'_>, latents: &[Latent]) -> Pictures {
    let numbers = 0..latents.len();
    let values =
        if reads_pictures(model) { given.originals.values(given.entry, numbers) } else { Vec::new() };
    let pictures = restyled(model, given.entry, &values, latents);
    if values.is_empty() { pictures } else { pictures.made_of(given) }
}

/// The pictures of `latents` by entry number `entry`, where each input that is a picture shows that of the latent's number among
/// `originals`, in an input's steps. All are labelled by their choice.
pub fn restyled(model: &Model<'_>, entry: usize, originals: &[i8], latents: &[Latent]) -> Pictures {
    let output = model.entries().nth(entry).and_then(|entry| model.tensor(entry.output));
    let shape = output.map_or(model.output_shape(), |output| output.shape);
    let draw = |(chunk, latents): (usize, &[Latent])| {
        let mut memory = vec![0; model.arena_bytes() + 15];
        let mut generator =
            gan_core::Generator::in_memory(model, &mut memory).expect("the memory has the model's size");
        generator.enter(entry);
        let mut greys = Vec::with_capacity(latents.len() * shape.size());
        for (number, latent) in (chunk * BATCH..).zip(latents) {
            show(&mut generator, originals, number);
            greys.extend(generator.generate(latent).greys());
        }
        greys
    };
    Pictures {
        greys: latents.par_chunks(BATCH).enumerate().flat_map_iter(draw).collect(),
        labels: latents.iter().map(Latent::class_index).collect(),
        choice: model.choices().next().map(|choice| choice.name.to_owned()),
        size: (shape.height.into(), shape.width.into()),
    }
}

/// Whether one of the model's inputs is a picture.
pub fn reads_pictures(model: &Model<'_>) -> bool {
    model.inputs().any(|input| matches!(input.kind, InputKind::Picture { .. }))
}

impl Pictures {
    /// The same, labelled by the classes that what is `given` is to show.
    fn made_of(self, given: Given<'_>) -> Self {
        let labels = given.originals.asked(given.entry, 0..self.labels.len());
        Pictures { labels, choice: Some(CLASS.to_owned()), ..self }
    }
}

/// The first `count` pictures of `seed` by the first output of `generator`, made by its floats, which are in evaluation mode on
/// `device`.
pub fn floats(generator: &Net, seed: u64, count: usize, device: &Device) -> Pictures {
    let given = Given { entry: 0, originals: &Originals::default() };
    floats_of_given(generator, given, (&Draws::of(seed), count), device)
}

/// [`floats`] by any output, of what is `given` and drawn.
pub fn floats_of_given(
    generator: &Net,
    given: Given<'_>,
    (draws, count): (&Draws, usize),
    device: &Device,
) -> Pictures {
    let (graph, entry) = (generator.graph(), given.entry);
    let shape = graph.nodes[graph.outputs[entry].node].shape;
    let latents = draws.latents(count, &graph.into());
    let range = graph.picture_range();
    let grey = |value: &f32| range.to_grey(*value);
    let picture = |(chunk, batch): (usize, &[Latent])| {
        let first = chunk * BATCH;
        let originals = of_graph(graph, given, first..first + batch.len());
        let values = numbers(generator.forward_to(entry, &tensors(graph, batch, &originals, device)));
        values.iter().step_by(shape.channels).map(grey).collect::<Vec<u8>>()
    };
    let pictures = Pictures {
        greys: latents.chunks(BATCH).enumerate().flat_map(picture).collect(),
        labels: latents.iter().map(Latent::class_index).collect(),
        choice: graph.first_choice().map(str::to_owned),
        size: (shape.height, shape.width),
    };
    if graph.reads_pictures() { pictures.made_of(given) } else { pictures }
}

/// What the inputs of `graph` that are pictures show; nothing where there are none.
fn of_graph(graph: &Graph, given: Given<'_>, numbers: Range<usize>) -> Vec<i8> {
    if graph.reads_pictures() { given.originals.values(given.entry, numbers) } else { Vec::new() }
}

/// Every node's output for `latents`, or as many of the first as memory is for: what the lowering measures. Of a graph that reads
/// pictures these are the `originals` from number `first` on, of the first output that needs the node.
pub fn float_run(
    generator: &Net,
    (originals, first): (&Originals, usize),
    mut latents: Vec<Latent>,
    device: &Device,
) -> FloatRun {
    let graph = generator.graph();
    latents.truncate((MOST_NUMBERS / graph.numbers()).max(1));
    let count = latents.len();
    let entries = if graph.reads_pictures() { graph.outputs.len() } else { 1 };
    let shown: Vec<Vec<i8>> =
        (0..entries).map(|entry| of_graph(graph, Given { entry, originals }, first..first + count)).collect();
    let mut shown_to = vec![0; graph.nodes.len()];
    for (entry, output) in graph.outputs.iter().enumerate().take(entries).rev() {
        let needed = graph.needed(&[output.node]);
        shown_to.iter_mut().zip(needed).filter(|(_, needed)| *needed).for_each(|(to, _)| *to = entry);
    }
    let mut outputs = vec![Vec::new(); graph.nodes.len()];
    for (entry, shown) in shown.iter().enumerate() {
        let size = shown.len() / count;
        for (chunk, batch) in latents.chunks(BATCH).enumerate() {
            let originals = &shown[chunk * BATCH * size..][..batch.len() * size];
            let values = generator.forward_nodes(&tensors(graph, batch, originals, device));
            for ((all, tensor), _) in
                outputs.iter_mut().zip(values).zip(&shown_to).filter(|(_, to)| **to == entry)
            {
                all.extend(numbers(tensor));
            }
        }
    }
    FloatRun { latents, originals: shown, shown_to, outputs }
}

/// A graph's inputs from latents, as the floats see them: the very values that gan-core's steps stand for. Inputs that are pictures
/// show `originals`, one a latent.
pub fn tensors(graph: &Graph, batch: &[Latent], originals: &[i8], device: &Device) -> Vec<Tensor<4>> {
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
            Input::Picture => {
                originals.iter().map(|&value| f32::from(value) * QuantParams::PICTURE.scale).collect()
            }
        };
        Tensor::from_data(TensorData::new(values, [batch.len(), height, width, channels]), device)
    };
    graph.inputs().map(input).collect()
}
