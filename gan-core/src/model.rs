//! A model file that was checked.

use crate::constants::Constants;
use crate::error::{InputError, OpError, ParseError};
use crate::format::{EntryRecord, File, InputKind, InputRecord, OpRecord};
use crate::kernel_set::KernelSet;
use crate::latent::LATENT_SCALE;
use crate::lifetime::Life;
use crate::limits::MAX_INPUTS;
use crate::ops::{Context, Op};
#[cfg(feature = "adaptive")]
use crate::pass;
use crate::plan;
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Real value of one step of a picture and of uniform numbers: ±1 map to ±127.
pub const PICTURE_SCALE: f32 = 1.0 / 127.0;

/// A model file that was checked whole: generating with it cannot fail, panic or read out of bounds.
///
/// It borrows the file and holds nothing but places in it: records are decoded one by one as they are needed, constants are
/// read in place. So it is small, a copy is free, and there is no limit but the file's.
#[derive(Debug, Clone, Copy)]
pub struct Model<'f> {
    file: File<'f>,
    set: KernelSet,
}

impl<'f> Model<'f> {
    /// Checks `file`, which must start at a multiple of 16 in memory ([`include_model!`](crate::include_model) sees to that,
    /// and so does [`Aligned`](crate::Aligned) for bytes that are copied to RAM) and may be longer than the model.
    ///
    /// # Errors
    /// Whatever is wrong with the file; see [`ParseError`].
    #[inline(never)] // so that what it calls does not make its caller cold
    pub fn parse(file: &'f [u8]) -> Result<Self, ParseError> {
        let file = File::open(file)?;
        let layout = ParseError::Layout { found: file.kernels };
        let set = KernelSet::from_code(file.kernels).filter(|set| set.is_compiled_in()).ok_or(layout)?;
        let context = Context { file: &file, constants: Constants(file.constants), set };
        for (record, index) in file.tensors.iter().zip(0..) {
            Tensor::new(&record).map_err(|error| ParseError::Tensor(index, error))?;
        }
        if file.inputs.count() > MAX_INPUTS {
            return Err(ParseError::Inputs { found: file.inputs.count() as u8 });
        }
        for (input, index) in file.inputs.iter().zip(0..) {
            check_input((&input, index), &file).map_err(|error| ParseError::Input(index, error))?;
        }
        // The index behind the zip: in front of it, it would count one further than the last, and 255 has no next.
        for (record, index) in file.ops.iter().zip(0..) {
            prove_op(&record, &context).map_err(|error| ParseError::Op(index, error))?;
        }
        let mut needed = 0;
        for (entry, index) in file.entries.iter().zip(0..) {
            let end = usize::from(entry.first) + usize::from(entry.ops);
            let is_made = file.ops_of(&entry).any(|op| op.output == entry.output);
            if end > file.ops.count() || entry.ops == Life::TO_THE_END || !is_made {
                return Err(ParseError::Entry(index));
            }
            #[cfg(feature = "adaptive")]
            pass::check(&file, &entry)?;
            needed = needed.max(plan::check(&context, &entry)?);
        }
        if file.entries.count() == 0 {
            return Err(ParseError::NoEntry);
        }
        if needed != u64::from(file.arena_bytes) {
            let needed = u32::try_from(needed).unwrap_or(u32::MAX);
            return Err(ParseError::ArenaSize { needed, stated: file.arena_bytes });
        }
        Ok(Model { file, set })
    }

