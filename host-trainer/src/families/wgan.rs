//! The Wasserstein GAN (Arjovsky, Chintala and Bottou 2017), and with `penalty = "gradient"` the one with a gradient penalty
//! (Gulrajani et al. 2017); by default with the class in both networks.
//!
//! The critic ascends E f(x) − E f(G(z)), an estimate of the Wasserstein distance: [`wasserstein`]. It is held to a bounded
//! slope by clipping its weights (Arjovsky et al., algorithm 1: RMSprop, five critic steps; the critic with batch norm, as
//! DCGAN's), or by λ E (‖∇ f(x̂)‖ − 1)² (Gulrajani et al., equation 3: λ = 10, Adam with β₁ = 0, no batch norm).
//!
//! The paper's rate, 5 · 10⁻⁵ for both networks, would need many more steps; at twenty times the rate, which suits the generator,
//! the critic's weights jump from end to end of their range. So the critic keeps the paper's rate, a twentieth of the
//! generator's, and c is 0.03 instead of 0.01, since it has few channels.

use super::networks::{self, GeneratorConfig};
use super::{Domain, Family, Start, System};
use crate::graph::Graph;
use crate::objectives::wasserstein::{self, Wasserstein};
use crate::objectives::{Game, GameConfig, Hold};
use crate::players::{Objective, Optimizer, OutOfRange, Player};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// See the module.
pub static FAMILY: Family = Family::of::<Settings>(
    "wgan",
    "Wasserstein GAN (Arjovsky et al. 2017); family.penalty=gradient: WGAN-GP (Gulrajani et al. 2017)",
    &wasserstein::RECORD,
    "steps = 4000\nbatch = 32\nlearning_rate = 0.001\nadam = { beta_1 = 0.0, beta_2 = 0.99 }",
);

/// What holds the critic's slope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CriticHold {
    /// Its weights are clipped.
    #[default]
    Clip,
    /// A penalty on its gradient.
    Gradient,
}

/// Its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    #[serde(flatten)]
    generator: GeneratorConfig,
    /// Channels of the critic's first layer.
    critic_width: usize,
    /// Critic steps per generator step.
    critic_steps: usize,
    /// What holds the critic's slope.
    penalty: CriticHold,
    /// c, to which weights are clipped.
    clip: f64,
    /// The critic's learning rate where its weights are clipped, as a share of the run's.
    clipped_rate: f64,
    /// λ, the weight of the gradient penalty.
    lambda: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            generator: GeneratorConfig::default(),
            critic_width: 16,
            critic_steps: 5,
            penalty: CriticHold::Clip,
            clip: 0.03,
            clipped_rate: 0.05,
            lambda: 10.0,
        }
    }
}

impl Settings {
    fn game(&self) -> GameConfig {
        let hold = match self.penalty {
            CriticHold::Clip => Hold::Clip(self.clip),
            CriticHold::Gradient => Hold::Gradient(self.lambda),
        };
        GameConfig::of(self.critic_steps, hold)
    }

    /// The critic's learning rate, as a share of the run's.
    fn pace(&self) -> f64 {
        match self.penalty {
            CriticHold::Clip => self.clipped_rate,
            CriticHold::Gradient => 1.0,
        }
    }

    /// A player, moved as the paper of the hold moves it.
    fn player(&self, start: &mut Start<'_>, name: &'static str, graph: &Graph) -> Player {
        match self.penalty {
            CriticHold::Clip => start.player_by(name, graph, Optimizer::RmsProp),
            CriticHold::Gradient => start.player(name, graph),
        }
    }
}

impl System for Settings {
    fn check(&self) -> Result<(), OutOfRange> {
        self.generator.check()?;
        networks::width("critic width", self.critic_width)?;
        let rate = self.clipped_rate;
        OutOfRange::unless(
            rate > 0.0 && rate <= 1.0,
            "the clipped critic's rate",
            &rate,
            "above 0 and at most 1",
        )?;
        self.game().check()
    }

