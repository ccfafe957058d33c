//! A model with every op and every kind of input, small enough to be spoiled byte by byte on a core with 16 KiB of RAM.

use gan_core::format::{
    ActivationRecord, AttentionRecord, ColumnsRecord, ConvRecord, DenseRecord, DrawRecord, EmbeddingRecord,
    NormRecord, OpKind, OpRecord, RequantizeRecord, ShiftRecord, TensorRecord, TermsRecord, WindowRecord,
};
use gan_core::ops::phases::Phases;
use gan_core::write::{ConstantsWriter, Entry, Input, Kind, ModelWriter};
use gan_core::{LATENT_SCALE, PICTURE_SCALE};

/// Where the attention's working memory lies.
const SCRATCH: u32 = 80;

/// Entry `draw`: latent 4 and class 3 → dense 2×2×3, ReLU → conv 3×3, 2×2×2; joined with an embedding of the class's
/// 2×2×1 → conv_transpose 4×4 s2 p1, 4×4×1, table. Entry `mix`: half of a picture 4×4×1, a number and a constant are added. Entry `style`: the
/// picture's instance norm, times the number, plus a constant of 2×2; what attends to that constant is the result. Entry
/// `pixels`: a picture 3×2×1 of two levels, drawn pixel by pixel from a window of three taps and the row.
pub fn model() -> Vec<u8> {
    let mut constants = ConstantsWriter::default();
    let c = &mut constants;
    let dense = OpKind::Dense(DenseRecord {
        weights: c.bytes(&weights(4 * 12, 1)),
        bias: c.words(&[300, -200, 100]),
        bias_per_output: false,
        columns: Some(ColumnsRecord { choice: 1, weights: c.bytes(&weights(3 * 12, 2)), one: 42 }),
        requantize: requantize(c, 3, 27),
    });
    let conv = OpKind::Conv(ConvRecord {
        phases: Phases { transposed: false, kernel: 3, stride: 1, padding: 1, output_padding: 0 },
        weights: c.bytes(&weights(9 * 3 * 2, 3)),
        bias: c.words(&[1000, -1000]),
        requantize: RequantizeRecord {
            shifts: ShiftRecord::PerChannel(c.shifts(&[34, 35])),
            activation: ActivationRecord::Clamp { min: -100, max: 100 },
            ..requantize(c, 2, 27)
        },
    });
    let embedding =
        OpKind::Embedding(EmbeddingRecord { table: c.bytes(&weights(3 * 4, 5)), choice: Some(1) });
    let concat = OpKind::Concat(TermsRecord {
        multipliers: c.words(&[70_000, 60_000, -50_000]),
        bias: c.words(&[-350_000, 0, 50_000]),
        requantize: RequantizeRecord { shifts: ShiftRecord::All(47), ..requantize(c, 3, 30) },
    });
    let table: Vec<i8> =
        (-128..=127).map(|q: i32| (127.0 * (q as f32 / 40.0).tanh()).round() as i8).collect();
    let conv_transpose = OpKind::Conv(ConvRecord {
        phases: Phases { transposed: true, kernel: 4, stride: 2, padding: 1, output_padding: 0 },
        weights: c.bytes(&weights(16 * 3, 4)),
        bias: c.words(&[10, 20, 30, 40]),
        requantize: RequantizeRecord {
            activation: ActivationRecord::Table { zero_point: -3, table: c.bytes(&table) },
            ..requantize(c, 1, 26)
        },
    });
    let constant = OpKind::Embedding(EmbeddingRecord { table: c.bytes(&weights(4, 6)), choice: None });
    let sum = OpKind::Sum(TermsRecord {
        multipliers: c.words(&[32_768, 20_000, -10_000]),
        bias: c.words(&[7]),
        requantize: RequantizeRecord { shifts: ShiftRecord::All(46), ..requantize(c, 1, 30) },
    });
    let gains = |c: &mut ConstantsWriter, gain, shift| RequantizeRecord {
        multipliers: c.words(&[gain]),
        shifts: ShiftRecord::All(shift),
        activation: ActivationRecord::NONE,
    };
    let keys = OpKind::Embedding(EmbeddingRecord { table: c.bytes(&weights(4, 7)), choice: None });
    let norm = OpKind::Norm(NormRecord {
        bias: c.words(&[-3 << 16]),
        epsilon: 9,
        requantize: gains(c, 1_500_000_000, 25),
    });
    let product = OpKind::Product(TermsRecord {
        multipliers: c.words(&[1 << 8, 40 << 8]),
        bias: c.words(&[70_000]),
        requantize: RequantizeRecord { shifts: ShiftRecord::All(45), ..requantize(c, 1, 30) },
    });
    let attention = OpKind::Attention(AttentionRecord {
        factor: 1 << 30,
        score_shift: 34,
        requantize: gains(c, -1_900_000_000, 30),
    });
    let window = OpKind::Window(WindowRecord {
        taps: c.bytes(&[0, -1, 0, -1, 0, 0, -2, 1, 1]),
        outside: -100,
        requantize: RequantizeRecord { shifts: ShiftRecord::All(33), ..requantize(c, 3, 30) },
    });
    let logits = OpKind::Dense(DenseRecord {
        weights: c.bytes(&weights(3 * 2, 8)),
        bias: c.words(&[100, -100]),
        bias_per_output: false,
        columns: Some(ColumnsRecord { choice: 4, weights: c.bytes(&weights(3 * 2, 9)), one: 42 }),
        requantize: requantize(c, 2, 25),
    });
    let pixels =
        OpKind::Draw(DrawRecord { levels: c.bytes(&[-127, 127]), factor: 1 << 30, score_shift: 26, ops: 3 });
    let tensor = |height, width, channels, scale, zero_point, offset| TensorRecord {
        height,
        width,
        channels,
        scale,
        zero_point,
        offset,
    };
    let op = |operands: &[u8], output, kind| OpRecord {
        operands: operands.iter().copied().collect(),
        output,
        packed: false,
        scratch: 0,
        kind,
    };
    let entry = |name: &str, first, ops, output| Entry { name: name.into(), first, ops, output };
    let names = ["zero", "one", "two"].map(String::from).into();
    let writer = ModelWriter {
        name: "tiny".into(),
        inputs: vec![
            Input::new("z", Kind::Normal(0)),
            Input::new("class", Kind::Choice(3, names)),
            Input::new("dose", Kind::Uniform(6)),
            Input::new("picture", Kind::Picture(7)),
            Input::new("y", Kind::Row(3)),
            Input::new("x", Kind::Column(2)),
            Input::new("chance", Kind::Uniform(14)),
        ],
        entries: vec![
            entry("draw", 0, 5, 5),
            entry("mix", 5, 2, 9),
            entry("style", 7, 4, 13),
            entry("pixels", 11, 3, 15),
        ],
        tensors: vec![
            tensor(1, 1, 4, LATENT_SCALE, 0, 0),
            tensor(2, 2, 3, 0.05, -128, 16),
            tensor(2, 2, 2, 0.03, 5, 0),
            tensor(2, 2, 1, 0.02, 1, 8),
            tensor(2, 2, 3, 0.03, 0, 32),
            tensor(4, 4, 1, 1.0 / 127.0, 0, 0),
            tensor(1, 1, 1, PICTURE_SCALE, 0, 64),
            tensor(4, 4, 1, PICTURE_SCALE, 0, 48),
            tensor(2, 2, 1, 0.01, 0, 0),
            tensor(4, 4, 1, PICTURE_SCALE, 0, 16),
            tensor(4, 4, 1, 0.03, -2, 16),
            tensor(4, 4, 1, 0.02, 7, 0),
            tensor(2, 2, 1, 0.01, 11, 32),
            tensor(4, 4, 1, PICTURE_SCALE, 0, 16),
            tensor(3, 2, 2, PICTURE_SCALE, 0, 16),
            tensor(3, 2, 1, PICTURE_SCALE, 0, 0),
            tensor(1, 1, 3, PICTURE_SCALE, -3, 32),
            tensor(1, 1, 2, 0.1, 5, 36),
        ],
        ops: vec![
            op(&[0], 1, dense),
            op(&[1], 2, conv),
            op(&[], 3, embedding),
            op(&[2, 3], 4, concat),
            op(&[4], 5, conv_transpose),
            op(&[], 8, constant),
            op(&[7, 6, 8], 9, sum),
            op(&[], 12, keys),
            op(&[7], 10, norm),
            op(&[10, 6, 12], 11, product),
            OpRecord { scratch: SCRATCH, ..op(&[11, 12, 12], 13, attention) },
            op(&[15], 16, window),
            op(&[16], 17, logits),
            op(&[17, 14], 15, pixels),
        ],
        scratch: vec![SCRATCH + 4 * 4],
        constants,
        ..Default::default()
    };
    writer.finish()
}

fn requantize(constants: &mut ConstantsWriter, channels: usize, bits: u32) -> RequantizeRecord {
    let multipliers: Vec<i32> = (0..channels).map(|channel| (1 << bits) + 12_345 * channel as i32).collect();
    RequantizeRecord {
        multipliers: constants.words(&multipliers),
        shifts: ShiftRecord::All(32),
        activation: ActivationRecord::NONE,
    }
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
