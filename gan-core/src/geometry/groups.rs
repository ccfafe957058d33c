//! Convolutions as windows over the input that move one input at a time.
//!
//! A transposed convolution of stride S makes S outputs between two neighbouring inputs, and all S of them read the same
//! window of inputs: they are a *group*. Group n reads inputs `first + n .. first + n + taps` and makes outputs
//! `offset + n · S + phase`, for phase in 0..S, as far as those exist. A convolution of stride 1 has groups of one.
//!
//! Kernels that go row by row through the input take this view: it has no special case for a kernel that the stride
//! divides, and elsewhere a few taps of weight 0.

use crate::geometry::phases::Phases;
use crate::shape::Shape;

/// One axis of a convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Groups {
    /// First input of group 0; negative in the padding.
    pub(crate) first: i32,
    /// Output of phase 0 of group 0; negative where it does not exist, above −S.
    offset: i32,
    /// S.
    pub(crate) stride: usize,
    /// Inputs that a group reads.
    pub(crate) taps: usize,
    /// Number of groups.
    pub(crate) count: usize,
    /// Number of outputs.
    side: usize,
}

impl Groups {
    /// The axis whose output has `side` rows (or columns); `None` for a convolution that moves in larger steps.
    pub(crate) fn new(phases: Phases, side: u16) -> Option<Groups> {
        let (kernel, padding) = (usize::from(phases.kernel), i32::from(phases.padding));
        let side = usize::from(side);
        if !phases.transposed {
            let whole = Groups { first: -padding, offset: 0, stride: 1, taps: kernel, count: side, side };
            return (phases.stride == 1).then_some(whole);
        }
        // Output y is phase (y + padding) % S of position (y + padding) / S, which reads inputs up to that position.
        let stride = usize::from(phases.stride).max(1);
        let taps = kernel.div_ceil(stride);
        let position = |output: usize| (output + usize::from(phases.padding)) / stride;
        let begin = position(0);
        Some(Groups {
            first: begin as i32 - taps as i32 + 1,
            offset: (begin * stride) as i32 - padding,
            stride,
            taps,
            count: (position(side.saturating_sub(1)) + 1).saturating_sub(begin),
            side,
        })
    }

    /// The first group in which `phase` has an output: 0 or 1.
    pub(crate) fn start(&self, phase: usize) -> usize {
        usize::from(self.offset + (phase as i32) < 0)
    }

    /// Output of `phase` in `group`, if it exists.
    pub(crate) fn output(&self, group: usize, phase: usize) -> Option<usize> {
        let output = self.offset + (group * self.stride + phase) as i32;
        usize::try_from(output).ok().filter(|&output| output < self.side)
    }

    /// Number of outputs of `phase`.
    pub(crate) fn outputs(&self, phase: usize) -> usize {
        let first = self.offset + (self.start(phase) * self.stride + phase) as i32;
        self.side.saturating_sub(first as usize).div_ceil(self.stride.max(1))
    }

    /// Number of outputs of the phase that has most.
    #[cfg(any(gan_kernels = "armv7m", gan_kernels = "dsp"))]
    pub(crate) fn most_outputs(&self) -> usize {
        (0..self.stride).map(|phase| self.outputs(phase)).max().unwrap_or(0)
    }

    /// How many of the two starts occur.
    #[cfg(any(gan_kernels = "armv7m", gan_kernels = "dsp"))]
    pub(crate) fn starts(&self) -> usize {
        1 + self.start(0)
    }

    /// Kernel row (or column) that joins tap `tap` with `phase`; `None` for a tap of weight 0.
    #[cfg(feature = "std")]
    pub(crate) fn kernel_index(
        &self,
        transposed: bool,
        kernel: usize,
        phase: usize,
        tap: usize,
    ) -> Option<usize> {
        // Of a transposed convolution, a later kernel row meets an earlier input row.
        let index = if transposed { phase + self.stride * (self.taps - 1 - tap) } else { tap };
        (index < kernel).then_some(index)
    }
}

