//! What the floats do on a set of latents.

use gan_core::Latent;

/// Every node's output on every latent.
#[derive(Debug, Clone)]
pub struct FloatRun {
    /// The latents, quantized as gan-core draws them; the floats saw the same values at [`gan_core::LATENT_SCALE`].
    pub latents: Vec<Latent>,
    /// For each node of the graph, `[latent][height][width][channel]`.
    pub outputs: Vec<Vec<f32>>,
}
