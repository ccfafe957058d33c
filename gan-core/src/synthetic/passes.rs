//! Pictures that are drawn pixel by pixel.

use std::vec::Vec;

use super::{Activation, Numbers, Synthetic, index};
use crate::format::{ActivationRecord, DrawRecord, OpKind, RequantizeRecord, ShiftRecord, WindowRecord};
use crate::model::PICTURE_SCALE;
use crate::ops::adaptive::window::MOST_REACH;
use crate::shape::Shape;
use crate::write::{Input, Kind};

/// A picture that is drawn, and what its pass reads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drawn {
    pub(super) picture: u8,
    randomness: u8,
    /// Number of the input that is the row, and rows; the column is the one behind it.
    row: (u8, u8),
    columns: u8,
}

/// Which side of the picture a choice counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The present pixel's row.
    Row,
    /// Its column.
    Column,
}

/// A model of the size of a PixelCNN: a picture of 28×28 in four levels, of ten classes. Each pixel sees 60 pixels around it and
/// 54 squares of 3×3 further away; a dense layer makes 64 numbers of them and of class, row and column, two residual blocks of
/// two dense layers each go over them, and one makes the logits; of seed 1.
pub fn pixel_cnn() -> Vec<u8> {
    // Half of a square of 11×11: 60 pixels; and of one of squares, without those that lie over it.
    let near = (-5..=0).flat_map(|y| (-5..=5).map(move |x| (y, x))).filter(|&place| place < (0, 0));
    let far = (-4i8..=0).flat_map(|y| (-8i8..=8).map(move |x| (y, x)));
    let far = far.map(|(y, x)| (3 * y - 2, 3 * x)).filter(|&(y, x)| y < -6 || x.abs() > 6);
    let near: Vec<[i8; 3]> = near.map(|(y, x)| [y, x, 0]).collect();
    let far: Vec<[i8; 3]> = far.map(|(y, x)| [y, x, 1]).take(54).collect();
    let model = Synthetic::new(1, 1).drawn(28, 28).window(&[near, far].concat(), Activation::None);
    let whole = Shape::new(1, 1, 64);
    let model = model.classes(10).dense(1, 1, 64, Activation::None);
    let seen = model.last();
    let model = model.joined(Side::Row).embedding(0, whole);
    let row = model.last();
    let model = model.joined(Side::Column).embedding(0, whole);
    let column = model.last();
    let mut model = model.sum(&[seen, row, column], whole, Activation::Relu);
    for _ in 0..2 {
        let before = model.last();
        model = model.dense(1, 1, 64, Activation::Relu).dense(1, 1, 64, Activation::None);
        let after = model.last();
        model = model.sum(&[before, after], whole, Activation::Relu);
    }
    model.dense(1, 1, 4, Activation::None).draw(0).finish("pixel_cnn")
}

impl Synthetic {
    /// A picture of `rows` × `columns` that [`Synthetic::draw`] will draw: inputs for the row, the column and the randomness, and the
    /// picture's tensor.
    ///
    /// # Panics
    /// If the picture has no pixels.
    #[must_use]
    pub fn drawn(mut self, rows: u8, columns: u8) -> Self {
        let [height, width] = [rows, columns].map(u16::from);
        let row = index(self.writer.inputs.len());
        self.writer.inputs.push(Input::new("y", Kind::Row(rows)));
        self.writer.inputs.push(Input::new("x", Kind::Column(columns)));
        self = self.uniform(Shape::new(height, width, 2));
        let randomness = self.last();
        let zero_point = (self.next() % 256) as u8 as i8;
        let picture = self.tensor(super::checked(Shape::new(height, width, 1)), PICTURE_SCALE, zero_point);
        self.drawn = Some(Drawn { picture, randomness, row: (row, rows), columns });
        self
    }

    /// Whether there is a picture to draw.
    pub(super) fn draws(&self) -> bool {
        self.drawn.is_some()
    }

    /// Whether `tensor` is the picture to draw, which only a window may read.
    pub(super) fn is_drawn(&self, tensor: u8) -> bool {
        self.drawn.is_some_and(|drawn| drawn.picture == tensor)
    }

