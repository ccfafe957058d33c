//! Four pixels by one channel, for cores with eight low registers and no multiply-accumulate (ARMv6-M).
//!
//! The window holds each input channel's row of pixels side by side, as words: one LDM brings four pixels, MULS destroys
//! them one by one, and the sums stay in the high registers, which only ADD reaches. So a multiply-accumulate is two
//! instructions, and four share one load of pixels, one of a weight, and two steps of pointers.
//!
//! Layout. Working memory: words `[tap row][input channel][column]`. Weights: bytes
//! `[column phase][channel][tap column][tap row][input channel]`.

#[cfg(target_arch = "arm")]
mod asm;
#[cfg(not(target_arch = "arm"))]
mod twin;

use crate::geometry::groups::{Groups, Windows, blocks_of_four_and_three};
use crate::kernels::copy::move_down;
use crate::kernels::magnitude::{Sums, magnitude};
use crate::kernels::rows::RowKernel;

#[cfg(target_arch = "arm")]
use asm::run;
#[cfg(not(target_arch = "arm"))]
use twin::run;

/// Measures of a layer.
#[derive(Clone, Copy)]
pub(crate) struct Planes {
    columns: Groups,
    width: usize,
    inputs: usize,
    /// Products of a tap column: tap rows times input channels.
    steps: usize,
    /// Columns of the window.
    window_columns: usize,
    /// Sums of a row.
    slots: usize,
}

impl RowKernel for Planes {
    const CHANNELS: usize = 1;

    fn new(windows: &Windows) -> Self {
        let columns = windows.columns;
        let slots = |phase| {
            let (fours, threes) = blocks_of_four_and_three(columns.outputs(phase));
            4 * fours + 3 * threes
        };
        let slots = (0..columns.stride).map(slots).max().unwrap_or(0);
        Planes {
            columns,
            width: windows.input.width.into(),
            inputs: windows.inputs(),
            steps: windows.rows.taps * windows.inputs(),
            window_columns: slots + columns.taps - 1 + columns.start(0),
            slots,
        }
    }

    fn window_words(self) -> usize {
        self.steps * self.window_columns
    }

    fn sums_words(self) -> usize {
        self.slots
    }

    fn weight_bytes(self) -> usize {
        self.columns.taps * self.steps
    }

    fn magnitudes(self, weights: &[i8]) -> Option<Sums> {
        magnitude(weights).map(|sum| [sum, 0, 0, 0, 0, 0, 0, 0])
    }

    fn pad(self, window: &mut [i32], padding: i8) {
        window.fill(padding.into());
    }

    fn take_row(self, window: &mut [i32], row: Option<&[i8]>, padding: i8) {
        let row_words = self.inputs * self.window_columns;
        let kept = window.len().saturating_sub(row_words);
        move_down(window, row_words);
        let lowest = window.get_mut(kept..).unwrap_or_default();
        let columns = (self.columns.first..).take(self.window_columns);
        for (index, column) in columns.enumerate() {
            let pixel = usize::try_from(column)
                .ok()
                .filter(|&column| column < self.width)
                .and_then(|column| row?.get(column * self.inputs..)?.get(..self.inputs));
            let mut at = index;
            for channel in 0..self.inputs {
                let value = pixel.and_then(|pixel| pixel.get(channel)).copied().unwrap_or(padding);
                if let Some(word) = lowest.get_mut(at) {
                    *word = value.into();
                }
                at += self.window_columns;
            }
        }
    }

    fn sum(self, phase: usize, window: &[i32], mut weights: &[i8], bias: [i32; 2], sums: &mut [i32]) {
        sums.fill(bias[0]);
        let (fours, threes) = blocks_of_four_and_three(self.columns.outputs(phase));
        for tap in 0..self.columns.taps {
            let (own, behind) = weights.split_at_checked(self.steps).unwrap_or_default();
            weights = behind;
            let mut slot = 0;
            let start = self.columns.start(phase) + tap;
            for _ in 0..fours {
                let pixels = window.get(start + slot..).unwrap_or_default();
                run::<4>(pixels, self.window_columns, own, sums.get_mut(slot..).unwrap_or_default());
                slot += 4;
            }
            for _ in 0..threes {
                let pixels = window.get(start + slot..).unwrap_or_default();
                run::<3>(pixels, self.window_columns, own, sums.get_mut(slot..).unwrap_or_default());
                slot += 3;
            }
        }
    }

    fn sums_of(self, sums: &[i32], _channel: usize) -> &[i32] {
        sums
    }
}