    fn generator(&self, domain: &Domain) -> Graph {
        self.generator.graph("wgan", domain)
    }

    fn begin(&self, mut start: Start<'_>) -> Box<dyn Objective> {
        let domain = start.domain;
        let decay = start.average_decay;
        let generator = self.player(&mut start, "generator", &self.generator(&domain)).averaged(decay);
        let norm = self.penalty == CriticHold::Clip;
        let critic = networks::critic(self.critic_width, norm, self.generator.conditional, &domain);
        let critic = self.player(&mut start, "critic", &critic).paced(self.pace());
        Box::new(Game::new(generator, critic, Arc::new(Wasserstein), self.game()))
    }

    fn batches_per_step(&self) -> usize {
        self.critic_steps
    }
}

#[cfg(test)]
mod tests {
    use crate::families::{FamilyConfig, testing};
    use crate::graph::{Net, PictureRange};
    use crate::players::batches::{Batches, Position};
    use crate::players::{Turn, numbers};
    use crate::random::{Stream, stream};
    use burn::module::{Module as _, ModuleVisitor, Param};
    use burn::tensor::{Device, Tensor};

    const RATE: f64 = 1e-3;

    /// What a critic holds: what is learned, and running statistics.
    #[derive(Default)]
    struct Held {
        weights: Vec<f32>,
        running: Vec<f32>,
    }

    impl ModuleVisitor for Held {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let values = param.val();
            let kind = if values.is_require_grad() { &mut self.weights } else { &mut self.running };
            let count = values.shape().num_elements();
            kind.extend(numbers(values.reshape([1, count])));
        }
    }

    fn held(net: &Net) -> Held {
        let mut all = Held::default();
        net.visit(&mut all);
        all
    }

    fn largest(values: impl IntoIterator<Item = f32>) -> f32 {
        values.into_iter().map(f32::abs).fold(0.0, f32::max)
    }

    /// The critic before and after a step of a narrow game with these settings.
    fn step(settings: &[(&str, f64)]) -> [Held; 2] {
        let narrow = ["generator_width", "critic_width"]
            .into_iter()
            .fold(FamilyConfig::named("wgan").unwrap(), |config, key| config.with(key, 2).unwrap());
        let config = narrow.with("critic_steps", 1).unwrap();
        let config = settings.iter().fold(config, |config, &(key, value)| config.with(key, value).unwrap());
        let device = Device::flex().autodiff();
        let mut game = testing::begin(&config, &device);
        let set = testing::pictures(16, 5);
        let start = Position::start(stream(5, Stream::Order), 1);
        let mut batches = Batches::new(&[&set], 4, device, &start, PictureRange::Signed);
        let before = held(&game.players()[1].net);
        let noise = &mut stream(8, Stream::Noise);
        game.step(Turn { step: 1, step_in_phase: 1, rate: RATE, batches: &mut batches, noise });
        [before, held(&game.players()[1].net)]
    }

    #[test]
    fn no_weight_of_the_critic_is_beyond_the_clipping() {
        let [before, after] = step(&[("clip", 0.02)]);
        assert!(largest(before.weights) > 0.02);
        assert_eq!(largest(after.weights), 0.02);
        assert!(largest(after.running) > 0.5, "a variance that began at 1 is no weight");
    }

    #[test]
    fn a_clipped_critic_moves_at_its_share_of_the_rate() {
        for share in [1.0, 0.1] {
            let [before, after] = step(&[("clip", 10.0), ("clipped_rate", share)]);
            let moved =
                largest(before.weights.iter().zip(&after.weights).map(|(before, after)| after - before));
            // The first mean square is a hundredth of the gradient's square, so that the first step is ten rates long.
            let expected = (10.0 * share * RATE) as f32;
            assert!((moved / expected - 1.0).abs() < 1e-2, "{moved}, expected {expected}");
        }
    }
}
