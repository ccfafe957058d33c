//! A parsed model.

use heapless::Vec;
use serde::Deserialize;

use crate::constants::Constants;
use crate::error::{InputError, ParseError, Part};
use crate::format::{self, InputRecord, OpRecord, Preamble, TensorRecord};
use crate::kernels::set::KernelSet;
use crate::latent::{LATENT_SCALE, MAX_LATENT};
use crate::ops::{Context, Op};
use crate::plan;
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Inputs that a model can have.
const INPUTS: usize = 4;

/// A model file that was checked whole: generating with it cannot fail, panic or read out of bounds.
///
/// It borrows the file, whose constants are read in place. `OPS` and `TENSORS` bound what fits; use
/// [`Model::parse`] for the usual size, [`Model::parse_sized`] for another.
#[derive(Debug, Clone)]
pub struct Model<'f, const OPS: usize = 12, const TENSORS: usize = 16> {
    name: &'f str,
    latent: Option<u8>,
    classes: u8,
    output: u8,
    arena_bytes: u32,
    tensors: Vec<Tensor, TENSORS>,
    ops: Vec<Op<'f>, OPS>,
}

impl<'f> Model<'f> {
    /// Checks `file`, which must start at a multiple of 16 in memory ([`include_model!`](crate::include_model)
    /// and [`AlignedBytes`](crate::AlignedBytes) see to that).
    ///
    /// # Errors
    /// Whatever is wrong with the file; see [`ParseError`].
    pub fn parse(file: &'f [u8]) -> Result<Self, ParseError> {
        Self::parse_sized(file)
    }
}

impl<'f, const OPS: usize, const TENSORS: usize> Model<'f, OPS, TENSORS> {
    /// [`Model::parse`] with room for `OPS` ops and `TENSORS` tensors.
    ///
    /// # Errors
    /// Whatever is wrong with the file; see [`ParseError`].
    pub fn parse_sized(file: &'f [u8]) -> Result<Self, ParseError> {
        let (header, constants, arena_bytes) = split_file(file)?;
        let (preamble, mut rest) = take::<Preamble<'f>>(header)?;
        let set = KernelSet::from_code(preamble.layout)
            .filter(|set| set.is_compiled_in())
            .ok_or(ParseError::Layout { found: preamble.layout })?;
        let inputs: Vec<InputRecord, INPUTS> = take_all(&mut rest, preamble.inputs, Part::Inputs)?;
        let records: Vec<TensorRecord, TENSORS> = take_all(&mut rest, preamble.tensors, Part::Tensors)?;
        let op_records: Vec<OpRecord, OPS> = take_all(&mut rest, preamble.ops, Part::Ops)?;
        if !rest.is_empty() {
            return Err(ParseError::Header);
        }

        let mut tensors = Vec::new();
        // The index behind the zip: in front of it, it would count one further than the last, and 255 has no next.
        for (record, index) in records.iter().zip(0..) {
            let tensor = Tensor::new(record).map_err(|error| ParseError::Tensor(index, error))?;
            // As many records as there is room for.
            let _ = tensors.push(tensor);
        }
        let (latent, classes) = check_inputs(&inputs, &tensors)?;
        let context = Context { tensors: &tensors, constants: Constants(constants), classes, set };
        let mut ops: Vec<Op<'f>, OPS> = Vec::new();
        for (record, index) in op_records.iter().zip(0..) {
            let op = Op::new(record, &context).map_err(|error| ParseError::Op(index, error))?;
            let _ = ops.push(op);
        }
        if !op_records.iter().any(|op| op.output() == preamble.output) {
            return Err(ParseError::Output);
        }
        let needed = plan::check(&tensors, &inputs, &op_records, &ops, preamble.output)?;
        if needed != u64::from(arena_bytes) {
            let needed = u32::try_from(needed).unwrap_or(u32::MAX);
            return Err(ParseError::ArenaSize { needed, stated: arena_bytes });
        }
        Ok(Model { name: preamble.name, latent, classes, output: preamble.output, arena_bytes, tensors, ops })
    }

