//! Draws generated digits on a display.
//!
//! The library is the app, the same on every board: [`app`] holds the state machine, [`layout`] says
//! where things go, [`screen`] writes the text, [`cost`] is what a picture takes, [`buttons`] and [`events`] turn raw levels into events, [`ssd0323`]
//! drives an OLED. It names no board: it draws on any embedded-graphics `DrawTarget` whose colour is a
//! [`gan_core::Shade`], takes any [`rand_core::Rng`] as entropy and any [`Meter`] of what a picture costs.
//!
//! A board is one file, `src/bin/NAME.rs`, that brings up its peripherals and hands them to the app,
//! with its memory in `memory/NAME.x` and its crates behind the feature `board-NAME`.
#![no_std]
#![forbid(unsafe_code)]

pub mod app;
pub mod buttons;
pub mod cost;
pub mod events;
pub mod layout;
pub mod screen;
pub mod ssd0323;

pub use app::{App, Shown, View};
pub use cost::{Cost, Meter, Stopwatch, Unit};