    /// The model's name, for display.
    pub fn name(&self) -> &'f str {
        self.file.name
    }

    /// What the caller hands in.
    pub fn inputs(&self) -> impl Iterator<Item = InputRecord<'f>> + use<'f> {
        self.file.inputs.iter()
    }

    /// The generators in the file; there is at least one.
    pub fn entries(&self) -> impl Iterator<Item = EntryRecord<'f>> + use<'f> {
        self.file.entries.iter()
    }

    /// The inputs that are choices: what they are called, how many there are to choose from, and the names of those.
    pub fn choices(&self) -> impl Iterator<Item = Choice<'f>> + use<'f> {
        self.inputs().filter_map(|InputRecord { name, kind }| match kind {
            InputKind::Choice { count, names } => Some(Choice { name, count, names }),
            _ => None,
        })
    }

    /// How many there are to choose from in the first choice, as a rule the classes; 0 for a model without one.
    pub fn classes(&self) -> u8 {
        self.choices().next().map_or(0, |choice| choice.count)
    }

    /// Numbers in the latent: those of all normal inputs but the planes of noise.
    pub fn latent_length(&self) -> usize {
        self.numbers(false)
    }

    /// How many inputs are planes of noise: those of normal or uniform numbers that have a height and a width.
    pub fn noise_planes(&self) -> usize {
        let plane = |input: &InputRecord<'_>| match input.kind {
            InputKind::Normal { tensor } | InputKind::Uniform { tensor } => self.is_plane(tensor),
            _ => false,
        };
        self.inputs().filter(plane).count()
    }

    /// Whether the tensor with index `index` has more than one place.
    fn is_plane(&self, index: u8) -> bool {
        self.tensor(index).is_some_and(|tensor| tensor.is_plane())
    }

    /// Numbers of all uniform inputs but the planes of noise.
    pub fn uniform_length(&self) -> usize {
        self.numbers(true)
    }

    #[inline(never)] // small in a firmware: it is called in several places
    fn numbers(&self, uniform: bool) -> usize {
        let mut count = 0;
        for input in self.inputs() {
            let tensor = match input.kind {
                InputKind::Normal { tensor } if !uniform => tensor,
                InputKind::Uniform { tensor } if uniform => tensor,
                _ => continue,
            };
            let tensor = self.tensor(tensor).filter(|tensor| !tensor.is_plane());
            count += tensor.map_or(0, |tensor| tensor.shape.size());
        }
        count
    }

    /// Shape of the first entry's picture.
    pub fn output_shape(&self) -> Shape {
        let output = self.entries().next().and_then(|entry| self.tensor(entry.output));
        output.unwrap_or(Tensor::NONE).shape
    }

    /// Bytes that an [`Arena`](crate::Arena) for this model needs.
    pub fn arena_bytes(&self) -> usize {
        self.file.arena_bytes as usize
    }

    /// The file taken apart.
    pub fn file(&self) -> &File<'f> {
        &self.file
    }

    /// The tensor with index `index`.
    pub fn tensor(&self, index: u8) -> Option<Tensor> {
        Tensor::new(&self.file.tensors.get(index)?).ok()
    }

    /// All tensors, in the file's order.
    pub fn tensors(&self) -> impl Iterator<Item = Tensor> {
        self.file.tensors.iter().filter_map(|record| Tensor::new(&record).ok())
    }

    /// Multiply-accumulates of each op, in the order in which they run; of one in a pass, those of all pixels.
    pub fn macs(&self) -> impl Iterator<Item = u64> {
        let of_op = |record: OpRecord| Op::new(&record, &self.context()).map_or(0, |op| op.macs());
        self.file.ops.iter().zip(0..).map(move |(record, op)| of_op(record) * self.times(op))
    }

    /// How often op number `op` is run for a picture: the most of all entries.
    fn times(&self, op: u8) -> u64 {
        let of_entry = |entry: EntryRecord<'_>| {
            let end = usize::from(entry.first) + usize::from(entry.ops);
            let pass = end.saturating_sub(self.file.pass_of(&entry).into())..end;
            let picture = self.tensor(entry.output).filter(|_| pass.contains(&op.into()));
            picture.map_or(1, |picture| picture.shape.pixels() as u64)
        };
        self.entries().map(of_entry).max().unwrap_or(1)
    }

    pub(crate) fn context(&self) -> Context<'_> {
        Context { file: &self.file, constants: Constants(self.file.constants), set: self.set }
    }
}

/// An input that is a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice<'f> {
    /// What is chosen: `class`, say.
    pub name: &'f str,
    /// How many there are to choose from, at least 1.
    pub count: u8,
    names: &'f str,
}

impl<'f> Choice<'f> {
    /// The name of number `chosen`, if it has one.
    pub fn name_of(&self, chosen: u8) -> Option<&'f str> {
        self.names.split_terminator('\n').nth(chosen.into())
    }
}

/// Checks an op by itself; a call of its own, so that its kilobyte of stack is not parse's.
#[cold] // for size
#[inline(never)]
fn prove_op(record: &OpRecord, context: &Context<'_>) -> Result<(), OpError> {
    Op::new(record, context)?.prove()
}

/// Checks that an input's tensor, or its names, are there and of its kind.
#[cold] // for size
fn check_input((input, index): (&InputRecord<'_>, u8), file: &File<'_>) -> Result<(), InputError> {
    let scale = match input.kind {
        InputKind::Choice { count: 0, .. } | InputKind::Row { count: 0 } | InputKind::Column { count: 0 } => {
            return Err(InputError::NoChoice);
        }
        InputKind::Row { .. } | InputKind::Column { .. } => {
            let kind = core::mem::discriminant(&input.kind);
            let mut before = file.inputs.iter().take(index.into());
            // Nothing reads them where the feature is off.
            let is_second = cfg!(feature = "adaptive")
                && before.any(|other| core::mem::discriminant(&other.kind) == kind);
            return if is_second { Err(InputError::Second) } else { Ok(()) };
        }
        InputKind::Choice { count, names } => {
            // Bytes and not a pattern: a quarter of the code.
            let names = names.as_bytes();
            let named = names.iter().filter(|&&byte| byte == b'\n').count();
            let as_many = names.is_empty() || named == usize::from(count) && names.last() == Some(&b'\n');
            return if as_many { Ok(()) } else { Err(InputError::Names) };
        }
        InputKind::Normal { .. } => LATENT_SCALE,
        InputKind::Uniform { .. } | InputKind::Picture { .. } => PICTURE_SCALE,
    };
    let tensor = input.kind.tensor().and_then(|tensor| file.tensors.get(tensor)).ok_or(InputError::Tensor)?;
    if tensor.scale.to_bits() == scale.to_bits() && tensor.zero_point == 0 {
        Ok(())
    } else {
        Err(InputError::Scale)
    }
}
