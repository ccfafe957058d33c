//! Writing model files, on the host.

use std::string::String;
use std::vec::Vec;

use crate::format::fixed::Fixed;
use crate::format::{self, EntryRecord, InputKind, InputRecord, OpKind, OpRecord, TensorRecord};
use crate::kernel_set::KernelSet;
use crate::kernels::statistics::WORD;

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

/// An input that is written; see [`InputRecord`].
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// What a display calls the input: `z`, `digit`.
    pub name: String,
    /// What its numbers are, and where they go.
    pub kind: Kind,
}

/// Kinds of inputs; see [`InputKind`].
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Standard normal numbers, in this tensor.
    Normal(u8),
    /// Numbers from −1 to 1, in this tensor.
    Uniform(u8),
    /// One of so many, with as many names, or none.
    Choice(u8, Vec<String>),
    /// A picture, in this tensor.
    Picture(u8),
    /// The row of the pixel that a pass draws, one of so many.
    Row(u8),
    /// Its column.
    Column(u8),
}

impl Input {
    /// An input that a display calls `name`.
    pub fn new(name: &str, kind: Kind) -> Self {
        Input { name: name.into(), kind }
    }

    /// The input that `record`, of another file, has.
    pub(crate) fn from_record(record: &InputRecord<'_>) -> Self {
        let kind = match record.kind {
            InputKind::Normal { tensor } => Kind::Normal(tensor),
            InputKind::Uniform { tensor } => Kind::Uniform(tensor),
            InputKind::Picture { tensor } => Kind::Picture(tensor),
            InputKind::Row { count } => Kind::Row(count),
            InputKind::Column { count } => Kind::Column(count),
            InputKind::Choice { count, names } => {
                Kind::Choice(count, names.split_terminator('\n').map(Into::into).collect())
            }
        };
        Input { name: record.name.into(), kind }
    }

    /// Its bytes in the header. A line feed in a name would end the name: it becomes a space.
    fn encode(&self) -> Vec<u8> {
        let mut lines = String::new();
        if let Kind::Choice(_, names) = &self.kind {
            for name in names {
                lines += &name.replace('\n', " ");
                lines.push('\n');
            }
        }
        let kind = match self.kind {
            Kind::Normal(tensor) => InputKind::Normal { tensor },
            Kind::Uniform(tensor) => InputKind::Uniform { tensor },
            Kind::Picture(tensor) => InputKind::Picture { tensor },
            Kind::Row(count) => InputKind::Row { count },
            Kind::Column(count) => InputKind::Column { count },
            Kind::Choice(count, _) => InputKind::Choice { count, names: &lines },
        };
        encode(&InputRecord { name: &self.name, kind })
    }
}

/// An entry that is written; see [`EntryRecord`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What a display calls the generator.
    pub name: String,
    /// Index of its first op.
    pub first: u8,
    /// Number of its ops.
    pub ops: u8,
    /// Index of the tensor that holds the picture.
    pub output: u8,
}

/// All records of a model file.
#[derive(Debug, Clone, Default)]
pub struct ModelWriter {
    /// Whose kernels packed ops are laid out for.
    pub set: KernelSet,
    /// What a display calls the model.
    pub name: String,
    /// What the caller hands in.
    pub inputs: Vec<Input>,
    /// The generators.
    pub entries: Vec<Entry>,
    /// Tensors, by index.
    pub tensors: Vec<TensorRecord>,
    /// Ops, in the order in which they run.
    pub ops: Vec<OpRecord>,
    /// What the ops' offsets point into.
    pub constants: ConstantsWriter,
    /// Ends of the ops' working memories in the arena.
    pub scratch: Vec<u32>,
}

impl ModelWriter {
    /// The file. It is not checked: [`Model::parse`](crate::Model::parse) does that.
    ///
    /// # Panics
    /// With more than 255 inputs, entries, tensors or ops, or 4 GiB of them, which no engine reads.
    pub fn finish(&self) -> Vec<u8> {
        let count = |length: usize| u8::try_from(length).expect("at most 255 of a kind");
        let mut header = encode(&self.name.as_str());
        header.extend(self.tensors.iter().flat_map(encode));
        header.extend(self.inputs.iter().flat_map(Input::encode));
        for Entry { name, first, ops, output } in &self.entries {
            header.extend(encode(&EntryRecord { name, first: *first, ops: *ops, output: *output }));
        }
        header.extend(self.ops.iter().flat_map(OpRecord::encode));
        let fixed = Fixed {
            header: &header,
            constants: &self.constants.bytes,
            arena_bytes: self.arena_bytes(),
            tensors: count(self.tensors.len()),
            inputs: count(self.inputs.len()),
            entries: count(self.entries.len()),
            ops: count(self.ops.len()),
            kernels: self.set.code(),
        };
        fixed.write()
    }

    /// Puts the working memory of ops that need some in any layout, attentions, behind all tensors: no plan, but a valid one.
    ///
    /// # Panics
    /// With tensors that end behind 4 GiB, or an attention without keys.
    pub fn place_working_memories(&mut self) {
        let end = self.tensors.iter().map(TensorRecord::end).max().unwrap_or(0);
        let start =
            u32::try_from(end.next_multiple_of(format::ALIGNMENT as u64)).expect("tensors below 4 GiB");
        for op in self.ops.iter_mut().filter(|op| matches!(op.kind, OpKind::Attention(_))) {
            let TensorRecord { height, width, .. } = self.tensors[usize::from(op.operands[1])];
            op.scratch = start;
            self.scratch.push(start + WORD as u32 * u32::from(height) * u32::from(width));
        }
    }

    /// One entry of all ops, named as the model, whose picture is tensor `output`.
    ///
    /// # Panics
    /// With more than 255 ops.
    pub fn enter_all(&mut self, output: u8) {
        let ops = u8::try_from(self.ops.len()).expect("at most 255 ops");
        self.entries = std::vec![Entry { name: self.name.clone(), first: 0, ops, output }];
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
