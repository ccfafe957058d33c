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

use std::string::String;
use std::vec::Vec;

use crate::error::ParseError;
use crate::format::{ConvRecord, OpRecord};
use crate::kernels::set::KernelSet;
use crate::model::Model;
use crate::write::{AlignedBytes, ConstantsWriter, ModelWriter};

/// Ops and tensors of a model that is packed or checked on the host.
const MOST: usize = 64;

/// A model file laid out for a kernel set.
#[derive(Clone)]
pub struct Packed {
    /// The file.
    pub file: Vec<u8>,
    /// What each op is, as its definition calls it, with its window.
    pub names: Vec<String>,
    /// What each op is run by: the name of a kernel set.
    pub paths: Vec<&'static str>,
    /// Bytes of the arena.
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
    Model::<'_, MOST, MOST>::parse_sized(&file).map_err(PackError::Parse)?;
    let records::Records { preamble, inputs, mut tensors, ops, constants } = records::read(&file);
    if preamble.layout != KernelSet::Portable.code() {
        return Err(PackError::Packed(KernelSet::from_code(preamble.layout).unwrap_or_default()));
    }
    let mut writer = ConstantsWriter::default();
    let mut packed = Vec::new();
    let mut scratch_bytes = Vec::new();
    for op in &ops {
        let source = records::Source { constants, tensors: &tensors, inputs: &inputs };
        let laid_out = match op {
            OpRecord::Dense(record) => dense::pack(record, &source, set, &mut writer),
            OpRecord::Conv(record) => conv::pack(record, false, &source, set, &mut writer),
            OpRecord::ConvTranspose(record) => conv::pack(record, true, &source, set, &mut writer),
            OpRecord::PackedDense(_) | OpRecord::PackedConv(_) => None,
        };
        let (op, scratch) = laid_out.unwrap_or_else(|| (source.copy(op, &mut writer), 0));
        packed.push(op);
        scratch_bytes.push(scratch);
    }
    let plan = arena::plan(&inputs, &tensors, &packed, &scratch_bytes, preamble.output);
    for (tensor, &offset) in tensors.iter_mut().zip(&plan.tensors) {
        tensor.offset = offset;
    }
    for (op, &offset) in packed.iter_mut().zip(&plan.scratch) {
        match op {
            OpRecord::PackedDense(dense) => dense.scratch = offset,
            OpRecord::PackedConv(conv) => conv.scratch = offset,
            OpRecord::Dense(_) | OpRecord::Conv(_) | OpRecord::ConvTranspose(_) => {}
        }
    }
    let paths = packed.iter().map(|op| match op {
        OpRecord::PackedDense(_) | OpRecord::PackedConv(_) => set.name(),
        OpRecord::Dense(_) | OpRecord::Conv(_) | OpRecord::ConvTranspose(_) => KernelSet::Portable.name(),
    });
    let paths = paths.collect();
    let ends = plan.scratch.iter().zip(&scratch_bytes);
    let writer = ModelWriter {
        set,
        name: preamble.name.into(),
        inputs,
        tensors,
        ops: packed,
        output: preamble.output,
        constants: writer,
        scratch: ends.map(|(&start, &length)| start + length as u32).collect(),
    };
    let file = writer.finish();
    let arena_bytes = crate::arena_bytes(&file);
    Model::<'_, MOST, MOST>::parse_sized(&AlignedBytes::new(&file))
        .map_err(|error| PackError::Refused(error, writer.name))?;
    Ok(Packed {
        file,
        names: ops.iter().map(name).collect(),
        paths,
        arena_bytes,
        arena_lower_bound: plan.lower_bound,
    })
}

/// An op's kind and window.
fn name(op: &OpRecord) -> String {
    let window = |kind: &str, conv: &ConvRecord| {
        let ConvRecord { kernel, stride, padding, .. } = conv;
        std::format!("{kind} {kernel}x{kernel} s{stride} p{padding}")
    };
    match op {
        OpRecord::Dense(_) | OpRecord::PackedDense(_) => "dense".into(),
        OpRecord::Conv(conv) => window("conv", conv),
        OpRecord::ConvTranspose(conv) => window("conv_transpose", conv),
        OpRecord::PackedConv(packed) => {
            window(if packed.transposed { "conv_transpose" } else { "conv" }, &packed.conv)
        }
    }
}

#[cfg(test)]
mod tests;
