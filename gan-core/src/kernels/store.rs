//! Writing a row of requantized outputs.

/// Writes `value(sum)` for each of the sums to every `step`-th element of `output`, as far as it goes.
#[inline(always)]
pub(crate) fn every(sums: &[i32], output: &mut [i8], step: usize, value: impl Fn(i32) -> i8) {
    let room = output.len();
    // The last element that is written lies at step · (count − 1).
    if sums.is_empty() || room <= step * (sums.len() - 1) {
        return;
    }
    let mut slot = output.as_mut_ptr();
    for &sum in sums {
        // SAFETY: no slot lies behind the last, which was just seen to be inside.
        unsafe { *slot = value(sum) };
        slot = slot.wrapping_add(step);
    }
}
