//! Sums of products: blocks of pixels by pairs of channels.

use super::super::{Products, VECTOR, Walk};

/// Sums up blocks of three or four pixels; see [`vectors`](super::super).
#[inline(always)]
pub(in super::super) fn sum(products: &Products<'_>, sums: &mut [[i32; 8]]) {
    let Products { window, column_bytes, taps, weights, pixels, walk } = *products;
    let vectors = taps * column_bytes / VECTOR;
    let count = sums.len();
    let (pairs, blocks) = match walk {
        Walk::Pairs => (count, 1),
        Walk::Blocks => (1, count),
    };
    let fits = vectors > 0
        && count > 0
        && 4 * window.len() >= (blocks * pixels + taps - 1) * column_bytes
        && weights.len() >= 2 * VECTOR * vectors * pairs;
    if !fits {
        return;
    }
    // What is added to window and weights behind a block of sums.
    let (window_step, weights_step) = match walk {
        Walk::Pairs => (0, 0),
        Walk::Blocks => (pixels * column_bytes, (2 * VECTOR * vectors).wrapping_neg()),
    };
    let numbers = [column_bytes, vectors, count, window_step, weights_step];
    // SAFETY: it reads `pixels + taps − 1` columns per block and `2 · vectors` vectors of weights per pair, and writes eight
    // sums for each.
    unsafe {
        let (window, weights, sums) = (window.as_ptr(), weights.as_ptr(), sums.as_mut_ptr());
        match (taps, pixels) {
            (2, 4) => four_by_two_taps(window, weights, sums, &numbers),
            (2, _) => three_by_two_taps(window, weights, sums, &numbers),
            (_, 4) => four(window, weights, sums, &numbers),
            _ => three(window, weights, sums, &numbers),
        }
    }
}

/// Sums of channel 0 in r0, r4, r8, r12, of channel 1 in r2, r6, r10, lr; r1, r3, r5, r7 windows, r9 weights, r11 vectors
/// left, in fours.
///
/// # Safety
/// See [`sum`].
#[unsafe(naked)]
unsafe extern "C" fn four(window: *const i32, weights: *const i8, sums: *mut [i32; 8], numbers: &[usize; 5]) {
    core::arch::naked_asm!(
        ".cpu cortex-m55",
        "push {{r4-r11, lr}}",
        "sub sp, #36",
        // sp: 0 windows of pixels 0 and 1, 8 window step, 12 weights step, 16 sums, 20 left, 24 where to enter, 28 fours
        // of vectors.
        "ldm r3, {{r4-r8}}",
        "add r9, r0, r4",
        "strd r0, r9, [sp]",
        "strd r7, r8, [sp, #8]",
        "strd r2, r6, [sp, #16]",
        "mov r9, r1",
        "rsb r3, r5, #0",
        "and r3, r3, #3",
        "mov r4, #56",
        "mul r3, r3, r4",
        "adr r4, 2f",
        "add r3, r3, r4",
        "adds r3, #1",
        "adds r5, #3",
        "lsrs r5, r5, #2",
        "strd r3, r5, [sp, #24]",
        "ldrd r1, r3, [sp]",
        "1:",
        "ldr r11, [sp, #28]",
        "movs r0, #0",
        "rsb r5, r1, r3, lsl #1",
        "sub r7, r3, r1",
        "add r7, r7, r5",
        "movs r2, #0",
        "movs r4, #0",
        "movs r6, #0",
        "mov r8, r0",
        "mov r10, r0",
        "mov r12, r0",
        "mov lr, r0",
        "ldr pc, [sp, #24]",
        ".p2align 2",
        "2:",
        ".rept 4",
        "vldrb.u8 q0, [r9], #16",
        "vldrb.u8 q2, [r1], #16",
        "vldrb.u8 q1, [r9], #16",
        "vmladava.s8 r0, q0, q2",
        "vldrb.u8 q3, [r3], #16",
        "vmladava.s8 r2, q1, q2",
        "vmladava.s8 r4, q0, q3",
        "vldrb.u8 q2, [r5], #16",
        "vmladava.s8 r6, q1, q3",
        "vmladava.s8 r8, q0, q2",
        "vldrb.u8 q3, [r7], #16",
        "vmladava.s8 r10, q1, q2",
        "vmladava.s8 r12, q0, q3",
        "vmladava.s8 lr, q1, q3",
        ".endr",
        "subs r11, #1",
        "bne 2b",
        "ldr r11, [sp, #16]",
        "stm.w r11!, {{r0, r2, r4, r6, r8, r10, r12, lr}}",
        "ldrd r1, r3, [sp]",
        "ldrd r5, r7, [sp, #8]",
        "ldr r0, [sp, #20]",
        "add r1, r5",
        "add r3, r5",
        "add r9, r7",
        "strd r1, r3, [sp]",
        "subs r0, #1",
        "strd r11, r0, [sp, #16]",
        "bne 1b",
        "add sp, #36",
        "pop {{r4-r11, pc}}",
    )
}

