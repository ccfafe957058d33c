//! The model file.

use gan_core::KernelSet;
use gan_core::format::{
    ActivationRecord, ColumnsRecord, ConvRecord, DenseRecord, OpKind, OpRecord, RequantizeRecord,
    ShiftRecord, TensorRecord,
};
use gan_core::pack::pack;
use gan_core::write::{ConstantsWriter, Input, Kind, ModelWriter};

use super::Labels;
use super::fold::Stage;
use super::quantize::{QuantizedLayer, sides, table};
use super::range::StageTensor;
use crate::graph::{Activation, Graph};

/// A model file.
pub(super) struct Written {
    pub(super) file: Vec<u8>,
    /// Bytes of each op's constants.
    pub(super) constant_bytes: Vec<usize>,
}

/// Writes the file; `tensors` are the latent's and the stages'. The arena is planned by gan-core.
pub(super) fn file(
    labels: Labels<'_>,
    graph: &Graph,
    stages: &[Stage],
    tensors: &[StageTensor],
    layers: &[QuantizedLayer],
) -> Written {
    let index = |index: usize| u8::try_from(index).expect("at most 255 tensors");
    let mut writer = ModelWriter { name: labels.model.into(), ..Default::default() };
    writer.inputs.push(Input::new("z", Kind::Normal(0)));
    if let Some(classes) = graph.classes() {
        let count = u8::try_from(classes).expect("at most 255 classes");
        writer.inputs.push(Input::new("class", Kind::Choice(count, labels.classes.to_vec())));
    }
    let mut offset = 0;
    for tensor in tensors {
        let [height, width, channels] = sides(tensor.shape);
        let (scale, zero_point) = (tensor.numbers.scale, tensor.numbers.zero_point);
        writer.tensors.push(TensorRecord { height, width, channels, scale, zero_point, offset });
        offset += u32::try_from(tensor.shape.size()).expect("tensors of at most 1 MiB");
    }
    let mut constant_bytes = Vec::new();
    for (number, (stage, layer)) in stages.iter().zip(layers).enumerate() {
        let before = writer.constants.length();
        let kind = op(stage, layer, &tensors[number + 1], &mut writer.constants);
        let operands = std::iter::once(index(stage.input.tensor())).collect();
        writer.ops.push(OpRecord { operands, output: index(number + 1), packed: false, scratch: 0, kind });
        constant_bytes.push(writer.constants.length() - before);
    }
    writer.enter_all(index(stages.len()));
    let planned = pack(&writer.finish(), KernelSet::Portable).expect("what the lowering writes is sound");
    Written { file: planned.file, constant_bytes }
}

fn op(
    stage: &Stage,
    layer: &QuantizedLayer,
    tensor: &StageTensor,
    constants: &mut ConstantsWriter,
) -> OpKind {
    let weights = constants.bytes(&layer.weights);
    let bias = constants.words(&layer.bias);
    let columns = layer.class.as_ref().map(|(columns, one)| ColumnsRecord {
        choice: 1,
        weights: constants.bytes(columns),
        one: *one,
    });
    let requantize = RequantizeRecord {
        multipliers: constants.words(&layer.multipliers),
        shifts: match layer.shifts.iter().all(|&shift| shift == layer.shifts[0]) {
            true => ShiftRecord::All(layer.shifts[0]),
            false => ShiftRecord::PerChannel(constants.shifts(&layer.shifts)),
        },
        activation: match stage.activation {
            None => ActivationRecord::NONE,
            Some(Activation::Relu) => ActivationRecord::Clamp { min: tensor.numbers.zero_point, max: 127 },
            Some(function) => ActivationRecord::Table {
                zero_point: tensor.before_activation.zero_point,
                table: constants.bytes(&table(function, tensor)),
            },
        },
    };
    match stage.phases() {
        Some(phases) => OpKind::Conv(ConvRecord { phases, weights, bias, requantize }),
        None => {
            let bias_per_output = layer.bias.len() != tensor.shape.channels;
            OpKind::Dense(DenseRecord { weights, bias, bias_per_output, columns, requantize })
        }
    }
}
