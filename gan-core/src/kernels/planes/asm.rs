//! The inner loop for ARMv6-M: twelve instructions for four pixels, ten for three.

/// Adds products to the sums of `PIXELS` pixels, three or four: weight i times the words from `pixels[i · columns]` on.
#[inline(always)]
pub(super) fn run<const PIXELS: usize>(pixels: &[i32], columns: usize, weights: &[i8], sums: &mut [i32]) {
    let Some(last) = weights.len().checked_sub(1) else { return };
    if pixels.len() >= last * columns + PIXELS && sums.len() >= PIXELS && columns >= PIXELS {
        let skipped = 4 * (columns - PIXELS);
        let end = weights.as_ptr_range().end;
        // SAFETY: it reads `PIXELS` words at every `columns`-th of `pixels` for each weight, up to the `end` of the
        // weights, and changes `PIXELS` sums.
        unsafe {
            match PIXELS {
                4 => four(pixels.as_ptr(), skipped, end, sums.as_mut_ptr(), weights.len()),
                _ => three(pixels.as_ptr(), skipped, end, sums.as_mut_ptr(), weights.len()),
            }
        }
    }
}

/// Both loops: r0–r3 pixels, r4 the weight, r5 the next pixels, r6 the end of the weights, r7 minus the weights left,
/// r8 the bytes between a step's pixels and the next, r9–r12 sums. Weights beyond a multiple of eight come first.
macro_rules! inner_loop {
    ($name:ident, $load:literal, $store:literal, $skip_shift:literal, $skip_add:literal, $step:literal) => {
        /// # Safety
        /// See `run`.
        #[unsafe(naked)]
        unsafe extern "C" fn $name(
            pixels: *const i32,
            skipped: usize,
            end: *const i8,
            sums: *mut i32,
            count: usize,
        ) {
            core::arch::naked_asm!(
                "push {{r3-r7, lr}}",
                "mov r4, r8",
                "mov r5, r9",
                "mov r6, r10",
                "mov r7, r11",
                "push {{r4-r7}}",
                "mov r5, r0",
                "mov r8, r1",
                "mov r6, r2",
                "ldr r7, [sp, #40]",
                "rsbs r7, r7, #0",
                // Enter the loop at (−count mod 8) steps.
                "movs r4, #7",
                "ands r4, r7",
                $skip_shift,
                $skip_add,
                $load,
                "adr r0, 2f",
                "adds r4, r0",
                "adds r4, #1",
                "bx r4",
                ".p2align 2",
                "2:",
                ".rept 8",
                $step,
                ".endr",
                "bne 2b",
                "ldr r3, [sp, #16]",
                $store,
                "pop {{r4-r7}}",
                "mov r8, r4",
                "mov r9, r5",
                "mov r10, r6",
                "mov r11, r7",
                "pop {{r3-r7, pc}}",
            )
        }
    };
}

// A step is 24 bytes of code.
inner_loop!(
    four,
    "ldm r3, {{r0-r3}}\nmov r9, r0\nmov r10, r1\nmov r11, r2\nmov r12, r3",
    "mov r0, r9\nmov r1, r10\nmov r2, r11\nmov r4, r12\nstm r3!, {{r0, r1, r2, r4}}",
    "lsls r0, r4, #3",
    "lsls r4, r4, #4\nadds r4, r4, r0",
    "ldm r5!, {{r0-r3}}
     ldrsb r4, [r6, r7]
     muls r0, r4, r0
     muls r1, r4, r1
     muls r2, r4, r2
     muls r3, r4, r3
     add r9, r0
     add r10, r1
     add r11, r2
     add r12, r3
     add r5, r8
     adds r7, #1"
);

// A step is 20 bytes of code.
inner_loop!(
    three,
    "ldm r3!, {{r0-r2}}\nmov r9, r0\nmov r10, r1\nmov r11, r2",
    "mov r0, r9\nmov r1, r10\nmov r2, r11\nstm r3!, {{r0-r2}}",
    "lsls r0, r4, #2",
    "lsls r4, r4, #4\nadds r4, r4, r0",
    "ldm r5!, {{r0-r2}}
     ldrsb r4, [r6, r7]
     muls r0, r4, r0
     muls r1, r4, r1
     muls r2, r4, r2
     add r9, r0
     add r10, r1
     add r11, r2
     add r5, r8
     adds r7, #1"
);
