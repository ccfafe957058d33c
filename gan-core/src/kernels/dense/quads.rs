//! Four outputs by one input, for cores that multiply and accumulate into 64 bits (ARMv7-M).
//!
//! A word holds the weights of four outputs for one input, `b₀ b₁ b₂ b₃` from its lowest byte. Masked with 0xFF0000FF it
//! is b₀ + 2²⁴·b₃, and turned by 16 bits b₂ + 2²⁴·b₁: times the input, accumulated into 64 bits, two sums grow side by
//! side. The lower byte of each carries no sign, so it holds weight + 128, and Σ 128 · input is taken off at the start.
//!
//! The sums are exact while Σ|weight| · 128 < 2²³.
//!
//! Working memory: a word per input, then the 64 bits from which sums start. Weights: words `[four outputs][input]`,
//! inputs filled up to a multiple of four.

use super::DenseKernel;
use crate::kernels::magnitude::{Lanes, Sums};

/// The kernel of dense layers for ARMv7-M.
pub(crate) struct Quads;

/// Added to the lower sum, so that it does not borrow from the upper one.
const OFFSET: i64 = 1 << 23;

/// Byte of a word, and what it holds beyond the weight, of each of the four outputs.
pub(crate) const BYTES: [(usize, u8); 4] = [(0, 128), (3, 0), (2, 128), (1, 0)];

/// Inputs filled up to what the inner loop handles at once.
fn filled(inputs: usize) -> usize {
    inputs.next_multiple_of(4)
}

impl DenseKernel for Quads {
    const OUTPUTS: usize = 4;

    fn input_words(inputs: usize) -> usize {
        filled(inputs) + 2
    }

    fn block_bytes(inputs: usize) -> usize {
        4 * filled(inputs)
    }

    fn magnitudes(weights: &[i8]) -> Option<Sums> {
        let mut lanes = Lanes::default();
        // Of two bytes, 128 is taken off again.
        lanes.add(bytemuck::try_cast_slice(weights).ok()?, |word| word ^ 0x0080_0080);
        let bytes = lanes.sums()?;
        let mut sums = Sums::default();
        for (sum, (byte, _)) in sums.iter_mut().zip(BYTES) {
            *sum = bytes[byte];
        }
        sums.iter().all(|&sum| i64::from(sum) * 128 < OFFSET).then_some(sums)
    }

    fn unpack(input: &[i8], words: &mut [i32]) {
        let mut sum = 0;
        words.fill(0);
        for (word, &value) in words.iter_mut().zip(input) {
            *word = value.into();
            sum += i64::from(value);
        }
        let start = OFFSET - 128 * sum;
        if let Some(last) = words.last_chunk_mut() {
            *last = [start as i32, (start >> 32) as i32];
        }
    }

    fn sum(inputs: usize, unpacked: &[i32], weights: &[i8], sums: &mut [i32]) {
        let weights: &[u32] = bytemuck::try_cast_slice(weights).unwrap_or_default();
        let unpacked = unpacked.get(..filled(inputs) + 2).unwrap_or_default();
        sum_blocks(unpacked, weights, sums.as_chunks_mut().0);
    }
}

#[cfg(not(target_arch = "arm"))]
fn sum_blocks(inputs: &[i32], weights: &[u32], sums: &mut [[i32; 4]]) {
    const MASK: u32 = 0xFF00_00FF;
    let (inputs, start) = inputs.split_at(inputs.len() - 2);
    let start = i64::from(start[0] as u32) | i64::from(start[1]) << 32;
    for (weights, sums) in weights.chunks_exact(inputs.len()).zip(sums) {
        let [mut even, mut odd] = [start; 2];
        for (&input, &word) in inputs.iter().zip(weights) {
            even = even.wrapping_add(i64::from((word & MASK) as i32) * i64::from(input));
            odd = odd.wrapping_add(i64::from((word.rotate_right(16) & MASK) as i32) * i64::from(input));
        }
        let low = |sum: i64| ((sum & 0xFF_FFFF) - OFFSET) as i32;
        *sums = [low(even), (even >> 24) as i32, low(odd), (odd >> 24) as i32];
    }
}

