//! The model file.

use std::collections::HashMap;

use gan_core::KernelSet;
use gan_core::format::{
    ActivationRecord, AttentionRecord, ColumnsRecord, ConvRecord, DenseRecord, EmbeddingRecord, NormRecord,
    OpKind, OpRecord, RequantizeRecord, ShiftRecord, TensorRecord, TermsRecord,
};
use gan_core::pack::pack;
use gan_core::write::{Entry, Input as ModelInput, Kind, ModelWriter};

use super::Labels;
use super::fold::{Folded, Stage, StageKind};
use super::integers::QuantizedLayer;
use super::quantize::{sides, table};
use crate::graph::{Activation, Graph, Input, Output, StageTensor};

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
        let kind = op(stage, layer, &tensors[first + number], &mut writer, &mut weights);
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

/// The first stage that stage `last` needs.
fn earliest(folded: &Folded, last: usize) -> usize {
    let made = |&tensor: &usize| tensor.checked_sub(folded.inputs.len());
    let needed = folded.stages[last].operands.iter().filter_map(made);
    needed.map(|stage| earliest(folded, stage)).fold(last, usize::min)
}

fn inputs(labels: Labels<'_>, graph: &Graph) -> Vec<ModelInput> {
    let (mut tensors, mut names) = (0.., labels.classes);
    let input = |(node, kind): (usize, Input)| {
        let mut next = || tensors.next().expect("numbers do not end");
        let kind = match kind {
            Input::Normal => Kind::Normal(next()),
            Input::Uniform => Kind::Uniform(next()),
            Input::Picture => Kind::Picture(next()),
            Input::Choice => {
                let count = u8::try_from(graph.nodes[node].shape.channels).expect("at most 255 choices");
                // The labels are the first choice's.
                Kind::Choice(count, std::mem::take(&mut names).to_vec())
            }
        };
        ModelInput::new(&graph.nodes[node].name, kind)
    };
    graph.inputs().map(input).collect()
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
