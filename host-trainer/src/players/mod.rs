//! Networks in training: what every family's objective is made of, and what the training loop asks of it.

mod average;
pub mod batches;
pub mod moved;
mod out_of_range;
mod player;
mod pool;
mod record;

pub use average::Average;
pub use out_of_range::OutOfRange;
pub use player::{AVERAGE, AdamConfig, Optimizer, Player, PlayerError, load};
pub use pool::{Pool, PoolError};
pub use record::{Bound, Chart, Curve, Record, Row, Sign};

pub use crate::graph::net::numbers;
use crate::random::Rng;
use batches::Batches;
use burn::tensor::Tensor;

/// Networks that are trained together.
///
/// The training loop calls [`Objective::step`] once per step, saves and loads the players and the state between two steps,
/// and exports the average of [`Objective::generator`]. A step that is taken again from a loaded state must have the same
/// outcome to the bit: all randomness comes from [`Turn::noise`], and what a step leaves for the next one is in the players,
/// in the pools, or in the state.
///
/// ```
/// use host_trainer::players::{Objective, Player, Row, Turn};
/// use burn::optim::GradientsParams;
///
/// /// Pulls a generator's pictures towards grey.
/// struct Grey(Player);
///
/// impl Objective for Grey {
///     fn players(&mut self) -> Vec<&mut Player> {
///         vec![&mut self.0]
///     }
///
///     fn generator(&mut self) -> &mut Player {
///         &mut self.0
///     }
///
///     fn step(&mut self, turn: Turn<'_, '_>) -> Row {
///         let drawn = self.0.net.forward(&turn.batches.draw(turn.noise, self.0.net.graph()));
///         let loss = drawn.square().mean();
///         let gradients = GradientsParams::from_grads(loss.backward(), &self.0.net);
///         self.0.step(turn.rate, gradients);
///         self.0.update_average(turn.step_in_phase);
///         Row { step: turn.step, values: vec![Some(f64::from(loss.into_scalar::<f32>()))], spread: 0.0 }
///     }
/// }
/// ```
pub trait Objective {
    /// All networks: they are saved and loaded in this order.
    fn players(&mut self) -> Vec<&mut Player>;

    /// The network that a run is for; it has an average.
    fn generator(&mut self) -> &mut Player;

    /// Pools of generated pictures: they are saved and loaded in this order.
    fn pools(&mut self) -> Vec<&mut Pool> {
        Vec::new()
    }

    /// Takes a step; the row has the columns of the family's [`Record`].
    fn step(&mut self, turn: Turn<'_, '_>) -> Row;

    /// What else a checkpoint holds: numbers that steps change, such as an equilibrium's control.
    fn state(&self) -> Vec<f64> {
        Vec::new()
    }

    /// Goes to where [`Objective::state`] was asked; it has as many numbers.
    fn set_state(&mut self, _state: &[f64]) {}
}

/// What a step has to work with.
pub struct Turn<'t, 'd> {
    /// The step, counted from 1.
    pub step: u64,
    /// The same, counted from the beginning of the ordinary steps or of those with quantization.
    pub step_in_phase: u64,
    /// The learning rate.
    pub rate: f64,
    /// Real pictures, and draws of a generator's inputs.
    pub batches: &'t mut Batches<'d>,
    /// All randomness.
    pub noise: &'t mut Rng,
}

/// The number of a loss.
pub fn number(loss: Tensor<1>) -> f64 {
    f64::from(loss.into_scalar::<f32>())
}

/// Standard deviation of a value of a picture over the batch, averaged over the values: 0 when all are one picture.
pub fn spread(pictures: &Tensor<4>) -> f64 {
    let [_, height, width, channels] = pictures.dims();
    let pixels = height * width * channels;
    let values = numbers(pictures.clone());
    let count = (values.len() / pixels) as f64;
    let (mut sums, mut squares) = (vec![0f64; pixels], vec![0f64; pixels]);
    for picture in values.chunks_exact(pixels) {
        for ((sum, square), &value) in sums.iter_mut().zip(&mut squares).zip(picture) {
            *sum += f64::from(value);
            *square += f64::from(value) * f64::from(value);
        }
    }
    let deviation = |(sum, square): (&f64, &f64)| {
        let mean = sum / count;
        // Rounding may leave a hair below 0; NaN must stay NaN, which `max` would hide.
        let variance = square / count - mean * mean;
        if variance < 0.0 { 0.0 } else { variance.sqrt() }
    };
    sums.iter().zip(&squares).map(deviation).sum::<f64>() / pixels as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn spread_is_the_pixels_deviation_over_the_batch() {
        let pictures = Tensor::from_data([[[[1.0], [0.5]]], [[[-1.0], [0.5]]]], &Device::flex());
        assert_eq!(spread(&pictures), 0.5);
    }
}
