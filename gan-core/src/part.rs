//! Parts of slices that parse has proven to be there.
//!
//! Where the proof failed they would be empty: nothing on the way to a picture can panic, which
//! `cargo xtask disassemble` holds against the compiled code.

/// `length` elements from `start` on.
#[inline(always)]
pub(crate) fn part<T>(all: &[T], start: usize, length: usize) -> &[T] {
    all.get(start..).and_then(|rest| rest.get(..length)).unwrap_or_default()
}

/// `length` elements from `start` on.
#[inline(always)]
pub(crate) fn part_mut<T>(all: &mut [T], start: usize, length: usize) -> &mut [T] {
    all.get_mut(start..).and_then(|rest| rest.get_mut(..length)).unwrap_or_default()
}
