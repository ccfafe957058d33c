//! Draws generated pictures on a display.
//!
//! The library is the app, the same on every board: [`app`] holds the state machine, [`controls`] are what a model lets a
//! person change, [`shown`] is where they stand, [`making`] leads from there to a picture, [`gallery`] is the models of one
//! firmware, [`layout`] says where things go, [`screen`] what is written, [`cost`] is what a picture takes, [`buttons`] and
//! [`events`] turn raw levels into events, [`ssd0323`] drives an OLED. It names no board and no model: it draws on any
//! embedded-graphics `DrawTarget` whose colour is a [`gan_core::Shade`], takes any [`rand_core::Rng`] as entropy and any
//! [`Meter`] of what a picture costs, and asks the model for its inputs and entries.
//!
//! A board is one file or folder, `src/bin/NAME`, that brings up its peripherals and hands them to the app,
//! with its memory in `memory/NAME.x` and its crates behind the feature `board-NAME`. The models that the build embeds are
//! those of `GAN_MODELS`, a list of files as `PATH` is one of folders, or the one of `GAN_MODEL`, or the pretrained one; it
//! refuses what the board's flash or RAM does not hold.
#![no_std]
#![forbid(unsafe_code)]

pub mod app;
pub mod buttons;
pub mod controls;
pub mod cost;
pub mod events;
pub mod gallery;
pub mod layout;
pub mod making;
pub mod screen;
pub mod shown;
pub mod ssd0323;
mod text;

pub use app::{App, StartError};
pub use cost::{Cost, Meter, Stopwatch, Unit};
pub use shown::{Settings, Shown};
