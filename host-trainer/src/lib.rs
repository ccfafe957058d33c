//! Trains GANs with Burn and lowers their generators to int8 model files.

// What is said goes through `terminal`: no write to a terminal or a pipe may end a run.
#![deny(clippy::print_stderr, clippy::print_stdout)]

pub mod backend;
pub mod boards;
pub mod budget;
pub mod cli;
pub mod data;
pub mod digest;
pub mod evaluation;
pub mod export;
pub mod figure;
pub mod files;
pub mod generator;
pub mod graph;
pub mod inspect;
pub mod interrupt;
pub mod judge;
pub mod lower;
pub mod nets;
pub mod objectives;
pub mod pictures;
pub mod random;
pub mod report;
pub mod sheet;
pub mod stamp;
pub mod subject;
pub mod terminal;
pub mod train;
pub mod walk;
