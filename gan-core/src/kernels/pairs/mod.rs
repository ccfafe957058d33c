//! Two pixels and two taps in one multiplication, for cores that multiply and accumulate into 64 bits (ARMv7-M on).
//!
//! A word holds two neighbouring inputs, `X = x₀ + x₁·2²¹`, another two neighbouring weights, `W = w₁ + w₀·2²¹`. Their
//! product, as polynomials in t = 2²¹ multiply, is
//!
//! `W·X = w₁x₀ + (w₀x₀ + w₁x₁)·t + w₀x₁·t²`
//!
//! and all four products are wanted: for outputs y₀ and y₁ over x₀ and x₁, the middle is what y₀ gets of its two taps,
//! the upper term is y₁'s first tap, and the lower one the second tap of the output before y₀. So SMLAL does four
//! multiply-accumulates, and three sums grow side by side in one accumulator of 64 bits. (Packing a polynomial into an
//! integer is Kronecker's substitution.)
//!
//! The sums are exact while Σ(|w₀| + |w₁|) · 128 < 2²⁰, whatever the inputs. Packing finds the longest *run* of products
//! for which that holds in a channel pair; 32 always do. After a run the three sums are taken out.
//!
//! Layout. Working memory: words `[start][block][tap row][input channel][pair]`, of two pairs per block; input channels are
//! filled up to a multiple of four. Weights: words `[column phase][channel pair]`, of each the length of its runs, a word
//! that nothing reads, and `[tap pair][tap row][input channel][2]`.

#[cfg(target_arch = "arm")]
mod asm;
#[cfg(not(target_arch = "arm"))]
mod twin;

use crate::geometry::groups::{Groups, Windows};
use crate::kernels::copy::move_down;
use crate::kernels::magnitude::Sums;
use crate::kernels::rows::RowKernel;

#[cfg(target_arch = "arm")]
use asm::run;
#[cfg(not(target_arch = "arm"))]
use twin::run;

/// Bits of the lower and the middle sum.
pub(crate) const SHIFT: u32 = 21;
/// Added to the lower and the middle sum, so that neither borrows from the one above it.
const OFFSET: i32 = 1 << (SHIFT - 1);
/// Input channels are filled up to a multiple of this, which the inner loop handles at once.
const CHANNELS_AT_ONCE: usize = 4;

/// Measures of a layer.
#[derive(Clone, Copy)]
pub(crate) struct Pairs {
    columns: Groups,
    width: usize,
    inputs: usize,
    /// Pairs of taps in a row.
    tap_pairs: usize,
    /// Words of a row of a block.
    row_words: usize,
    /// Words of a block: two pairs of pixels, all tap rows.
    block_words: usize,
    /// Blocks in a row of the window.
    blocks: usize,
}

/// A run's measures; `asm` reads them by offset.
#[repr(C)]
pub(super) struct Run {
    /// Bytes of its inputs, and of its weights.
    bytes: usize,
    /// Bytes to the next block.
    block_bytes: usize,
    /// Blocks.
    blocks: usize,
    /// Bytes from a sum of the first channel to that of the second.
    channel_bytes: usize,
    /// What sums of the two channels start from.
    bias: [i32; 2],
}

impl Pairs {
    /// Words of a channel's sums.
    fn channel_sums(self) -> usize {
        2 * self.tap_pairs + 4 * self.blocks + 3
    }

    /// A pixel's channels.
    fn pixel(self, row: Option<&[i8]>, column: i32) -> Option<&[i8]> {
        let column = usize::try_from(column).ok().filter(|&column| column < self.width)?;
        row?.get(column * self.inputs..)?.get(..self.inputs)
    }

    /// Writes the words of the `PAIR`-th pair of a block.
    fn join<const PAIR: usize>(
        words: &mut [[i32; 2]],
        left: impl Iterator<Item = i8>,
        right: impl Iterator<Item = i8>,
    ) {
        for ((word, left), right) in words.iter_mut().zip(left).zip(right) {
            word[PAIR] = i32::from(left) + (i32::from(right) << SHIFT);
        }
    }

    fn take_pair<const PAIR: usize>(
        self,
        words: &mut [[i32; 2]],
        row: Option<&[i8]>,
        column: i32,
        padding: i8,
    ) {
        let nothing = || core::iter::repeat(padding);
        match (self.pixel(row, column), self.pixel(row, column + 1)) {
            (Some(left), Some(right)) => {
                Self::join::<PAIR>(words, left.iter().copied(), right.iter().copied());
            }
            (Some(left), None) => Self::join::<PAIR>(words, left.iter().copied(), nothing()),
            (None, Some(right)) => Self::join::<PAIR>(words, nothing(), right.iter().copied()),
            (None, None) => Self::join::<PAIR>(words, nothing(), nothing()),
        }
    }
}

impl RowKernel for Pairs {
    const CHANNELS: usize = 2;

