//! What is inside a model file: layers, tensors, constants, and who lies where in the arena at what time.

use std::collections::BTreeMap;
use std::fmt;

use gan_core::Model;
use gan_core::format::{
    self, ActivationRecord, ConvRecord, InputRecord, OpRecord, PackedConvRecord, PackedDenseRecord, Preamble,
    RequantizeRecord, ShiftRecord, TensorRecord,
};
use serde::Serialize;

/// Columns of the arena's map.
const MAP_COLUMNS: usize = 64;

/// A model file, taken apart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Inspection {
    /// The model's name.
    pub name: String,
    /// Length of the latent.
    pub latent: usize,
    /// Number of classes; 0 without.
    pub classes: u8,
    /// The whole file: the flash that it takes.
    pub file_bytes: usize,
    /// Fixed fields and header, with the padding behind them.
    pub header_bytes: usize,
    /// Weights, biases, multipliers, tables.
    pub constant_bytes: usize,
    /// Working memory.
    pub arena_bytes: usize,
    /// Multiply-accumulates a picture.
    pub macs: u64,
    /// In the order in which they run.
    pub layers: Vec<Layer>,
    /// In the file's order.
    pub tensors: Vec<Placed>,
}

/// An op of the file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Layer {
    /// What it computes, activation included.
    pub op: String,
    /// The tensor it reads.
    pub input: usize,
    /// The tensor it writes.
    pub output: usize,
    /// Bytes of its constants, with the padding behind each.
    pub bytes: usize,
    /// Multiply-accumulates.
    pub macs: u64,
}

/// A tensor and its place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Placed {
    /// Height, width, channels.
    pub shape: [u16; 3],
    /// real = scale · (q − zero_point)
    pub scale: f32,
    /// The int8 value of 0.
    pub zero_point: i8,
    /// First byte in the arena.
    pub offset: usize,
    /// How many.
    pub bytes: usize,
    /// When it is written: 0 with the inputs, n by the n-th layer.
    pub written: usize,
    /// When it is read for the last time.
    pub read: usize,
}

impl Inspection {
    /// Takes `file` apart, which `model` was parsed from.
    ///
    /// # Panics
    /// When `model` was parsed from another file.
    pub fn new(file: &[u8], model: &Model<'_>) -> Inspection {
        const PARSED: &str = "the header of a parsed model";
        let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().expect(PARSED)) as usize;
        let header_end = format::HEADER_START + word(8);
        let header_bytes = header_end.next_multiple_of(format::ALIGNMENT);
        let header = &file[format::HEADER_START..header_end];
        let (preamble, mut rest) = postcard::take_from_bytes::<Preamble<'_>>(header).expect(PARSED);
        let inputs: Vec<InputRecord> = take(&mut rest, preamble.inputs);
        let _: Vec<TensorRecord> = take(&mut rest, preamble.tensors);
        let ops: Vec<OpRecord> = take(&mut rest, preamble.ops);
        let constant_bytes = file.len() - header_bytes;
        let sizes = constant_sizes(&ops, constant_bytes);
        let layer = |(op, macs): (&OpRecord, u64)| Layer {
            op: describe(op, model),
            input: op.input().into(),
            output: op.output().into(),
            bytes: constants(op).iter().map(|offset| sizes[offset]).sum(),
            macs,
        };
        let layers: Vec<Layer> = ops.iter().zip(model.macs()).map(layer).collect();
        Inspection {
            name: model.name().into(),
            latent: model.latent_length(),
            classes: model.classes(),
            file_bytes: file.len(),
            header_bytes,
            constant_bytes,
            arena_bytes: model.arena_bytes(),
            macs: model.macs().sum(),
            tensors: placed(model, &inputs, &layers, preamble.output.into()),
            layers,
        }
    }

    /// What each step of a picture has in the arena: the inputs, then each layer's input and output; with the tensors'
    /// indices.
    pub fn steps(&self) -> Vec<(String, Vec<usize>)> {
        let names =
            std::iter::once("inputs".to_owned()).chain(self.layers.iter().map(|layer| layer.op.clone()));
        let live = |step: usize| {
            let lives = |tensor: &Placed| (tensor.written..=tensor.read).contains(&step);
            self.tensors
                .iter()
                .enumerate()
                .filter(|(_, tensor)| lives(tensor))
                .map(|(index, _)| index)
                .collect()
        };
        names.enumerate().map(|(step, name)| (name, live(step))).collect()
    }
}

fn take<'f, T: serde::Deserialize<'f>>(rest: &mut &'f [u8], count: u8) -> Vec<T> {
    let mut next = || {
        let (record, behind) = postcard::take_from_bytes(rest).expect("the header of a parsed model");
        *rest = behind;
        record
    };
    (0..count).map(|_| next()).collect()
}

