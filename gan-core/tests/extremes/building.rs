use core::panic::AssertUnwindSafe;

use gan_core::format::{
    ActivationRecord, AttentionRecord, ColumnsRecord, ConvRecord, DenseRecord, DrawRecord, EmbeddingRecord,
    File, NormRecord, OpKind, OpRecord, RequantizeRecord, ShiftRecord, TensorRecord, TermsRecord,
    WindowRecord,
};
use gan_core::ops::phases::Phases;
use gan_core::ops::upsample;
use gan_core::pack::pack;
use gan_core::synthetic::{Activation, Numbers, Side, Synthetic, branching, drawing, pixel_cnn, reference};
use gan_core::write::{ConstantsWriter, Entry, Input, Kind, ModelWriter};
use gan_core::{AlignedBytes, KernelSet, MAX_TENSOR_BYTES, Model, Shape};

use crate::{SIZES, panics};

const BYTES: [u8; 6] = [0, 1, 2, 127, 254, 255];
const SIDES: [u16; 5] = [0, 1, 7, 1024, u16::MAX];

/// All windows of extreme sides.
fn windows() -> impl Iterator<Item = Phases> {
    let sides = |of: u8| BYTES.map(move |byte| (of, byte));
    BYTES
        .into_iter()
        .flat_map(sides)
        .flat_map(|window| BYTES.map(|padding| (window, padding)))
        .flat_map(|window| [0, 1, 255].map(|output_padding| (window, output_padding)))
        .flat_map(|window| [false, true].map(|transposed| (window, transposed)))
        .map(|((((kernel, stride), padding), output_padding), transposed)| Phases {
            transposed,
            kernel,
            stride,
            padding,
            output_padding,
        })
}

#[test]
fn a_window_has_an_output_or_none_whatever_its_sides() {
    for window in windows() {
        for side in SIDES {
            let output = window.output_side(side);
            assert!(window.kernel > 0 && window.stride > 0 || output.is_none());
            assert!(window.weights(side, u16::MAX).is_some());
            let mut outputs = 0;
            for phase in (0..window.count()).chain(SIZES.into_iter().filter(|&size| size > 255)) {
                let axis = window.axis(phase, side);
                assert!(axis.count == 0 || phase < window.count());
                outputs += axis.count;
            }
            assert_eq!(outputs, side.into(), "{window:?}");
        }
        for (row, column) in SIZES.iter().flat_map(|&row| SIZES.map(|column| (row, column))) {
            window.phase_of(row, column);
        }
    }
}

#[test]
fn the_index_of_a_weight_that_does_not_exist_panics_as_documented_and_only_that() {
    let numbers = [0, 1, 3, usize::MAX];
    for window in windows().filter(|window| window.padding == 1 && window.output_padding == 0) {
        let kernel = usize::from(window.kernel);
        for (row, column) in [(0, 0), (kernel, 0), (0, kernel.saturating_sub(1)), (usize::MAX, 0)] {
            for (input, inputs) in numbers.iter().flat_map(|&a| numbers.map(|b| (a, b))) {
                for (output, outputs) in numbers.iter().flat_map(|&a| numbers.map(|b| (a, b))) {
                    let index = || window.weight_index((row, column), (input, inputs), (output, outputs));
                    let exists = row < kernel && column < kernel && input < inputs && output < outputs;
                    let fits = inputs.max(outputs) < usize::MAX / 65_536 / 4
                        || inputs
                            .checked_mul(outputs)
                            .is_some_and(|block| block.checked_mul(kernel * kernel).is_some());
                    if exists && fits {
                        assert!(index() < kernel * kernel * inputs * outputs);
                    } else if row == 0 {
                        // A panic unwinds, which is slow: one row of them is enough.
                        assert!(panics(index));
                    }
                }
            }
        }
    }
}

