//! The law: plain loops, straight from the definitions in [`crate::ops`], on weights in plain order.
//! Every kernel is held to these bits.

mod conv;

pub(crate) use conv::{Factors, PlainConv};

use std::vec::Vec;

use crate::format::{
    ActivationRecord, ConvRecord, File, InputKind, OpKind, OpRecord, RequantizeRecord, ShiftRecord,
    TensorRecord,
};
use crate::kernels::inverse::Inverse;

/// Runs an entry of a file in the portable layout straight from its page, [`crate::format`]: every tensor in memory of its
/// own, sums in 128 bits, no arena, no kernels. `inputs` has the values of each input (none for a choice), `choices` a
/// number for each. Returns what each of the entry's ops makes; of one in a pass, what it makes for the last pixel, which of a draw is
/// the whole picture.
pub(crate) fn run(file: &File<'_>, entry: usize, inputs: &[Vec<i8>], choices: &[u8]) -> Vec<Vec<i8>> {
    let mut tensors: Vec<Vec<i8>> = file.tensors.iter().map(|_| std::vec![]).collect();
    for (input, values) in file.inputs.iter().zip(inputs) {
        if let Some(tensor) = input.kind.tensor() {
            tensors[usize::from(tensor)].clone_from(values);
        }
    }
    let entry = file.entries.iter().nth(entry).unwrap();
    let mut choices: Vec<u8> = choices.to_vec();
    choices.resize(file.inputs.count(), 0);
    let ops: Vec<OpRecord> = file.ops_of(&entry).collect();
    let run = |op: &OpRecord, choices: &[u8], tensors: &mut [Vec<i8>]| {
        let made = Interpreter { file, op, tensors, choices }.run();
        tensors[usize::from(op.output)] = made;
    };
    let pass = match ops.last().map(|op| &op.kind) {
        Some(OpKind::Draw(draw)) => usize::from(draw.ops),
        _ => 0,
    };
    let (once, each_pixel) = ops.split_at(ops.len() - pass);
    for op in once {
        run(op, &choices, &mut tensors);
    }
    if pass > 0 {
        let picture = file.tensors.get(entry.output).unwrap();
        tensors[usize::from(entry.output)] =
            std::vec![0; usize::from(picture.height) * usize::from(picture.width)];
        for (row, column) in (0..picture.height).flat_map(|y| (0..picture.width).map(move |x| (y, x))) {
            for (input, choice) in file.inputs.iter().zip(&mut choices) {
                match input.kind {
                    InputKind::Row { .. } => *choice = row as u8,
                    InputKind::Column { .. } => *choice = column as u8,
                    _ => {}
                }
            }
            for op in each_pixel {
                run(op, &choices, &mut tensors);
            }
        }
    }
    ops.iter().map(|op| tensors[usize::from(op.output)].clone()).collect()
}

/// What a score so far `below` the largest weighs in a softmax.
fn softmax(below: i128, (factor, shift): (i32, u8)) -> i128 {
    let steps = (below * i128::from(factor) + (1 << (shift - 1))) >> shift;
    let power = (65_535.0 * 2f64.powf(-((steps % 256) as f64) / 256.0)).round() as i128;
    power >> (steps / 256).min(16)
}

struct Interpreter<'r, 'f> {
    file: &'r File<'f>,
    op: &'r OpRecord,
    tensors: &'r [Vec<i8>],
    choices: &'r [u8],
}

impl Interpreter<'_, '_> {
    fn byte(&self, offset: u32, index: usize) -> i128 {
        (self.file.constants[offset as usize + index] as i8).into()
    }

    fn word(&self, offset: u32, index: usize) -> i128 {
        let bytes = &self.file.constants[offset as usize + 4 * index..][..4];
        i32::from_le_bytes(bytes.try_into().unwrap()).into()
    }

    fn tensor(&self, index: u8) -> TensorRecord {
        self.file.tensors.get(index).unwrap()
    }

