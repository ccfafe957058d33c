//! A small model, made here, whose pictures look like what they are: class k draws the digit k in a
//! terminal font, and the latent changes the greys. So the app's tests need no trained model. And models of any inputs.
#![allow(dead_code)] // each test program uses a part of it

pub mod harness;

use embedded_graphics::{
    framebuffer::{Framebuffer, buffer_size},
    image::GetPixel,
    mono_font::{MonoTextStyle, ascii::FONT_10X20},
    pixelcolor::{BinaryColor, raw::BigEndian},
    prelude::*,
    text::Text,
};
use gan_core::{
    AlignedBytes,
    format::{
        ActivationRecord, ColumnsRecord, DenseRecord, EmbeddingRecord, OpKind, OpRecord, RequantizeRecord,
        ShiftRecord, TensorRecord,
    },
    write::{Entry, Input, Kind, ModelWriter},
};

/// Side of the pictures.
pub const SIDE: usize = 28;
const PIXELS: usize = SIDE * SIDE;
const LATENT: u16 = 8;
/// Bytes of arena that the model needs: the latent, and the picture.
pub const ARENA: usize = 16 + PIXELS;

/// A dense layer from latent and class (none, if `classes` is 0) to the picture.
pub fn model(classes: u8) -> AlignedBytes {
    named_model(classes, &[])
}

/// The same, whose classes have these names.
pub fn named_model(classes: u8, names: &[&str]) -> AlignedBytes {
    let mut writer = ModelWriter { name: "terminal".into(), ..ModelWriter::default() };
    writer.inputs.push(Input::new("z", Kind::Normal(0)));
    if classes > 0 {
        writer.inputs.push(Input::new(
            "class",
            Kind::Choice(classes, names.iter().map(ToString::to_string).collect()),
        ));
    }
    let vector =
        TensorRecord { height: 1, width: 1, channels: LATENT, scale: 3.0 / 127.0, zero_point: 0, offset: 0 };
    let side = SIDE as u16;
    let picture = TensorRecord {
        height: side,
        width: side,
        channels: 1,
        scale: 1.0 / 127.0,
        zero_point: 0,
        offset: 16,
    };
    writer.tensors = vec![vector, picture];

    // Any pattern does that gives each latent number its own.
    let pattern = |index: usize| ((index * 2_654_435_761) >> 7) as i8 / 6;
    let weights: Vec<i8> = (0..PIXELS * usize::from(LATENT)).map(pattern).collect();
    let columns: Vec<i8> = (0..classes).flat_map(glyph).map(|ink| if ink { 127 } else { -127 }).collect();
    let constants = &mut writer.constants;
    let dense = DenseRecord {
        weights: constants.bytes(&weights),
        bias: constants.words(&[0]),
        bias_per_output: false,
        columns: (classes > 0).then(|| ColumnsRecord {
            choice: 1,
            weights: constants.bytes(&columns),
            one: 127,
        }),
        // The class alone reaches ±127 · 127; ±20,000 is the end of the range.
        requantize: RequantizeRecord {
            multipliers: constants.words(&[((127_u64 << 32) / 20_000) as i32]),
            shifts: ShiftRecord::All(32),
            activation: ActivationRecord::Clamp { min: -127, max: 127 },
        },
    };
    writer.ops.push(OpRecord {
        operands: [0].into_iter().collect(),
        output: 1,
        packed: false,
        scratch: 0,
        kind: OpKind::Dense(dense),
    });
    writer.enter_all(1);
    AlignedBytes::new(&writer.finish())
}

/// A model without normal numbers: choices with these names, inputs of so many uniform numbers, which nothing reads, and
/// entries of which number k shows the digit that is k more than what is chosen first.
pub fn drawn_by_choices(
    choices: &[(&str, &[&str])],
    uniforms: &[(&str, u16)],
    entries: &[&str],
) -> AlignedBytes {
    let mut writer = ModelWriter { name: "choices".into(), ..ModelWriter::default() };
    for (name, names) in choices {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        writer.inputs.push(Input::new(name, Kind::Choice(names.len() as u8, names)));
    }
    let mut offset = 0;
    let mut tensor = |writer: &mut ModelWriter, side: u16, channels: u16| {
        let (height, width, scale) = (side, side, 1.0 / 127.0);
        writer.tensors.push(TensorRecord { height, width, channels, scale, zero_point: 0, offset });
        offset = (offset + u32::from(side * side * channels)).next_multiple_of(16);
        writer.tensors.len() as u8 - 1
    };
    for (name, numbers) in uniforms {
        let own = tensor(&mut writer, 1, *numbers);
        writer.inputs.push(Input::new(name, Kind::Uniform(own)));
    }
    for (place, name) in (0..).zip(entries) {
        let output = tensor(&mut writer, SIDE as u16, 1);
        let rows = choices.first().map_or(1, |(_, names)| names.len() as u8);
        let inks: Vec<i8> =
            (0..rows).flat_map(|row| glyph(row + place)).map(|ink| if ink { 127 } else { -127 }).collect();
        let table = writer.constants.bytes(&inks);
        let choice = (!choices.is_empty()).then_some(0);
        let kind = OpKind::Embedding(EmbeddingRecord { table, choice });
        writer.ops.push(OpRecord {
            operands: [].into_iter().collect(),
            output,
            packed: false,
            scratch: 0,
            kind,
        });
        writer.entries.push(Entry { name: name.to_string(), first: place, ops: 1, output });
    }
    AlignedBytes::new(&writer.finish())
}

/// Where the digit `class` has ink.
fn glyph(class: u8) -> Vec<bool> {
    let mut canvas = Framebuffer::<
        BinaryColor,
        _,
        BigEndian,
        SIDE,
        SIDE,
        { buffer_size::<BinaryColor>(SIDE, SIDE) },
    >::new();
    let style = MonoTextStyle::new(&FONT_10X20, BinaryColor::On);
    Text::new(&class.to_string(), Point::new(9, 19), style).draw(&mut canvas).unwrap();
    let points = (0..SIDE as i32).flat_map(|y| (0..SIDE as i32).map(move |x| Point::new(x, y)));
    points.map(|point| canvas.pixel(point) == Some(BinaryColor::On)).collect()
}
