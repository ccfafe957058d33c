//! What the engine reads: which format, and how much at most.

/// The format that this engine reads.
pub const VERSION: u16 = 2;
/// The most inputs of a model.
pub const MAX_INPUTS: usize = 8;
/// The most tensors that an op reads.
pub const MAX_OPERANDS: usize = 3;
/// The largest tensor, in bytes; a bound that keeps every index inside 32 bits.
pub const MAX_TENSOR_BYTES: usize = 1 << 20;