#[cfg(target_arch = "arm")]
#[inline(always)]
fn sum_blocks(inputs: &[i32], weights: &[u32], sums: &mut [[i32; 4]]) {
    let Some(count) = inputs.len().checked_sub(2).filter(|count| *count > 0 && count.is_multiple_of(4))
    else {
        return;
    };
    let blocks = (weights.len() / count).min(sums.len());
    if blocks > 0 {
        // SAFETY: it reads all inputs and `count` weights per block, and writes four sums per block.
        unsafe { four_outputs(inputs.as_ptr(), weights.as_ptr(), sums.as_mut_ptr(), count, blocks) }
    }
}

/// r0 the next inputs, r1 the next weights, r2:r3 and r4:r5 sums, r6–r9 weights, r10 and r11 inputs, r12 the mask,
/// lr a masked word.
///
/// # Safety
/// `count` is a positive multiple of four, `blocks` positive; see `sum_blocks`.
#[cfg(target_arch = "arm")]
#[unsafe(naked)]
unsafe extern "C" fn four_outputs(
    inputs: *const i32,
    weights: *const u32,
    sums: *mut [i32; 4],
    count: usize,
    blocks: usize,
) {
    core::arch::naked_asm!(
        "push {{r2, r4-r11, lr}}",
        // sp: 0 inputs, 4 their end, 8 where to enter, 16 sums, 56 blocks left.
        "add r6, r0, r3, lsl #2",
        "mvn r12, #0",
        "bic r12, r12, #0x00FF0000",
        "bic r12, r12, #0x0000FF00",
        // Inputs beyond a multiple of 16 come first; four of them are 76 bytes of code.
        "rsb r3, r3, #0",
        "and r3, r3, #12",
        "add r5, r3, r3, lsl #1",
        "add r3, r5, r3, lsl #4",
        "adr r5, 2f",
        "add r7, r5, r3",
        "adds r7, #1",
        "mov r5, r0",
        "push {{r5, r6, r7, r8}}",
        "1:",
        "ldrd r0, r6, [sp]",
        "ldrd r2, r3, [r6]",
        "ldrd r4, r5, [r6]",
        "ldr pc, [sp, #8]",
        ".p2align 2",
        "2:",
        ".rept 4",
        "ldm r1!, {{r6-r9}}",
        "ldrd r10, r11, [r0], #8",
        "and lr, r12, r6",
        "smlal r2, r3, lr, r10",
        "and lr, r12, r6, ror #16",
        "smlal r4, r5, lr, r10",
        "and lr, r12, r7",
        "smlal r2, r3, lr, r11",
        "and lr, r12, r7, ror #16",
        "smlal r4, r5, lr, r11",
        "ldrd r10, r11, [r0], #8",
        "and lr, r12, r8",
        "smlal r2, r3, lr, r10",
        "and lr, r12, r8, ror #16",
        "smlal r4, r5, lr, r10",
        "and lr, r12, r9",
        "smlal r2, r3, lr, r11",
        "and lr, r12, r9, ror #16",
        "smlal r4, r5, lr, r11",
        ".endr",
        "ldr r6, [sp, #4]",
        "cmp r0, r6",
        "bne 2b",
        "ldr r6, [sp, #16]",
        // Lower and upper sum of each.
        "lsrs r7, r2, #24",
        "bfc r2, #24, #8",
        "sub r2, r2, #0x800000",
        "orr r3, r7, r3, lsl #8",
        "lsrs r7, r4, #24",
        "bfc r4, #24, #8",
        "sub r4, r4, #0x800000",
        "orr r5, r7, r5, lsl #8",
        "stmia r6!, {{r2-r5}}",
        "ldr r2, [sp, #56]",
        "str r6, [sp, #16]",
        "subs r2, #1",
        "str r2, [sp, #56]",
        "bne 1b",
        "add sp, #16",
        "pop {{r2, r4-r11, pc}}",
    )
}
