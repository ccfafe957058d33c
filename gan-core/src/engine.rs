//! The forward pass.

use rand_core::Rng;

use crate::error::ArenaTooSmall;
use crate::format::ALIGNMENT;
use crate::image::Image;
use crate::latent::{Latent, MAX_TRUNCATION};
use crate::model::{Model, View};

/// Working memory for a [`Generator`], owned by the caller: a static, or on the stack.
#[repr(align(16))]
pub struct Arena<const BYTES: usize>([i8; BYTES]);

impl<const BYTES: usize> Arena<BYTES> {
    /// An arena of zeros.
    pub const fn new() -> Self {
        Arena([0; BYTES])
    }
}

impl<const BYTES: usize> Default for Arena<BYTES> {
    fn default() -> Self {
        Self::new()
    }
}

/// Makes pictures from latents.
pub struct Generator<'a> {
    model: View<'a>,
    latent_length: usize,
    memory: &'a mut [i8],
}

impl<'a> Generator<'a> {
    /// A generator for `model` that works in `arena`.
    ///
    /// # Errors
    /// The arena is smaller than [`Model::arena_bytes`].
    pub fn new<const OPS: usize, const TENSORS: usize, const BYTES: usize>(
        model: &'a Model<'_, OPS, TENSORS>,
        arena: &'a mut Arena<BYTES>,
    ) -> Result<Self, ArenaTooSmall> {
        Self::in_memory(model, &mut arena.0)
    }

    /// [`Generator::new`] in any memory, for a model that is only known at run time.
    ///
    /// Memory that does not start at a multiple of 16 is used from the next one on.
    ///
    /// # Errors
    /// `memory` is shorter than [`Model::arena_bytes`].
    pub fn in_memory<const OPS: usize, const TENSORS: usize>(
        model: &'a Model<'_, OPS, TENSORS>,
        memory: &'a mut [i8],
    ) -> Result<Self, ArenaTooSmall> {
        let unaligned = memory.as_ptr().addr().wrapping_neg() % ALIGNMENT;
        let memory = memory.get_mut(unaligned..).unwrap_or_default();
        let (holds, needs) = (memory.len(), model.arena_bytes());
        if holds < needs {
            return Err(ArenaTooSmall { holds, needs });
        }
        Ok(Generator { model: model.view(), latent_length: model.latent_length(), memory })
    }

    /// Draws a latent for this model: standard normal, untruncated, of class 0; see [`Latent::sample`].
    pub fn latent(&self, rng: &mut impl Rng) -> Latent {
        self.truncated_latent(rng, MAX_TRUNCATION)
    }

    /// Draws a latent for this model within ±`truncation`, of class 0; see [`Latent::sample`].
    pub fn truncated_latent(&self, rng: &mut impl Rng, truncation: f32) -> Latent {
        Latent::sample(rng, self.latent_length, truncation)
    }

    /// Makes the picture of `latent`; the same bits on every target.
    ///
    /// A latent of another length is cut, or filled up with zeros; a class that does not exist becomes the last.
    pub fn generate(&mut self, latent: &Latent) -> Image<'_> {
        self.generate_observed(latent, |_, _| ())
    }

    /// [`Generator::generate`] that shows each op's output to `observe`, with the op's index.
    pub fn generate_observed(&mut self, latent: &Latent, mut observe: impl FnMut(usize, &[i8])) -> Image<'_> {
        if let Some(region) = self.model.latent {
            let values = latent.values().iter().copied().chain(core::iter::repeat(0));
            for (slot, value) in region.of(self.memory).iter_mut().zip(values) {
                *slot = value;
            }
        }
        let class = usize::from(latent.class_index().min(self.model.classes.saturating_sub(1)));
        for (index, op) in self.model.ops.iter().enumerate() {
            op.run(self.memory, class);
            observe(index, op.output.of(self.memory));
        }
        let picture = self.model.output;
        Image::new(picture.region().of(self.memory), picture.shape)
    }
}
