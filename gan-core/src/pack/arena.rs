//! The arena of a packed model: tensors and working memories at offsets with the smallest peak.
//!
//! An op that has read its input before it writes, or that reads it row by row ahead of what it writes, may write over
//! it. So of two neighbouring tensors only the larger one, and sometimes a little more, takes memory.

use std::vec;
use std::vec::Vec;

use super::records::{phases, shape};
use crate::format::{ALIGNMENT, InputRecord, OpRecord, TensorRecord};
use crate::ops::groups::Windows;

/// Offsets, and what no plan can be below.
pub(super) struct Plan {
    pub(super) tensors: Vec<u32>,
    pub(super) scratch: Vec<u32>,
    pub(super) lower_bound: usize,
}

/// A tensor's size and the steps at which it is in use, both ends included; step 0 is the inputs, step n + 1 is op n.
#[derive(Clone, Copy)]
struct Life {
    bytes: usize,
    written: usize,
    read: usize,
}

/// How an op's output may lie over its input.
enum Overlap {
    Never,
    Anyhow,
    Rows(Windows),
}

impl Overlap {
    fn of(op: &OpRecord, tensors: &[TensorRecord]) -> Self {
        match op {
            OpRecord::Dense(_) | OpRecord::Conv(_) | OpRecord::ConvTranspose(_) => Overlap::Never,
            OpRecord::PackedDense(_) => Overlap::Anyhow,
            OpRecord::PackedConv(packed) => {
                let [input, output] =
                    [op.input(), op.output()].map(|tensor| shape(&tensors[usize::from(tensor)]));
                let phases = phases(&packed.conv, packed.transposed);
                Overlap::Rows(Windows::new(phases, input, output).expect("packing went by rows"))
            }
        }
    }

    fn allows(&self, (input, input_bytes): (usize, usize), (output, output_bytes): (usize, usize)) -> bool {
        input + input_bytes <= output
            || output + output_bytes <= input
            || match self {
                Overlap::Never => false,
                Overlap::Anyhow => true,
                Overlap::Rows(windows) => windows.may_overlap(input as u64, output as u64),
            }
    }

    /// How far the input must start above (or, negative, below) the output, at least and at most, to lie over it.
    fn shifts(&self, input_bytes: usize, output_bytes: usize) -> Vec<isize> {
        const STEP: usize = 4;
        let base = input_bytes.next_multiple_of(STEP);
        let all = (0..=base + output_bytes)
            .step_by(STEP)
            .filter(|&at| self.allows((at, input_bytes), (base, output_bytes)));
        all.map(|at| at as isize - base as isize).collect()
    }
}

/// Plans a model whose ops need `scratch_bytes` of working memory each.
pub(super) fn plan(
    inputs: &[InputRecord],
    tensors: &[TensorRecord],
    ops: &[OpRecord],
    scratch_bytes: &[usize],
    output: u8,
) -> Plan {
    let lives = lives(inputs, tensors, ops, output);
    let overlaps: Vec<Overlap> = ops.iter().map(|op| Overlap::of(op, tensors)).collect();
    let lower_bound = lower_bound(&lives, ops, &overlaps, scratch_bytes);
    let mut search = Search {
        lives: &lives,
        ops,
        overlaps: &overlaps,
        scratch_bytes,
        lower_bound,
        best: (usize::MAX, vec![], vec![]),
        tries: 20_000,
    };
    search.place(&mut vec![None; lives.len()], lives.len());
    let (_, tensors, scratch) = search.best;
    let offset = |offset: usize| u32::try_from(offset).expect("arenas below 4 GiB");
    Plan {
        tensors: tensors.into_iter().map(offset).collect(),
        scratch: scratch.into_iter().map(offset).collect(),
        lower_bound,
    }
}

fn lives(inputs: &[InputRecord], tensors: &[TensorRecord], ops: &[OpRecord], output: u8) -> Vec<Life> {
    let life = |(index, tensor): (usize, &TensorRecord)| {
        let is = |other: u8| usize::from(other) == index;
        let is_input =
            inputs.iter().any(|input| matches!(input, InputRecord::Latent { tensor } if is(*tensor)));
        let written = ops.iter().position(|op| is(op.output())).map_or(0, |op| op + 1);
        let last_read = ops.iter().rposition(|op| is(op.input())).map_or(written, |op| op + 1);
        debug_assert!(is_input || written > 0);
        let read = if is(output) { ops.len() } else { last_read };
        Life { bytes: shape(tensor).size(), written, read }
    };
    tensors.iter().enumerate().map(life).collect()
}

/// Bytes that the busiest op needs, whatever the plan.
fn lower_bound(lives: &[Life], ops: &[OpRecord], overlaps: &[Overlap], scratch_bytes: &[usize]) -> usize {
    let of_op = |(step, op): (usize, &OpRecord)| {
        let [input, output] = [op.input(), op.output()].map(usize::from);
        let dies = lives[input].read == step + 1;
        let [input_bytes, output_bytes] = [lives[input].bytes, lives[output].bytes];
        let apart = input_bytes + output_bytes;
        let together = if dies { overlaps[step].shifts(input_bytes, output_bytes) } else { vec![] };
        let hull = together.iter().map(|&shift| {
            let ends = [shift + input_bytes as isize, output_bytes as isize];
            (ends[0].max(ends[1]) - shift.min(0)) as usize
        });
        let hull = hull.min().unwrap_or(apart).min(apart);
        let others = lives.iter().enumerate().filter(|(tensor, life)| {
            *tensor != input && *tensor != output && (life.written..=life.read).contains(&(step + 1))
        });
        let others: usize = others.map(|(_, life)| life.bytes).sum();
        hull + others + scratch_bytes[step]
    };
    ops.iter().enumerate().map(of_op).max().unwrap_or(0)
}

