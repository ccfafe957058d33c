//! The forward pass.

use rand_core::Rng;

use crate::error::ArenaTooSmall;
use crate::format::{ALIGNMENT, EntryRecord, InputKind};
use crate::image::Image;
use crate::latent::{Latent, MAX_TRUNCATION};
use crate::limits::MAX_INPUTS;
use crate::model::Model;
use crate::ops::Op;
use crate::region::Region;
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Working memory for a [`Generator`], owned by the caller: a static, or on the stack.
#[repr(align(16))]
pub struct Arena<const BYTES: usize>([i8; BYTES]);

impl<const BYTES: usize> Arena<BYTES> {
    /// An arena of zeros.
    pub const fn new() -> Self {
        Arena([0; BYTES])
    }
}

impl<const BYTES: usize> core::fmt::Debug for Arena<BYTES> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Arena of {BYTES} bytes")
    }
}

impl<const BYTES: usize> Default for Arena<BYTES> {
    fn default() -> Self {
        Self::new()
    }
}

/// Ops of a pass that are decoded once and not for each pixel, which would take a fifth of a PixelCNN's instructions: 3.5 KB of stack. There may be more of them.
#[cfg(feature = "adaptive")]
const DECODED: usize = 16;

/// What a run has made.
enum Made {
    /// The output of an op, by its place in the entry.
    Op(usize),
    /// A row of the picture, while others are still to come.
    #[cfg_attr(not(feature = "adaptive"), expect(dead_code, reason = "nothing is drawn pixel by pixel"))]
    Row(u16),
}

/// Makes pictures from latents.
pub struct Generator<'a> {
    model: Model<'a>,
    entry: EntryRecord<'a>,
    /// One number per input.
    choices: [u8; MAX_INPUTS],
    memory: &'a mut [i8],
}

impl core::fmt::Debug for Generator<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Generator")
            .field("model", &self.model.name())
            .field("entry", &self.entry.name)
            .finish()
    }
}

impl<'a> Generator<'a> {
    /// A generator for `model` that works in `arena`. It runs the model's first entry; see [`Generator::enter`].
    ///
    /// # Errors
    /// The arena is smaller than [`Model::arena_bytes`].
    pub fn new<const BYTES: usize>(
        model: &Model<'a>,
        arena: &'a mut Arena<BYTES>,
    ) -> Result<Self, ArenaTooSmall> {
        Self::in_memory(model, &mut arena.0)
    }

    /// [`Generator::new`] in any memory, for a model that is only known at run time.
    ///
    /// Memory that does not start at a multiple of 16 is used from the next one on, so that up to 15 bytes more than
    /// [`Model::arena_bytes`] are needed.
    ///
    /// # Errors
    /// `memory` is shorter than that.
    pub fn in_memory(model: &Model<'a>, memory: &'a mut [i8]) -> Result<Self, ArenaTooSmall> {
        let unaligned = memory.as_ptr().addr().wrapping_neg() % ALIGNMENT;
        let memory = memory.get_mut(unaligned..).unwrap_or_default();
        let (holds, needs) = (memory.len(), model.arena_bytes());
        if holds < needs {
            return Err(ArenaTooSmall { holds, needs });
        }
        // Parse has seen an entry.
        let entry = model.entries().next().unwrap_or(EntryRecord { name: "", first: 0, ops: 0, output: 0 });
        Ok(Generator { model: *model, entry, choices: [0; MAX_INPUTS], memory })
    }

    /// [`Generator::in_memory`] in bytes.
    ///
    /// # Errors
    /// As there.
    pub fn in_bytes(model: &Model<'a>, memory: &'a mut [u8]) -> Result<Self, ArenaTooSmall> {
        Self::in_memory(model, bytemuck::cast_slice_mut(memory))
    }

