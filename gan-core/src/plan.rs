//! Places in the arena: who lies where, and that nobody in use is overwritten.

use crate::error::{ParseError, TensorError};
use crate::format::{InputRecord, OpRecord};
use crate::tensor::Tensor;

/// A range of the arena, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) start: u32,
    pub(crate) length: u32,
}

impl Region {
    /// The first byte behind it.
    pub(crate) fn end(self) -> u64 {
        u64::from(self.start) + u64::from(self.length)
    }

    fn overlaps(self, other: Region) -> bool {
        u64::from(self.start) < other.end() && u64::from(other.start) < self.end()
    }

    /// The two regions of `memory`, which do not overlap and lie inside it.
    pub(crate) fn split(memory: &mut [i8], input: Region, output: Region) -> (&[i8], &mut [i8]) {
        let (low, high) = if input.start < output.start { (input, output) } else { (output, input) };
        let (head, tail) = memory.split_at_mut(high.start as usize);
        let low = &mut head[low.start as usize..][..low.length as usize];
        let high = &mut tail[..high.length as usize];
        if input.start < output.start { (low, high) } else { (high, low) }
    }

    /// Its bytes of `memory`, inside which it lies.
    pub(crate) fn of(self, memory: &mut [i8]) -> &mut [i8] {
        &mut memory[self.start as usize..][..self.length as usize]
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
/// The output is in use to the end. A tensor that nothing reads is in use while it is written.
pub(crate) fn check(
    tensors: &[Tensor],
    inputs: &[InputRecord],
    ops: &[OpRecord],
    output: u8,
) -> Result<u64, ParseError> {
    let mut needed = 0;
    for (index, tensor) in tensors.iter().enumerate() {
        let own = lifetime(index, inputs, ops, output)?;
        for (other, other_tensor) in tensors.iter().enumerate().take(index) {
            let others = lifetime(other, inputs, ops, output)?;
            let together = own.written <= others.read && others.written <= own.read;
            if together && tensor.region().overlaps(other_tensor.region()) {
                return Err(ParseError::Tensor(index as u8, TensorError::Overlaps(other as u8)));
            }
        }
        needed = needed.max(tensor.region().end());
    }
    Ok(needed)
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