/// Sums of channel 0 in r0, r4, r8, of channel 1 in r2, r6, r10; r1, r3, r5 windows, r7 sums, r9 weights, r11 left,
/// lr vectors left.
///
/// # Safety
/// See [`sum`].
#[unsafe(naked)]
unsafe extern "C" fn three(
    window: *const i32,
    weights: *const i8,
    sums: *mut [i32; 8],
    numbers: &[usize; 5],
) {
    core::arch::naked_asm!(
        ".cpu cortex-m55",
        "push {{r4-r11, lr}}",
        "sub sp, #20",
        "ldm r3, {{r4-r6, r10-r11}}",
        "add r4, r4, r0",
        "strd r0, r4, [sp]",
        "strd r10, r11, [sp, #8]",
        "mov r9, r1",
        "mov r7, r2",
        "mov r12, r5",
        "mov r11, r6",
        "ldrd r1, r3, [sp]",
        "1:",
        "movs r0, #0",
        "movs r2, #0",
        "movs r4, #0",
        "movs r6, #0",
        "rsb r5, r1, r3, lsl #1",
        "mov r8, r0",
        "mov r10, r0",
        "dls lr, r12",
        "2:",
        "vldrb.u8 q0, [r9], #16",
        "vldrb.u8 q2, [r1], #16",
        "vldrb.u8 q1, [r9], #16",
        "vmladava.s8 r0, q0, q2",
        "vldrb.u8 q3, [r3], #16",
        "vmladava.s8 r2, q1, q2",
        "vmladava.s8 r4, q0, q3",
        "vldrb.u8 q2, [r5], #16",
        "vmladava.s8 r6, q1, q3",
        "vmladava.s8 r8, q0, q2",
        "vmladava.s8 r10, q1, q2",
        "le lr, 2b",
        "stm.w r7, {{r0, r2, r4, r6, r8, r10}}",
        "ldrd r1, r3, [sp]",
        "ldrd r0, r2, [sp, #8]",
        "add r7, r7, #32",
        "add r1, r0",
        "add r3, r0",
        "add r9, r2",
        "strd r1, r3, [sp]",
        "subs r11, #1",
        "bne 1b",
        "add sp, #20",
        "pop {{r4-r11, pc}}",
    )
}

/// [`four`] for windows of two columns: a column is loaded once for the two pixels that read it. r1, r3, r5, r7, r11 columns,
/// q0 to q3 the weights of both taps and channels.
///
/// # Safety
/// See [`sum`].
#[unsafe(naked)]
unsafe extern "C" fn four_by_two_taps(
    window: *const i32,
    weights: *const i8,
    sums: *mut [i32; 8],
    numbers: &[usize; 5],
) {
    core::arch::naked_asm!(
        ".cpu cortex-m55",
        "push {{r4-r11, lr}}",
        "vpush {{d8-d9}}",
        "sub sp, #44",
        // sp: 0 window, 4 bytes of a column, 8 window step, 12 weights step, 16 sums, 20 left, 24 where to enter, 28 fours
        // of vectors, 32 of them left, 36 what is spilled to count them.
        "ldm r3, {{r4-r8}}",
        "strd r0, r4, [sp]",
        "strd r7, r8, [sp, #8]",
        "strd r2, r6, [sp, #16]",
        "mov r9, r1",
        "lsrs r5, r5, #1",
        "rsb r3, r5, #0",
        "and r3, r3, #3",
        "mov r4, #100",
        "mul r3, r3, r4",
        "adr r4, 2f",
        "add r3, r3, r4",
        "adds r3, #1",
        "adds r5, #3",
        "lsrs r5, r5, #2",
        "strd r3, r5, [sp, #24]",
        "1:",
        "ldrd r1, r11, [sp]",
        "ldr r0, [sp, #28]",
        "add r3, r1, r11",
        "add r5, r3, r11",
        "add r7, r5, r11",
        "add r11, r7, r11",
        "str r0, [sp, #32]",
        "movs r0, #0",
        "movs r2, #0",
        "movs r4, #0",
        "movs r6, #0",
        "mov r8, r0",
        "mov r10, r0",
        "mov r12, r0",
        "mov lr, r0",
        "ldr pc, [sp, #24]",
        ".p2align 2",
        "2:",
        ".rept 4",
        "vldrb.u8 q0, [r9], #16",
        "vldrb.u8 q1, [r9], #16",
        "vldrb.u8 q2, [r9], #16",
        "vldrb.u8 q3, [r9], #16",
        "vldrb.u8 q4, [r1], #16",
        "vmladava.s8 r0, q0, q4",
        "vmladava.s8 r2, q1, q4",
        "vldrb.u8 q4, [r3], #16",
        "vmladava.s8 r4, q0, q4",
        "vmladava.s8 r6, q1, q4",
        "vmladava.s8 r0, q2, q4",
        "vmladava.s8 r2, q3, q4",
        "vldrb.u8 q4, [r5], #16",
        "vmladava.s8 r8, q0, q4",
        "vmladava.s8 r10, q1, q4",
        "vmladava.s8 r4, q2, q4",
        "vmladava.s8 r6, q3, q4",
        "vldrb.u8 q4, [r7], #16",
        "vmladava.s8 r12, q0, q4",
        "vmladava.s8 lr, q1, q4",
        "vmladava.s8 r8, q2, q4",
        "vmladava.s8 r10, q3, q4",
        "vldrb.u8 q4, [r11], #16",
        "vmladava.s8 r12, q2, q4",
        "vmladava.s8 lr, q3, q4",
        ".endr",
        "str r0, [sp, #36]",
        "ldr r0, [sp, #32]",
        "subs r0, #1",
        "str r0, [sp, #32]",
        "ldr r0, [sp, #36]",
        "bne 2b",
        "ldr r11, [sp, #16]",
        "stm.w r11!, {{r0, r2, r4, r6, r8, r10, r12, lr}}",
        "ldrd r1, r3, [sp, #8]",
        "ldr r2, [sp]",
        "ldr r0, [sp, #20]",
        "add r2, r1",
        "add r9, r3",
        "str r2, [sp]",
        "subs r0, #1",
        "strd r11, r0, [sp, #16]",
        "bne 1b",
        "add sp, #44",
        "vpop {{d8-d9}}",
        "pop {{r4-r11, pc}}",
    )
}