#[test]
fn an_upsampling_is_folded_or_panics_as_documented() {
    for (kernel, padding, scale) in
        BYTES.iter().flat_map(|&a| BYTES.map(|b| (a, b))).flat_map(|(a, b)| BYTES.map(|c| (a, b, c)))
    {
        let folded = upsample::phases(kernel, padding, scale);
        assert!(folded.is_none_or(|folded| folded.kernel >= kernel && scale > 0 && kernel > padding));
    }
    let few = [0, 1, 2, 5, usize::MAX];
    for (kernel, scale) in few.iter().flat_map(|&kernel| few.map(|scale| (kernel, scale))) {
        for channels in [0, 1, usize::MAX] {
            // No weights are those of a kernel of 0 or of no channels; the folded layer has none either.
            let found = panics(|| upsample::weights(&[], kernel, scale, channels, 1));
            let side = kernel.checked_add(scale.saturating_sub(1));
            let sized = side.and_then(|side| side.checked_mul(side)?.checked_mul(channels));
            let documented =
                kernel * channels.min(1) != 0 || scale == 0 || sized.is_none_or(|count| count > 1 << 30);
            let overflows = kernel.checked_mul(kernel).and_then(|area| area.checked_mul(channels)).is_none();
            assert_eq!(found, documented || overflows, "{kernel} {scale} {channels}");
        }
    }
    assert_eq!(upsample::weights(&[1.0], 1, 2, 1, 1), [1.0; 4]);
}

#[test]
fn records_of_any_numbers_are_written_and_then_refused() {
    for (height, width, channels) in
        SIDES.iter().flat_map(|&a| SIDES.map(|b| (a, b))).flat_map(|(a, b)| SIDES.map(|c| (a, b, c)))
    {
        let _ = Shape::new(height, width, channels).size();
        for (scale, offset) in [(f32::NAN, 0), (f32::INFINITY, u32::MAX), (0.0, 1), (3.0 / 127.0, u32::MAX)] {
            let zero_point = i8::MIN;
            let tensor = TensorRecord { height, width, channels, scale, zero_point, offset };
            let writer = ModelWriter {
                name: "\u{0}é".into(),
                inputs: vec![
                    Input::new("\n", Kind::Normal(u8::MAX)),
                    Input::new("", Kind::Choice(0, vec!["\n".into()])),
                    Input::new("", Kind::Picture(0)),
                    Input::new("", Kind::Uniform(1)),
                    Input::new("", Kind::Row(0)),
                    Input::new("", Kind::Column(u8::MAX)),
                ],
                entries: vec![Entry { name: "\0".into(), first: u8::MAX, ops: u8::MAX, output: u8::MAX }],
                tensors: vec![tensor],
                scratch: vec![u32::MAX],
                ..ModelWriter::default()
            };
            let file = writer.finish();
            assert!(Model::parse(&AlignedBytes::new(&file)).is_err());
            assert!(KernelSet::ALL.iter().all(|&set| pack(&file, set).is_err()));
        }
    }
    let mut constants = ConstantsWriter::default();
    let offsets = [constants.bytes(&[]), constants.words(&[i32::MIN]), constants.shifts(&[u8::MAX])];
    assert_eq!((offsets, constants.length()), ([0, 0, 16], 17));
}