    /// The model whose pictures it makes.
    pub fn model(&self) -> &Model<'a> {
        &self.model
    }

    /// Makes the pictures of the model's entry number `entry` from now on; says whether it has that one.
    pub fn enter(&mut self, entry: usize) -> bool {
        let found = self.model.entries().nth(entry);
        if let Some(found) = found {
            self.entry = found;
        }
        found.is_some()
    }

    /// Draws a latent for this model: standard normal, untruncated, uniform numbers and noise where it has such, the first of
    /// each choice; see [`Latent::sample`].
    pub fn latent(&self, rng: &mut impl Rng) -> Latent {
        self.truncated_latent(rng, MAX_TRUNCATION)
    }

    /// [`Generator::latent`] with normal numbers within ±`truncation`.
    pub fn truncated_latent(&self, rng: &mut impl Rng, truncation: f32) -> Latent {
        let latent = Latent::sample(rng, self.model.latent_length(), truncation)
            .with_uniform(rng, self.model.uniform_length());
        // A draw more only where it is needed: models without noise have the latents that they always had.
        if self.model.noise_planes() > 0 { latent.with_noise(rng.next_u32()) } else { latent }
    }

    /// The values of input number `input`, to be written before each [`Generator::run`], which overwrites them. Empty for
    /// a choice and for an input that the model does not have.
    pub fn input_mut(&mut self, input: usize) -> &mut [i8] {
        let tensor = self.model.inputs().nth(input).and_then(|input| self.model.tensor(input.kind.tensor()?));
        tensor.map_or(&mut [], |tensor| tensor.region().of(self.memory))
    }

    /// Lets `write` fill each input that is a picture, to be done before each [`Generator::run`] as by [`Generator::input_mut`].
    pub fn show(&mut self, mut write: impl FnMut(&mut [i8])) {
        let model = self.model;
        for (input, _) in
            model.inputs().enumerate().filter(|(_, input)| matches!(input.kind, InputKind::Picture { .. }))
        {
            write(self.input_mut(input));
        }
    }

    /// Makes the picture of `latent`; the same bits on every target.
    ///
    /// A latent of another length is cut, or filled up with zeros; a choice that does not exist becomes the last.
    /// Inputs that are pictures are those that were written through [`Generator::show`] or [`Generator::input_mut`].
    pub fn generate(&mut self, latent: &Latent) -> Image<'_> {
        self.generate_observed(latent, |_, _| ())
    }

    /// [`Generator::generate`] that shows each op's output to `observe`, with the op's place in the entry. Ops of a pass are shown
    /// for each pixel, one behind the other; a draw's output is the whole picture, of which those pixels are made that were drawn.
    pub fn generate_observed(&mut self, latent: &Latent, mut observe: impl FnMut(usize, &[i8])) -> Image<'_> {
        self.hand_in(latent);
        self.run_observed(|made, values| {
            if let Made::Op(op) = made {
                observe(op, values);
            }
        });
        self.image()
    }

    /// [`Generator::generate_observed`] with outputs that `alter` may change before they are read: what an op makes of another past
    /// than its own.
    pub fn generate_altered(
        &mut self,
        latent: &Latent,
        mut alter: impl FnMut(usize, &mut [i8]),
    ) -> Image<'_> {
        self.hand_in(latent);
        self.run_observed(|made, values| {
            if let Made::Op(op) = made {
                alter(op, values);
            }
        });
        self.image()
    }

    /// [`Generator::generate`] that shows each row of the picture to `show` as soon as it is drawn, with its number, so that a
    /// display can follow: a picture one pixel high. Of a picture that is not drawn pixel by pixel no row is there before the others,
    /// and none is shown.
    pub fn generate_rows(&mut self, latent: &Latent, show: impl FnMut(u16, Image<'_>)) -> Image<'_> {
        self.run_rows(latent, show);
        self.image()
    }

    /// [`Generator::generate`] once, for a picture that lives as long as the arena is lent.
    pub fn into_image(self, latent: &Latent) -> Image<'a> {
        self.into_image_by_rows(latent, |_, _| ())
    }

    /// [`Generator::generate_rows`] once, for a picture that lives as long as the arena is lent.
    pub fn into_image_by_rows(mut self, latent: &Latent, show: impl FnMut(u16, Image<'_>)) -> Image<'a> {
        self.run_rows(latent, show);
        let (shape, region) = self.output();
        Image::new(region.of(self.memory), shape)
    }

    fn run_rows(&mut self, latent: &Latent, mut show: impl FnMut(u16, Image<'_>)) {
        self.hand_in(latent);
        let (shape, _) = self.output();
        self.run_observed(|made, values| {
            if let Made::Row(row) = made {
                show(row, Image::new(values, Shape { height: 1, ..shape }));
            }
        });
    }

    /// Makes the picture of the inputs as they were written by [`Generator::input_mut`].
    pub fn run(&mut self) -> Image<'_> {
        self.run_observed(|_, _| ());
        self.image()
    }

    /// Chooses `chosen` for input number `input`, a choice, in the next [`Generator::run`]; [`Generator::generate`] takes the latent's.
    pub fn choose(&mut self, input: usize, chosen: u8) {
        let kind = || self.model.inputs().nth(input).map(|input| input.kind);
        // Rows and columns are turned by passes, of which there are none where the feature is off.
        let is_turned = cfg!(feature = "adaptive")
            && matches!(kind(), Some(InputKind::Row { .. } | InputKind::Column { .. }));
        if let Some(slot) = self.choices.get_mut(input).filter(|_| !is_turned) {
            *slot = chosen;
        }
    }

    /// Writes a latent's numbers and choices to the inputs.
    fn hand_in(&mut self, latent: &Latent) {
        let (mut normal, mut uniform) = (latent.values().iter(), latent.uniform_values().iter());
        let mut chosen = latent.choices().iter();
        let mut noise = latent.noise_values();
        for (input, slot) in self.model.inputs().zip(&mut self.choices) {
            let (tensor, values) = match input.kind {
                InputKind::Normal { tensor } => (tensor, &mut normal),
                InputKind::Uniform { tensor } => (tensor, &mut uniform),
                InputKind::Choice { .. } => {
                    *slot = chosen.next().copied().unwrap_or(0);
                    continue;
                }
                InputKind::Picture { .. } | InputKind::Row { .. } | InputKind::Column { .. } => continue,
            };
            let tensor = self.model.context().tensor(tensor).unwrap_or(Tensor::NONE);
            let slots = tensor.region().of(self.memory);
            if tensor.is_plane() {
                noise.fill(slots, matches!(input.kind, InputKind::Uniform { .. }));
                continue;
            }
            for slot in slots {
                *slot = values.next().copied().unwrap_or(0);
            }
        }
    }

    /// Runs the entry, with `observe` behind each op and each row that is drawn: first the ops that run once, then, if there is
    /// one, the pass for each pixel.
    fn run_observed(&mut self, mut observe: impl FnMut(Made, &mut [i8])) {
        let pass = self.model.file().pass_of(&self.entry);
        let once = self.entry.ops.saturating_sub(pass);
        self.run_ops(0, once, &mut observe);
        #[cfg(feature = "adaptive")]
        if pass > 0 {
            self.run_pass(once, &mut observe);
        }
    }

    /// Runs `count` of the entry's ops, from number `first` on.
    fn run_ops(&mut self, first: u8, count: u8, observe: &mut impl FnMut(Made, &mut [i8])) {
        let context = self.model.context();
        for (index, record) in context.file.ops_of(&self.part(first, count)).enumerate() {
            // Parse has done the same.
            if let Ok(op) = Op::new(&record, &context) {
                op.run(self.memory, &self.choices);
                observe(Made::Op(usize::from(first) + index), op.output.of(self.memory));
            }
        }
    }

    /// Draws the picture row by row: runs the ops from number `once` on for each pixel.
    #[cfg(feature = "adaptive")]
    #[inline(never)] // so that the decoded ops take stack only here
    fn run_pass(&mut self, once: u8, observe: &mut impl FnMut(Made, &mut [i8])) {
        let model = self.model;
        let context = model.context();
        let (shape, _) = self.output();
        // Parse has done the same, here and below.
        let Ok(position) = context.position(shape) else { return };
        let pass = self.entry.ops.saturating_sub(once);
        let mut decoded: heapless::Vec<Op<'_>, DECODED> = heapless::Vec::new();
        for record in context.file.ops_of(&self.part(once, pass)).take(DECODED) {
            if let Ok(op) = Op::new(&record, &context) {
                let _ = decoded.push(op);
            }
        }
        let others = decoded.len() as u8;
        let turn = |choices: &mut [u8; MAX_INPUTS], place: [u16; 2]| {
            for (choice, place) in position.iter().zip(place) {
                if let Some(slot) = choices.get_mut(usize::from(choice.input)) {
                    *slot = place as u8;
                }
            }
        };
        for row in 0..shape.height {
            for column in 0..shape.width {
                turn(&mut self.choices, [row, column]);
                for (index, op) in decoded.iter().enumerate() {
                    op.run(self.memory, &self.choices);
                    observe(Made::Op(usize::from(once) + index), op.output.of(self.memory));
                }
                self.run_ops(once.wrapping_add(others), pass.saturating_sub(others), observe);
            }
            observe(Made::Row(row), self.row(row));
        }
        turn(&mut self.choices, [0, 0]);
    }

    /// `count` of the entry's ops, from number `first` on.
    fn part(&self, first: u8, count: u8) -> EntryRecord<'a> {
        EntryRecord { first: self.entry.first.wrapping_add(first), ops: count, ..self.entry }
    }

    /// A row of the picture.
    #[cfg(feature = "adaptive")]
    fn row(&mut self, row: u16) -> &mut [i8] {
        let (shape, region) = self.output();
        let length = usize::from(shape.width) * usize::from(shape.channels);
        let start = usize::from(row) * length;
        region.of(self.memory).get_mut(start..start + length).unwrap_or_default()
    }

    fn output(&self) -> (Shape, Region) {
        let tensor = self.model.tensor(self.entry.output).unwrap_or(Tensor::NONE);
        (tensor.shape, tensor.region())
    }

    fn image(&mut self) -> Image<'_> {
        let (shape, region) = self.output();
        Image::new(region.of(self.memory), shape)
    }
}
