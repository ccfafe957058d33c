//! The model file.

use gan_core::format::{
    ActivationRecord, ClassRecord, ConvRecord, DenseRecord, InputRecord, OpRecord, RequantizeRecord,
    ShiftRecord, TensorRecord,
};
use gan_core::write::{ConstantsWriter, ModelWriter};

use super::fold::{Stage, StageKind};
use super::quantize::{QuantizedLayer, sides, table};
use super::range::StageTensor;
use crate::graph::{Activation, Graph};

/// A model file.
pub(super) struct Written {
    pub(super) file: Vec<u8>,
    /// Bytes of each op's constants.
    pub(super) constant_bytes: Vec<usize>,
}

/// Writes the file; `tensors` and `offsets` are the latent's and the stages'.
pub(super) fn file(
    name: &str,
    graph: &Graph,
    stages: &[Stage],
    tensors: &[StageTensor],
    layers: &[QuantizedLayer],
    offsets: &[u32],
) -> Written {
    let index = |index: usize| u8::try_from(index).expect("at most 255 tensors");
    let mut writer = ModelWriter { name: name.into(), output: index(stages.len()), ..Default::default() };
    writer.inputs.push(InputRecord::Latent { tensor: 0 });
    if let Some(classes) = graph.classes() {
        writer
            .inputs
            .push(InputRecord::Class { classes: u8::try_from(classes).expect("at most 255 classes") });
    }
    for (tensor, &offset) in tensors.iter().zip(offsets) {
        let [height, width, channels] = sides(tensor.shape);
        let (scale, zero_point) = (tensor.numbers.scale, tensor.numbers.zero_point);
        writer.tensors.push(TensorRecord { height, width, channels, scale, zero_point, offset });
    }
    let mut constant_bytes = Vec::new();
    for (number, (stage, layer)) in stages.iter().zip(layers).enumerate() {
        let (input, output) = (index(stage.input.tensor()), index(number + 1));
        let before = writer.constants.length();
        let op = op(stage, layer, &tensors[number + 1], (input, output), &mut writer.constants);
        writer.ops.push(op);
        constant_bytes.push(writer.constants.length() - before);
    }
    Written { file: writer.finish(), constant_bytes }
}

fn op(
    stage: &Stage,
    layer: &QuantizedLayer,
    tensor: &StageTensor,
    (input, output): (u8, u8),
    constants: &mut ConstantsWriter,
) -> OpRecord {
    let weights = constants.bytes(&layer.weights);
    let bias = constants.words(&layer.bias);
    let class = layer
        .class
        .as_ref()
        .map(|(columns, one)| ClassRecord { weights: constants.bytes(columns), one: *one });
    let requantize = RequantizeRecord {
        multipliers: constants.words(&layer.multipliers),
        shifts: match layer.shifts.iter().all(|&shift| shift == layer.shifts[0]) {
            true => ShiftRecord::All(layer.shifts[0]),
            false => ShiftRecord::PerChannel(constants.shifts(&layer.shifts)),
        },
    };
    let activation = match stage.activation {
        None => ActivationRecord::Clamp { min: -128, max: 127 },
        Some(Activation::Relu) => ActivationRecord::Clamp { min: tensor.numbers.zero_point, max: 127 },
        Some(function) => ActivationRecord::Table {
            zero_point: tensor.before_activation.zero_point,
            table: constants.bytes(&table(function, tensor)),
        },
    };
    let conv = |requantize, activation| {
        let phases = stage.phases()?;
        let (kernel, stride, padding, output_padding) =
            (phases.kernel, phases.stride, phases.padding, phases.output_padding);
        Some(ConvRecord {
            input,
            output,
            kernel,
            stride,
            padding,
            output_padding,
            weights,
            bias,
            requantize,
            activation,
        })
    };
    match (stage.kind, conv(requantize.clone(), activation.clone())) {
        (StageKind::ConvTranspose(_), Some(record)) => OpRecord::ConvTranspose(record),
        (_, Some(record)) => OpRecord::Conv(record),
        (_, None) => {
            let bias_per_output = layer.bias.len() != tensor.shape.channels;
            OpRecord::Dense(DenseRecord {
                input,
                output,
                weights,
                bias,
                bias_per_output,
                class,
                requantize,
                activation,
            })
        }
    }
}
