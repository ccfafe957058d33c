//! Runs int8 generative networks with integers alone, in a few kilobytes of RAM, the same to the bit on every target.
//!
//! A *model file* (`.gan`) is made on the host by `host-trainer`: a GAN's generator, quantized. This crate checks it
//! once and then turns latents into pictures. It has no allocator, no panic on the way from latent to picture, and no
//! opinion about displays, boards or training.
//!
//! # From a file to a picture
//!
//! ```rust,ignore-thumb
//! use gan_core::{Arena, Generator, Model, arena_bytes, include_model};
//! use rand_xoshiro::{Xoshiro128PlusPlus, rand_core::SeedableRng};
//!
//! // In flash, at a multiple of 16.
//! static MODEL: &[u8] = include_model!("../../models/mnist.gan");
//!
//! // Once: everything is checked. From here on nothing can fail.
//! let model = Model::parse(MODEL)?;
//! let mut arena = Arena::<{ arena_bytes(MODEL) }>::new();
//! let mut generator = Generator::new(&model, &mut arena)?;
//!
//! // For each picture: a latent from any random numbers, a class, and go.
//! let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
//! let latent = generator.latent(&mut rng).class(7);
//! let seven = generator.generate(&latent);
//!
//! assert_eq!((seven.width(), seven.height()), (28, 28));
//! for y in 0..seven.height() {
//!     let row: String = (0..seven.width()).map(|x| if seven.grey(x, y) > 127 { '#' } else { '.' }).collect();
//!     println!("{row}");
//! }
//! # assert!(seven.greys().any(|grey| grey > 200));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! # From one picture to the next
//!
//! Between two latents lies an arc of latents, and every one of them makes a picture: walk along it and one digit
//! turns into the other.
//!
//! ```rust,ignore-thumb
//! # use gan_core::{Latent, MAX_TRUNCATION};
//! # use rand_xoshiro::{Xoshiro128PlusPlus, rand_core::SeedableRng};
//! # let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
//! let from = Latent::sample(&mut rng, 32, MAX_TRUNCATION);
//! let to = Latent::sample(&mut rng, 32, MAX_TRUNCATION);
//! let halfway = from.slerp(&to, 0.5);
//! # assert_ne!(halfway, from);
//! # assert_ne!(halfway, to);
//! # assert_eq!(from.slerp(&to, 0.0), from);
//! ```
//!
//! # Pixel by pixel
//!
//! A model may draw its picture one pixel after the other, each by chance and depending on those before it. That takes
//! longer, so [`Generator::generate_rows`] shows each row once it is drawn.
//!
//! # In one struct
//!
//! A [`Model`] is 68 bytes of places in the file, and making a [`Generator`] costs a few instructions. So a struct owns the
//! model and the arena, and a picture is made by a generator of the moment and lives as long as the arena is lent:
//!
//! ```rust,ignore-thumb
//! use gan_core::{Arena, Generator, Image, Model, arena_bytes, include_model, rand_core::Rng};
//! # use rand_xoshiro::{Xoshiro128PlusPlus, rand_core::SeedableRng};
//!
//! static MODEL: &[u8] = include_model!("../../models/mnist.gan");
//!
//! struct Pictures<R> {
//!     model: Model<'static>,
//!     arena: Arena<{ arena_bytes(MODEL) }>,
//!     rng: R,
//! }
//!
//! impl<R: Rng> Pictures<R> {
//!     fn next(&mut self, digit: u8) -> Image<'_> {
//!         let generator = Generator::new(&self.model, &mut self.arena).expect("the model's own size");
//!         let latent = generator.latent(&mut self.rng).class(digit);
//!         generator.into_image(&latent)
//!     }
//! }
//!
//! let rng = Xoshiro128PlusPlus::seed_from_u64(1);
//! let mut pictures = Pictures { model: Model::parse(MODEL)?, arena: Arena::new(), rng };
//! let seven = pictures.next(7);
//! assert!(seven.greys().any(|grey| grey > 200));
//! # Ok::<(), gan_core::ParseError>(())
//! ```
//!
//! # On a display
//!
//! With the feature `embedded-graphics` an [`Image`] draws itself on a `DrawTarget` of any of embedded-graphics'
//! colours, black and white by ordered dithering: `digit.at(Point::new(8, 4), 2)` is a `Drawable`, and `digit.scaled(2)` an
//! `ImageDrawable` for embedded-graphics' own `Image`. A colour of your own joins them by the trait `Shade`; one of another
//! crate is reached by embedded-graphics' `color_converted`.
//!
//! # What is exact, and what is rounded
//!
//! Every number below is the same to the bit on every target. Against real numbers:
//!
//! | | error |
//! |---|---|
//! | [`Latent::sample`] | the distribution of a normal number rounded to the nearest step of 3/127, to 2⁻³² per value; standard deviation 0.998, since ±3 is the end |
//! | [`Latent::slerp`] | at most 0.501 of a step, of which rounding is 0.5 |
//! | a layer's sums | none: 32 bits that parse has proven to suffice |
//! | from a sum to int8 | one rounding, ties up: half a step. The factor has 20 significant bits or more |
//! | an activation table | rounded in front and behind: half a step times the function's slope, and half a step. For tanh of the models in `models/`, 0.024 per step in front: at most 2.1 of 254 steps |
//! | [`Image::grey`] | 255 steps of int8 onto 256 greys: at most half a grey |
//! | a colour of fewer greys | embedded-graphics' conversion, to the nearest; dithered for black and white, to 17 levels over 4×4 pixels |
//!
//! What the layers' errors add up to is measured for each model: its card, and `host-trainer evaluate`, give the signal
//! to noise ratio of each layer and of the picture against the floats.
//!
//! # Fast on a core
//!
//! A file is written in one portable layout, which every engine runs by plain loops. `gan_core::pack` (feature `std`), called
//! by the build script of a firmware, lays it out for the [`KernelSet`] of the firmware's core: the same bits, several times
//! fewer instructions, and an arena in which a layer writes over what it has read. The feature must not reach the device's
//! build: that takes cargo's resolver 2 or later, which the edition 2021 has by itself.
//!
//! # A firmware of your own
//!
//! A crate of four files, `gan-core/tutorial/`: it is built outside this workspace for a Cortex-M0 and a Cortex-M4, run in the
//! emulator, and its picture compared with the host's. Parsing takes 2.5 KB of stack, a picture 1.3 KB, or 4.9 KB where it is
//! drawn pixel by pixel, beside the arena.
//!
//! `Cargo.toml`:
//! ```toml
#![doc = include_str!("../tutorial/Cargo.toml")]
//! ```
//! `build.rs`; for a core beyond what the target's name says, as a Cortex-M55, it reads `-Ctarget-cpu` from the rustflags:
//! ```rust,ignore
#![doc = include_str!("../tutorial/build.rs")]
//! ```
//! `memory.x`, for cortex-m-rt:
//! ```text
#![doc = include_str!("../tutorial/memory.x")]
//! ```
//! `src/main.rs`:
//! ```rust,ignore
#![doc = include_str!("../tutorial/src/main.rs")]
//! ```
//!
//! # Where to look
//!
//! [`format`](mod@format) is the file, byte for byte, enough to write a reader from. [`ops`] are the layers with their definitions; [`ops::phases`]
//! is how a transposed convolution becomes dense products. `engine.rs` is the forward pass, and short; `kernels/` are the
//! inner loops, each in assembly and in plain Rust.
//!
//! A module uses only those in the rows above its own and those to its left; `tests/tests/house.rs` refuses a circle.
//!
//! | modules | what they are |
//! |---|---|
//! | `limits`, `kernel_set`, `shape`, `region`, `part`, `error` | numbers, names, ranges, and what can be wrong |
//! | `geometry` | which inputs of a convolution meet which outputs |
//! | [`format`](mod@format), [`lifetime`], `write` | the file, when its tensors are in use, and how it is written |
//! | `kernels` | inner loops, for layers that were proven |
//! | `normal`, `arc`, `latent`; `image`, `draw` | what goes in; what comes out, and how it is drawn |
//! | `constants`, `tensor`, [`ops`], `plan`, `model` | from the file to proven layers: what parse does |
//! | `engine` | the forward pass |
//! | `pack`, `synthetic` | files for a core's kernels, and files for tests |
#![no_std]
#![deny(unsafe_code)]

