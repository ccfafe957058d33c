//! PixelCNN (van den Oord, Kalchbrenner and Kavukcuoglu 2016, "Pixel recurrent neural networks", section 3.3; told the class as in van den
//! Oord et al. 2016, "Conditional image generation with PixelCNN decoders", section 2.3): an explicit density, which draws a
//! picture pixel by pixel.
//!
//! p(x) = Π p(x_i | x_1 … x_{i−1}) (equation 1) over four greys; the loss is [`pixels`]'s.
//!
//! The paper's causality, masks A and B (figure 2), is a stack of masked convolutions there. Here it is one window of pixels that
//! are drawn already, as a masked convolution of kind A has it, and behind it convolutions of one pixel, to which a mask of kind
//! B leaves just that pixel: so a pixel needs no cache of other pixels' features, and what the engine computes for a pixel is what
//! that pixel needs. Its field of view comes from the window, single pixels near by and means of 3×3 further away, up to 20
//! rows above; a row and a column, each with an embedding, stand in for the depth that would find them out. The blocks are
//! residual (figure 5), with the class in each.

use super::networks;
use super::{Domain, Family, Start, System};
use crate::graph::{Activation, Axis, CLASS, Graph, GraphBuilder, NodeId, Shape, Tap};
use crate::objectives::pixels::{self, Pixels};
use crate::players::{Objective, OutOfRange};
use serde::{Deserialize, Serialize};

/// See the module.
pub static FAMILY: Family = Family::of::<Settings>(
    "pixelcnn",
    "PixelCNN (van den Oord et al. 2016): an explicit density, drawn pixel by pixel",
    &pixels::RECORD,
    "steps = 5000\nbatch = 32\nlearning_rate = 0.006\nwarm_up = 200\nadam = { beta_1 = 0.9, beta_2 = 0.999 }",
);

/// The greys that a pixel may have.
static LEVELS: [f32; 4] = [0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0];

/// Single pixels of five rows above, eleven wide, and five to the left.
const NEAR: usize = 60;
/// Means of 3×3 pixels further away.
const FAR: usize = 54;

/// What a pixel sees.
static TAPS: [Tap; NEAR + FAR] = taps();

const fn taps() -> [Tap; NEAR + FAR] {
    let mut taps = [[0; 3]; NEAR + FAR];
    let mut number = 0;
    while number < NEAR {
        taps[number] = [number as i8 / 11 - 5, number as i8 % 11 - 5, 0];
        number += 1;
    }
    // Beside the near ones.
    let beside: [[i8; 2]; 9] =
        [[-1, -13], [-1, -10], [-1, -7], [-4, -13], [-4, -10], [-4, -7], [-4, 7], [-4, 10], [-4, 13]];
    while number < NEAR + 9 {
        let [down, right] = beside[number - NEAR];
        taps[number] = [down, right, 1];
        number += 1;
    }
    // Above them, five rows of nine.
    while number < NEAR + FAR {
        let place = (number - NEAR - 9) as i8;
        taps[number] = [-7 - 3 * (place / 9), 3 * (place % 9) - 12, 1];
        number += 1;
    }
    taps
}

/// Its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Channels of all layers.
    generator_width: usize,
    /// Residual blocks.
    blocks: usize,
    /// Whether the class is told.
    conditional: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { generator_width: 64, blocks: 2, conditional: true }
    }
}

impl System for Settings {
    fn check(&self) -> Result<(), OutOfRange> {
        networks::width("generator width", self.generator_width)?;
        OutOfRange::unless((0..=8).contains(&self.blocks), "blocks", &self.blocks, "0 to 8")
    }

    fn generator(&self, domain: &Domain) -> Graph {
        let Shape { height, width: across, .. } = domain.shape;
        let channels = Shape::vector(self.generator_width);
        let mut g = GraphBuilder::new("pixelcnn");
        let class = self.conditional.then(|| g.choice(CLASS, domain.classes));
        let randomness = g.randomness("randomness", height, across);
        let (row, column) =
            (g.position("row", Axis::Row, height), g.position("column", Axis::Column, across));
        // A dense layer that is told the class.
        let told = |g: &mut GraphBuilder, name: &str, x: NodeId| {
            let x = class.map_or(x, |class| g.concat(&format!("{name} and class"), &[x, class]));
            g.dense_around(name, x, channels, 0.0)
        };
        let seen = g.window("window", &TAPS);
        let seen = told(&mut g, "see", seen);
        let row = g.embedding("of row", row, channels);
        let column = g.embedding("of column", column, channels);
        let x = g.add("place", &[seen, row, column]);
        let mut x = g.activation(x, Activation::Relu);
        for block in 1..=self.blocks {
            let inner = told(&mut g, &format!("block {block} first"), x);
            let inner = g.activation(inner, Activation::Relu);
            let inner = g.dense_around(&format!("block {block} second"), inner, channels, 0.0);
            x = g.add(&format!("block {block}"), &[inner, x]);
        }
        let x = g.activation(x, Activation::Relu);
        let logits = g.dense("logits", x, Shape::vector(LEVELS.len()), true);
        let picture = g.draw("picture", logits, randomness, &LEVELS);
        g.finish(picture)
    }

    fn begin(&self, mut start: Start<'_>) -> Box<dyn Objective> {
        let generator = start.generator(&self.generator(&start.domain));
        Box::new(Pixels::new(generator))
    }
}