#[test]
fn an_op_of_any_numbers_says_what_it_is_and_is_refused() {
    for (input, output) in BYTES.iter().flat_map(|&a| BYTES.map(|b| (a, b))) {
        let requantize = RequantizeRecord {
            multipliers: u32::MAX,
            shifts: ShiftRecord::PerChannel(u32::MAX),
            activation: ActivationRecord::Table { zero_point: i8::MIN, table: u32::MAX },
        };
        let [weights, bias, multipliers, table] = [u32::MAX; 4];
        let conv = |transposed| ConvRecord {
            phases: Phases {
                transposed,
                kernel: input,
                stride: output,
                padding: input,
                output_padding: output,
            },
            weights,
            bias,
            requantize: requantize.clone(),
        };
        let columns = Some(ColumnsRecord { choice: input, weights, one: u16::MAX });
        let dense =
            DenseRecord { weights, bias, bias_per_output: true, columns, requantize: requantize.clone() };
        for kind in [
            OpKind::Conv(conv(false)),
            OpKind::Conv(conv(true)),
            OpKind::Dense(dense),
            OpKind::Sum(TermsRecord { multipliers, bias, requantize: requantize.clone() }),
            OpKind::Concat(TermsRecord { multipliers, bias, requantize: requantize.clone() }),
            OpKind::Embedding(EmbeddingRecord { table, choice: Some(input) }),
            OpKind::Embedding(EmbeddingRecord { table, choice: None }),
            OpKind::Norm(NormRecord { bias, epsilon: u32::MAX, requantize: requantize.clone() }),
            OpKind::Product(TermsRecord { multipliers, bias, requantize: requantize.clone() }),
            OpKind::Attention(AttentionRecord {
                factor: i32::MIN,
                score_shift: u8::MAX,
                requantize: requantize.clone(),
            }),
            OpKind::Window(WindowRecord { taps: u32::MAX, outside: i8::MIN, requantize: requantize.clone() }),
            OpKind::Draw(DrawRecord {
                levels: u32::MAX,
                factor: i32::MIN,
                score_shift: u8::MAX,
                ops: u8::MAX,
            }),
        ] {
            for (packed, operands) in
                [false, true].into_iter().flat_map(|packed| (0..4).map(move |n| (packed, n)))
            {
                let operands = [input; 3].into_iter().take(operands).collect();
                let op = OpRecord { operands, output, packed, scratch: u32::MAX, kind: kind.clone() };
                assert!(!op.to_string().is_empty());
                let has_factors = op.dense().is_some() || op.conv().is_some();
                assert!(!(op.kind.is_adaptive() && has_factors));
                let has_no_sum = matches!(kind, OpKind::Embedding(_) | OpKind::Draw(_));
                assert_eq!(op.kind.requantize().is_none(), has_no_sum);
                assert_eq!(op.dense().is_some(), matches!(kind, OpKind::Dense(_)));
                assert!(op.conv().is_none_or(|conv| conv.phases.kernel == input));
                for set in KernelSet::ALL {
                    let (height, width, channels) = (1, 1, 1);
                    let tensor =
                        TensorRecord { height, width, channels, scale: 1.0, zero_point: 0, offset: 0 };
                    let mut writer = ModelWriter {
                        set,
                        tensors: vec![tensor; 2],
                        ops: vec![op.clone()],
                        ..ModelWriter::default()
                    };
                    writer.enter_all(output);
                    let file = writer.finish();
                    let file = AlignedBytes::new(&file);
                    assert!(Model::parse(&file).is_err());
                    assert!(pack(&file, set).is_err());
                    let file = File::open(&file).unwrap();
                    // 255 is no index: it stands for no operand and no choice.
                    let read = file.ops.iter().next().unwrap();
                    assert!(read == op || input == u8::MAX);
                }
            }
        }
    }
}

#[test]
fn working_memory_lies_behind_all_tensors_or_panics_as_documented() {
    let place = |offset: u32, operands: &[u8]| {
        let (height, width, channels) = (3, 2, 1);
        let tensor = TensorRecord { height, width, channels, scale: 1.0, zero_point: 0, offset };
        let requantize = RequantizeRecord {
            multipliers: 0,
            shifts: ShiftRecord::All(20),
            activation: ActivationRecord::NONE,
        };
        let kind = OpKind::Attention(AttentionRecord { factor: 1, score_shift: 1, requantize });
        let operands = operands.iter().copied().collect();
        let op = OpRecord { operands, output: 0, packed: false, scratch: 0, kind };
        let mut writer = ModelWriter { tensors: vec![tensor], ops: vec![op], ..ModelWriter::default() };
        writer.place_working_memories();
        (writer.ops[0].scratch, writer.scratch)
    };
    assert_eq!(place(11, &[0, 0, 0]), (32, vec![32 + 4 * 6]));
    assert!(panics(|| place(u32::MAX, &[0, 0, 0])));
    assert!(panics(|| place(0, &[0])) && panics(|| place(0, &[0, 1])));
}

