//! Places in the arena: who lies where, and that nobody in use is overwritten.

use crate::error::{OpError, ParseError, TensorError};
use crate::format::{ALIGNMENT, InputRecord, OpRecord};
use crate::ops::Op;
use crate::tensor::Tensor;

/// A range of the arena, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) start: u32,
    pub(crate) length: u32,
}

impl Region {
    /// No bytes.
    pub(crate) const EMPTY: Region = Region { start: 0, length: 0 };

    /// Working memory of `bytes` bytes, to be read as words.
    pub(crate) fn of_scratch(start: u32, bytes: usize) -> Result<Self, OpError> {
        let length = u32::try_from(bytes).map_err(|_| OpError::Bounds)?;
        if start.is_multiple_of(ALIGNMENT as u32) {
            Ok(Region { start, length })
        } else {
            Err(OpError::Alignment)
        }
    }

    /// From the start of the first to the end of the second, whichever is first.
    pub(crate) fn hull(self, other: Region) -> Region {
        let start = self.start.min(other.start);
        // Until the plan is checked, an offset may be anything; what wraps around here is refused there.
        let end = |region: Region| region.start.wrapping_add(region.length);
        let end = end(self).max(end(other));
        Region { start, length: end.wrapping_sub(start) }
    }

    /// These bytes of `memory` and, as words, those of `scratch`, which does not overlap them.
    pub(crate) fn split_off(self, scratch: Region, memory: &mut [i8]) -> (&mut [i8], &mut [i32]) {
        let swapped = scratch.start < self.start;
        let (low, high) = if swapped { (scratch, self) } else { (self, scratch) };
        let (head, tail) = memory.split_at_mut_checked(high.start as usize).unwrap_or_default();
        let low =
            head.get_mut(low.start as usize..).and_then(|low_bytes| low_bytes.get_mut(..low.length as usize));
        let (low, high) = (low.unwrap_or_default(), tail.get_mut(..high.length as usize).unwrap_or_default());
        let (data, scratch) = if swapped { (high, low) } else { (low, high) };
        (data, bytemuck::try_cast_slice_mut(scratch).unwrap_or_default())
    }
    /// The first byte behind it.
    pub(crate) fn end(self) -> u64 {
        u64::from(self.start) + u64::from(self.length)
    }

    fn overlaps(self, other: Region) -> bool {
        self.length > 0
            && other.length > 0
            && u64::from(self.start) < other.end()
            && u64::from(other.start) < self.end()
    }

    /// This region and that of an output in `memory`, which do not overlap and lie inside it.
    pub(crate) fn split(self, output: Region, memory: &mut [i8]) -> (&[i8], &mut [i8]) {
        let swapped = output.start < self.start;
        let (low, high) = if swapped { (output, self) } else { (self, output) };
        let (head, tail) = memory.split_at_mut_checked(high.start as usize).unwrap_or_default();
        let low = head.get_mut(low.start as usize..).and_then(|bytes| bytes.get_mut(..low.length as usize));
        let (low, high) = (low.unwrap_or_default(), tail.get_mut(..high.length as usize).unwrap_or_default());
        if swapped { (high, low) } else { (low, high) }
    }

    /// Its bytes of `memory`, inside which it lies.
    pub(crate) fn of(self, memory: &mut [i8]) -> &mut [i8] {
        let bytes = memory.get_mut(self.start as usize..).unwrap_or_default();
        bytes.get_mut(..self.length as usize).unwrap_or_default()
    }
}

/// When a tensor is in use, both ends included: step 0 is the inputs, step n + 1 is op n.
#[derive(Clone, Copy)]
struct Lifetime {
    written: usize,
    read: usize,
}

/// Checks that each tensor is written once, before it is read, and that no two in use at one time overlap;
/// returns the arena bytes that they need.
///
/// Where an op reads one for the last time and writes the other, they may overlap as far as the op allows it. Its working
/// memory is its own.
///
/// The output is in use to the end. A tensor that nothing reads is in use while it is written.
pub(crate) fn check(
    tensors: &[Tensor],
    inputs: &[InputRecord],
    ops: &[OpRecord],
    checked: &[Op<'_>],
    output: u8,
) -> Result<u64, ParseError> {
    let mut needed = 0;
    for (index, tensor) in tensors.iter().enumerate() {
        let own = lifetime(index, inputs, ops, output)?;
        for (step, op) in checked.iter().enumerate() {
            let in_use = (own.written..=own.read).contains(&(step + 1));
            if in_use && (tensor.region().overlaps(op.scratch) || lies_between(op, tensor.region())) {
                return Err(ParseError::Op(step as u8, OpError::Scratch));
            }
            needed = needed.max(op.scratch.end());
        }
        for (other, other_tensor) in tensors.iter().enumerate().take(index) {
            let others = lifetime(other, inputs, ops, output)?;
            let together = own.written <= others.read && others.written <= own.read;
            let (first, second) = if own.written < others.written { (own, others) } else { (others, own) };
            let hand_over = first.read == second.written
                && second.written > 0
                && checked.get(second.written - 1).is_some_and(Op::may_overlap);
            if together && !hand_over && tensor.region().overlaps(other_tensor.region()) {
                return Err(ParseError::Tensor(index as u8, TensorError::Overlaps(other as u8)));
            }
        }
        needed = needed.max(tensor.region().end());
    }
    Ok(needed)
}

/// Whether an op's working memory lies between its input and its output, of which `region` is one: they are handed
/// over as one piece of memory.
fn lies_between(op: &Op<'_>, region: Region) -> bool {
    (region == op.input || region == op.output) && op.input.hull(op.output).overlaps(op.scratch)
}

fn lifetime(
    index: usize,
    inputs: &[InputRecord],
    ops: &[OpRecord],
    output: u8,
) -> Result<Lifetime, ParseError> {
    let is_input = |input: &&InputRecord| matches!(input, InputRecord::Latent { tensor } if usize::from(*tensor) == index);
    let as_input = inputs.iter().filter(is_input).map(|_| 0);
    let as_output =
        ops.iter().enumerate().filter(|(_, op)| usize::from(op.output()) == index).map(|(step, _)| step + 1);
    let mut writes = as_input.chain(as_output);
    let wrong = Err(ParseError::Tensor(index as u8, TensorError::Written));
    let (Some(written), None) = (writes.next(), writes.next()) else { return wrong };
    let mut lifetime = Lifetime { written, read: written };
    for (step, _) in ops.iter().enumerate().filter(|(_, op)| usize::from(op.input()) == index) {
        if step < written {
            return wrong;
        }
        lifetime.read = step + 1;
    }
    if usize::from(output) == index {
        lifetime.read = ops.len();
    }
    Ok(lifetime)
}

#[cfg(test)]
mod tests {
    use super::Region;

    #[test]
    fn a_hull_at_the_end_of_all_addresses_does_not_panic() {
        let [low, high] = [Region { start: 16, length: 32 }, Region { start: u32::MAX - 3, length: 64 }];
        assert_eq!(low.hull(high).start, 16);
        assert_eq!(high.hull(high).start, u32::MAX - 3);
    }
}