/// Where an op's constants start.
fn constants(op: &OpRecord) -> Vec<u32> {
    let (mut starts, requantize, activation) = match op {
        OpRecord::Dense(dense) | OpRecord::PackedDense(PackedDenseRecord { dense, .. }) => {
            let class = dense.class.as_ref().map(|class| class.weights);
            let starts =
                [Some(dense.weights), Some(dense.bias), class].into_iter().flatten().collect::<Vec<u32>>();
            (starts, &dense.requantize, &dense.activation)
        }
        OpRecord::Conv(conv)
        | OpRecord::ConvTranspose(conv)
        | OpRecord::PackedConv(PackedConvRecord { conv, .. }) => {
            (vec![conv.weights, conv.bias], &conv.requantize, &conv.activation)
        }
    };
    let RequantizeRecord { multipliers, shifts } = requantize;
    starts.push(*multipliers);
    if let ShiftRecord::PerChannel(shifts) = shifts {
        starts.push(*shifts);
    }
    if let ActivationRecord::Table { table, .. } = activation {
        starts.push(*table);
    }
    starts
}

/// From each constant to the next, or to the end: lengths follow from shapes, and the file does not repeat them.
fn constant_sizes(ops: &[OpRecord], end: usize) -> BTreeMap<u32, usize> {
    let mut starts: Vec<u32> = ops.iter().flat_map(constants).collect();
    starts.sort_unstable();
    starts.dedup();
    let ends = starts.iter().skip(1).map(|&start| start as usize).chain([end]);
    starts.iter().zip(ends).map(|(&start, end)| (start, end - start as usize)).collect()
}

fn describe(op: &OpRecord, model: &Model<'_>) -> String {
    let output = model.tensors()[usize::from(op.output())];
    let window = |name: &str, conv: &ConvRecord| {
        let ConvRecord { kernel, stride, padding, .. } = conv;
        format!("{name} {kernel}×{kernel} s{stride} p{padding}")
    };
    let (name, activation) = match op {
        OpRecord::Dense(dense) => ("dense".to_owned(), &dense.activation),
        OpRecord::Conv(conv) => (window("conv", conv), &conv.activation),
        OpRecord::ConvTranspose(conv) => (window("conv_transpose", conv), &conv.activation),
        OpRecord::PackedDense(PackedDenseRecord { dense, .. }) => {
            ("packed dense".to_owned(), &dense.activation)
        }
        OpRecord::PackedConv(PackedConvRecord { conv, transposed: false, .. }) => {
            (window("packed conv", conv), &conv.activation)
        }
        OpRecord::PackedConv(PackedConvRecord { conv, .. }) => {
            (window("packed conv_transpose", conv), &conv.activation)
        }
    };
    match activation {
        ActivationRecord::Table { .. } => name + ", table",
        ActivationRecord::Clamp { min, max: i8::MAX } if *min == output.zero_point => name + ", relu",
        ActivationRecord::Clamp { .. } => name,
    }
}

fn placed(model: &Model<'_>, inputs: &[InputRecord], layers: &[Layer], picture: usize) -> Vec<Placed> {
    let tensor = |(index, tensor): (usize, &gan_core::Tensor)| {
        let is_input = |input: &InputRecord| matches!(input, InputRecord::Latent { tensor } if usize::from(*tensor) == index);
        let written = layers.iter().position(|layer| layer.output == index).map_or(0, |layer| layer + 1);
        debug_assert!(written > 0 || inputs.iter().any(is_input));
        let last = layers.iter().rposition(|layer| layer.input == index).map_or(written, |layer| layer + 1);
        Placed {
            shape: [tensor.shape.height, tensor.shape.width, tensor.shape.channels],
            scale: tensor.scale,
            zero_point: tensor.zero_point,
            offset: tensor.offset as usize,
            bytes: tensor.shape.size(),
            written,
            read: if index == picture { layers.len() } else { last },
        }
    };
    model.tensors().iter().enumerate().map(tensor).collect()
}

/// `12345678` as `12,345,678`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `7×7×16`.
pub fn shape_text([height, width, channels]: [u16; 3]) -> String {
    format!("{height}×{width}×{channels}")
}

