//! Eight outputs by sixteen inputs, with the vector extension (MVE).
//!
//! Working memory: bytes. Weights: bytes `[eight outputs][input / 16][8][16]`. Inputs are filled up to sixteen.

use super::DenseKernel;
use crate::kernels::magnitude::{Sums, magnitude};
use crate::kernels::requantize::{Activation, Requantize, Shifts};
use crate::kernels::vectors::{VECTOR, copy};

/// The kernel of dense layers for MVE.
pub(crate) struct Vectors;

/// Vectors of an input.
fn vectors(inputs: usize) -> usize {
    inputs.div_ceil(VECTOR)
}

impl DenseKernel for Vectors {
    const OUTPUTS: usize = 8;

    fn input_words(inputs: usize) -> usize {
        VECTOR / 4 * vectors(inputs)
    }

    fn block_bytes(inputs: usize) -> usize {
        8 * VECTOR * vectors(inputs)
    }

    fn magnitudes(weights: &[i8]) -> Option<Sums> {
        let mut sums = Sums::default();
        for vectors in weights.chunks_exact(8 * VECTOR) {
            for (sum, vector) in sums.iter_mut().zip(vectors.chunks_exact(VECTOR)) {
                *sum += magnitude(vector)?;
            }
        }
        Some(sums)
    }

    fn unpack(input: &[i8], words: &mut [i32]) {
        words.fill(0);
        let bytes: &mut [i8] = bytemuck::try_cast_slice_mut(words).unwrap_or_default();
        copy(input, bytes);
    }

    fn sum(inputs: usize, unpacked: &[i32], weights: &[i8], sums: &mut [i32]) {
        sum_blocks(bytemuck::try_cast_slice(unpacked).unwrap_or_default(), vectors(inputs), weights, sums);
    }

    fn store(requantize: &Requantize<'_>, channel: usize, sums: &[i32], biases: &[i32], output: &mut [i8]) {
        let multipliers = requantize.multipliers.get(channel..).unwrap_or_default();
        match (requantize.shifts, requantize.activation) {
            (Shifts::All(32), Activation::Clamp { min, max }) => {
                let range = (min.into(), max.into());
                store(sums, biases, multipliers, requantize.zero_point.into(), range, output);
            }
            _ => requantize.store_channels(channel, sums, biases, output),
        }
    }
}

#[cfg(not(target_arch = "arm"))]
fn sum_blocks(inputs: &[i8], vectors: usize, weights: &[i8], sums: &mut [i32]) {
    for (weights, sums) in weights.chunks_exact(8 * VECTOR * vectors).zip(sums.chunks_exact_mut(8)) {
        for (output, sum) in sums.iter_mut().enumerate() {
            let own = weights.chunks_exact(VECTOR).skip(output).step_by(8).flatten();
            *sum = inputs.iter().zip(own).map(|(&input, &weight)| i32::from(input) * i32::from(weight)).sum();
        }
    }
}

#[cfg(not(target_arch = "arm"))]
fn store(
    sums: &[i32],
    biases: &[i32],
    multipliers: &[i32],
    zero_point: i32,
    (min, max): (i32, i32),
    output: &mut [i8],
) {
    for (((sum, bias), &multiplier), slot) in sums.iter().zip(biases).zip(multipliers).zip(output) {
        let product = i64::from(sum.wrapping_add(*bias)) * i64::from(multiplier);
        *slot = (((product + (1 << 31)) >> 32) as i32 + zero_point).clamp(min, max) as i8;
    }
}

#[cfg(target_arch = "arm")]
#[inline(always)]
fn sum_blocks(inputs: &[i8], vectors: usize, weights: &[i8], sums: &mut [i32]) {
    let block = 8 * VECTOR * vectors;
    if vectors > 0 && inputs.len() >= VECTOR * vectors {
        let blocks = weights.len().checked_div(block).unwrap_or(0).min(sums.len() / 8);
        if blocks > 0 {
            // SAFETY: it reads `vectors` vectors of inputs and eight times as many weights per block, and writes eight sums per
            // block.
            unsafe { eight_outputs(inputs.as_ptr(), vectors, weights.as_ptr(), sums.as_mut_ptr(), blocks) }
        }
    }
}

