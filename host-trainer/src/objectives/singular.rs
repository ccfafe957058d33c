//! A hinge game that watches its generator's weights (Brock, Donahue and Simonyan 2019, "Large scale GAN training for high
//! fidelity natural image synthesis", section 4.1): the first singular values of G's layers, before they are normalized, grow
//! through training, and leap when it collapses.

use super::Game;
use crate::players::{Chart, Curve, Objective, Player, Record, Row, Turn};

/// What a step measures: both hinge losses, D of real and of generated pictures, and of the largest singular values of G's
/// layers the largest and the mean.
pub static RECORD: Record = Record {
    columns: &[
        "discriminator_loss",
        "generator_loss",
        "d_real",
        "d_generated",
        "sigma_largest",
        "sigma_mean",
    ],
    charts: &[
        Chart {
            title: "Hinge losses",
            curves: &[
                Curve { label: "discriminator", short: "D", column: 0 },
                Curve { label: "generator", short: "G", column: 1 },
            ],
            level: None,
            range: None,
        },
        Chart {
            title: "What D says",
            curves: &[
                Curve { label: "D(x), real", short: "D(x)", column: 2 },
                Curve { label: "D(G(z)), generated", short: "D(G(z))", column: 3 },
            ],
            level: None,
            range: None,
        },
        Chart {
            title: "First singular values of G's layers",
            curves: &[
                Curve { label: "the largest", short: "σ", column: 4 },
                Curve { label: "their mean", short: "σ mean", column: 5 },
            ],
            level: None,
            range: None,
        },
    ],
    signs: &[],
};

/// Steps from one look at the singular values to the next.
const EVERY: u64 = 10;

/// The game.
pub struct Watched(Game);

impl Watched {
    /// A game by [`Hinge`](super::hinge::Hinge), whose rows get the singular values behind what the loss measures.
    pub fn new(game: Game) -> Self {
        Watched(game)
    }
}

impl Objective for Watched {
    fn players(&mut self) -> Vec<&mut Player> {
        self.0.players()
    }

    fn generator(&mut self) -> &mut Player {
        self.0.generator()
    }

    fn step(&mut self, turn: Turn<'_, '_>) -> Row {
        let step = turn.step;
        let mut row = self.0.step(turn);
        let sigmas = step.is_multiple_of(EVERY).then(|| self.0.generator().net.singular_values());
        let sigmas = sigmas.map(|all| all.into_iter().map(|(_, sigma)| f64::from(sigma)).collect::<Vec<_>>());
        row.values.push(sigmas.as_ref().map(|all| all.iter().copied().fold(0.0, f64::max)));
        row.values.push(sigmas.map(|all| all.iter().sum::<f64>() / all.len().max(1) as f64));
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::testing;
    use crate::graph::PictureRange;
    use crate::players::batches::{Batches, Position};
    use crate::random::{Stream, stream};
    use burn::tensor::Device;

    #[test]
    fn a_row_has_the_singular_values_of_the_generators_own_weights() {
        let device = Device::flex().autodiff();
        let set = testing::pictures(16, 5);
        let mut objective = testing::watched(&device);
        let start = Position::start(stream(5, Stream::Order), 1);
        let mut batches = Batches::new(&[&set], 4, device, &start, PictureRange::Signed);
        let mut noise = stream(8, Stream::Noise);
        let mut row = |step| {
            let turn =
                Turn { step, step_in_phase: step, rate: 1e-3, batches: &mut batches, noise: &mut noise };
            objective.step(turn).values
        };
        assert_eq!(row(9)[4..], [None, None]);
        let values = row(10);
        assert_eq!(values.len(), RECORD.columns.len());
        let own: Vec<f64> = (objective.generator().net.singular_values().into_iter())
            .map(|(_, sigma)| f64::from(sigma))
            .collect();
        let largest = own.iter().copied().fold(0.0, f64::max);
        assert_eq!(values[4], Some(largest));
        assert!(largest > 0.1 && values[5].unwrap() < largest, "{values:?}");
    }
}
