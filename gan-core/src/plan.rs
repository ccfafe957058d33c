//! Places in the arena: that nobody in use is overwritten.

use crate::error::{OpError, ParseError, TensorError};
use crate::format::{EntryRecord, OpRecord};
use crate::lifetime::Lifetimes;
use crate::ops::{Context, Op};

/// Checks that in `entry` each tensor is written once, before it is read, and that no two in use at one time overlap;
/// returns the arena bytes that it needs.
///
/// Where an op reads an operand for the last time and writes its output, they may overlap as far as the op allows it. Its
/// working memory is its own.
#[cold] // for size
pub(crate) fn check(context: &Context<'_>, entry: &EntryRecord<'_>) -> Result<u64, ParseError> {
    let file = context.file;
    let mut lives = Lifetimes::NONE;
    lives.trace(file, entry).map_err(|tensor| ParseError::Tensor(tensor, TensorError::Written))?;
    let tensors = || (0..file.tensors.count() as u8).map(|tensor| (tensor, context.region(tensor)));
    let mut needed = 0;
    let mut step = 0;
    for record in file.ops_of(entry) {
        step += 1;
        let index = entry.first.wrapping_add(step - 1);
        needed = needed.max(check_op(context, &lives, &record, (index, step))?);
    }
    // Inputs are there at once; all else was compared with what it was written beside.
    for (tensor, region) in tensors().filter(|&(tensor, _)| lives.get(tensor).is_used()) {
        needed = needed.max(region.end());
        for (other, other_region) in tensors().take(tensor.into()) {
            let both_inputs = lives.get(tensor).holds(0) && lives.get(other).holds(0);
            if both_inputs && region.overlaps(other_region) {
                return Err(ParseError::Tensor(tensor, TensorError::Overlaps(other)));
            }
        }
    }
    Ok(needed)
}

/// Checks op `index`, which is the entry's op at `step`, against all that is in use when it runs; returns the arena bytes of
/// its working memory. A call of its own, so that its stack is not there while others run.
#[cold] // for size
#[inline(never)]
fn check_op(
    context: &Context<'_>,
    lives: &Lifetimes,
    record: &OpRecord,
    (index, step): (u8, u8),
) -> Result<u64, ParseError> {
    let op = Op::new(record, context).map_err(|error| ParseError::Op(index, error))?;
    // Operands and output are handed over as one piece of memory, in which working memory must not lie.
    let mut in_the_way = op.operands().any(|operand| operand.hull(op.output).overlaps(op.scratch));
    for tensor in (0..context.file.tensors.count() as u8).filter(|&tensor| lives.get(tensor).holds(step)) {
        let region = context.region(tensor);
        in_the_way |= region.overlaps(op.scratch);
        if tensor == record.output || !region.overlaps(op.output) {
            continue;
        }
        // Handed over by an operand that is read here for the last time, at all its places.
        let mut handed_over = lives.get(tensor).read == step && record.operands.contains(&tensor);
        for (place, _) in record.operands.iter().enumerate().filter(|(_, operand)| **operand == tensor) {
            handed_over &= op.overlap(place).allows(region, op.output);
        }
        if !handed_over {
            return Err(ParseError::Tensor(record.output, TensorError::Overlaps(tensor)));
        }
    }
    if in_the_way { Err(ParseError::Op(index, OpError::Scratch)) } else { Ok(op.scratch.end()) }
}
