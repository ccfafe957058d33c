//! Convolutions.

use std::vec;
use std::vec::Vec;

use super::records::Source;
use crate::format::{ConvRecord, OpKind, OpRecord};
use crate::geometry::groups::Windows;
use crate::geometry::phases::Phases;
use crate::kernel_set::KernelSet;
use crate::kernels;
use crate::kernels::pairs::{SHIFT, sums_of_run};
use crate::kernels::vectors::{VECTOR, vector_of};
use crate::write::ConstantsWriter;

/// The record with its weights laid out for `set`; `None` where the kernels do not cover it.
pub(super) fn pack(
    op: &OpRecord,
    record: &ConvRecord,
    source: &Source<'_, '_>,
    set: KernelSet,
    to: &mut ConstantsWriter,
) -> Option<OpKind> {
    let phases = record.phases;
    let (input, output) = source.shapes(op);
    let windows = Windows::new(phases, input, output)?;
    kernels::conv_bytes(set, &windows)?;
    let plain = Plain { phases, windows, weights: source.conv_weights(op, record) };
    let weights = match set {
        KernelSet::Portable => return None,
        KernelSet::Armv6m => plain.planes(),
        KernelSet::Armv7m | KernelSet::Dsp => plain.pairs(),
        KernelSet::Mve => plain.vectors(),
    };
    Some(OpKind::Conv(source.copy_conv(op, record, &weights, to)))
}

/// The longest run of products for which neither channel's sums can overflow, of the products of each tap pair.
fn longest_run(products: &[[i32; 2]], steps: usize) -> usize {
    let holds = |run: &usize| {
        let runs = products.chunks(steps).flat_map(|tap_pair| tap_pair.chunks(*run));
        runs.into_iter().all(|run| sums_of_run(run).is_some())
    };
    let lengths = (1..=steps / 4).rev().map(|quarter| 4 * quarter);
    lengths.into_iter().find(holds).expect("four products are exact, whatever the weights")
}

/// Weights in the portable order.
struct Plain<'s> {
    phases: Phases,
    windows: Windows,
    weights: &'s [i8],
}

impl Plain<'_> {
    /// The weight of column phase `phase` and channel `channel`, in the window's terms; 0 outside the kernel.
    fn weight(
        &self,
        phase: usize,
        channel: usize,
        (tap_row, tap_column): (usize, usize),
        input: usize,
    ) -> i8 {
        let (inputs, outputs) = (self.windows.inputs(), usize::from(self.windows.output.channels));
        let (transposed, kernel) = (self.phases.transposed, usize::from(self.phases.kernel));
        let (row_phase, output) = (channel / outputs, channel % outputs);
        if channel >= self.windows.channels() || input >= inputs || tap_column >= self.windows.columns.taps {
            return 0;
        }
        let row = self.windows.rows.kernel_index(transposed, kernel, row_phase, tap_row);
        let column = self.windows.columns.kernel_index(transposed, kernel, phase, tap_column);
        let (Some(row), Some(column)) = (row, column) else { return 0 };
        self.weights[self.phases.weight_index((row, column), (input, inputs), (output, outputs))]
    }

    /// For [`crate::kernels::pairs`].
    fn pairs(&self) -> Vec<i8> {
        let Windows { rows, columns, .. } = self.windows;
        let inputs = self.windows.inputs().next_multiple_of(4);
        let mut words = vec![];
        for phase in 0..columns.stride {
            for first in (0..self.windows.channels()).step_by(2) {
                let mut products = vec![];
                for tap_pair in 0..columns.taps.div_ceil(2) {
                    for row in 0..rows.taps {
                        products.extend((0..inputs).map(|input| {
                            [first, first + 1].map(|channel| {
                                let weight = |tap| i32::from(self.weight(phase, channel, (row, tap), input));
                                weight(2 * tap_pair + 1) + (weight(2 * tap_pair) << SHIFT)
                            })
                        }));
                    }
                }
                words.push([longest_run(&products, rows.taps * inputs) as i32, 0]);
                words.extend(products);
            }
        }
        bytemuck::cast_slice(&words).to_vec()
    }

    /// For [`crate::kernels::vectors`].
    fn vectors(&self) -> Vec<i8> {
        let Windows { rows, columns, .. } = self.windows;
        let mut bytes = vec![];
        for phase in 0..columns.stride {
            for first in (0..self.windows.channels()).step_by(2) {
                let vectors_of_row = self.windows.inputs().div_ceil(VECTOR);
                let vectors_of_column = rows.taps * vectors_of_row;
                for index in 0..columns.taps * vectors_of_column {
                    let vector = vector_of(index, columns.taps, vectors_of_column);
                    let (tap, inside) = (vector / vectors_of_column, vector % vectors_of_column);
                    let (row, first_input) = (inside / vectors_of_row, inside % vectors_of_row * VECTOR);
                    for channel in [first, first + 1] {
                        let inputs = first_input..first_input + VECTOR;
                        bytes.extend(inputs.map(|input| self.weight(phase, channel, (row, tap), input)));
                    }
                }
            }
        }
        bytes
    }

    /// For [`crate::kernels::planes`].
    fn planes(&self) -> Vec<i8> {
        let Windows { rows, columns, .. } = self.windows;
        let mut bytes = vec![];
        for phase in 0..columns.stride {
            for channel in 0..self.windows.channels() {
                for tap in 0..columns.taps {
                    for row in 0..rows.taps {
                        bytes.extend(
                            (0..self.windows.inputs())
                                .map(|input| self.weight(phase, channel, (row, tap), input)),
                        );
                    }
                }
            }
        }
        bytes
    }
}
