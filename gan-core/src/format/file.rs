//! A file taken apart: the one reader of headers, for the engine, for packing and for tools.

use core::marker::PhantomData;

use serde::Deserialize;

use super::fixed::Fixed;
use super::op::{OpKind, OpRecord};
use super::op_bytes::OP_BYTES;
use super::records::{EntryRecord, InputRecord, TENSOR_BYTES, TensorRecord};
use crate::error::ParseError;
use crate::part::part;

/// A file whose records decode. What they say is not checked: [`Model::parse`](crate::Model::parse) does that.
#[derive(Debug, Clone, Copy)]
pub struct File<'f> {
    /// What a display calls the model.
    pub name: &'f str,
    /// Code of the kernel set that packed ops are laid out for.
    pub kernels: u8,
    /// Bytes of the arena, as the file states them.
    pub arena_bytes: u32,
    /// Indices in ops, inputs and entries count these.
    pub tensors: Tensors<'f>,
    /// What the caller hands in: tensors and choices.
    pub inputs: Records<'f, InputRecord<'f>>,
    /// The generators in the file, at least one in a model.
    pub entries: Records<'f, EntryRecord<'f>>,
    /// The ops of all entries; those of one lie one behind the other, in the order in which they run.
    pub ops: Ops<'f>,
    /// What offsets of constants point into.
    pub constants: &'f [u8],
}

impl<'f> File<'f> {
    /// Reads the header of `file`, which must start at a multiple of 16 in memory.
    ///
    /// # Errors
    /// The fixed fields are wrong, the checksum does not match, or a record does not decode.
    #[cold] // for size
    pub fn open(file: &'f [u8]) -> Result<Self, ParseError> {
        let fixed = Fixed::read(file)?;
        let (name, rest) = take(fixed.header).ok_or(ParseError::Header)?;
        let table = usize::from(fixed.tensors) * TENSOR_BYTES;
        let (tensors, mut rest) = rest.split_at_checked(table).ok_or(ParseError::Header)?;
        let inputs = Records::take(&mut rest, fixed.inputs).ok_or(ParseError::Header)?;
        let entries = Records::take(&mut rest, fixed.entries).ok_or(ParseError::Header)?;
        let (ops, behind) = rest.as_chunks();
        let ops = Ops(ops);
        if !behind.is_empty() || ops.count() != fixed.ops.into() || ops.iter().count() != ops.count() {
            return Err(ParseError::Header);
        }
        let (kernels, arena_bytes, constants) = (fixed.kernels, fixed.arena_bytes, fixed.constants);
        Ok(File { name, kernels, arena_bytes, tensors: Tensors(tensors), inputs, entries, ops, constants })
    }

    /// The ops of an entry.
    pub fn ops_of(&self, entry: &EntryRecord<'_>) -> impl Iterator<Item = OpRecord> + use<'f> {
        Ops(part(self.ops.0, entry.first.into(), entry.ops.into())).iter()
    }

    /// How many ops at the end of `entry` are its pass, which is run once for each pixel: what its last op, a draw, says; 0
    /// without one, and in an engine without the feature `adaptive`, which runs none.
    #[inline] // so that an engine without the feature has nothing of it
    pub fn pass_of(&self, entry: &EntryRecord<'_>) -> u8 {
        if !cfg!(feature = "adaptive") {
            return 0;
        }
        let last = entry.ops.saturating_sub(1);
        let last = EntryRecord { first: entry.first.wrapping_add(last), ops: 1, ..*entry };
        match self.ops_of(&last).next().map(|op| op.kind) {
            Some(OpKind::Draw(draw)) => draw.ops,
            _ => 0,
        }
    }
}

/// A record from the start of `bytes`, and what lies behind it.
fn take<'f, T: Deserialize<'f>>(bytes: &'f [u8]) -> Option<(T, &'f [u8])> {
    postcard::take_from_bytes(bytes).ok()
}

/// The tensors' records, each found without the others.
#[derive(Debug, Clone, Copy)]
pub struct Tensors<'f>(&'f [u8]);