/// [`three`] for windows of two columns. r1, r3, r5, r7 columns, r9 weights, r11 sums, r12 vectors of a column.
///
/// # Safety
/// See [`sum`].
#[unsafe(naked)]
unsafe extern "C" fn three_by_two_taps(
    window: *const i32,
    weights: *const i8,
    sums: *mut [i32; 8],
    numbers: &[usize; 5],
) {
    core::arch::naked_asm!(
        ".cpu cortex-m55",
        "push {{r4-r11, lr}}",
        "vpush {{d8-d9}}",
        "sub sp, #20",
        // sp: 0 window, 4 bytes of a column, 8 window step, 12 weights step, 16 left.
        "ldm r3, {{r4-r8}}",
        "strd r0, r4, [sp]",
        "strd r7, r8, [sp, #8]",
        "str r6, [sp, #16]",
        "mov r9, r1",
        "mov r11, r2",
        "lsr r12, r5, #1",
        "1:",
        "ldrd r1, r0, [sp]",
        "add r3, r1, r0",
        "add r5, r3, r0",
        "add r7, r5, r0",
        "movs r0, #0",
        "movs r2, #0",
        "movs r4, #0",
        "movs r6, #0",
        "mov r8, r0",
        "mov r10, r0",
        "dls lr, r12",
        "2:",
        "vldrb.u8 q0, [r9], #16",
        "vldrb.u8 q1, [r9], #16",
        "vldrb.u8 q2, [r9], #16",
        "vldrb.u8 q3, [r9], #16",
        "vldrb.u8 q4, [r1], #16",
        "vmladava.s8 r0, q0, q4",
        "vmladava.s8 r2, q1, q4",
        "vldrb.u8 q4, [r3], #16",
        "vmladava.s8 r4, q0, q4",
        "vmladava.s8 r6, q1, q4",
        "vmladava.s8 r0, q2, q4",
        "vmladava.s8 r2, q3, q4",
        "vldrb.u8 q4, [r5], #16",
        "vmladava.s8 r8, q0, q4",
        "vmladava.s8 r10, q1, q4",
        "vmladava.s8 r4, q2, q4",
        "vmladava.s8 r6, q3, q4",
        "vldrb.u8 q4, [r7], #16",
        "vmladava.s8 r8, q2, q4",
        "vmladava.s8 r10, q3, q4",
        "le lr, 2b",
        "stm.w r11, {{r0, r2, r4, r6, r8, r10}}",
        "ldrd r1, r3, [sp, #8]",
        "ldr r2, [sp]",
        "ldr r0, [sp, #16]",
        "add r11, r11, #32",
        "add r2, r1",
        "add r9, r3",
        "str r2, [sp]",
        "subs r0, #1",
        "str r0, [sp, #16]",
        "bne 1b",
        "add sp, #20",
        "vpop {{d8-d9}}",
        "pop {{r4-r11, pc}}",
    )
}