/// Sums in r0, r2, …, r12, lr; r1 inputs, r3 weights, r5 vectors left, r7 sums, r9 blocks left, r11 vectors.
///
/// # Safety
/// See `sum_blocks`.
#[cfg(target_arch = "arm")]
#[unsafe(naked)]
unsafe extern "C" fn eight_outputs(
    inputs: *const i8,
    vectors: usize,
    weights: *const i8,
    sums: *mut i32,
    blocks: usize,
) {
    core::arch::naked_asm!(
        ".cpu cortex-m55",
        "push {{r4-r11, lr}}",
        "sub sp, #4",
        "ldr r9, [sp, #40]",
        "str r0, [sp]",
        "mov r11, r1",
        "mov r7, r3",
        "mov r3, r2",
        "1:",
        "ldr r1, [sp]",
        "mov r5, r11",
        "movs r0, #0",
        "movs r2, #0",
        "movs r4, #0",
        "movs r6, #0",
        "mov r8, r0",
        "mov r10, r0",
        "mov r12, r0",
        "mov lr, r0",
        "2:",
        "vldrb.u8 q0, [r1], #16",
        "vldrb.u8 q1, [r3], #16",
        "vldrb.u8 q2, [r3], #16",
        "vmladava.s8 r0, q0, q1",
        "vldrb.u8 q1, [r3], #16",
        "vmladava.s8 r2, q0, q2",
        "vldrb.u8 q2, [r3], #16",
        "vmladava.s8 r4, q0, q1",
        "vldrb.u8 q1, [r3], #16",
        "vmladava.s8 r6, q0, q2",
        "vldrb.u8 q2, [r3], #16",
        "vmladava.s8 r8, q0, q1",
        "vldrb.u8 q1, [r3], #16",
        "vmladava.s8 r10, q0, q2",
        "vldrb.u8 q2, [r3], #16",
        "vmladava.s8 r12, q0, q1",
        "vmladava.s8 lr, q0, q2",
        "subs r5, #1",
        "bne 2b",
        "stm.w r7!, {{r0, r2, r4, r6, r8, r10, r12, lr}}",
        "subs r9, #1",
        "bne 1b",
        "add sp, #4",
        "pop {{r4-r11, pc}}",
    )
}

#[cfg(target_arch = "arm")]
#[inline(always)]
fn store(
    sums: &[i32],
    biases: &[i32],
    multipliers: &[i32],
    zero_point: i32,
    (min, max): (i32, i32),
    output: &mut [i8],
) {
    let count = output.len().min(sums.len()).min(biases.len()).min(multipliers.len());
    let numbers = [count as i32, zero_point, min, max];
    if count > 0 {
        // SAFETY: it reads `count` sums, biases and multipliers, and writes as many bytes.
        unsafe {
            finish(sums.as_ptr(), biases.as_ptr(), multipliers.as_ptr(), output.as_mut_ptr(), &numbers);
        }
    }
}

/// # Safety
/// See `store`.
#[cfg(target_arch = "arm")]
#[unsafe(naked)]
unsafe extern "C" fn finish(
    sums: *const i32,
    biases: *const i32,
    multipliers: *const i32,
    output: *mut i8,
    numbers: &[i32; 4],
) {
    core::arch::naked_asm!(
        ".cpu cortex-m55",
        "push {{r4, lr}}",
        "ldr r4, [sp, #8]",
        "ldr r12, [r4, #8]",
        "vdup.32 q2, r12",
        "ldr r12, [r4, #12]",
        "vdup.32 q3, r12",
        "ldr r12, [r4, #4]",
        "ldr r4, [r4]",
        "dlstp.32 lr, r4",
        "1:",
        "vldrw.u32 q0, [r0], #16",
        "vldrw.u32 q1, [r1], #16",
        "vadd.i32 q0, q0, q1",
        "vldrw.u32 q1, [r2], #16",
        "vrmulh.s32 q0, q0, q1",
        "vadd.i32 q0, q0, r12",
        "vmax.s32 q0, q0, q2",
        "vmin.s32 q0, q0, q3",
        "vstrb.32 q0, [r3], #4",
        "letp lr, 1b",
        "pop {{r4, pc}}",
    )
}