impl Tensors<'_> {
    /// Number of tensors.
    pub fn count(&self) -> usize {
        self.0.len() / TENSOR_BYTES
    }

    /// The tensor with that index.
    #[inline(never)] // small in a firmware: it is called in many places
    pub fn get(&self, index: u8) -> Option<TensorRecord> {
        let own = self.0.get(usize::from(index) * TENSOR_BYTES..)?.first_chunk::<TENSOR_BYTES>()?;
        let [h0, h1, w0, w1, c0, c1, s0, s1, s2, s3, zero_point, o0, o1, o2, o3] = *own;
        Some(TensorRecord {
            height: u16::from_le_bytes([h0, h1]),
            width: u16::from_le_bytes([w0, w1]),
            channels: u16::from_le_bytes([c0, c1]),
            scale: f32::from_le_bytes([s0, s1, s2, s3]),
            zero_point: zero_point as i8,
            offset: u32::from_le_bytes([o0, o1, o2, o3]),
        })
    }

    /// All of them, in their order.
    pub fn iter(&self) -> impl Iterator<Item = TensorRecord> {
        (0..=u8::MAX).map_while(|index| self.get(index))
    }
}

/// The ops' records, which are decoded one by one.
#[derive(Debug, Clone, Copy)]
pub struct Ops<'f>(&'f [[u8; OP_BYTES]]);

impl<'f> Ops<'f> {
    /// Number of ops.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// All of them, in the order in which they run.
    pub fn iter(&self) -> impl Iterator<Item = OpRecord> + use<'f> {
        self.0.iter().map_while(OpRecord::decode)
    }
}

/// Records of one type, which are decoded one by one.
#[derive(Debug)]
pub struct Records<'f, T> {
    bytes: &'f [u8],
    count: u8,
    records: PhantomData<T>,
}

impl<T> Clone for Records<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Records<'_, T> {}

impl<'f, T: Deserialize<'f>> Records<'f, T> {
    /// `count` records from the start of `rest`, all of which decode; `rest` becomes what lies behind them.
    fn take(rest: &mut &'f [u8], count: u8) -> Option<Self> {
        let records = Records { bytes: rest, count, records: PhantomData };
        let mut iter = records.iter();
        let decoded = iter.by_ref().count();
        *rest = iter.0.bytes;
        (decoded == usize::from(count)).then_some(records)
    }

    /// Number of records.
    pub fn count(&self) -> usize {
        self.count.into()
    }

    /// All of them, in their order.
    pub fn iter(&self) -> Iter<'f, T> {
        Iter(*self)
    }
}

/// Decodes records one by one.
#[derive(Debug, Clone)]
pub struct Iter<'f, T>(Records<'f, T>);

impl<'f, T: Deserialize<'f>> Iterator for Iter<'f, T> {
    type Item = T;

    #[inline(never)] // small in a firmware: it is called in many places
    fn next(&mut self) -> Option<T> {
        self.0.count = self.0.count.checked_sub(1)?;
        let (record, behind) = take(self.0.bytes)?;
        self.0.bytes = behind;
        Some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The reader by hand and postcard's must agree: the page promises postcard.
        #[test]
        fn a_tensor_is_found_as_postcard_wrote_it(
            height: u16, width: u16, channels: u16, scale: f32, zero_point: i8, offset: u32,
        ) {
            let record = TensorRecord { height, width, channels, scale, zero_point, offset };
            let bytes = postcard::to_stdvec(&[record; 3]).unwrap();
            prop_assert_eq!(bytes.len(), 3 * TENSOR_BYTES);
            let bits = |record: TensorRecord| (record.scale.to_bits(), TensorRecord { scale: 0.0, ..record });
            prop_assert_eq!(bits(Tensors(&bytes).get(2).unwrap()), bits(record));
            prop_assert_eq!(bits(postcard::from_bytes(&bytes[TENSOR_BYTES..2 * TENSOR_BYTES]).unwrap()), bits(record));
            prop_assert!(Tensors(&bytes).get(3).is_none());
        }
    }
}