#[cfg(feature = "std")]
extern crate std;

#[cfg(target_endian = "big")]
compile_error!("model files are little-endian and read in place");

// Private modules are `pub(crate)` so that `tests/unit.rs` can put them where `crate::` looks.
pub(crate) mod arc;
pub(crate) mod constants;
#[cfg(feature = "embedded-graphics")]
pub(crate) mod draw;
pub(crate) mod embed;
pub(crate) mod engine;
pub(crate) mod error;
pub mod format;
pub(crate) mod geometry;
pub(crate) mod image;
pub(crate) mod kernel_set;
pub(crate) mod kernels;
pub(crate) mod latent;
pub mod lifetime;
pub(crate) mod limits;
pub(crate) mod model;
pub(crate) mod normal;
pub mod ops;
#[cfg(feature = "std")]
pub mod pack;
pub(crate) mod part;
#[cfg(feature = "adaptive")]
pub(crate) mod pass;
pub(crate) mod plan;
#[cfg(test)]
pub(crate) mod reference;
pub(crate) mod region;
pub(crate) mod shape;
#[cfg(feature = "std")]
pub mod synthetic;
pub(crate) mod tensor;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(feature = "std")]
pub mod write;

#[cfg(feature = "embedded-graphics")]
pub use draw::{PlacedImage, ScaledImage, Shade};
pub use embed::Aligned;
pub use engine::{Arena, Generator};
pub use error::{ArenaTooSmall, InputError, OpError, ParseError, TensorError};
pub use format::{arena_bytes, file_bytes};
pub use image::Image;
pub use kernel_set::KernelSet;
pub use latent::{LATENT_SCALE, Latent, MAX_CHOICES, MAX_LATENT, MAX_TRUNCATION, Noise};
pub use limits::{MAX_INPUTS, MAX_TENSOR_BYTES};
pub use model::{Choice, Model, PICTURE_SCALE};
pub use rand_core;
pub use shape::Shape;
pub use tensor::Tensor;
#[cfg(feature = "std")]
pub use write::AlignedBytes;
