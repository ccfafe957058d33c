//! From sums to int8, four at a time.

use super::super::Finish;

/// Requantizes sums of channels that follow one another, pixel by pixel; see [`vectors`](super::super).
#[inline(always)]
pub(in super::super) fn finish(finish: &Finish<'_>, sums: &[[i32; 8]], output: &mut [i8]) {
    let channels = 2 * sums.len();
    let last = finish.step * finish.pixels.wrapping_sub(1) + channels;
    let fits = channels > 0
        && (1..=4).contains(&finish.pixels)
        && finish.biases.len() >= channels
        && finish.multipliers.len() >= channels
        && output.len() >= last;
    if fits {
        let numbers = Numbers {
            channels,
            biases: finish.biases.as_ptr(),
            multipliers: finish.multipliers.as_ptr(),
            step: finish.step,
            zero_point: finish.zero_point,
            min: finish.range.0,
            max: finish.range.1,
            table: finish.table.map_or(core::ptr::null(), |table| table.as_ptr()),
        };
        // SAFETY: it reads the sums and as many biases and multipliers, and writes `channels` bytes at each of `pixels`
        // steps; a table has 256 entries, for clamped sums in −128..=127.
        unsafe { requantize(sums.as_ptr(), output.as_mut_ptr(), finish.pixels, &numbers) }
    }
}

/// A [`Finish`] as the assembly reads it, by offset.
#[repr(C)]
struct Numbers {
    channels: usize,
    biases: *const i32,
    multipliers: *const i32,
    step: usize,
    zero_point: i32,
    min: i32,
    max: i32,
    table: *const i8,
}

/// # Safety
/// See [`finish`].
#[unsafe(naked)]
unsafe extern "C" fn requantize(sums: *const [i32; 8], output: *mut i8, pixels: usize, numbers: &Numbers) {
    core::arch::naked_asm!(
        ".cpu cortex-m55",
        "push {{r4-r11, lr}}",
        "sub sp, #4",
        "vpush {{d8-d13}}",
        // Four channels are two pairs' sums of a pixel: words 0, 1, 8 and 9.
        "ldm r3!, {{r4-r7}}",
        "ldm r3, {{r8-r11}}",
        "vmov.i32 q6, #128",
        "adr r3, 9f",
        "vldrw.u32 q3, [r3]",
        "vdup.32 q4, r9",
        "vdup.32 q5, r10",
        "1:",
        "mov r12, r0",
        "mov r3, r1",
        "mov r9, r5",
        "mov r10, r6",
        "dlstp.32 lr, r4",
        "cmp r11, #0",
        "bne 3f",
        "2:",
        "vldrw.u32 q0, [r12, q3]",
        "vldrw.u32 q1, [r9], #16",
        "vldrw.u32 q2, [r10], #16",
        "vadd.i32 q0, q0, q1",
        "vrmulh.s32 q0, q0, q2",
        "add r12, #64",
        "vadd.i32 q0, q0, r8",
        "vmax.s32 q0, q0, q4",
        "vmin.s32 q0, q0, q5",
        "vstrb.32 q0, [r3], #4",
        "letp lr, 2b",
        "b 5f",
        "3:",
        "vldrw.u32 q0, [r12, q3]",
        "vldrw.u32 q1, [r9], #16",
        "vldrw.u32 q2, [r10], #16",
        "vadd.i32 q0, q0, q1",
        "vrmulh.s32 q0, q0, q2",
        "add r12, #64",
        "vadd.i32 q0, q0, r8",
        "vmax.s32 q0, q0, q4",
        "vmin.s32 q0, q0, q5",
        "vadd.i32 q0, q0, q6",
        "vldrb.u32 q1, [r11, q0]",
        "vstrb.32 q1, [r3], #4",
        "letp lr, 3b",
        "5:",
        "adds r0, #8",
        "add r1, r7",
        "subs r2, #1",
        "bne 1b",
        "vpop {{d8-d13}}",
        "add sp, #4",
        "pop {{r4-r11, pc}}",
        ".p2align 4",
        "9:",
        ".word 0, 4, 32, 36",
    )
}

