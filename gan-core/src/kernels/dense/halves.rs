//! Two outputs by two inputs, for cores with the DSP extension (ARMv7E-M, ARMv8-M).
//!
//! A half word holds the weights of two outputs, `256·b + a`; a word those for two inputs. SMLAD of the word and a pair
//! of inputs sums up 256·Σb·x + Σa·x, SMLAD of its lower bytes, which one SXTB16 brings, Σa·x: the difference is Σb·x.
//!
//! The sums are exact while (256·Σ|b| + Σ|a|) · 128 < 2³¹.
//!
//! Working memory: a half word per input. Weights: half words `[two outputs][input]`. Inputs are filled up to a multiple
//! of eight.

use super::DenseKernel;
use crate::kernels::magnitude::{Lanes, Sums};

/// The kernel of dense layers for the DSP extension.
pub(crate) struct Halves;

/// Inputs filled up to what the inner loop handles at once.
fn filled(inputs: usize) -> usize {
    inputs.next_multiple_of(8)
}

impl DenseKernel for Halves {
    const OUTPUTS: usize = 2;

    fn input_words(inputs: usize) -> usize {
        filled(inputs) / 2
    }

    fn block_bytes(inputs: usize) -> usize {
        2 * filled(inputs)
    }

    fn magnitudes(weights: &[i8]) -> Option<Sums> {
        let mut lanes = Lanes::default();
        // A half word is 256·b + a: where a is negative, the upper byte is b − 1, and one is added, without a carry.
        lanes.add(bytemuck::try_cast_slice(weights).ok()?, |word| {
            let upper = ((word >> 8) & 0x00FF_00FF) + ((word >> 7) & 0x0001_0001);
            word & 0x00FF_00FF | (upper & 0x00FF_00FF) << 8
        });
        let [a, b, a_too, b_too] = lanes.sums()?;
        let [a, b] = [a + a_too, b + b_too];
        let whole = 256 * u64::from(b) + u64::from(a);
        (whole * 128 < 1 << 31).then_some([a, b, 0, 0, 0, 0, 0, 0])
    }

    fn unpack(input: &[i8], words: &mut [i32]) {
        words.fill(0);
        let halves: &mut [i16] = bytemuck::try_cast_slice_mut(words).unwrap_or_default();
        for (half, &value) in halves.iter_mut().zip(input) {
            *half = value.into();
        }
    }

    fn sum(inputs: usize, unpacked: &[i32], weights: &[i8], sums: &mut [i32]) {
        let weights: &[u32] = bytemuck::try_cast_slice(weights).unwrap_or_default();
        sum_blocks(unpacked.get(..filled(inputs) / 2).unwrap_or_default(), weights, sums.as_chunks_mut().0);
    }
}

#[cfg(not(target_arch = "arm"))]
fn sum_blocks(inputs: &[i32], weights: &[u32], sums: &mut [[i32; 2]]) {
    for (weights, sums) in weights.chunks_exact(inputs.len()).zip(sums) {
        let (mut lower, mut whole) = (0i32, 0i32);
        for (&input, &word) in inputs.iter().zip(weights) {
            for (input, half) in [(input as i16, word as i16), ((input >> 16) as i16, (word >> 16) as i16)] {
                whole += i32::from(input) * i32::from(half);
                lower += i32::from(input) * i32::from(half as i8);
            }
        }
        *sums = [lower, (whole - lower) >> 8];
    }
}

#[cfg(target_arch = "arm")]
#[inline(always)]
fn sum_blocks(inputs: &[i32], weights: &[u32], sums: &mut [[i32; 2]]) {
    let words = inputs.len();
    if words == 0 || !words.is_multiple_of(4) {
        return;
    }
    let blocks = (weights.len() / words).min(sums.len());
    if blocks > 0 {
        // SAFETY: it reads all inputs and as many words of weights per block, and writes two sums per block.
        unsafe { two_outputs(inputs.as_ptr_range().end, weights.as_ptr(), sums.as_mut_ptr(), words, blocks) }
    }
}

/// r0 the next inputs, r1 the next weights, r2 Σa·x, r3 256·Σb·x + Σa·x, r4–r7 inputs, r8–r11 weights, r12 lower bytes,
/// lr the end of the inputs.
///
/// # Safety
/// `words` is a positive multiple of four, `blocks` positive; see `sum_blocks`.
#[cfg(target_arch = "arm")]
#[unsafe(naked)]
unsafe extern "C" fn two_outputs(
    inputs_end: *const i32,
    weights: *const u32,
    sums: *mut [i32; 2],
    words: usize,
    blocks: usize,
) {
    core::arch::naked_asm!(
        // Optional on ARMv8-M, and so not assumed of the target.
        ".cpu cortex-m33",
        "push {{r2, r4-r11, lr}}",
        "mov lr, r0",
        // Words beyond a multiple of 16 come first; four of them are 56 bytes of code.
        "sub r4, r0, r3, lsl #2",
        "rsb r3, r3, #0",
        "and r3, r3, #12",
        "rsb r3, r3, r3, lsl #3",
        "lsl r3, r3, #1",
        "adr r5, 2f",
        "add r5, r5, r3",
        "adds r5, #1",
        "push {{r4, r5}}",
        "1:",
        "ldr r0, [sp]",
        "movs r2, #0",
        "movs r3, #0",
        "ldr pc, [sp, #4]",
        ".p2align 2",
        "2:",
        ".rept 4",
        "ldm.w r0!, {{r4-r7}}",
        "ldm.w r1!, {{r8-r11}}",
        "smlad r3, r8, r4, r3",
        "sxtb16 r12, r8",
        "smlad r2, r12, r4, r2",
        "smlad r3, r9, r5, r3",
        "sxtb16 r12, r9",
        "smlad r2, r12, r5, r2",
        "smlad r3, r10, r6, r3",
        "sxtb16 r12, r10",
        "smlad r2, r12, r6, r2",
        "smlad r3, r11, r7, r3",
        "sxtb16 r12, r11",
        "smlad r2, r12, r7, r2",
        ".endr",
        "cmp r0, lr",
        "bne 2b",
        "ldr r4, [sp, #8]",
        "ldr r5, [sp, #48]",
        "subs r3, r3, r2",
        "asrs r3, r3, #8",
        "stmia r4!, {{r2, r3}}",
        "subs r5, #1",
        "str r4, [sp, #8]",
        "str r5, [sp, #48]",
        "bne 1b",
        "add sp, #8",
        "pop {{r2, r4-r11, pc}}",
    )
}
