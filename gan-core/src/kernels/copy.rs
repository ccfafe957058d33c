//! Moving rows of words.

/// Moves the words behind the first `by` to the start.
#[cfg(not(target_arch = "arm"))]
pub(super) fn move_down(words: &mut [i32], by: usize) {
    words.copy_within(by.min(words.len()).., 0);
}

/// Moves the words behind the first `by` to the start, four at a time; a compiler's memmove takes five instructions per
/// word.
#[cfg(target_arch = "arm")]
pub(super) fn move_down(words: &mut [i32], by: usize) {
    let count = words.len().saturating_sub(by);
    let start = words.as_mut_ptr();
    if count > 0 {
        // SAFETY: it reads `count` words from `by` on and writes as many before them, from the first on.
        unsafe { copy_up(start, start.wrapping_add(by), count) }
    }
}

/// # Safety
/// `count` words can be read and written, from the first on.
#[cfg(target_arch = "arm")]
#[unsafe(naked)]
unsafe extern "C" fn copy_up(to: *mut i32, from: *const i32, count: usize) {
    core::arch::naked_asm!(
        "push {{r4-r6, lr}}",
        "subs r2, #4",
        "blt 2f",
        "1:",
        "ldmia r1!, {{r3-r6}}",
        "stmia r0!, {{r3-r6}}",
        "subs r2, #4",
        "bge 1b",
        "2:",
        "adds r2, #4",
        "beq 4f",
        "3:",
        "ldmia r1!, {{r3}}",
        "stmia r0!, {{r3}}",
        "subs r2, #1",
        "bne 3b",
        "4:",
        "pop {{r4-r6, pc}}",
    )
}
