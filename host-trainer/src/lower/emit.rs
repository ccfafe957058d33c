//! The model file.

use std::collections::HashMap;

use gan_core::KernelSet;
use gan_core::format::{
    ActivationRecord, AttentionRecord, ColumnsRecord, ConvRecord, DenseRecord, DrawRecord, EmbeddingRecord,
    NormRecord, OpKind, OpRecord, RequantizeRecord, ShiftRecord, TensorRecord, TermsRecord, WindowRecord,
};
use gan_core::pack::pack;
use gan_core::write::{Entry, Input as ModelInput, Kind, ModelWriter};

use super::Labels;
use super::fold::{Folded, Stage, StageKind};
use super::integers::QuantizedLayer;
use super::quantize::{sides, table};
use crate::graph::{Activation, Axis, Graph, Input, Layer, Output, PictureRange, StageTensor};

/// A model file.
pub(super) struct Written {
    pub(super) file: Vec<u8>,
    /// Bytes of each op's constants.
    pub(super) constant_bytes: Vec<usize>,
}

/// Writes the file; `tensors` are the inputs' and the stages'. The arena is planned by gan-core.
pub(super) fn file(
    labels: Labels<'_>,
    graph: &Graph,
    folded: &Folded,
    tensors: &[StageTensor],
    layers: &[QuantizedLayer],
) -> Written {
    let mut writer =
        ModelWriter { name: labels.model.into(), inputs: inputs(labels, graph), ..Default::default() };
    let mut offset = 0;
    for tensor in tensors {
        let [height, width, channels] = sides(tensor.shape);
        let (scale, zero_point) = (tensor.params.scale, tensor.params.zero_point);
        writer.tensors.push(TensorRecord { height, width, channels, scale, zero_point, offset });
        offset += u32::try_from(tensor.shape.size()).expect("tensors of at most 1 MiB");
    }
    let mut constant_bytes = Vec::new();
    let mut weights = Weights::default();
    let first = folded.inputs.len();
    for (number, (stage, layer)) in folded.stages.iter().zip(layers).enumerate() {
        let before = writer.constants.length();
        let mut kind = op(stage, layer, &tensors[first + number], &mut writer, &mut weights);
        if let OpKind::Draw(draw) = &mut kind {
            draw.ops = index(number + 1 - pass_begin(graph, folded));
        }
        let operands = stage.operands.iter().map(|&operand| index(operand)).collect();
        let output = index(first + number);
        writer.ops.push(OpRecord { operands, output, packed: false, scratch: 0, kind });
        constant_bytes.push(writer.constants.length() - before);
    }
    let made_by = |node| folded.stages.iter().position(|stage| stage.output == node);
    match &graph.outputs[..] {
        [output] => writer.enter_all(index(first + made_by(output.node).unwrap_or_default())),
        outputs => {
            let entry = |output: &Output| {
                let last = made_by(output.node).unwrap_or_default();
                let earliest = earliest(folded, last);
                Entry {
                    name: output.name.clone(),
                    first: index(earliest),
                    ops: index(last + 1 - earliest),
                    output: index(first + last),
                }
            };
            writer.entries = outputs.iter().map(entry).collect();
        }
    }
    writer.place_working_memories();
    let planned = pack(&writer.finish(), KernelSet::Portable).expect("what the lowering writes is sound");
    Written { file: planned.file, constant_bytes }
}

fn index(index: usize) -> u8 {
    u8::try_from(index).expect("at most 255 tensors")
}

/// The first stage of the pass: the first that sees what is drawn, or where.
fn pass_begin(graph: &Graph, folded: &Folded) -> usize {
    let positions: Vec<usize> = (graph.file_inputs().enumerate())
        .filter(|&(_, node)| matches!(graph.nodes[node].layer, Layer::Position(_)))
        .map(|(number, _)| number)
        .collect();
    let is_in_pass = |stage: &Stage| {
        let reads_position = stage.choice.as_ref().is_some_and(|choice| positions.contains(&choice.input));
        reads_position || matches!(stage.kind, StageKind::Window(_))
    };
    folded.stages.iter().position(is_in_pass).unwrap_or(folded.stages.len() - 1)
}

/// The first stage that stage `last` needs.
fn earliest(folded: &Folded, last: usize) -> usize {
    // A window's picture is made behind it.
    let made = |&tensor: &usize| tensor.checked_sub(folded.inputs.len()).filter(|&stage| stage < last);
    let needed = folded.stages[last].operands.iter().filter_map(made);
    needed.map(|stage| earliest(folded, stage)).fold(last, usize::min)
}