/// Depth first from the last tensor to the first: where a tensor may lie is known once its reader's output is placed.
struct Search<'p> {
    lives: &'p [Life],
    ops: &'p [OpRecord],
    overlaps: &'p [Overlap],
    scratch_bytes: &'p [usize],
    lower_bound: usize,
    best: (usize, Vec<usize>, Vec<usize>),
    tries: usize,
}

impl Search<'_> {
    fn place(&mut self, placed: &mut Vec<Option<usize>>, left: usize) {
        let ends = placed.iter().zip(self.lives).filter_map(|(at, life)| Some((*at)? + life.bytes));
        if self.tries == 0 || ends.max().unwrap_or(0) >= self.best.0 {
            return;
        }
        let Some(tensor) = left.checked_sub(1) else {
            self.tries -= 1;
            let tensors: Vec<usize> = placed.iter().map(|at| at.expect("all are placed")).collect();
            let scratch: Vec<usize> =
                (0..self.ops.len()).map(|op| self.scratch_offset(op, &tensors)).collect();
            let tensor_ends = tensors.iter().zip(self.lives).map(|(at, life)| at + life.bytes);
            let scratch_ends = scratch.iter().zip(self.scratch_bytes).map(|(at, bytes)| at + bytes);
            let peak = tensor_ends.chain(scratch_ends).max().unwrap_or(0);
            if peak < self.best.0 {
                self.best = (peak, tensors, scratch);
            }
            return;
        };
        for at in self.candidates(tensor, placed) {
            // What the alignment of working memory takes is no fault of a plan.
            if self.best.0 < self.lower_bound + ALIGNMENT {
                return;
            }
            if self.fits(tensor, at, placed) {
                placed[tensor] = Some(at);
                self.place(placed, tensor);
                placed[tensor] = None;
            }
        }
    }

    /// Offsets worth a try: at the bottom, at the top, beside another tensor, and over an output as low and as high as the op allows.
    fn candidates(&self, tensor: usize, placed: &[Option<usize>]) -> Vec<usize> {
        let life = self.lives[tensor];
        let mut candidates = vec![0, self.lower_bound.saturating_sub(life.bytes) / 4 * 4];
        for (other, at) in placed.iter().enumerate().filter_map(|(other, at)| Some((other, (*at)?))) {
            candidates.push((at + self.lives[other].bytes).next_multiple_of(4));
            candidates.extend(at.checked_sub(life.bytes).map(|at| at / 4 * 4));
        }
        for (op, overlap) in self.ops.iter().zip(self.overlaps) {
            let output = usize::from(op.output());
            if usize::from(op.input()) == tensor
                && let Some(at) = placed[output]
            {
                let shifts = overlap.shifts(life.bytes, self.lives[output].bytes);
                let inside = (self.lives[output].bytes as isize - life.bytes as isize) / 4 * 4;
                let above = shifts.iter().copied().filter(|&shift| shift >= 0).min();
                let tried = [Some(0), Some(inside), above].into_iter().flatten();
                let tried = tried.filter(|shift| shifts.contains(shift));
                candidates.extend(tried.filter_map(|shift| usize::try_from(at as isize + shift).ok()));
            }
        }
        candidates.sort_unstable();
        candidates.dedup();
        candidates
    }

    fn fits(&self, tensor: usize, at: usize, placed: &[Option<usize>]) -> bool {
        let life = self.lives[tensor];
        placed.iter().enumerate().all(|(other, other_at)| {
            let (Some(other_at), other_life) = (*other_at, self.lives[other]) else { return true };
            let together = life.written <= other_life.read && other_life.written <= life.read;
            let apart = at + life.bytes <= other_at || other_at + other_life.bytes <= at;
            let hands_over = life.read == other_life.written && other_life.written > 0 && {
                let step = other_life.written - 1;
                usize::from(self.ops[step].input()) == tensor
                    && self.overlaps[step].allows((at, life.bytes), (other_at, other_life.bytes))
            };
            !together || apart || hands_over
        })
    }

    /// The lowest place for an op's working memory, outside what its input and output span and every other tensor in use.
    fn scratch_offset(&self, op: usize, tensors: &[usize]) -> usize {
        if self.scratch_bytes[op] == 0 {
            return 0;
        }
        let [input, output] = [self.ops[op].input(), self.ops[op].output()].map(usize::from);
        let end = |tensor: usize| tensors[tensor] + self.lives[tensor].bytes;
        let mut taken = vec![(tensors[input].min(tensors[output]), end(input).max(end(output)))];
        let in_use = |life: &Life| (life.written..=life.read).contains(&(op + 1));
        taken.extend(
            (0..tensors.len())
                .filter(|&tensor| in_use(&self.lives[tensor]))
                .map(|tensor| (tensors[tensor], end(tensor))),
        );
        taken.sort_unstable();
        let mut at = 0;
        for (start, end) in taken {
            if at + self.scratch_bytes[op] > start {
                at = at.max(end.next_multiple_of(ALIGNMENT));
            }
        }
        at
    }
}
