//! What the floats do on a set of latents.

use gan_core::{Generator, Latent};

/// Every node's output on every latent.
#[derive(Debug, Clone)]
pub struct FloatRun {
    /// The latents, quantized as gan-core draws them; the floats saw the same values at [`gan_core::LATENT_SCALE`].
    pub latents: Vec<Latent>,
    /// What the inputs that are pictures showed, by entry, a picture a latent; one empty list of a graph that reads none, which does
    /// the same in all its entries.
    pub originals: Vec<Vec<i8>>,
    /// For each node of the graph the entry whose originals its outputs are of.
    pub shown_to: Vec<usize>,
    /// For each node of the graph, `[latent][height][width][channel]`.
    pub outputs: Vec<Vec<f32>>,
}

impl FloatRun {
    /// The originals that entry number `entry` was shown, if the outputs of `node` are of those.
    pub(super) fn holds(&self, node: usize, entry: usize) -> bool {
        self.originals.len() == 1 || self.shown_to[node] == entry
    }

    /// What entry number `entry` was shown.
    pub(super) fn originals_of(&self, entry: usize) -> &[i8] {
        self.originals.get(entry).map_or(&[], |originals| originals)
    }
}

/// Writes picture `number` of `originals`, in an input's steps, into each input of the generator's model that is a picture.
pub fn show(generator: &mut Generator<'_>, originals: &[i8], number: usize) {
    generator.show(|slots| slots.copy_from_slice(&originals[number * slots.len()..][..slots.len()]));
}
