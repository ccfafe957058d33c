//! Trains GANs with Burn and lowers their generators to int8 model files.

pub mod backend;
pub mod boards;
pub mod budget;
pub mod cli;
pub mod data;
pub mod digest;
pub mod evaluation;
pub mod export;
pub mod files;
pub mod generator;
pub mod graph;
pub mod inspect;
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
pub mod train;
pub mod walk;
