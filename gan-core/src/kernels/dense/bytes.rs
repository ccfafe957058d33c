//! Four outputs by one input, for cores with eight low registers (ARMv6-M).
//!
//! Working memory: a word per input. Weights: bytes `[four outputs][input][4]`.

use super::DenseKernel;
use crate::kernels::magnitude::{Lanes, Sums};

/// The kernel of dense layers for ARMv6-M.
pub(crate) struct Bytes;

impl DenseKernel for Bytes {
    const OUTPUTS: usize = 4;

    fn input_words(inputs: usize) -> usize {
        inputs
    }

    fn block_bytes(inputs: usize) -> usize {
        4 * inputs
    }

    fn magnitudes(weights: &[i8]) -> Option<Sums> {
        let mut lanes = Lanes::default();
        lanes.add(bytemuck::try_cast_slice(weights).ok()?, |word| word);
        lanes.sums().map(|[a, b, c, d]| [a, b, c, d, 0, 0, 0, 0])
    }

    fn unpack(input: &[i8], words: &mut [i32]) {
        for (word, &value) in words.iter_mut().zip(input) {
            *word = value.into();
        }
    }

    fn sum(inputs: usize, unpacked: &[i32], weights: &[i8], sums: &mut [i32]) {
        let (mut weights, mut sums) = (weights, sums);
        while let Some((block, behind)) = weights.split_at_checked(4 * inputs) {
            let Some((own, others)) = sums.split_first_chunk_mut::<4>() else { return };
            block_sums(unpacked, block, own);
            (weights, sums) = (behind, others);
        }
    }
}

#[cfg(not(target_arch = "arm"))]
fn block_sums(inputs: &[i32], weights: &[i8], sums: &mut [i32; 4]) {
    *sums = [0; 4];
    for (input, weights) in inputs.iter().zip(weights.chunks_exact(4)) {
        for (sum, &weight) in sums.iter_mut().zip(weights) {
            *sum += input * i32::from(weight);
        }
    }
}

#[cfg(target_arch = "arm")]
#[inline(always)]
fn block_sums(inputs: &[i32], weights: &[i8], sums: &mut [i32; 4]) {
    let count = weights.len() / 4;
    if count > 0 && inputs.len() >= count {
        // SAFETY: it reads `count` inputs and four times as many weights, and writes the sums.
        unsafe { four_outputs(inputs.as_ptr(), weights.as_ptr(), sums, count) }
    }
}

/// r0 the next input, r1 the next weights, r2–r4 the numbers 1 to 3, r5 a weight, r6 the input, r7 zero; r8–r11 sums,
/// r12 the end of the inputs.
///
/// # Safety
/// `count` is positive; see `block_sums`.
#[cfg(target_arch = "arm")]
#[unsafe(naked)]
unsafe extern "C" fn four_outputs(inputs: *const i32, weights: *const i8, sums: &mut [i32; 4], count: usize) {
    core::arch::naked_asm!(
        "push {{r2, r4-r7, lr}}",
        "mov r4, r8",
        "mov r5, r9",
        "mov r6, r10",
        "mov r7, r11",
        "push {{r4-r7}}",
        "lsls r5, r3, #2",
        "adds r5, r5, r0",
        "mov r12, r5",
        "movs r7, #0",
        "mov r8, r7",
        "mov r9, r7",
        "mov r10, r7",
        "mov r11, r7",
        // Inputs beyond a multiple of eight come first; a step is 28 bytes of code.
        "rsbs r5, r3, #0",
        "movs r6, #7",
        "ands r5, r6",
        "lsls r6, r5, #5",
        "lsls r5, r5, #2",
        "subs r6, r6, r5",
        "movs r2, #1",
        "movs r3, #2",
        "movs r4, #3",
        "adr r5, 2f",
        "adds r5, r5, r6",
        "adds r5, #1",
        "bx r5",
        ".p2align 2",
        "2:",
        ".rept 8",
        "ldm r0!, {{r6}}",
        "ldrsb r5, [r1, r7]",
        "muls r5, r6, r5",
        "add r8, r5",
        "ldrsb r5, [r1, r2]",
        "muls r5, r6, r5",
        "add r9, r5",
        "ldrsb r5, [r1, r3]",
        "muls r5, r6, r5",
        "add r10, r5",
        "ldrsb r5, [r1, r4]",
        "muls r5, r6, r5",
        "add r11, r5",
        "adds r1, #4",
        ".endr",
        "cmp r0, r12",
        "bne 2b",
        "ldr r0, [sp, #16]",
        "mov r1, r8",
        "mov r2, r9",
        "mov r3, r10",
        "mov r4, r11",
        "stm r0!, {{r1-r4}}",
        "pop {{r4-r7}}",
        "mov r8, r4",
        "mov r9, r5",
        "mov r10, r6",
        "mov r11, r7",
        "pop {{r2, r4-r7, pc}}",
    )
}
