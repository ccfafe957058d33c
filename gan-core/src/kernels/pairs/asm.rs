//! The inner loop for ARMv7-M: two pairs of pixels by two channels, sixteen multiply-accumulates in six instructions.

use super::Run;

/// Adds a run of products to the sums of two channels, or starts them with it; see [`super`].
#[inline(always)]
pub(super) fn run(inputs: &[i32], weights: &[[i32; 2]], sums: &mut [i32], run: &Run, start: bool) {
    let last = run.blocks.wrapping_sub(1);
    let inputs_read = last * run.block_bytes + run.bytes;
    let sums_read = last * 16 + run.channel_bytes + 20;
    let fits = 4 * inputs.len() >= inputs_read
        && 8 * weights.len() >= run.bytes
        && 4 * sums.len() >= sums_read
        && run.bytes.is_multiple_of(32);
    if run.blocks > 0 && run.bytes > 0 && fits {
        // SAFETY: it reads `inputs_read` bytes of the inputs and `run.bytes` of the weights, and changes `sums_read`
        // bytes of the sums.
        unsafe {
            let (weights, inputs, sums) = (weights.as_ptr(), inputs.as_ptr(), sums.as_mut_ptr());
            if start { begin(weights, inputs, sums, run) } else { add(weights, inputs, sums, run) }
        }
    }
}

/// Both loops. r0 weights, r1 inputs; r2, r3 two weights; r4, r5 two inputs; sums of channel 0 in r6:r7 and r8:r9, of
/// channel 1 in r10:r11 and r12:lr. `$first` and `$second` take the three sums out of those of a channel and put them to
/// where r5 or r6 points.
macro_rules! inner_loop {
    ($name:ident, $first:literal, $second:literal) => {
        /// # Safety
        /// The slices are as long as [`run`] checks, `run.bytes` is a positive multiple of 32 and `run.blocks` positive.
        #[unsafe(naked)]
        unsafe extern "C" fn $name(weights: *const [i32; 2], inputs: *const i32, sums: *mut i32, run: &Run) {
            core::arch::naked_asm!(
                "push {{r4-r11, lr}}",
                "sub sp, #44",
                "str r0, [sp, #4]",  // weights
                "str r1, [sp, #8]",  // inputs of the block
                "str r2, [sp, #12]", // sums of the block
                // Bytes, block bytes, blocks, channel bytes, two biases go to sp + 16 and on; sp + 40 is where to enter the loop.
                "ldm r3, {{r4-r9}}",
                "add r10, sp, #16",
                "stm r10, {{r4-r9}}",
                // Steps beyond a multiple of 16 come first: where to enter the loop. A step takes 8 bytes of each stream and
                // 20 bytes of code.
                "rsb r4, r4, #0",
                "and r4, r4, #127",
                "add r4, r4, r4, lsl #2",
                "lsrs r4, r4, #1",
                "adr r5, 3f",
                "add r4, r4, r5",
                "adds r4, #1",
                "str r4, [sp, #40]",
                "b 2f",
                ".p2align 2",
                "1:",
                ".word 0x00100000, 0x00000200, 0x00100000, 0x00000200",
                ".word 0x00100000, 0x00000200, 0x00100000, 0x00000200",
                // A block.
                "2:",
                "ldr r2, [sp, #16]",
                "ldr r3, [sp, #40]",
                "add r2, r1",
                "str r2, [sp]",
                "adr r4, 1b",
                "ldm r4, {{r6-r12, lr}}",
                "bx r3",
                ".p2align 2",
                "3:",
                ".rept 16",
                "ldmia r0!, {{r2, r3}}",
                "ldmia r1!, {{r4, r5}}",
                "smlal r6, r7, r2, r4",
                "smlal r8, r9, r2, r5",
                "smlal r10, r11, r3, r4",
                "smlal r12, lr, r3, r5",
                ".endr",
                "ldr r2, [sp]",
                "cmp r1, r2",
                "bne 3b",
                "ldr r5, [sp, #12]",
                $first,
                "ldr r6, [sp, #28]",
                "ldr r5, [sp, #12]",
                "add r6, r5",
                "adds r5, #16",
                "str r5, [sp, #12]",
                $second,
                // The next block.
                "ldr r0, [sp, #4]",
                "ldr r1, [sp, #8]",
                "ldr r2, [sp, #20]",
                "ldr r3, [sp, #24]",
                "add r1, r2",
                "subs r3, #1",
                "str r1, [sp, #8]",
                "str r3, [sp, #24]",
                "bne 2b",
                "add sp, #44",
                "pop {{r4-r11, pc}}",
            )
        }
    };
}

// Adds to the sums.
inner_loop!(
    add,
    "ubfx r0, r6, #0, #21
        lsr r6, r6, #21
        bfi r6, r7, #11, #10
        ubfx r1, r8, #0, #21
        add r7, r1, r7, asr #10
        lsr r8, r8, #21
        bfi r8, r9, #11, #10
        ldm r5, {{r1-r4}}
        add r1, r0
        add r2, r6
        add r3, r7
        add r4, r8
        ldr r0, [r5, #16]
        add r0, r0, r9, asr #10
        stm r5, {{r1-r4}}
        str r0, [r5, #16]",
    "ubfx r0, r10, #0, #21
        lsr r10, r10, #21
        bfi r10, r11, #11, #10
        ubfx r1, r12, #0, #21
        add r11, r1, r11, asr #10
        lsr r12, r12, #21
        bfi r12, lr, #11, #10
        ldm r6, {{r1-r4}}
        add r1, r0
        add r2, r10
        add r3, r11
        add r4, r12
        ldr r0, [r6, #16]
        add r0, r0, lr, asr #10
        stm r6, {{r1-r4}}
        str r0, [r6, #16]"
);

// Starts the sums at the biases; only the lowest one belongs to the block before, and is added to.
inner_loop!(
    begin,
    "ubfx r0, r6, #0, #21
        ldr r4, [sp, #32]
        lsr r6, r6, #21
        bfi r6, r7, #11, #10
        ubfx r1, r8, #0, #21
        add r7, r1, r7, asr #10
        lsr r8, r8, #21
        bfi r8, r9, #11, #10
        ldr r1, [r5]
        add r0, r1
        str r0, [r5]
        add r1, r4, r6
        add r2, r4, r7
        add r3, r4, r8
        add r4, r4, r9, asr #10
        add r5, r5, #4
        stm r5, {{r1-r4}}",
    "ubfx r0, r10, #0, #21
        ldr r4, [sp, #36]
        lsr r10, r10, #21
        bfi r10, r11, #11, #10
        ubfx r1, r12, #0, #21
        add r11, r1, r11, asr #10
        lsr r12, r12, #21
        bfi r12, lr, #11, #10
        ldr r1, [r6]
        add r0, r1
        str r0, [r6]
        add r1, r4, r10
        add r2, r4, r11
        add r3, r4, r12
        add r4, r4, lr, asr #10
        add r6, r6, #4
        stm r6, {{r1-r4}}"
);
