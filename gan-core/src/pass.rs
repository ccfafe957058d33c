//! Passes: that what draws an entry's picture pixel by pixel reads nothing that is not drawn yet.

use crate::error::{OpError, ParseError};
use crate::format::{EntryRecord, File, InputKind, OpKind};

/// Checks that a draw is the last op of `entry` and makes its output from uniform numbers, that windows are in its pass and read what it
/// draws, and that no other op does.
#[cold] // for size
pub(crate) fn check(file: &File<'_>, entry: &EntryRecord<'_>) -> Result<(), ParseError> {
    let pass = file.pass_of(entry);
    let once = entry.ops.saturating_sub(pass);
    let is_uniform = |tensor: &u8| {
        let mut kinds = file.inputs.iter().map(|input| input.kind);
        kinds.any(|kind| kind == InputKind::Uniform { tensor: *tensor })
    };
    for (op, place) in file.ops_of(entry).zip(0..) {
        let reads_picture = op.operands.contains(&entry.output);
        let is_in_place = match op.kind {
            OpKind::Draw(draw) => {
                place + 1 == entry.ops
                    && (1..=entry.ops).contains(&draw.ops)
                    && op.output == entry.output
                    && op.operands.get(1).is_some_and(is_uniform)
            }
            OpKind::Window(_) => place >= once && reads_picture,
            _ => pass == 0 || !reads_picture,
        };
        if !is_in_place {
            return Err(ParseError::Op(entry.first.wrapping_add(place), OpError::Pass));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use super::*;
    use crate::engine::Generator;
    use crate::error::InputError;
    use crate::format::{DrawRecord, OpRecord};
    use crate::latent::Latent;
    use crate::model::Model;
    use crate::shape::Shape;
    use crate::synthetic::{Activation, Synthetic};
    use crate::write::{AlignedBytes, Entry, Input, Kind, ModelWriter};

    /// Tensors 0 z, 1 randomness, 2 picture, 3 a layer in front of the pass, 4 window, 5 their sum, 6 logits; inputs 0 z, 1 row,
    /// 2 column, 3 randomness.
    fn sound() -> ModelWriter {
        let model = Synthetic::new(1, 4).drawn(3, 4).from(0).dense(1, 1, 5, Activation::None);
        let model =
            model.window(&[[-1, 0, 0], [0, -1, 0], [-2, 1, 1], [-1, -3, 0], [-9, 9, 3]], Activation::None);
        let model =
            model.sum(&[3, 4], Shape::new(1, 1, 5), Activation::Relu).dense(1, 1, 4, Activation::None);
        model.draw(1).entry("drawn", 0).into_writer()
    }

    fn error(change: impl FnOnce(&mut ModelWriter)) -> Option<ParseError> {
        let mut writer = sound();
        change(&mut writer);
        Model::parse(&AlignedBytes::new(&writer.finish())).err()
    }

    fn draw(writer: &mut ModelWriter) -> &mut DrawRecord {
        match &mut writer.ops[4].kind {
            OpKind::Draw(draw) => draw,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_out_of_place_in_a_pass_is_refused() {
        let pass = |op: u8| Some(ParseError::Op(op, OpError::Pass));
        assert_eq!(error(|_| ()), None);
        // A pass of no ops, of more than the entry has, and one that begins behind the window.
        assert_eq!(error(|writer| draw(writer).ops = 0), pass(1));
        assert_eq!(error(|writer| draw(writer).ops = 6), pass(4));
        assert_eq!(error(|writer| draw(writer).ops = 3), pass(1));
        assert_eq!(error(|writer| draw(writer).ops = 5), None);
        // A window without a pass, a draw that is not the last op, two draws.
        let entry = |ops, output| Entry { name: "e".into(), first: 0, ops, output };
        assert_eq!(error(|writer| writer.entries = vec![entry(4, 6)]), pass(1));
        let behind = |writer: &mut ModelWriter| {
            let last = OpRecord { operands: [0].into_iter().collect(), output: 3, ..writer.ops[0].clone() };
            writer.ops[0].output = 7;
            writer.tensors.push(writer.tensors[3]);
            writer.ops[2].operands[0] = 7;
            writer.ops.push(last);
            writer.entries[0].ops = 6;
        };
        assert_eq!(error(behind), pass(1));
        assert_eq!(
            error(|writer| {
                let twice = writer.ops[4].clone();
                writer.ops.push(twice);
                (writer.entries[0].ops, draw(writer).ops) = (6, 4);
            }),
            pass(1)
        );
        // A draw that does not make the entry's output; its randomness from no uniform input.
        assert_eq!(error(|writer| writer.entries[0].output = 6), pass(1));
        assert_eq!(error(|writer| writer.inputs[3].kind = Kind::Picture(1)), pass(4));
        // Something else than a window reads the picture, in front of the pass and in it.
        let of_picture = |op: usize| move |writer: &mut ModelWriter| writer.ops[op].operands[0] = 2;
        assert!(matches!(error(of_picture(0)), Some(ParseError::Op(0, _))));
        assert_eq!(
            error(|writer| {
                let sum = writer.ops[2].operands.clone();
                writer.ops[2].operands = [2, sum[1]].into_iter().collect();
                // One channel, which a sum repeats.
                (writer.tensors[2].height, writer.tensors[2].width) = (1, 1);
                (writer.tensors[1].height, writer.tensors[1].width) = (1, 1);
                (writer.inputs[1].kind, writer.inputs[2].kind) = (Kind::Row(1), Kind::Column(1));
            }),
            pass(2)
        );
        // The picture is an input.
        let given = error(|writer| writer.inputs.push(Input::new("x", Kind::Uniform(2))));
        assert!(given.is_some(), "{given:?}");
    }

    #[test]
    fn sides_that_are_not_counted_are_refused() {
        let of = |op: u8, error: OpError| Some(ParseError::Op(op, error));
        let second = Some(ParseError::Input(4, InputError::Second));
        for row in [true, false] {
            let kind = |count| if row { Kind::Row(count) } else { Kind::Column(count) };
            let at = if row { 1 } else { 2 };
            let no_choice = Some(ParseError::Input(at, InputError::NoChoice));
            assert_eq!(error(|writer| writer.inputs[usize::from(at)].kind = kind(0)), no_choice);
            for count in [1, 2, 5, 255] {
                assert_eq!(
                    error(|writer| writer.inputs[usize::from(at)].kind = kind(count)),
                    of(1, OpError::Shape)
                );
            }
            let missing =
                |writer: &mut ModelWriter| writer.inputs[usize::from(at)].kind = Kind::Choice(3, vec![]);
            assert_eq!(error(missing), of(1, OpError::NoChoice));
            assert_eq!(error(|writer| writer.inputs.push(Input::new("again", kind(3)))), second);
        }
        let plane = |writer: &mut ModelWriter| writer.tensors[1].channels = 1;
        assert_eq!(error(plane), of(4, OpError::Shape));
        assert_eq!(error(|writer| draw(writer).factor = 0), of(4, OpError::Multiplier));
        assert_eq!(error(|writer| draw(writer).score_shift = 63), of(4, OpError::Shift));
    }

    /// A row is shown when its last pixel is drawn, before the next row begins; of an entry without a pass none is.
    #[test]
    fn rows_are_shown_as_they_are_made() {
        let file = AlignedBytes::new(&sound().finish());
        let model = Model::parse(&file).unwrap();
        let mut memory = vec![0; model.arena_bytes() + 15];
        let mut generator = Generator::in_memory(&model, &mut memory).unwrap();
        let latent = Latent::from_quantized(&[1, -100, 50, 127]).with_noise(9);
        let whole = generator.generate(&latent).values().to_vec();
        let mut rows: Vec<(u16, Vec<i8>)> = vec![];
        let last = generator.generate_rows(&latent, |row, pixels| rows.push((row, pixels.values().to_vec())));
        assert_eq!(last.values(), whole);
        assert_eq!(
            rows,
            (0..3).map(|row| (row, whole[4 * usize::from(row)..][..4].to_vec())).collect::<Vec<_>>()
        );
        // Ops of the pass, each of them 12 times, in turn.
        let mut ops = vec![];
        generator.generate_observed(&latent, |op, _| ops.push(op));
        let expected: Vec<usize> = [0].into_iter().chain([1, 2, 3, 4].repeat(12)).collect();
        assert_eq!(ops, expected);
        assert_eq!(model.macs().collect::<Vec<_>>(), [20, (3 + 9 + 49) * 12, 10 * 12, 20 * 12, 4 * 12]);
        let flat = Synthetic::new(1, 4).dense(2, 3, 2, Activation::None).finish("flat");
        let flat = AlignedBytes::new(&flat);
        let model = Model::parse(&flat).unwrap();
        let mut memory = vec![0; model.arena_bytes() + 15];
        let mut generator = Generator::in_memory(&model, &mut memory).unwrap();
        let whole = generator.generate(&latent).values().to_vec();
        let picture = generator.generate_rows(&latent, |row, _| panic!("row {row} was there alone"));
        assert_eq!(picture.values(), whole);
    }

    /// Nobody chooses them but the engine, and in front of a pass and behind it they are 0.
    #[test]
    fn row_and_column_are_no_choices() {
        let file = AlignedBytes::new(&sound().finish());
        let model = Model::parse(&file).unwrap();
        assert_eq!((model.choices().count(), model.classes()), (0, 0));
        let mut memory = vec![0; model.arena_bytes() + 15];
        let mut generator = Generator::in_memory(&model, &mut memory).unwrap();
        let latent = Latent::from_quantized(&[1, -100, 50, 127]).with_noise(9);
        let before = generator.generate(&latent).values().to_vec();
        for input in 0..4 {
            generator.choose(input, 2);
        }
        assert_eq!(generator.generate(&latent.class(2)).values(), before);
        assert!(generator.input_mut(1).is_empty() && generator.input_mut(3).len() == 24);
    }

    /// The randomness is noise: it comes from the seed, uniform, and is no part of the latent's numbers.
    #[test]
    fn a_plane_of_uniform_numbers_is_filled_from_the_seed() {
        let file = AlignedBytes::new(&sound().finish());
        let model = Model::parse(&file).unwrap();
        assert_eq!((model.latent_length(), model.uniform_length(), model.noise_planes()), (4, 0, 1));
        let mut memory = vec![0; model.arena_bytes() + 15];
        let mut generator = Generator::in_memory(&model, &mut memory).unwrap();
        let latent = Latent::from_quantized(&[0; 4]).with_noise(77);
        generator.generate(&latent);
        let mut noise = latent.noise_values();
        let expected: Vec<i8> = (0..24).map(|_| noise.uniform()).collect();
        // The values stay: a pass reads them to its end.
        assert_eq!(generator.input_mut(3), expected);
        assert!(!expected.contains(&-128) && expected.iter().any(|value| value.abs() > 100));
    }

    /// More ops than are decoded at once.
    #[test]
    fn a_long_pass_runs_all_its_ops() {
        let model = Synthetic::new(3, 4).drawn(2, 3).window(&[[-1, 0, 0]; 6], Activation::None);
        let layer = |model: Synthetic, _| model.dense(1, 1, 6, Activation::None);
        let model = (0..30).fold(model, layer);
        crate::testing::equals_the_definition(&model.draw(0).finish("long"), 5).unwrap();
    }
}
