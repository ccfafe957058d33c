//! Trains generative networks with Burn and lowers their generators to int8 model files.
//!
//! # Where things are
//! | | |
//! |---|---|
//! | [`data`] | reading, checking, resizing pictures |
//! | [`graph`] | networks as graphs, and [`graph::Net`], the one Burn module that trains any of them |
//! | [`players`] | networks in training: player, average, batches; what an [`players::Objective`] is |
//! | [`objectives`] | losses and penalties that families share |
//! | [`families`] | the systems of the literature, one file each |
//! | [`train`] | the loop, settings, checkpoints, live view; knows no family |
//! | [`lower`] | from a trained graph of floats to an int8 model file |
//! | [`pictures`], [`stamp`], [`export`] | drawing pictures from floats or int8; what a run leaves, and what that was made from |
//! | [`artifact`] | a model file taken apart: what is in it, which boards it fits |
//! | [`judge`], [`evaluation`], [`report`], [`comparison`] | figures of pictures, of a model, of a run, of models side by side |
//! | [`cli`] | the commands |
//!
//! Data walks down this list: what stands higher does not use what stands lower. [`backend`], [`random`], [`files`],
//! [`digest`], [`figure`], [`terminal`] and [`interrupt`] are used by all.

// What is said goes through `terminal`: no write to a terminal or a pipe may end a run.
#![deny(clippy::print_stderr, clippy::print_stdout)]

pub mod artifact;
pub mod backend;
pub mod cli;
pub mod comparison;
pub mod data;
pub mod digest;
pub mod evaluation;
pub mod export;
pub mod families;
pub mod figure;
pub mod files;
pub mod graph;
pub mod interrupt;
pub mod judge;
pub mod lower;
pub mod objectives;
pub mod pictures;
pub mod players;
pub mod random;
pub mod report;
pub mod stamp;
pub mod subject;
pub mod terminal;
pub mod train;