    fn sides(&self, index: u8) -> [usize; 3] {
        let TensorRecord { height, width, channels, .. } = self.tensor(index);
        [height.into(), width.into(), channels.into()]
    }

    fn shift(&self, record: &RequantizeRecord, channel: usize) -> u8 {
        match record.shifts {
            ShiftRecord::All(shift) => shift,
            ShiftRecord::PerChannel(offset) => self.file.constants[offset as usize + channel],
        }
    }

    fn requantize(&self, record: &RequantizeRecord, channel: usize, sum: i128) -> i8 {
        let (multiplier, shift) = (self.word(record.multipliers, channel), self.shift(record, channel));
        self.finish(record, (sum * multiplier + (1 << (shift - 1))) >> shift)
    }

    /// Zero point and activation of a rounded number.
    fn finish(&self, record: &RequantizeRecord, rounded: i128) -> i8 {
        match record.activation {
            ActivationRecord::Clamp { min, max } => {
                let zero_point = i128::from(self.tensor(self.op.output).zero_point);
                (rounded + zero_point).clamp(min.into(), max.into()) as i8
            }
            ActivationRecord::Table { zero_point, table } => {
                let index = (rounded + i128::from(zero_point)).clamp(-128, 127) + 128;
                self.byte(table, index as usize) as i8
            }
        }
    }

    /// What an operand's number is without its zero point.
    fn value(&self, place: usize, index: usize) -> i128 {
        let tensor = self.op.operands[place];
        i128::from(self.tensors[usize::from(tensor)][index]) - i128::from(self.tensor(tensor).zero_point)
    }

    /// As [`Interpreter::requantize`] ends, from 65,536ths of a step.
    fn round(&self, record: &RequantizeRecord, scaled: i128) -> i8 {
        self.finish(record, (scaled + (1 << 15)) >> 16)
    }

    /// `sum` times channel's gain times `inverse`, in 65,536ths of a step.
    fn gain(&self, record: &RequantizeRecord, channel: usize, inverse: Inverse, sum: i128) -> i128 {
        let product = self.word(record.multipliers, channel) * i128::from(inverse.mantissa);
        let multiplier = (product + (1 << 30)) >> 31;
        (sum * multiplier) >> (i32::from(self.shift(record, channel)) + i32::from(inverse.exponent) - 47)
    }