fn inputs(labels: Labels<'_>, graph: &Graph) -> Vec<ModelInput> {
    let (mut tensors, mut names) = (0.., labels.classes);
    let input = |node: usize| {
        let mut next = || tensors.next().expect("numbers do not end");
        let count = || u8::try_from(graph.nodes[node].shape.channels).expect("at most 255 choices");
        let kind = match graph.nodes[node].layer {
            Layer::Input(Input::Normal) => Kind::Normal(next()),
            Layer::Input(Input::Uniform) => Kind::Uniform(next()),
            Layer::Input(Input::Choice) if !graph.nodes[node].names.is_empty() => {
                Kind::Choice(count(), graph.nodes[node].names.iter().map(|&name| name.into()).collect())
            }
            // The labels are the first choice's.
            Layer::Input(Input::Choice) => Kind::Choice(count(), std::mem::take(&mut names).to_vec()),
            Layer::Position(Axis::Row) => Kind::Row(count()),
            Layer::Position(Axis::Column) => Kind::Column(count()),
            _ => Kind::Picture(next()),
        };
        ModelInput::new(&graph.nodes[node].name, kind)
    };
    graph.file_inputs().map(input).collect()
}

/// Weights that are in the file already: ops that share them name the same bytes.
#[derive(Default)]
struct Weights {
    offsets: HashMap<Vec<i8>, u32>,
}

impl Weights {
    fn write(&mut self, weights: &[i8], writer: &mut ModelWriter) -> u32 {
        match self.offsets.get(weights) {
            Some(&offset) => offset,
            None => {
                let offset = writer.constants.bytes(weights);
                self.offsets.insert(weights.to_vec(), offset);
                offset
            }
        }
    }
}

fn op(
    stage: &Stage,
    layer: &QuantizedLayer,
    tensor: &StageTensor,
    writer: &mut ModelWriter,
    known: &mut Weights,
) -> OpKind {
    let choice = stage.choice.as_ref().map(|choice| index(choice.input));
    if stage.kind == StageKind::Embedding {
        return OpKind::Embedding(EmbeddingRecord { table: known.write(&layer.weights, writer), choice });
    }
    if let StageKind::Draw(_) = stage.kind {
        let (factor, score_shift) = layer.score;
        // How many ops its pass has is known when all are.
        return OpKind::Draw(DrawRecord {
            levels: known.write(&layer.weights, writer),
            factor,
            score_shift,
            ops: 0,
        });
    }
    let weights = if layer.weights.is_empty() { 0 } else { known.write(&layer.weights, writer) };
    let factors = if layer.factors.is_empty() { 0 } else { writer.constants.words(&layer.factors) };
    let constants = &mut writer.constants;
    let bias = if layer.bias.is_empty() { 0 } else { constants.words(&layer.bias) };
    let columns = layer.columns.as_ref().zip(choice).map(|((columns, one), choice)| ColumnsRecord {
        choice,
        weights: constants.bytes(columns),
        one: *one,
    });
    let lowest = tensor.params.lowest();
    let requantize = RequantizeRecord {
        multipliers: constants.words(&layer.multipliers),
        shifts: match layer.shifts.iter().all(|&shift| shift == layer.shifts[0]) {
            true => ShiftRecord::All(layer.shifts[0]),
            false => ShiftRecord::PerChannel(constants.shifts(&layer.shifts)),
        },
        activation: match stage.activation {
            None => ActivationRecord::Clamp { min: lowest, max: 127 },
            Some(Activation::Relu) => ActivationRecord::Clamp { min: tensor.params.zero_point, max: 127 },
            Some(function) => ActivationRecord::Table {
                zero_point: tensor.before_activation.zero_point,
                table: constants.bytes(&table(function, tensor)),
            },
        },
    };
    match (stage.kind, stage.phases()) {
        (_, Some(phases)) => OpKind::Conv(ConvRecord { phases, weights, bias, requantize }),
        (StageKind::Sum, _) => OpKind::Sum(TermsRecord { multipliers: factors, bias, requantize }),
        (StageKind::Concat, _) => OpKind::Concat(TermsRecord { multipliers: factors, bias, requantize }),
        (StageKind::Product, _) => OpKind::Product(TermsRecord { multipliers: factors, bias, requantize }),
        (StageKind::InstanceNorm { .. }, _) => {
            OpKind::Norm(NormRecord { bias, epsilon: layer.epsilon, requantize })
        }
        (StageKind::Window(_), _) => {
            // Outside there is no ink.
            let outside = PictureRange::Unit.params().quantize(0.0);
            OpKind::Window(WindowRecord { taps: weights, outside, requantize })
        }
        (StageKind::Attention, _) => {
            let (factor, score_shift) = layer.score;
            OpKind::Attention(AttentionRecord { factor, score_shift, requantize })
        }
        _ => {
            let bias_per_output = layer.bias.len() != tensor.shape.channels;
            OpKind::Dense(DenseRecord { weights, bias, bias_per_output, columns, requantize })
        }
    }
}