/// Letters that stand for tensors in the map.
fn letter(index: usize) -> char {
    char::from(b'a' + (index % 26) as u8)
}

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inspection { name, latent, classes, tensors, .. } = self;
        let classes = if *classes > 0 { format!(" of {classes} classes") } else { String::new() };
        let picture =
            self.layers.last().map_or(String::new(), |layer| shape_text(tensors[layer.output].shape));
        writeln!(f, "{name}: latent {latent} → {picture}{classes}\n")?;
        let width = self.layers.iter().map(|layer| layer.op.chars().count()).max().unwrap_or(0).max(5);
        writeln!(
            f,
            "   {:width$}  {:>9}  {:>9}  {:>9}  {:>10}  {:>8}  {:>10}",
            "layer", "in", "out", "scale", "zero point", "bytes", "MACs"
        )?;
        for (number, layer) in (1..).zip(&self.layers) {
            let (input, output) = (&tensors[layer.input], &tensors[layer.output]);
            writeln!(
                f,
                "{number:>2} {:width$}  {:>9}  {:>9}  {:>9.6}  {:>10}  {:>8}  {:>10}",
                layer.op,
                shape_text(input.shape),
                shape_text(output.shape),
                output.scale,
                output.zero_point,
                grouped(layer.bytes as u64),
                grouped(layer.macs)
            )?;
        }
        let bytes = |bytes: usize| grouped(bytes as u64);
        let (file, header, constants) = (self.file_bytes, self.header_bytes, self.constant_bytes);
        writeln!(
            f,
            "\nflash {} bytes: header {}, constants {}; {} MACs a picture",
            bytes(file),
            bytes(header),
            bytes(constants),
            grouped(self.macs)
        )?;
        let column = self.arena_bytes.div_ceil(MAP_COLUMNS).max(1);
        writeln!(f, "\narena {} bytes; over time, a column is {column} bytes:", bytes(self.arena_bytes))?;
        for (number, (name, live)) in self.steps().into_iter().enumerate() {
            let holds = |start: usize, tensor: &Placed| {
                tensor.offset < start + column && start < tensor.offset + tensor.bytes
            };
            let cell = |start: usize| {
                live.iter().find(|&&index| holds(start, &tensors[index])).map_or('·', |&index| letter(index))
            };
            let map: String = (0..self.arena_bytes).step_by(column).map(cell).collect();
            writeln!(f, "{number:>2} {name:width$}  {map}")?;
        }
        let legend = tensors.iter().enumerate().map(|(index, tensor)| {
            format!("{} {} at {}", letter(index), shape_text(tensor.shape), bytes(tensor.offset))
        });
        writeln!(f, "   {}", legend.collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pictures::read_model;
    use std::path::Path;

    fn pretrained() -> Inspection {
        let bytes = read_model(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/mnist.gan")).unwrap();
        Inspection::new(&bytes, &Model::parse(&bytes).unwrap())
    }

    #[test]
    fn the_parts_add_up_to_the_file() {
        let found = pretrained();
        assert_eq!(found.header_bytes + found.constant_bytes, found.file_bytes);
        assert_eq!(found.layers.iter().map(|layer| layer.bytes).sum::<usize>(), found.constant_bytes);
        assert_eq!(found.layers.iter().map(|layer| layer.macs).sum::<u64>(), found.macs);
    }

    #[test]
    fn the_pretrained_model_is_what_its_card_says() {
        let found = pretrained();
        let card = include_str!("../../models/mnist.md");
        for figure in [
            format!("| flash | {} bytes |", grouped(found.file_bytes as u64)),
            format!("| arena | {} bytes", grouped(found.arena_bytes as u64)),
            format!("| multiply-accumulates a picture | {} |", grouped(found.macs)),
        ] {
            assert!(card.contains(&figure), "the card does not say {figure}");
        }
        let ops: Vec<&str> = found.layers.iter().map(|layer| layer.op.as_str()).collect();
        assert_eq!(
            ops,
            [
                "dense, relu",
                "conv 3×3 s1 p1, relu",
                "conv_transpose 4×4 s2 p1, relu",
                "conv_transpose 4×4 s2 p1, table"
            ]
        );
    }

    #[test]
    fn no_two_tensors_in_use_share_a_byte_and_one_reaches_the_arenas_end() {
        let found = pretrained();
        let end = |tensor: &Placed| tensor.offset + tensor.bytes;
        assert_eq!(found.tensors.iter().map(end).max(), Some(found.arena_bytes));
        for (name, live) in found.steps() {
            for (place, &a) in live.iter().enumerate() {
                for &b in &live[place + 1..] {
                    let (a, b) = (&found.tensors[a], &found.tensors[b]);
                    assert!(end(a) <= b.offset || end(b) <= a.offset, "{name}: {a:?} {b:?}");
                }
            }
        }
        assert_eq!(found.steps().len(), found.layers.len() + 1);
    }

    #[test]
    fn the_table_shows_every_layer_and_the_map_every_step() {
        let text = pretrained().to_string();
        for part in
            ["conv 3×3 s1 p1, relu", "14×14×16", "47,152", "703,248", "arena 4,704 bytes", " 0 inputs"]
        {
            assert!(text.contains(part), "no {part} in\n{text}");
        }
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!([0, 999, 1000, 1234567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