/// How a row of outputs is cut into blocks of four and of three pixels; a last block of four may be filled in part.
#[cfg(any(gan_kernels = "armv6m", gan_kernels = "mve"))]
pub(crate) fn blocks_of_four_and_three(outputs: usize) -> (usize, usize) {
    let threes = (4 - outputs % 4) % 4;
    match outputs.checked_sub(3 * threes) {
        Some(rest) => (rest / 4, threes),
        None => (outputs.div_ceil(4), 0),
    }
}

/// Both axes of a convolution and its channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Windows {
    pub(crate) rows: Groups,
    pub(crate) columns: Groups,
    /// Shape of the input.
    pub(crate) input: Shape,
    /// Shape of the output.
    pub(crate) output: Shape,
}

/// Taps along an axis that kernels handle; a window of more goes the direct way.
pub(crate) const MOST_TAPS: usize = 8;

impl Windows {
    /// `None` where the kernels that go row by row do not apply.
    pub(crate) fn new(phases: Phases, input: Shape, output: Shape) -> Option<Windows> {
        let rows = Groups::new(phases, output.height)?;
        let columns = Groups::new(phases, output.width)?;
        (rows.taps <= MOST_TAPS).then_some(Windows { rows, columns, input, output })
    }

    /// Channels that one column phase makes of one window: row phases times output channels.
    pub(crate) fn channels(&self) -> usize {
        self.rows.stride * usize::from(self.output.channels)
    }

    /// Input channels.
    pub(crate) fn inputs(&self) -> usize {
        usize::from(self.input.channels)
    }

    /// Whether output rows, written as soon as the rows that they read were taken, may overwrite the input:
    /// output and input start at `output` and `input` in the arena.
    pub(crate) fn may_overlap(&self, input: u64, output: u64) -> bool {
        let row_bytes = |shape: Shape| u64::from(shape.width) * u64::from(shape.channels);
        let (input_row, output_row) = (row_bytes(self.input), row_bytes(self.output));
        let input_end = input + input_row * u64::from(self.input.height);
        (0..self.rows.count).all(|group| {
            let taken = i64::from(self.rows.first) + (group + self.rows.taps) as i64;
            let unread = input + input_row * taken.clamp(0, self.input.height.into()) as u64;
            (0..self.rows.stride).filter_map(|phase| self.rows.output(group, phase)).all(|row| {
                let start = output + output_row * row as u64;
                unread >= input_end || start >= input_end || start + output_row <= unread
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Phases are the definition's other form, held to the plain loops by the convolution's tests.
        #[test]
        fn groups_join_the_inputs_and_outputs_that_phases_do(
            transposed: bool, kernel in 1u8..=7, stride in 1u8..=3, padding in 0u8..=3, extra in 0u8..=2, input in 1u16..=9,
        ) {
            let output_padding = if transposed { extra.min(stride - 1) } else { 0 };
            let phases = Phases { transposed, kernel, stride, padding, output_padding };
            let Some(side) = phases.output_side(input) else { return Ok(()) };
            let Some(groups) = Groups::new(phases, side) else {
                prop_assert!(!transposed && stride > 1);
                return Ok(());
            };
            let mut seen = std::vec![false; side.into()];
            for phase in 0..groups.stride {
                let axis = phases.axis(phase, side);
                let mut count = 0;
                for group in 0..groups.count {
                    let Some(output) = groups.output(group, phase) else { continue };
                    prop_assert!(!std::mem::replace(&mut seen[output], true));
                    prop_assert_eq!(output, axis.start + axis.step * count);
                    for tap in 0..groups.taps {
                        let index = groups.kernel_index(transposed, kernel.into(), phase, tap);
                        let at = groups.first + (group + tap) as i32;
                        // The input that the kernel index meets, from the definition.
                        if let Some(index) = index {
                            let expected = if transposed {
                                let numerator = output as i32 + i32::from(padding) - index as i32;
                                prop_assert_eq!(numerator % i32::from(stride), 0);
                                numerator / i32::from(stride)
                            } else {
                                output as i32 - i32::from(padding) + index as i32
                            };
                            prop_assert_eq!(at, expected);
                        }
                    }
                    if count == 0 { prop_assert_eq!(group, groups.start(phase)); }
                    count += 1;
                }
                prop_assert_eq!(count, groups.outputs(phase));
            }
            prop_assert!(seen.into_iter().all(|seen| seen));
        }
    }
}