/// Requantizes a row of pixels of one channel; see [`vectors`](super::super).
#[inline(always)]
pub(in super::super) fn finish_row(finish: &Finish<'_>, sums: &[i32], fours: usize, output: &mut [i8]) {
    let Finish { pixels, step, .. } = *finish;
    let (Some(&bias), Some(&multiplier)) = (finish.biases.first(), finish.multipliers.first()) else {
        return;
    };
    // Behind the fours, blocks are of three.
    let blocks = fours + pixels.saturating_sub(4 * fours).div_ceil(3);
    let fits = pixels > 0 && sums.len() + 1 >= 8 * blocks && output.len() > step * (pixels - 1);
    if fits {
        let numbers = Row {
            pixels,
            fours,
            bias,
            multiplier,
            step,
            zero_point: finish.zero_point,
            min: finish.range.0,
            max: finish.range.1,
            table: finish.table.map_or(core::ptr::null(), |table| table.as_ptr()),
        };
        // SAFETY: it reads eight sums per block, of which the last may belong to the other channel and miss, and writes
        // `pixels` bytes at `step`; a table has 256 entries, for clamped sums in −128..=127.
        unsafe { requantize_row(sums.as_ptr(), output.as_mut_ptr(), &numbers) }
    }
}

/// What [`requantize_row`] reads, by offset.
#[repr(C)]
struct Row {
    pixels: usize,
    fours: usize,
    bias: i32,
    multiplier: i32,
    step: usize,
    zero_point: i32,
    min: i32,
    max: i32,
    table: *const i8,
}

/// r0 sums, r1 output, r3 pixels left, r4 blocks of four left, r5 bias, r6 pixels of the block, r7 step, r8 zero point,
/// r11 table.
///
/// # Safety
/// See [`finish_row`].
#[unsafe(naked)]
unsafe extern "C" fn requantize_row(sums: *const i32, output: *mut i8, numbers: &Row) {
    core::arch::naked_asm!(
        ".cpu cortex-m55",
        "push {{r4-r11, lr}}",
        "sub sp, #4",
        "vpush {{d8-d13}}",
        "ldm r2!, {{r3-r7}}",
        "ldm r2, {{r8-r11}}",
        // Pixels of a block are two words apart.
        "vdup.32 q6, r6",
        "vdup.32 q4, r9",
        "vdup.32 q5, r10",
        "movs r6, #0",
        "vidup.u32 q3, r6, #8",
        "movs r6, #0",
        "vidup.u32 q2, r6, #1",
        "vmul.i32 q2, q2, r7",
        "mov r12, #128",
        "1:",
        "cmp r4, #0",
        "ite ne",
        "movne r6, #4",
        "moveq r6, #3",
        "subs r4, #1",
        "it mi",
        "movmi r4, #0",
        "cmp r6, r3",
        "it hi",
        "movhi r6, r3",
        "vldrw.u32 q0, [r0, q3]",
        "vadd.i32 q0, q0, r5",
        "vrmulh.s32 q0, q0, q6",
        "vadd.i32 q0, q0, r8",
        "vmax.s32 q0, q0, q4",
        "vmin.s32 q0, q0, q5",
        "cmp r11, #0",
        "beq 2f",
        "vadd.i32 q1, q0, r12",
        "vldrb.u32 q0, [r11, q1]",
        "2:",
        "vctp.32 r6",
        "vpst",
        "vstrbt.32 q0, [r1, q2]",
        "mla r1, r6, r7, r1",
        "adds r0, #32",
        "subs r3, r3, r6",
        "bne 1b",
        "vpop {{d8-d13}}",
        "add sp, #4",
        "pop {{r4-r11, pc}}",
    )
}