    /// The next dense layer or embedding reads the row or the column.
    ///
    /// # Panics
    /// Without a picture to draw.
    #[must_use]
    pub fn joined(mut self, side: Side) -> Self {
        let drawn = self.drawn.expect("a picture to draw");
        let (row, rows) = drawn.row;
        self.joined = Some(match side {
            Side::Row => (row, rows),
            Side::Column => (row + 1, drawn.columns),
        });
        self
    }

    /// A window onto the picture that is drawn; see [`crate::ops::adaptive::window`].
    ///
    /// # Panics
    /// Without a picture to draw, or without `taps`.
    #[must_use]
    pub fn window(mut self, taps: &[[i8; 3]], activation: Activation) -> Self {
        let drawn = self.drawn.expect("a picture to draw");
        let channels = u16::try_from(taps.len()).expect("at most 65,535 taps");
        let requantize = self.means(taps);
        let outside = self.next() as i8;
        let taps = self.writer.constants.bytes(taps.as_flattened());
        let shape = super::checked(Shape::new(1, 1, channels));
        let record = WindowRecord { taps, outside, requantize };
        self.push(shape, activation, &[drawn.picture], OpKind::Window(record))
    }

    /// Factors of a window: usually means of its squares, or half as much again.
    fn means(&mut self, taps: &[[i8; 3]]) -> RequantizeRecord {
        if self.numbers == Numbers::Extreme {
            return self.requantize(taps.len() as u16, 1);
        }
        let multiplier = |model: &mut Self, reach: i8| {
            let pixels = (2 * i32::from(reach) + 1).pow(2);
            ((1 << 30) + (model.next() % (1 << 29)) as i32) / pixels
        };
        let multipliers: Vec<i32> = taps.iter().map(|&[_, _, reach]| multiplier(self, reach)).collect();
        let multipliers = self.writer.constants.words(&multipliers);
        RequantizeRecord { multipliers, shifts: ShiftRecord::All(30), activation: ActivationRecord::NONE }
    }

    /// Taps of any place and reach, all of which come before the pixel.
    pub(super) fn taps(&mut self, count: u16) -> Vec<[i8; 3]> {
        let draw = |model: &mut Self| {
            let [a, b, c, d, ..] = model.next().to_le_bytes();
            let reach = (a % (MOST_REACH as u8 + 1)) as i8;
            let extreme = model.numbers == Numbers::Extreme && d.is_multiple_of(4);
            let (down, right) =
                if extreme { (b as i8, c as i8) } else { (-((b % 5) as i8), (c % 9) as i8 - 4) };
            // As far as it must be moved.
            match down.saturating_add(reach) {
                ..0 => [down, right, reach],
                0 => [down, right.min(-1 - reach), reach],
                _ => [-reach, right.min(-1 - reach), reach],
            }
        };
        (0..count).map(|_| draw(self)).collect()
    }

    /// Draws the picture from the tensor made last, one logit per level, in a pass of all ops from number `first` on; see
    /// [`crate::ops::adaptive::draw`].
    ///
    /// # Panics
    /// Without a picture to draw, with fewer ops than `first`, or with more than 254.
    #[must_use]
    pub fn draw(mut self, first: u8) -> Self {
        let drawn = self.drawn.expect("a picture to draw");
        let logits = self.last();
        let levels: Vec<i8> = (0..self.shape(logits).channels).map(|_| self.next() as i8).collect();
        let usual = self.numbers == Numbers::Usual;
        let ops = index(self.writer.ops.len() + 1).checked_sub(first).expect("the first op of a pass");
        let record = DrawRecord {
            levels: self.writer.constants.bytes(&levels),
            factor: if usual { 1 << 30 } else { (self.next() as i32 & i32::MAX).max(1) },
            // Usually 8 steps are a power of two.
            score_shift: if usual { 25 } else { 1 + (self.next() % 62) as u8 },
            ops,
        };
        self.write(drawn.picture, &[logits, drawn.randomness], OpKind::Draw(record));
        self
    }
}
