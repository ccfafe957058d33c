//! Models of random graphs.

use std::vec::Vec;

use super::{Activation, Numbers, Side, Synthetic};
use crate::geometry::phases::Phases;
use crate::shape::Shape;

/// A model that branches: an op for each of `draws`, of the kind and with the operands and the shape that its numbers choose
/// among all tensors before it, and a sum behind them. Some ops end an entry that has all ops so far.
///
/// # Panics
/// With more than 253 draws.
pub fn branching(seed: u64, numbers: Numbers, draws: &[(u8, [u16; 4])]) -> Synthetic {
    let model = Synthetic::new(seed, 5).numbers(numbers).uniform(Shape::new(1, 1, 3));
    let model = grow(model, draws, true);
    let last = model.last();
    let shape = model.shape(last);
    model.sum(&[last], shape, Activation::None).entry("whole", 0)
}

/// A model that draws a picture of `rows` × `columns` in `levels`: `once` are the draws of its ops in front of the pass and `each` those
/// of the pass, as for [`branching`], to which a window, the layer of the logits and the draw itself come. Of the ops in front some end
/// an entry.
///
/// # Panics
/// With more than 251 draws, or if the picture has no pixels.
pub fn drawing(
    seed: u64,
    numbers: Numbers,
    (rows, columns, levels): (u8, u8, u16),
    once: &[(u8, [u16; 4])],
    each: &[(u8, [u16; 4])],
) -> Synthetic {
    let model = Synthetic::new(seed, 5).numbers(numbers).uniform(Shape::new(1, 1, 3)).drawn(rows, columns);
    let mut model = grow(model, once, true);
    let first = once.len() as u8;
    let taps = 1 + (model.next() % 20) as u16;
    let taps = model.taps(taps);
    let model = grow(model.window(&taps, Activation::None), each, false);
    model.dense(1, 1, levels, Activation::None).draw(first).entry("drawn", 0)
}

/// Adds an op for each of `draws`; some end an entry, where they may.
fn grow(mut model: Synthetic, draws: &[(u8, [u16; 4])], entries: bool) -> Synthetic {
    for &(op, [a, b, c, d]) in draws {
        let activation = [Activation::None, Activation::Relu, Activation::Tanh][usize::from(d % 3)];
        let pick = |of: &[u8], by: u16| of[usize::from(by) % of.len()];
        let all: Vec<u8> = (0..=model.last()).filter(|&tensor| !model.is_drawn(tensor)).collect();
        let source = pick(&all, a);
        let shape = model.shape(source);
        let channels = 1 + b % 7;
        let like = |wanted: &dyn Fn(Shape) -> bool| -> Vec<u8> {
            all.iter().copied().filter(|&tensor| wanted(model.shape(tensor))).collect()
        };
        // Of its shape, or repeated to it.
        let repeated = || {
            like(&|own| {
                let divides =
                    shape.height.is_multiple_of(own.height) && shape.width.is_multiple_of(own.width);
                divides && (own.channels == 1 || own.channels == shape.channels)
            })
        };
        model = match op % 9 {
            0 => side(model, c).from(source).dense(1 + b % 4, 1 + c % 4, channels, activation),
            1 => {
                let (kernel, stride) = (1 + (c % 4) as u8, 1 + (d % 2) as u8);
                let transposed = b % 2 == 0;
                let padding = (kernel - 1) / 2;
                let phases = Phases { transposed, kernel, stride, padding, output_padding: 0 };
                let sides = [shape.height, shape.width].map(|side| phases.output_side(side));
                let fits = sides.iter().all(|side| side.is_some_and(|side| side <= 12));
                if fits {
                    model.from(source).convolution(phases, channels, activation)
                } else {
                    model.from(source).dense(2, 3, channels, activation)
                }
            }
            2 | 3 => {
                let others = repeated();
                let operands = [source, pick(&others, b), pick(&others, c)];
                model.sum(&operands[..1 + usize::from(d % 3)], shape, activation)
            }
            4 => {
                let others =
                    like(&|own| (own.height, own.width) == (shape.height, shape.width) && own.channels < 20);
                let operands = if others.is_empty() {
                    [source; 3]
                } else {
                    [pick(&others, a), pick(&others, b), pick(&others, c)]
                };
                model.concat(&operands[..2 + usize::from(d % 2)], activation)
            }
            5 => model.norm(source, activation),
            6 => {
                let others = repeated();
                let operands = [source, pick(&others, b), pick(&others, c)];
                model.product(&operands[..2 + usize::from(d % 2)], activation)
            }
            7 => {
                let keys = like(&|own| own.channels == shape.channels);
                let key = pick(&keys, b);
                let places = model.shape(key);
                let values = like(&|own| (own.height, own.width) == (places.height, places.width));
                model.attention([source, key, pick(&values, c)], activation)
            }
            _ => {
                let rows = if model.inputs() < 6 { (b % 4) as u8 } else { 0 };
                side(model, d).embedding(rows, Shape::new(1 + b % 3, 1 + c % 3, channels))
            }
        };
        if entries && d % 7 == 0 {
            model = model.entry("early", 0);
        }
    }
    model
}

/// Lets the next op read the row or the column of the pixel that is drawn, if one is, as `by` says.
fn side(model: Synthetic, by: u16) -> Synthetic {
    match by % 3 {
        0 if model.draws() => model.joined(Side::Row),
        1 if model.draws() => model.joined(Side::Column),
        _ => model,
    }
}
