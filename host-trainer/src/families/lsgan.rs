//! The least squares GAN (Mao et al. 2017, "Least squares generative adversarial networks").
//!
//! min_D ½ E (D(x) − b)² + ½ E (D(G(z)) − a)², min_G ½ E (D(G(z)) − c)² (equation 9): [`least_squares`]; the codings a, b and
//! c are settings, by default 0, 1, 1 (equation 13). Its step is [`Game`](crate::objectives::Game); the networks are [`networks`](super::networks)'s, with the class in both as in section 3.4.

use super::networks::Versus;
use super::{Domain, Family, Start, System};
use crate::graph::Graph;
use crate::objectives::least_squares::{self, LeastSquares};
use crate::players::{Objective, OutOfRange};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// See the module.
pub static FAMILY: Family = Family::of::<Settings>(
    "lsgan",
    "least squares GAN (Mao et al. 2017): codings a, b, c in place of the sigmoid",
    &least_squares::RECORD,
    "",
);

/// Its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    #[serde(flatten)]
    versus: Versus,
    /// The codings a, b and c.
    codings: LeastSquares,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { versus: Versus::default(), codings: LeastSquares { a: 0.0, b: 1.0, c: 1.0 } }
    }
}

impl System for Settings {
    fn check(&self) -> Result<(), OutOfRange> {
        for (name, coding) in [("a", self.codings.a), ("b", self.codings.b), ("c", self.codings.c)] {
            OutOfRange::unless((-100.0..=100.0).contains(&coding), name, &coding, "-100 to 100")?;
        }
        self.versus.check()
    }

    fn generator(&self, domain: &Domain) -> Graph {
        self.versus.generator.graph("lsgan", domain)
    }

    fn begin(&self, start: Start<'_>) -> Box<dyn Objective> {
        let graph = self.generator(&start.domain);
        self.versus.begin(start, &graph, Arc::new(self.codings))
    }

    fn batches_per_step(&self) -> usize {
        self.versus.duel.discriminator_steps
    }
}
