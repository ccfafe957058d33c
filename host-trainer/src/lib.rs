//! Trains GANs with Burn and lowers their generators to int8 model files.

pub mod data;
pub mod graph;
pub mod sheet;
