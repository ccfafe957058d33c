//! Writing model files, on the host.

use std::vec::Vec;

use crate::format::{self, InputRecord, OpRecord, Preamble, TensorRecord};
use crate::kernels::set::KernelSet;

/// The constants of a model file while it is put together.
#[derive(Debug, Clone, Default)]
pub struct ConstantsWriter {
    bytes: Vec<u8>,
}

impl ConstantsWriter {
    /// Adds int8 numbers; returns their offset.
    ///
    /// # Panics
    /// If they start behind the first 4 GiB.
    pub fn bytes(&mut self, values: &[i8]) -> u32 {
        self.add(bytemuck::cast_slice(values))
    }

    /// Adds shifts; returns their offset.
    ///
    /// # Panics
    /// If they start behind the first 4 GiB.
    pub fn shifts(&mut self, values: &[u8]) -> u32 {
        self.add(values)
    }

    /// Adds 32-bit numbers; returns their offset.
    ///
    /// # Panics
    /// If they start behind the first 4 GiB.
    pub fn words(&mut self, values: &[i32]) -> u32 {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.add(&bytes)
    }

    /// Bytes so far.
    pub fn length(&self) -> usize {
        self.bytes.len()
    }

    fn add(&mut self, bytes: &[u8]) -> u32 {
        self.bytes.resize(self.bytes.len().next_multiple_of(format::ALIGNMENT), 0);
        let offset = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        u32::try_from(offset).expect("constants of 4 GiB")
    }
}

/// All records of a model file.
#[derive(Debug, Clone, Default)]
pub struct ModelWriter {
    /// Whose kernels packed ops are laid out for.
    pub set: KernelSet,
    /// For display.
    pub name: std::string::String,
    /// What the caller hands in.
    pub inputs: Vec<InputRecord>,
    /// Shapes, numbers and places.
    pub tensors: Vec<TensorRecord>,
    /// In the order in which they run.
    pub ops: Vec<OpRecord>,
    /// Index of the tensor that holds the picture.
    pub output: u8,
    /// What the ops' offsets point into.
    pub constants: ConstantsWriter,
    /// Ends of the ops' working memories in the arena.
    pub scratch: Vec<u32>,
}

impl ModelWriter {
    /// The file. It is not checked: [`Model::parse`](crate::Model::parse) does that.
    ///
    /// # Panics
    /// With more than 255 inputs, tensors or ops, or a name of 4 GiB, which no engine reads.
    pub fn finish(&self) -> Vec<u8> {
        let count = |length: usize| u8::try_from(length).expect("at most 255 of a kind");
        let preamble = Preamble {
            name: &self.name,
            layout: self.set.code(),
            inputs: count(self.inputs.len()),
            tensors: count(self.tensors.len()),
            ops: count(self.ops.len()),
            output: self.output,
        };
        let mut header = encode(&preamble);
        header.extend(self.inputs.iter().flat_map(encode));
        header.extend(self.tensors.iter().flat_map(encode));
        header.extend(self.ops.iter().flat_map(encode));

        let mut file = Vec::new();
        file.extend(format::MAGIC);
        file.extend(format::VERSION.to_le_bytes());
        file.extend(0u16.to_le_bytes());
        let header_bytes = u32::try_from(header.len()).expect("a header below 4 GiB");
        file.extend(header_bytes.to_le_bytes());
        file.extend(self.arena_bytes().to_le_bytes());
        file.extend([0; 4]);
        file.extend(header);
        file.resize(file.len().next_multiple_of(format::ALIGNMENT), 0);
        file.extend(&self.constants.bytes);
        format::seal(&mut file);
        file
    }

    /// Where the tensors and the working memories end; all that the field holds, where they end behind that.
    fn arena_bytes(&self) -> u32 {
        let tensors = self.tensors.iter().map(TensorRecord::end);
        let end = tensors.chain(self.scratch.iter().map(|&end| end.into())).max().unwrap_or(0);
        u32::try_from(end).unwrap_or(u32::MAX)
    }
}

impl TensorRecord {
    /// The first byte of the arena behind it.
    pub(crate) fn end(&self) -> u64 {
        let [height, width, channels] = [self.height, self.width, self.channels].map(u64::from);
        // Below 2⁴⁸.
        u64::from(self.offset) + height * width * channels
    }
}

fn encode<T: serde::Serialize>(record: &T) -> Vec<u8> {
    postcard::to_stdvec(record).expect("records always encode")
}

/// A model file read at run time, at a multiple of 16 in memory.
#[derive(Debug, Clone)]
pub struct AlignedBytes {
    blocks: Vec<[u64; 2]>,
    length: usize,
}

impl AlignedBytes {
    /// A copy of `bytes`.
    pub fn new(bytes: &[u8]) -> Self {
        // A spare block, so that a multiple of 16 lies inside whatever the allocator gives.
        let mut blocks = std::vec![[0u64; 2]; bytes.len().div_ceil(16) + 1];
        let start = Self::start(&blocks);
        bytemuck::cast_slice_mut::<_, u8>(&mut blocks)[start..start + bytes.len()].copy_from_slice(bytes);
        AlignedBytes { blocks, length: bytes.len() }
    }

    fn start(blocks: &[[u64; 2]]) -> usize {
        blocks.as_ptr().addr().wrapping_neg() % format::ALIGNMENT
    }
}

impl core::ops::Deref for AlignedBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        let start = Self::start(&self.blocks);
        &bytemuck::cast_slice(&self.blocks)[start..start + self.length]
    }
}
