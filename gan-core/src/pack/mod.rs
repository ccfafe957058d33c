//! Rewriting a model file for the kernels of a core, on the host.
//!
//! The trainer writes the portable layout, which every engine runs. [`pack`] lays each op's weights out as the inner
//! loops of a [`KernelSet`] read them, proves for each channel that the sums stay exact, and plans the arena anew, with
//! working memory and with outputs over inputs that were read already. An op that the kernels do not cover, or one of
//! whose channels fails the proof, stays as it was and runs the portable way. Not one bit of any picture changes.
//!
//! A firmware's build script calls it, with this crate as a build-dependency that has the feature `std`. That takes cargo's
//! resolver 2 or 3 (`resolver = "3"` in the workspace, or an edition from 2021 on): resolver 1 would switch `std` on in the
//! device's build of this crate too.

mod arena;
mod conv;
mod dense;
mod records;

use std::string::{String, ToString};
use std::vec::Vec;

use crate::error::ParseError;
use crate::format::{self, EntryRecord, File, OpKind, OpRecord, TensorRecord};
use crate::kernel_set::KernelSet;
use crate::model::Model;
use crate::write::{AlignedBytes, ConstantsWriter, Entry, Input, ModelWriter};
use records::Source;

/// A model file laid out for a kernel set.
#[derive(Clone)]
pub struct Packed {
    /// The packed file.
    pub file: Vec<u8>,
    /// What each op is; see [`OpRecord`]'s `Display`.
    pub names: Vec<String>,
    /// What each op is run by: the name of a kernel set.
    pub paths: Vec<&'static str>,
    /// Bytes of the arena, as planned anew.
    pub arena_bytes: usize,
    /// Bytes in use at one time: no plan needs fewer.
    pub arena_lower_bound: usize,
}

impl core::fmt::Debug for Packed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Packed { file, names: _, paths, arena_bytes, arena_lower_bound } = self;
        let bytes = file.len();
        write!(f, "Packed({bytes} bytes, by {paths:?}, arena {arena_bytes}, bound {arena_lower_bound})")
    }
}

/// Why a file cannot be packed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PackError {
    /// The file is no model.
    Parse(ParseError),
    /// The file is packed already.
    Packed(KernelSet),
    /// The packed file would be refused: a fault of this crate, with what parse says.
    Refused(ParseError, String),
}

impl core::fmt::Display for PackError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            PackError::Parse(error) => error.fmt(f),
            PackError::Packed(set) => write!(f, "the model is packed already, for {set} kernels"),
            PackError::Refused(error, name) => {
                write!(f, "packing {name} made a file that is refused: {error}")
            }
        }
    }
}

impl core::error::Error for PackError {}

/// Lays `file` out for `set`; for [`KernelSet::Portable`] it only comes back checked, with its arena planned anew.
///
/// # Errors
/// `file` is no model in the portable layout.
pub fn pack(file: &[u8], set: KernelSet) -> Result<Packed, PackError> {
    let file = AlignedBytes::new(file);
    Model::parse(&file).map_err(PackError::Parse)?;
    let file = File::open(&file).map_err(PackError::Parse)?;
    if file.kernels != KernelSet::Portable.code() {
        return Err(PackError::Packed(KernelSet::from_code(file.kernels).unwrap_or_default()));
    }
    let tensors: Vec<TensorRecord> = file.tensors.iter().collect();
    let mut constants = ConstantsWriter::default();
    let source = Source { file: &file, tensors: &tensors };
    let lay_out = |op: OpRecord| {
        let packed = match &op.kind {
            OpKind::Dense(record) => dense::pack(&op, record, &source, set, &mut constants),
            OpKind::Conv(record) => conv::pack(&op, record, &source, set, &mut constants),
            // Their kernels read the portable layout.
            _ => None,
        };
        match packed {
            Some(kind) => OpRecord { kind, packed: true, scratch: 0, ..op },
            None => source.copy(&op, &mut constants),
        }
    };
    let ops: Vec<OpRecord> = file.ops.iter().map(lay_out).collect();
    let entry = |entry: EntryRecord<'_>| {
        let EntryRecord { name, first, ops, output } = entry;
        Entry { name: name.into(), first, ops, output }
    };
    let mut writer = ModelWriter {
        set,
        name: file.name.into(),
        inputs: file.inputs.iter().map(|input| Input::from_record(&input)).collect(),
        entries: file.entries.iter().map(entry).collect(),
        tensors: tensors.clone(),
        ops,
        constants,
        scratch: std::vec![],
    };
    let arena_lower_bound = arena::plan(&mut writer);
    let packed = writer.finish();
    let arena_bytes = format::arena_bytes(&packed);
    Model::parse(&AlignedBytes::new(&packed))
        .map_err(|error| PackError::Refused(error, writer.name.clone()))?;
    let path = |op: &OpRecord| if op.packed { set.name() } else { KernelSet::Portable.name() };
    Ok(Packed {
        file: packed,
        names: writer.ops.iter().map(ToString::to_string).collect(),
        paths: writer.ops.iter().map(path).collect(),
        arena_bytes,
        arena_lower_bound,
    })
}

#[cfg(test)]
mod tests;