#[test]
fn more_than_255_of_a_kind_panic_as_documented() {
    let records = |count: usize| ModelWriter {
        inputs: vec![Input::new("", Kind::Choice(1, vec![])); count],
        ..ModelWriter::default()
    };
    assert!(!panics(|| records(255).finish()));
    assert!(panics(|| records(256).finish()));
    let layers = |count: usize| {
        let layer = |model: Synthetic, _| model.dense(1, 1, 1, Activation::None);
        (0..count).fold(Synthetic::new(0, 1), layer).finish("")
    };
    assert!(!panics(|| layers(254)));
    assert!(panics(|| layers(255)));
}

#[test]
fn a_synthetic_model_of_any_sides_is_made_or_panics_as_documented() {
    let (mut made, mut refused) = (0, 0);
    let mut check = |documented: bool, make: &dyn Fn() -> Synthetic| {
        let found = panics(AssertUnwindSafe(|| {
            let file = make().finish("any");
            let _ = Model::parse(&AlignedBytes::new(&file)).map(|_| ());
        }));
        assert_eq!(found, documented);
        *(if found { &mut refused } else { &mut made }) += 1;
    };
    let fits =
        |sides: [u16; 3]| (1..=MAX_TENSOR_BYTES as u64).contains(&sides.map(u64::from).iter().product());
    let sides: Vec<[u16; 3]> = SIDES
        .iter()
        .flat_map(|&a| SIDES.map(|b| (a, b)))
        .flat_map(|(a, b)| SIDES.map(|c| [a, b, c]))
        .collect();
    for latent in [0, 1, u16::MAX] {
        for &sides @ [height, width, channels] in &sides {
            let weights = u64::from(latent) * sides.map(u64::from).iter().product::<u64>();
            check(!fits(sides) || weights > 1 << 24, &|| {
                let model = Synthetic::new(u64::MAX, latent).numbers(Numbers::Extreme).classes(0);
                model.dense(height, width, channels, Activation::Tanh)
            });
        }
    }
    for window in windows().filter(|window| window.output_padding == 0) {
        let side = window.output_side(7);
        for channels in [0, 1, u16::MAX] {
            let sized = side.is_some_and(|side| fits([side, side, channels]));
            let weights = usize::from(window.kernel).pow(2) * usize::from(channels);
            let biases = window.count().pow(2) * usize::from(channels);
            check(!sized || weights.max(biases) > 1 << 24, &|| {
                let model = Synthetic::new(0, 1).dense(7, 7, 1, Activation::None);
                let Phases { transposed, kernel, stride, padding, output_padding } = window;
                match channels {
                    // The three names of one thing.
                    0 => model.convolution(window, channels, Activation::Relu),
                    _ if transposed => model.conv_transpose(
                        kernel,
                        stride,
                        padding,
                        output_padding,
                        channels,
                        Activation::Relu,
                    ),
                    _ => model.conv(kernel, stride, padding, channels, Activation::Relu),
                }
            });
        }
    }
    assert!(made > 100 && refused > 100, "{made} {refused}");
    assert!(Model::parse(&AlignedBytes::new(&reference())).is_ok());
}

