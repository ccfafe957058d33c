//! Scales and zero points from what the floats do.

use super::fold::{Folded, StageKind};
use super::{FloatRun, LowerError, Method};
use crate::graph::{Activation, Graph, Input, Layer, NodeId, QuantParams, StageTensor};

/// The tensors that are handed in first, then one per stage.
pub(super) fn tensors(
    graph: &Graph,
    folded: &Folded,
    run: &FloatRun,
    method: Method,
) -> Result<Vec<StageTensor>, LowerError> {
    let input = |&node: &NodeId| {
        let params = match graph.nodes[node].layer {
            Layer::Input(Input::Normal) => QuantParams::NORMAL,
            _ => QuantParams::PICTURE,
        };
        StageTensor { shape: graph.nodes[node].shape, params, before_activation: params }
    };
    let mut tensors: Vec<StageTensor> = folded.inputs.iter().map(input).collect();
    for stage in &folded.stages {
        let shape = graph.nodes[stage.output].shape;
        let not_finite = || LowerError::NotFinite { layer: stage.name.clone() };
        let range = |node: NodeId, limit: f32| {
            let range = method.range(&run.outputs[node], limit);
            range.map(affine).ok_or_else(not_finite)
        };
        let params = if graph.is_output(stage.output) {
            graph.picture_range().params()
        } else if stage.kind == StageKind::Embedding {
            // All that it can ever be is known.
            Method::MinMax.range(&stage.weight, f32::INFINITY).map(affine).ok_or_else(not_finite)?
        } else {
            range(stage.output, f32::INFINITY)?
        };
        let before_activation = match stage.activation {
            None | Some(Activation::Relu) => params,
            Some(function) => range(stage.before_activation, saturation(function))?,
        };
        tensors.push(StageTensor { shape, params, before_activation });
    }
    Ok(tensors)
}

/// The scale and the zero point that cover `low..=high` and 0 with 256 steps. A ReLU's output, which starts at 0, gets zero point −128.
pub(super) fn affine((low, high): (f32, f32)) -> QuantParams {
    let (low, high) = (low.min(0.0), high.max(0.0));
    // A tensor that is 0 throughout gets any scale.
    let scale = if high > low { (high - low) / 255.0 } else { 1.0 };
    let zero_point = (-128.0 - low / scale).round().clamp(-128.0, 127.0) as i8;
    QuantParams { scale, zero_point }
}

/// Where the function is within half an int8 step of its limit: beyond, nothing is to be seen.
fn saturation(function: Activation) -> f32 {
    match function {
        Activation::Tanh => (1.0f32 - 0.5 / 127.0).atanh(),
        Activation::Sigmoid => (2.0f32 * 255.0 - 1.0).ln(),
        Activation::Relu | Activation::LeakyRelu { .. } | Activation::Elu => f32::INFINITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_from_zero_has_its_zero_at_the_lowest_step() {
        assert_eq!(affine((0.0, 2.55)), QuantParams { scale: 0.01, zero_point: -128 });
    }

    #[test]
    fn zero_is_always_a_step() {
        for range in [(0.5, 1.0), (-3.0, -1.0), (-1.0, 0.3), (0.0, 0.0)] {
            let QuantParams { scale, zero_point } = affine(range);
            for end in [range.0, range.1] {
                let quantized = (end / scale).round() + f32::from(zero_point);
                assert!((-128.0..=127.0).contains(&quantized), "{range:?} ends at {quantized}");
            }
        }
    }
}
