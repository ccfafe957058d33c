//! The systems of the literature, one file each: its paper, its networks as graphs, its objective, its recipe.
//!
//! Adding one is adding its file and its line in [`ALL`]; nothing else in this crate names a family. One that lives
//! elsewhere is made known by [`add`].

pub mod began;
pub mod biggan;
pub mod cgan;
mod config;
pub mod cyclegan;
pub mod dcgan;
mod duel;
pub mod infogan;
pub mod lapgan;
pub mod lsgan;
pub mod networks;
pub mod perceptrons;
pub mod pixelcnn;
#[cfg(test)]
mod shapes;
pub mod stylegan;
#[cfg(test)]
pub(crate) mod testing;
pub mod vae;
pub mod vanilla;
pub mod wgan;

pub(crate) use config::flatten;
pub use config::{FamilyConfig, UnknownFamily};
pub use duel::Duel;

use crate::data::{Dataset, Division};
use crate::graph::{Graph, Shape};
use crate::players::{AdamConfig, Objective, Optimizer, OutOfRange, Player, Record};
use crate::random::Rng;
use burn::tensor::Device;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::{Mutex, PoisonError};
use toml::Table;

/// The families of this crate; the first is the default.
pub static ALL: [&Family; 13] = [
    &dcgan::FAMILY,
    &vanilla::FAMILY,
    &cgan::FAMILY,
    &lapgan::FAMILY,
    &infogan::FAMILY,
    &wgan::FAMILY,
    &began::FAMILY,
    &lsgan::FAMILY,
    &vae::FAMILY,
    &cyclegan::FAMILY,
    &stylegan::FAMILY,
    &biggan::FAMILY,
    &pixelcnn::FAMILY,
];

/// Those that were made known by [`add`].
static ADDED: Mutex<Vec<&'static Family>> = Mutex::new(Vec::new());

/// Makes a family of another crate known by its name, so that a run's `config.toml` can be read.
pub fn add(family: &'static Family) {
    let mut added = ADDED.lock().unwrap_or_else(PoisonError::into_inner);
    if !added.iter().any(|known| known.name == family.name) {
        added.push(family);
    }
}

/// The family of this name.
pub fn named(name: &str) -> Option<&'static Family> {
    let added = ADDED.lock().unwrap_or_else(PoisonError::into_inner);
    ALL.iter().chain(added.iter()).copied().find(|family| family.name == name)
}

/// A family: what its runs are begun from.
pub struct Family {
    /// Its name on the command line and in `config.toml`.
    pub name: &'static str,
    /// What it is, in a line with its paper.
    pub about: &'static str,
    /// What a step measures.
    pub record: &'static Record,
    /// Where its recipe differs from the common one: some of `config.toml`'s keys.
    pub recipe: &'static str,
    defaults: fn() -> Table,
    open: fn(Table) -> Result<Box<dyn System>, toml::de::Error>,
}

impl Family {
    /// The family whose settings are `S`, its keys in the table `family` of `config.toml`.
    ///
    /// # Panics
    /// When it is used: if `S` is no table of TOML.
    pub const fn of<S: System + Default + Serialize + DeserializeOwned + 'static>(
        name: &'static str,
        about: &'static str,
        record: &'static Record,
        recipe: &'static str,
    ) -> Family {
        Family {
            name,
            about,
            record,
            recipe,
            defaults: || Table::try_from(S::default()).expect("settings are a table"),
            open: |table| Ok(Box::new(table.try_into::<S>()?)),
        }
    }
}

/// What a run's pictures are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Domain {
    /// Height, width and channels of each.
    pub shape: Shape,
    /// How many classes they have.
    pub classes: usize,
}

impl Domain {
    /// That of a data set.
    pub fn of(dataset: &Dataset) -> Self {
        Domain { shape: Shape::new(dataset.height, dataset.width, 1), classes: dataset.classes }
    }
}

/// A family with its settings.
///
/// The same settings and domain give the same graphs, and the same first weights from the same random numbers: a run that
/// goes on is begun again and then loaded. Settings were checked when the graphs are asked for.
///
/// ```
/// use host_trainer::families::{Domain, FamilyConfig};
/// use host_trainer::graph::Shape;
///
/// let small = FamilyConfig::named("dcgan")?.with("generator_width", 4).unwrap();
/// let colours = Domain { shape: Shape::new(32, 32, 3), classes: 5 };
/// let graph = small.system().generator(&colours);
/// assert_eq!((graph.output_shape(), graph.classes()), (colours.shape, Some(5)));
/// # Ok::<(), host_trainer::families::UnknownFamily>(())
/// ```
pub trait System {
    /// Checks every setting of its own, so that nothing behind it needs to.
    ///
    /// # Errors
    /// The first that is outside of its range.
    fn check(&self) -> Result<(), OutOfRange>;

    /// The network that a run is for: it makes pictures of `domain`.
    fn generator(&self, domain: &Domain) -> Graph;

    /// All networks at their first step.
    fn begin(&self, start: Start<'_>) -> Box<dyn Objective>;

    /// How the data is divided into the two domains that it learns from; none of a family that learns from a data set as it is.
    ///
    /// Output 0 of the generator of one with domains makes pictures of the second domain from those of the first, output 1 the
    /// other way.
    fn domains(&self) -> Option<Division> {
        None
    }

    /// How many batches of real pictures a step reads.
    fn batches_per_step(&self) -> usize {
        1
    }
}

/// What a run's networks are begun with.
pub struct Start<'s> {
    /// What the pictures are.
    pub domain: Domain,
    /// What the optimizers remember.
    pub adam: &'s AdamConfig,
    /// Largest decay per step of the moving average of the generator's weights.
    pub average_decay: f64,
    /// Where first weights come from.
    pub weights: Rng,
    /// What computes, with autodiff.
    pub device: Device,
}

impl Start<'_> {
    /// A player with first weights, moved by Adam.
    pub fn player(&mut self, name: &'static str, graph: &Graph) -> Player {
        self.player_by(name, graph, Optimizer::Adam(self.adam.clone()))
    }

    /// A player with first weights.
    pub fn player_by(&mut self, name: &'static str, graph: &Graph, optimizer: Optimizer) -> Player {
        Player::new(name, graph, optimizer, &mut self.weights, &self.device)
    }

    /// The player that a run is for, with an average.
    pub fn generator(&mut self, graph: &Graph) -> Player {
        self.player("generator", graph).averaged(self.average_decay)
    }
}