#[test]
fn a_picture_of_any_sides_and_levels_is_drawn_or_refused_or_panics_as_documented() {
    for (rows, columns) in BYTES.iter().flat_map(|&rows| BYTES.map(|columns| (rows, columns))) {
        let drawn = || Synthetic::new(1, 3).drawn(rows, columns);
        assert_eq!(panics(drawn), rows == 0 || columns == 0);
        if rows == 0 || columns == 0 {
            continue;
        }
        for (levels, first) in
            [1, 2, 16, 17].into_iter().flat_map(|levels| BYTES.map(|first| (levels, first)))
        {
            let model = drawn().window(&[[-1, 127, 0], [-128, -128, 3]], Activation::Relu);
            let model = model.joined(Side::Column).dense(1, 1, levels, Activation::None);
            // Window, dense layer and draw: a pass of the three, or of fewer.
            assert_eq!(panics(|| model.clone().draw(first)), first > 3);
            if first > 3 {
                continue;
            }
            let file = model.draw(first).finish("any");
            let file = AlignedBytes::new(&file);
            let parsed =
                Model::parse(&file).map(|model| model.file().pass_of(&model.entries().next().unwrap()));
            assert_eq!(
                parsed.ok(),
                ((2..=16).contains(&levels) && first == 0).then_some(3),
                "{levels} {first}"
            );
        }
    }
    let none = || Synthetic::new(1, 1);
    assert!(panics(|| none().window(&[[-1, 0, 0]], Activation::None)) && panics(|| none().draw(0)));
    assert!(
        panics(|| none().joined(Side::Row)) && panics(|| none().drawn(1, 1).window(&[], Activation::None))
    );
    let large = AlignedBytes::new(&pixel_cnn());
    let macs: u64 = Model::parse(&large).unwrap().macs().sum();
    assert!((18_000_000..21_000_000).contains(&macs), "{macs}");
    let draws = [(0, [3; 4]); 9];
    let model = drawing(1, Numbers::Extreme, (255, 255, 16), &draws, &draws).finish("drawing");
    assert_eq!(Model::parse(&AlignedBytes::new(&model)).unwrap().output_shape(), Shape::new(255, 255, 1));
    let many = [(5, [1; 4]); 255];
    let drawn = |levels, draws| drawing(1, Numbers::Usual, (1, 1, levels), &[], draws);
    assert!(panics(|| drawn(0, &[])) && panics(|| drawn(2, &many)));
}

#[test]
fn a_synthetic_model_of_every_op_and_input_is_sound() {
    let whole = Shape::new(4, 4, 3);
    let model = Synthetic::new(3, 4).uniform(Shape::new(1, 1, 3)).picture(whole).normal(Shape::new(4, 4, 1));
    let (uniform, picture, noise) = (1, 2, 3);
    let model = model.from(0).dense(2, 2, 3, Activation::Relu);
    let half = model.last();
    assert_eq!((model.shape(half), model.inputs()), (Shape::new(2, 2, 3), 4));
    let model = model.sum(&[half, uniform, noise], whole, Activation::None).embedding(5, Shape::new(4, 4, 2));
    let row = model.last();
    let model = model.concat(&[picture, row], Activation::Tanh).entry("one", 0);
    let joined = model.last();
    let model = model.norm(joined, Activation::Relu);
    let normed = model.last();
    let model = model.product(&[normed, joined, noise], Activation::None);
    let queries = model.last();
    let model = model.attention([queries, normed, joined], Activation::Tanh);
    assert_eq!(model.shape(model.last()), Shape::new(4, 4, 5));
    let model = model.entry("two", 0);
    let file = model.clone().finish("every");
    let model_of_file = AlignedBytes::new(&file);
    let found = Model::parse(&model_of_file).unwrap();
    assert_eq!(
        (found.output_shape(), found.uniform_length(), found.latent_length(), found.noise_planes()),
        (Shape::new(4, 4, 5), 3, 4, 1)
    );
    let drawn = branching(1, Numbers::Usual, &[(3, [1; 4]), (0, [7; 4])]).finish("drawn");
    assert_eq!(Model::parse(&AlignedBytes::new(&drawn)).unwrap().entries().count(), 2);
    assert!(panics(|| branching(1, Numbers::Usual, &[(5, [1; 4]); 255])));
    // Channels of a sum's operand are the output's or one.
    for wrong in [model.clone().sum(&[row], whole, Activation::None), model.sum(&[], whole, Activation::None)]
    {
        assert!(Model::parse(&AlignedBytes::new(&wrong.finish("wrong"))).is_err());
    }
}