    fn new(windows: &Windows) -> Self {
        let columns = windows.columns;
        let inputs = windows.inputs();
        let tap_pairs = columns.taps.div_ceil(2);
        let row_words = 2 * inputs.next_multiple_of(CHANNELS_AT_ONCE);
        Pairs {
            columns,
            width: windows.input.width.into(),
            inputs,
            tap_pairs,
            row_words,
            block_words: windows.rows.taps * row_words,
            blocks: (columns.most_outputs() / 2 + tap_pairs).div_ceil(2),
        }
    }

    fn window_words(self) -> usize {
        self.columns.starts() * self.blocks * self.block_words
    }

    fn sums_words(self) -> usize {
        2 * self.channel_sums()
    }

    fn weight_bytes(self) -> usize {
        8 + 4 * self.tap_pairs * self.block_words
    }

    fn magnitudes(self, weights: &[i8]) -> Option<Sums> {
        let words: &[[i32; 2]] = bytemuck::try_cast_slice(weights).ok()?;
        let (&[run, _], products) = words.split_first()?;
        let run = usize::try_from(run).ok().filter(|run| *run > 0 && run.is_multiple_of(CHANNELS_AT_ONCE))?;
        let mut sums = Sums::default();
        for tap_pair in products.chunks_exact((self.block_words / 2).max(1)) {
            for products in tap_pair.chunks(run) {
                let [first, second] = sums_of_run(products)?;
                sums[0] += first;
                sums[1] += second;
            }
        }
        Some(sums)
    }

    fn pad(self, window: &mut [i32], padding: i8) {
        let padding = i32::from(padding);
        window.fill(padding + (padding << SHIFT));
    }

    fn take_row(self, window: &mut [i32], row: Option<&[i8]>, padding: i8) {
        let mut rest = window;
        for start in 0..self.columns.starts() {
            for block in 0..self.blocks {
                let Some((words, behind)) = rest.split_at_mut_checked(self.block_words) else { return };
                rest = behind;
                let kept = words.len().saturating_sub(self.row_words);
                move_down(words, self.row_words);
                let lowest = words.get_mut(kept..).unwrap_or_default().as_chunks_mut().0;
                let column = self.columns.first + (start + 4 * block) as i32;
                self.take_pair::<0>(lowest, row, column, padding);
                self.take_pair::<1>(lowest, row, column + 2, padding);
            }
        }
    }

    #[inline(always)]
    fn sum(self, phase: usize, window: &[i32], weights: &[i8], bias: [i32; 2], sums: &mut [i32]) {
        let weights: &[[i32; 2]] = bytemuck::try_cast_slice(weights).unwrap_or_default();
        let Some((&[run_steps, _], mut weights)) = weights.split_first() else { return };
        let run_steps = run_steps.max(1) as usize;
        let steps = self.block_words / 2;
        let runs = self.tap_pairs * steps.div_ceil(run_steps);
        let mut bias = Some(bias.map(|bias| bias.wrapping_sub(runs as i32 * OFFSET)));
        let start = self.columns.start(phase) * self.blocks * self.block_words;
        let pairs = self.columns.outputs(phase) / 2 + 1;
        for tap_pair in 0..self.tap_pairs {
            // Of a later pair of taps, the same inputs belong to earlier outputs.
            let skipped = tap_pair / 2;
            let at = 2 * (self.tap_pairs - 1 - tap_pair) + 4 * skipped;
            let mut step = 0;
            while step < steps {
                let length = run_steps.min(steps - step);
                let (own, behind) = weights.split_at_checked(length).unwrap_or_default();
                weights = behind;
                let measures = Run {
                    bytes: 8 * length,
                    block_bytes: 4 * self.block_words,
                    blocks: (pairs + tap_pair).div_ceil(2) - skipped,
                    channel_bytes: 4 * self.channel_sums(),
                    bias: bias.unwrap_or_default(),
                };
                let inputs = window.get(start + skipped * self.block_words + 2 * step..).unwrap_or_default();
                // The first run reaches every output: it starts the sums.
                let sums = sums.get_mut(at..).unwrap_or_default();
                run(inputs, own, sums, &measures, bias.take().is_some());
                step += length;
            }
        }
    }

    fn sums_of(self, sums: &[i32], channel: usize) -> &[i32] {
        sums.get(channel * self.channel_sums() + 2 * self.tap_pairs - 1..).unwrap_or_default()
    }
}

/// Σ(|w₀| + |w₁|) of both channels of a run of products; `None` if a weight is not in −127..=127, or if a narrow sum could
/// overflow.
pub(crate) fn sums_of_run(products: &[[i32; 2]]) -> Option<[u32; 2]> {
    let (mut sums, mut largest) = ([0u32; 2], 0);
    for words in products {
        for (sum, word) in sums.iter_mut().zip(words) {
            let second = (word << (32 - SHIFT)) >> (32 - SHIFT);
            let first = word.wrapping_sub(second) >> SHIFT;
            let (first, second) = (first.unsigned_abs(), second.unsigned_abs());
            largest = first.max(second).max(largest);
            // What wraps around is out of range anyway.
            *sum = sum.wrapping_add(first).wrapping_add(second);
        }
    }
    let exact = |sum: u32| i64::from(sum) * 128 < i64::from(OFFSET);
    (largest <= 127 && sums.into_iter().all(exact)).then_some(sums)
}