    fn run(&self) -> Vec<i8> {
        let [height, width, channels] = self.sides(self.op.output);
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (y, x)));
        let elements = places.flat_map(|(y, x)| (0..channels).map(move |channel| (y, x, channel)));
        elements.enumerate().map(|(index, at)| self.element(index, at)).collect()
    }

    fn element(&self, index: usize, (y, x, channel): (usize, usize, usize)) -> i8 {
        let operand = |place: usize| &self.tensors[usize::from(self.op.operands[place])];
        match &self.op.kind {
            OpKind::Dense(record) => {
                let inputs = operand(0).len();
                let weight = |input: usize| self.byte(record.weights, index * inputs + input);
                let mut sum: i128 = operand(0)
                    .iter()
                    .enumerate()
                    .map(|(input, &value)| weight(input) * i128::from(value))
                    .sum();
                sum += self.word(record.bias, if record.bias_per_output { index } else { channel });
                if let Some(columns) = &record.columns {
                    let outputs: usize = self.sides(self.op.output).iter().product();
                    let row = usize::from(self.choices[usize::from(columns.choice)]);
                    sum += i128::from(columns.one) * self.byte(columns.weights, row * outputs + index);
                }
                self.requantize(&record.requantize, channel, sum)
            }
            OpKind::Conv(record) => {
                let sum = self.window(record, operand(0), (y, x, channel));
                self.requantize(&record.requantize, channel, sum)
            }
            OpKind::Sum(record) => {
                let [height, width, channels] = self.sides(self.op.output);
                let mut sum = self.word(record.bias, channel);
                for (place, &tensor) in self.op.operands.iter().enumerate() {
                    let [own_height, own_width, own_channels] = self.sides(tensor);
                    let (y, x) = (y * own_height / height, x * own_width / width);
                    let at = (y * own_width + x) * own_channels + if own_channels == 1 { 0 } else { channel };
                    let multiplier = self.word(record.multipliers, place * channels + channel);
                    sum += multiplier * i128::from(operand(place)[at]);
                }
                self.requantize(&record.requantize, channel, sum)
            }
            OpKind::Concat(record) => {
                let (mut place, mut own) = (0, channel);
                while own >= self.sides(self.op.operands[place])[2] {
                    own -= self.sides(self.op.operands[place])[2];
                    place += 1;
                }
                let [_, width, channels] = self.sides(self.op.operands[place]);
                let value = i128::from(operand(place)[(y * width + x) * channels + own]);
                let sum = self.word(record.bias, channel) + self.word(record.multipliers, channel) * value;
                self.requantize(&record.requantize, channel, sum)
            }
            OpKind::Embedding(record) => {
                let row = record.choice.map_or(0, |input| usize::from(self.choices[usize::from(input)]));
                let size: usize = self.sides(self.op.output).iter().product();
                self.byte(record.table, row * size + index) as i8
            }
            OpKind::Norm(record) => {
                let of_channel = || (channel..operand(0).len()).step_by(self.sides(self.op.output)[2]);
                let count = of_channel().count() as i128;
                let sum: i128 = of_channel().map(|index| self.value(0, index)).sum();
                let squares: i128 = of_channel().map(|index| self.value(0, index).pow(2)).sum();
                let variance = count * squares - sum * sum + i128::from(record.epsilon);
                let inverse = Inverse::of_root(u64::try_from(variance).unwrap());
                let apart = count * self.value(0, index) - sum;
                let scaled = self.gain(&record.requantize, channel, inverse, apart);
                self.round(&record.requantize, scaled + self.word(record.bias, channel))
            }
            OpKind::Product(record) => {
                let [height, width, _] = self.sides(self.op.output);
                let repeated = |place: usize| {
                    let [own_height, own_width, own_channels] = self.sides(self.op.operands[place]);
                    let (y, x) = (y * own_height / height, x * own_width / width);
                    let own = if own_channels == 1 { 0 } else { channel };
                    self.value(place, (y * own_width + x) * own_channels + own)
                };
                let factor =
                    |set: usize| self.word(record.multipliers, set * self.sides(self.op.output)[2] + channel);
                let mut sum = self.word(record.bias, channel);
                sum += factor(0) * repeated(0) * repeated(1);
                if self.op.operands.len() > 2 {
                    sum += factor(1) * repeated(2);
                }
                self.requantize(&record.requantize, channel, sum)
            }
            OpKind::Attention(record) => {
                let numbers = self.sides(self.op.operands[0])[2];
                let [_, width, channels] = self.sides(self.op.output);
                let (query, keys) = (y * width + x, operand(1).len() / numbers);
                let score = |key: usize| -> i128 {
                    let each =
                        |n: usize| self.value(0, query * numbers + n) * self.value(1, key * numbers + n);
                    (0..numbers).map(each).sum()
                };
                let most = (0..keys).map(score).max().unwrap();
                let probability =
                    |key: usize| softmax(most - score(key), (record.factor, record.score_shift));
                let total: i128 = (0..keys).map(probability).sum();
                let sum =
                    (0..keys).map(|key| probability(key) * self.value(2, key * channels + channel)).sum();
                let inverse = Inverse::of(u32::try_from(total).unwrap());
                self.round(&record.requantize, self.gain(&record.requantize, channel, inverse, sum))
            }
            OpKind::Window(record) => {
                let [height, width, _] = self.sides(self.op.operands[0]);
                let picture = self.tensor(self.op.operands[0]);
                let (row, column) = self.position();
                let tap = |part: usize| self.byte(record.taps, 3 * channel + part);
                let reach = tap(2);
                let square = (-reach..=reach).flat_map(|i| (-reach..=reach).map(move |j| (i, j)));
                let pixel = |(i, j): (i128, i128)| {
                    let (y, x) = (row as i128 + tap(0) + i, column as i128 + tap(1) + j);
                    let inside = (0..height as i128).contains(&y) && (0..width as i128).contains(&x);
                    let value =
                        if inside { operand(0)[y as usize * width + x as usize] } else { record.outside };
                    i128::from(value) - i128::from(picture.zero_point)
                };
                self.requantize(&record.requantize, channel, square.map(pixel).sum())
            }
            OpKind::Draw(record) => {
                let (row, column) = self.position();
                if (y, x) != (row, column) {
                    return self.tensors[usize::from(self.op.output)][index];
                }
                let most = operand(0).iter().copied().max().unwrap();
                let weight = |&logit: &i8| {
                    softmax(i128::from(most) - i128::from(logit), (record.factor, record.score_shift))
                };
                let weights: Vec<i128> = operand(0).iter().map(weight).collect();
                let number = |at: usize| i128::from(operand(1)[2 * index + at].max(-127)) + 127;
                let below = (255 * number(0) + number(1)) * weights.iter().sum::<i128>();
                let is_drawn = |level: &usize| 65_025 * weights[..=*level].iter().sum::<i128>() > below;
                let level = (0..weights.len()).find(is_drawn).unwrap();
                self.byte(record.levels, level) as i8
            }
        }
    }

    /// Row and column of the pixel that is drawn.
    fn position(&self) -> (usize, usize) {
        let turned = |is: &dyn Fn(&InputKind<'_>) -> bool| {
            let input = self.file.inputs.iter().position(|input| is(&input.kind)).unwrap();
            usize::from(self.choices[input])
        };
        (
            turned(&|kind| matches!(kind, InputKind::Row { .. })),
            turned(&|kind| matches!(kind, InputKind::Column { .. })),
        )
    }

    /// The sum of one output of a convolution.
    fn window(&self, record: &ConvRecord, input: &[i8], (y, x, output): (usize, usize, usize)) -> i128 {
        let [height, width, inputs] = self.sides(self.op.operands[0]);
        let outputs = self.sides(self.op.output)[2];
        let zero_point = self.tensor(self.op.operands[0]).zero_point;
        let (kernel, stride) = (usize::from(record.phases.kernel), usize::from(record.phases.stride));
        let phases = record.phases;
        let count = phases.count();
        // The larger picture's row or column with its padding, and the smaller one's that kernel index `index` joins with it.
        let joined = |place: usize, index: usize| -> Option<Option<usize>> {
            if record.phases.transposed {
                let position = (place + usize::from(record.phases.padding)) as isize - index as isize;
                let meets = position.rem_euclid(stride as isize) == 0;
                meets.then(|| usize::try_from(position.div_euclid(stride as isize)).ok())
            } else {
                Some((place * stride + index).checked_sub(record.phases.padding.into()))
            }
        };
        let phase = |place: usize| (place + usize::from(record.phases.padding)) % count;
        let phase = if record.phases.transposed { phase(y) * count + phase(x) } else { 0 };
        let mut sum = self.word(record.bias, phase * outputs + output);
        for (row, column) in (0..kernel).flat_map(|row| (0..kernel).map(move |column| (row, column))) {
            let (Some(from_row), Some(from_column)) = (joined(y, row), joined(x, column)) else { continue };
            let inside =
                from_row.filter(|&row| row < height).zip(from_column.filter(|&column| column < width));
            for channel in 0..inputs {
                let value = match inside {
                    Some((row, column)) => input[(row * width + column) * inputs + channel],
                    None => zero_point,
                };
                let index = phases.weight_index((row, column), (channel, inputs), (output, outputs));
                sum += self.byte(record.weights, index) * i128::from(value);
            }
        }
        sum
    }
}
