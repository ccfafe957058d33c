//! The window's columns, moved on by a row.

use super::super::{Column, VECTOR};

/// Moves each column's rows up by one and puts a pixel below them; see [`vectors`](super::super).
#[inline(always)]
pub(in super::super) fn take_columns(columns: &mut [i8], column: Column, pixels: &[i8]) {
    let Column { bytes, pixel_bytes, inputs } = column;
    let count = columns.len() / bytes.max(1);
    let fits = count > 0
        && inputs > 0
        && inputs <= pixel_bytes
        && pixel_bytes <= bytes
        && bytes.is_multiple_of(VECTOR)
        && pixels.len() >= count * inputs;
    if fits {
        // SAFETY: it reads and writes `count` columns, and reads `inputs` bytes of each of as many pixels.
        unsafe { take(columns.as_mut_ptr(), pixels.as_ptr(), &column, count) }
    }
}

/// r0 the column, r1 the pixel, r2 what is read, r4 bytes kept, r5 bytes of a row, r6 inputs, r7 columns left.
///
/// # Safety
/// See [`take_columns`].
#[unsafe(naked)]
unsafe extern "C" fn take(columns: *mut i8, pixels: *const i8, column: &Column, count: usize) {
    core::arch::naked_asm!(
        ".cpu cortex-m55",
        "push {{r4-r7, lr}}",
        "ldm r2, {{r4-r6}}",
        "subs r4, r4, r5",
        "mov r7, r3",
        "1:",
        "add r2, r0, r5",
        "wlstp.8 lr, r4, 3f",
        "2:",
        "vldrb.u8 q0, [r2], #16",
        "vstrb.8 q0, [r0], #16",
        "letp lr, 2b",
        "3:",
        "mov r2, r1",
        "mov r3, r0",
        "dlstp.8 lr, r6",
        "4:",
        "vldrb.u8 q0, [r2], #16",
        "vstrb.8 q0, [r3], #16",
        "letp lr, 4b",
        "add r1, r6",
        "add r0, r5",
        "subs r7, #1",
        "bne 1b",
        "pop {{r4-r7, pc}}",
    )
}
