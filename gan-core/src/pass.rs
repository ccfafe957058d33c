//! Passes: that what draws an entry's picture pixel by pixel reads nothing that is not drawn yet.

use crate::error::{OpError, ParseError};
use crate::format::{EntryRecord, File, InputKind, OpKind};

/// Checks that a draw is the last op of `entry` and makes its output from uniform numbers, that windows are in its pass and read what it
/// draws, and that no other op does.
#[cold] // for size
pub(crate) fn check(file: &File<'_>, entry: &EntryRecord<'_>) -> Result<(), ParseError> {
    let pass = file.pass_of(entry);
    let once = entry.ops.saturating_sub(pass);
    let is_uniform = |tensor: &u8| {
        let mut kinds = file.inputs.iter().map(|input| input.kind);
        kinds.any(|kind| kind == InputKind::Uniform { tensor: *tensor })
    };
    for (op, place) in file.ops_of(entry).zip(0..) {
        let reads_picture = op.operands.contains(&entry.output);
        let is_in_place = match op.kind {
            OpKind::Draw(draw) => {
                place + 1 == entry.ops
                    && (1..=entry.ops).contains(&draw.ops)
                    && op.output == entry.output
                    && op.operands.get(1).is_some_and(is_uniform)
            }
            OpKind::Window(_) => place >= once && reads_picture,
            _ => pass == 0 || !reads_picture,
        };
        if !is_in_place {
            return Err(ParseError::Op(entry.first.wrapping_add(place), OpError::Pass));
        }
    }
    Ok(())
}