    /// The model's name, for display.
    pub fn name(&self) -> &'f str {
        self.name
    }

    /// Number of classes; 0 for an unconditional model.
    pub fn classes(&self) -> u8 {
        self.classes
    }

    /// Length of the latent; 0 for a model without one.
    pub fn latent_length(&self) -> usize {
        self.latent.map_or(0, |tensor| self.tensors[usize::from(tensor)].shape.size())
    }

    /// Shape of the picture.
    pub fn output_shape(&self) -> Shape {
        self.tensors[usize::from(self.output)].shape
    }

    /// Bytes that an [`Arena`](crate::Arena) for this model needs.
    pub fn arena_bytes(&self) -> usize {
        self.arena_bytes as usize
    }

    /// All tensors, in the file's order.
    pub fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// Multiply-accumulates of each op, in the order in which they run.
    pub fn macs(&self) -> impl Iterator<Item = u64> {
        self.ops.iter().map(Op::macs)
    }

    /// What the engine needs, without the capacities in its type.
    pub(crate) fn view(&self) -> View<'_> {
        View {
            ops: &self.ops,
            latent: self.latent.map(|tensor| self.tensors[usize::from(tensor)].region()),
            classes: self.classes,
            output: self.tensors[usize::from(self.output)],
        }
    }
}

/// A model as the engine sees it.
#[derive(Clone, Copy)]
pub(crate) struct View<'m> {
    pub(crate) ops: &'m [Op<'m>],
    pub(crate) latent: Option<plan::Region>,
    pub(crate) classes: u8,
    pub(crate) output: Tensor,
}

/// Checks the fixed fields; returns the header, the constants and the arena bytes.
pub(crate) fn split_file(file: &[u8]) -> Result<(&[u8], &[u8], u32), ParseError> {
    let fixed: &[u8; format::HEADER_START] = file.first_chunk().ok_or(ParseError::Truncated)?;
    let word = |at: usize| u32::from_le_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]]);
    if fixed[..4] != format::MAGIC {
        return Err(ParseError::Magic);
    }
    let [version, flags] = [word(4) as u16, (word(4) >> 16) as u16];
    if version != format::VERSION {
        return Err(ParseError::Version { found: version });
    }
    if flags != 0 {
        return Err(ParseError::Flags(flags));
    }
    if !file.as_ptr().addr().is_multiple_of(format::ALIGNMENT) {
        return Err(ParseError::Alignment);
    }
    let covered = &file[format::HEADER_START..];
    let header_bytes = usize::try_from(word(8)).map_err(|_| ParseError::Truncated)?;
    let header = covered.get(..header_bytes).ok_or(ParseError::Truncated)?;
    // Cannot overflow: the header lies inside the file.
    let constants_start = (format::HEADER_START + header_bytes).next_multiple_of(format::ALIGNMENT);
    let constants = file.get(constants_start..).ok_or(ParseError::Truncated)?;
    if format::checksum(covered) != word(format::CRC_AT) {
        return Err(ParseError::Checksum);
    }
    Ok((header, constants, word(format::ARENA_AT)))
}

fn take<'f, T: Deserialize<'f>>(bytes: &'f [u8]) -> Result<(T, &'f [u8]), ParseError> {
    postcard::take_from_bytes(bytes).map_err(|_| ParseError::Header)
}

fn take_all<'f, T: Deserialize<'f>, const N: usize>(
    rest: &mut &'f [u8],
    count: u8,
    part: Part,
) -> Result<Vec<T, N>, ParseError> {
    let mut records = Vec::new();
    for _ in 0..count {
        let (record, behind) = take(rest)?;
        *rest = behind;
        records.push(record).map_err(|_| ParseError::TooMany(part))?;
    }
    Ok(records)
}

/// Checks the inputs; returns the latent's tensor and the number of classes.
fn check_inputs(inputs: &[InputRecord], tensors: &[Tensor]) -> Result<(Option<u8>, u8), ParseError> {
    let (mut latent, mut classes) = (None, 0);
    for (input, index) in inputs.iter().zip(0..) {
        let check = match *input {
            InputRecord::Latent { .. } if latent.is_some() => Err(InputError::Repeated),
            InputRecord::Class { .. } if classes > 0 => Err(InputError::Repeated),
            InputRecord::Class { classes: 0 } => Err(InputError::NoClasses),
            InputRecord::Class { classes: count } => {
                classes = count;
                Ok(())
            }
            InputRecord::Latent { tensor } => {
                latent = Some(tensor);
                tensors.get(usize::from(tensor)).ok_or(InputError::Tensor).and_then(check_latent)
            }
        };
        check.map_err(|error| ParseError::Input(index, error))?;
    }
    Ok((latent, classes))
}

fn check_latent(tensor: &Tensor) -> Result<(), InputError> {
    if tensor.shape.pixels() != 1 || tensor.shape.size() > MAX_LATENT {
        return Err(InputError::LatentLength);
    }
    if tensor.scale.to_bits() != LATENT_SCALE.to_bits() || tensor.zero_point != 0 {
        return Err(InputError::LatentScale);
    }
    Ok(())
}
