//! Losses and penalties that families share, each in a file of its own.

pub mod bce;
pub mod coded;
pub mod cycle;
pub mod elbo;
pub mod equilibrium;
mod game;
pub mod hinge;
pub mod information;
pub mod least_squares;
pub mod pixels;
pub mod pyramid;
pub mod singular;
pub mod slope;
pub mod style;
#[cfg(test)]
mod testing;
pub mod wasserstein;

pub use game::{Game, GameConfig, Hold, Loss, Penalty};
pub(crate) use game::{LOSSES, judged};

/// The mean of `function` of D's outputs.
fn mean(outputs: &[f32], function: impl Fn(f64) -> f64) -> f64 {
    outputs.iter().map(|&output| function(f64::from(output))).sum::<f64>() / outputs.len() as f64
}
