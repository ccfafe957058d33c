//! A model with every op, small enough to be spoiled byte by byte on a core with 16 KiB of RAM.

use gan_core::LATENT_SCALE;
use gan_core::format::{
    ActivationRecord, ClassRecord, ConvRecord, DenseRecord, InputRecord, OpRecord, RequantizeRecord,
    ShiftRecord, TensorRecord,
};
use gan_core::write::{ConstantsWriter, ModelWriter};

/// latent 4 and class 3 → dense 2×2×3, ReLU → conv 3×3, 2×2×2 → conv_transpose 4×4 s2 p1, 4×4×1, table.
pub fn model() -> Vec<u8> {
    let mut constants = ConstantsWriter::default();
    let c = &mut constants;
    let dense = OpRecord::Dense(DenseRecord {
        input: 0,
        output: 1,
        weights: c.bytes(&weights(4 * 12, 1)),
        bias: c.words(&[300, -200, 100]),
        bias_per_output: false,
        class: Some(ClassRecord { weights: c.bytes(&weights(3 * 12, 2)), one: 42 }),
        requantize: requantize(c, 3, 27),
        activation: ActivationRecord::Clamp { min: -128, max: 127 },
    });
    let conv = OpRecord::Conv(ConvRecord {
        input: 1,
        output: 2,
        kernel: 3,
        stride: 1,
        padding: 1,
        output_padding: 0,
        weights: c.bytes(&weights(9 * 3 * 2, 3)),
        bias: c.words(&[1000, -1000]),
        requantize: RequantizeRecord {
            shifts: ShiftRecord::PerChannel(c.shifts(&[34, 35])),
            ..requantize(c, 2, 27)
        },
        activation: ActivationRecord::Clamp { min: -100, max: 100 },
    });
    let table: Vec<i8> =
        (-128..=127).map(|q: i32| (127.0 * (q as f32 / 40.0).tanh()).round() as i8).collect();
    let conv_transpose = OpRecord::ConvTranspose(ConvRecord {
        input: 2,
        output: 3,
        kernel: 4,
        stride: 2,
        padding: 1,
        output_padding: 0,
        weights: c.bytes(&weights(16 * 2, 4)),
        bias: c.words(&[10, 20, 30, 40]),
        requantize: requantize(c, 1, 26),
        activation: ActivationRecord::Table { zero_point: -3, table: c.bytes(&table) },
    });
    let tensor = |height, width, channels, scale, zero_point, offset| TensorRecord {
        height,
        width,
        channels,
        scale,
        zero_point,
        offset,
    };
    let writer = ModelWriter {
        name: "tiny".into(),
        inputs: vec![InputRecord::Latent { tensor: 0 }, InputRecord::Class { classes: 3 }],
        tensors: vec![
            tensor(1, 1, 4, LATENT_SCALE, 0, 0),
            tensor(2, 2, 3, 0.05, -128, 16),
            tensor(2, 2, 2, 0.03, 5, 0),
            tensor(4, 4, 1, 1.0 / 127.0, 0, 16),
        ],
        ops: vec![dense, conv, conv_transpose],
        output: 3,
        constants,
        ..Default::default()..Default::default()
    };
    writer.finish()
}

fn requantize(constants: &mut ConstantsWriter, channels: usize, bits: u32) -> RequantizeRecord {
    let multipliers: Vec<i32> = (0..channels).map(|channel| (1 << bits) + 12_345 * channel as i32).collect();
    RequantizeRecord { multipliers: constants.words(&multipliers), shifts: ShiftRecord::All(32) }
}

/// Numbers in −127..=127 that look like noise.
fn weights(count: usize, seed: u32) -> Vec<i8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9) | 1;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state % 255) as i8 as i32
        })
        .map(|value| (value as i8).max(-127))
        .collect()
}
