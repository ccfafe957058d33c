//! Dense layers.

use std::vec;
use std::vec::Vec;

use super::records::Source;
use crate::format::{DenseRecord, OpKind, OpRecord};
use crate::kernel_set::KernelSet;
use crate::kernels;
use crate::kernels::dense::quads;
use crate::kernels::vectors::VECTOR;
use crate::write::ConstantsWriter;

/// The record with its weights laid out for `set`; `None` where the kernels do not cover it.
pub(super) fn pack(
    op: &OpRecord,
    record: &DenseRecord,
    source: &Source<'_, '_>,
    set: KernelSet,
    to: &mut ConstantsWriter,
) -> Option<OpKind> {
    let (input, output) = source.shapes(op);
    let (inputs, outputs) = (input.size(), output.size());
    kernels::dense_bytes(set, inputs, outputs)?;
    let plain = Plain { inputs, outputs, weights: source.bytes(record.weights, inputs * outputs) };
    let weights = match set {
        KernelSet::Portable => return None,
        KernelSet::Armv6m => plain.bytes(),
        KernelSet::Armv7m => plain.quads(),
        KernelSet::Dsp => plain.halves(),
        KernelSet::Mve => plain.vectors(),
    };
    kernels::check_dense(set, (inputs, outputs), &weights, &mut |_, _| Ok(())).ok()?;
    Some(OpKind::Dense(source.copy_dense(op, record, &weights, to)))
}

/// Weights `[output][input]`.
struct Plain<'s> {
    inputs: usize,
    outputs: usize,
    weights: &'s [i8],
}

impl Plain<'_> {
    /// 0 outside the layer.
    fn weight(&self, output: usize, input: usize) -> i8 {
        let inside = output < self.outputs && input < self.inputs;
        if inside { self.weights[output * self.inputs + input] } else { 0 }
    }

    /// For [`crate::kernels::dense::bytes`].
    fn bytes(&self) -> Vec<i8> {
        let mut bytes = vec![];
        for first in (0..self.outputs).step_by(4) {
            for input in 0..self.inputs {
                bytes.extend((first..first + 4).map(|output| self.weight(output, input)));
            }
        }
        bytes
    }

    /// For [`crate::kernels::dense::quads`].
    fn quads(&self) -> Vec<i8> {
        let mut bytes = vec![];
        for first in (0..self.outputs).step_by(4) {
            for input in 0..self.inputs.next_multiple_of(4) {
                let mut word = [0; 4];
                for (output, (byte, beyond)) in (first..).zip(quads::BYTES) {
                    word[byte] = self.weight(output, input).wrapping_add(beyond as i8);
                }
                bytes.extend(word);
            }
        }
        bytes
    }

    /// For [`crate::kernels::dense::vectors`].
    fn vectors(&self) -> Vec<i8> {
        let mut bytes = vec![];
        for first in (0..self.outputs).step_by(8) {
            for vector in (0..self.inputs).step_by(VECTOR) {
                for output in first..first + 8 {
                    bytes.extend((vector..vector + VECTOR).map(|input| self.weight(output, input)));
                }
            }
        }
        bytes
    }

    /// For [`crate::kernels::dense::halves`].
    fn halves(&self) -> Vec<i8> {
        let mut halves: Vec<i16> = vec![];
        for first in (0..self.outputs).step_by(2) {
            for input in 0..self.inputs.next_multiple_of(8) {
                let weight = |output| i16::from(self.weight(output, input));
                halves.push(256 * weight(first + 1) + weight(first));
            }
        }
        bytemuck::cast_slice(&halves).to_vec()
    }
}
