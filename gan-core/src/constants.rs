//! Reading weights and tables in place.

use crate::error::OpError;
use crate::format::{ALIGNMENT, ActivationRecord, RequantizeRecord, ShiftRecord};
use crate::kernels::magnitude::magnitude;
use crate::kernels::requantize::{Activation, Requantize, Shifts};

/// The constants of a model file; starts at a multiple of 16 in memory.
#[derive(Clone, Copy)]
pub(crate) struct Constants<'a>(pub(crate) &'a [u8]);

impl<'a> Constants<'a> {
    #[inline(never)] // small in a firmware: it is called in many places
    fn bytes(self, offset: u32, length: usize) -> Result<&'a [u8], OpError> {
        let start = usize::try_from(offset).map_err(|_| OpError::Bounds)?;
        if !start.is_multiple_of(ALIGNMENT) {
            return Err(OpError::Alignment);
        }
        let end = start.checked_add(length).ok_or(OpError::Bounds)?;
        self.0.get(start..end).ok_or(OpError::Bounds)
    }

    /// `length` bytes of int8: weights, whose range [`magnitude`] or the kernel set checks, or a table.
    pub(crate) fn int8(self, offset: u32, length: usize) -> Result<&'a [i8], OpError> {
        Ok(bytemuck::cast_slice(self.bytes(offset, length)?))
    }

    /// `length` numbers of 32 bits.
    #[inline(never)] // small in a firmware: it is called in many places
    pub(crate) fn words(self, offset: u32, length: usize) -> Result<&'a [i32], OpError> {
        let bytes = length.checked_mul(4).ok_or(OpError::Bounds)?;
        bytemuck::try_cast_slice(self.bytes(offset, bytes)?).map_err(|_| OpError::Alignment)
    }

    /// The factors of `channels` channels and the activation behind them; `zero_point` is the output tensor's.
    ///
    /// What they may be is checked by [`Requantize::check`].
    #[inline(never)] // small in a firmware: it is called in many places
    pub(crate) fn requantize(
        self,
        record: &RequantizeRecord,
        channels: usize,
        zero_point: i8,
    ) -> Result<Requantize<'a>, OpError> {
        let multipliers = self.words(record.multipliers, channels)?;
        let shifts = match record.shifts {
            ShiftRecord::All(shift) => Shifts::All(shift),
            ShiftRecord::PerChannel(offset) => Shifts::PerChannel(self.bytes(offset, channels)?),
        };
        let (activation, zero_point) = match record.activation {
            ActivationRecord::Clamp { min, max } => (Activation::Clamp { min, max }, zero_point),
            ActivationRecord::Table { zero_point, table } => {
                let entries = self.int8(table, 256)?;
                (Activation::Table(entries.try_into().map_err(|_| OpError::Bounds)?), zero_point)
            }
        };
        Ok(Requantize { multipliers, shifts, zero_point, activation })
    }
}

/// Proves that no accumulator of `channel` leaves 32 bits, whatever the activations: |bias| + 128 · Σ|weight| + `extra`
/// fits. And no weight may be −128.
pub(crate) fn check_accumulator(
    channel: usize,
    bias: i32,
    weights: &[i8],
    extra: u64,
) -> Result<(), OpError> {
    check_sum(channel, bias, magnitude(weights).ok_or(OpError::Weight)?.into(), extra)
}

/// The same, for weights whose magnitudes add up to `sum`.
#[inline(never)] // small in a firmware: it is called in many places
pub(crate) fn check_sum(channel: usize, bias: i32, sum: u64, extra: u64) -> Result<(), OpError> {
    let bound = u64::from(bias.unsigned_abs()) + 128 * sum + extra;
    if bound <= i32::MAX as u64 { Ok(()) } else { Err(OpError::Overflow(channel as u16)) }
}
