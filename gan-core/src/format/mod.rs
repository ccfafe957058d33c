//! The model file, format 2, byte for byte: enough to write a reader or a writer from.
//!
//! ```text
//! offset  bytes
//!      0      4  magic "GAN8"
//!      4      2  format version, 2
//!      6      2  flags, 0
//!      8      4  CRC-32 (ISO-HDLC, as in zip and PNG) of everything behind this field
//!     12      4  length of the file; bytes behind it (the rest of a flash partition) are no part of it
//!     16      4  length of the header
//!     20      4  bytes of the arena
//!     24      1  number of tensors
//!     25      1  number of inputs
//!     26      1  number of entries
//!     27      1  number of ops
//!     28      1  kernel set that packed ops are laid out for: the code of KernelSet
//!     29      3  zeros
//!     32      …  header: the name (a string), then the tensors, the inputs, the entries and the ops, each one record
//!                after the other: TensorRecord, InputRecord, EntryRecord, OpRecord
//!      …      …  zeros up to a multiple of 16
//!      …      …  constants: weights, biases, multipliers, tables, each at a multiple of 16
//! ```
//! Numbers of the fixed fields (the first 32 bytes), of tensors, of ops and of the constants are little-endian. The header is
//! [postcard](https://postcard.jamesmunns.com/wire-format) as far as it has names: the model's, the inputs and the entries.
//! There a string has its length in front, a varint. An input is its name, its kind (0 normal, 1 uniform, 2 choice, 3 picture,
//! 4 row, 5 column) and one byte, the index of its tensor; of a row or column one byte, how many there are; of a choice the same and
//! their names as one string, each with a line feed behind it. An entry is its name and three bytes: its first op, the number of its ops, its output. Of a tensor and of an op every record takes
//! the same bytes, so that the n-th is found without the others and read in a handful of instructions, each time anew:
//!
//! ```text
//! TensorRecord, 15 bytes              OpRecord, 44 bytes
//!  0  u16  height                      0  u8     kind: 0 dense, 1 conv, 2 conv transposed, 3 sum, 4 concat, 5 embedding,
//!                                                6 instance norm, 7 product, 8 attention, 9 window, 10 draw
//!  2  u16  width                       1  3×u8   operands: indices of tensors; behind the last 255
//!  4  u16  channels                    4  u8     output: index of a tensor
//!  6  f32  scale                       5  u8     flags: 1 packed, 2 bias per output, 4 table, 8 shift per channel
//! 10  i8   zero point                  6  i8     lower end of the clamp, or with a table the zero point in front of it
//! 11  u32  offset in the arena         7  i8     upper end of the clamp
//!                                      8  4×u8   kernel (draw: ops of the pass), stride, padding (window: i8, a pixel outside), output padding
//!                                     12  u8     choice: index of an input; 255 without
//!                                     13  u8     shift of all channels
//!                                     14  u16    one: what stands for the chosen column's 1.0; attention, draw: the scores' shift
//!                                     16  u32    scratch: working memory in the arena
//!                                     20  u32    offset of weights, i8 (sum, concat, product: multipliers, i32; embedding: table, window: taps, draw: levels, i8)
//!                                     24  u32    offset of bias, i32
//!                                     28  u32    offset of columns, i8 [row][output]; no offset: instance norm: ε', attention, draw: factor
//!                                     32  u32    offset of the requantization's multipliers, i32 [channel]
//!                                     36  u32    offset of its shifts, u8 [channel]
//!                                     40  u32    offset of the activation's table, i8 [256]
//! ```
//! What a kind has no use for is 0; operands and choice 255. Constants lie in any order, ops may share them, and there may be
//! bytes that no op names.
//!
//! An offset of a constant counts from the start of the constants; its length follows from the shapes. Numbers that
//! follow from others (MACs, lengths) are not stored: they cannot disagree. The file must start at a multiple of 16 *in
//! memory*, since its constants are read in place; its length is any number.
//!
//! # Tensors and the arena
//! A tensor is int8, `[height][width][channel]`, channel last, at `offset` in the arena, with
//! real = scale · (q − zero_point). A latent has scale 3/127 and zero point 0. A picture, given or made, has 1/127
//! and 0, so that −1 is −127 and +1 is 127; a reader that wants greys takes round((max(q, −127) + 127) · 255 / 254), ties
//! up: q = 0 is 128.
//!
//! # How a picture is made
//! The caller writes every input's tensor and names a row of each choice; the ops of one entry run in their order; the
//! entry's output is the picture. Entries are independent of each other: nothing in the arena is kept from one to the
//! next.
//!
//! An entry whose last op is a [`DrawRecord`] is drawn **pixel by pixel** (van den Oord et al. 2016, "Pixel recurrent neural
//! networks"). The last `ops` of its ops are its *pass*. The ops before the pass run once; then, for each row and in it for each
//! column, the ops of the pass run once, with that row and column chosen in the inputs of kind 4 and 5, and the draw writes that one
//! pixel. In the pass a [`WindowRecord`] alone reads the picture, and of it only pixels that were drawn before. Everywhere else
//! row and column are 0.
//!
//! # From the accumulator to int8
//! Every op but [`EmbeddingRecord`], [`NormRecord`], [`AttentionRecord`] and [`DrawRecord`] adds up integers and ends so, per output channel c:
//!
//! `q = clamp(zero_point + ((sum · multiplier[c] + 2^(shift[c] − 1)) >> shift[c]))`
//!
//! in 64 bits, with an arithmetic shift: one rounding, ties up. With [`ActivationRecord::Clamp`] the clamp is into
//! `min..=max` and the zero point the output tensor's. With [`ActivationRecord::Table`] the clamp is into −128..=127, the
//! zero point the record's, and the result is `table[q + 128]`.
//!
//! # What the ops compute
//! | record | sum of output channel o |
//! |---|---|
//! | [`DenseRecord`] | `bias[o] + Σ_i weight[o][i] · x[i] + one · column[choice][o]`, where o and i run over all elements of output and operand, row by row, channel last; the requantization's channel is o mod channels, and so is the bias's, unless each output has one (flag 2) |
//! | [`ConvRecord`] | `bias[o] + Σ weight[o][r][c][i] · x[y · stride − padding + r][x · stride − padding + c][i]` |
//! | the same, `transposed` | `bias[phase][o] + Σ weight[o][r][c][i] · x[i_y][i_x][i]` over all r, c and inputs with `i_y · stride − padding + r = y` and `i_x · stride − padding + c = x` |
//! | [`OpKind::Sum`] | `bias[o] + Σ_k multiplier[k][o] · x_k[y · h_k / H][x · w_k / W][o or 0]` |
//! | [`OpKind::Concat`] | `bias[o] + multiplier[o] · x_k[y][x][o − first channel of k]` |
//! | [`EmbeddingRecord`] | none: the output is row `choice` of a table of int8; without a choice its only row |
//! | [`OpKind::Product`] | `bias[o] + multiplier[0][o] · d_0[y][x][o] · d_1[y · h_1 / H][x · w_1 / W][o or 0] + multiplier[1][o] · d_2[…]`, each d an operand's number less its zero point, the third, if there is one, repeated as the second |
//! | [`NormRecord`] | none: the page of [`crate::ops::adaptive::norm`] says all of it |
//! | [`AttentionRecord`] | none: the page of [`crate::ops::adaptive::attention`] does |
//! | [`WindowRecord`] | `Σ (x[row + dy + i][column + dx + j] − zero_point)` over all i and j in −reach..=reach, of tap o |
//! | [`DrawRecord`] | none: the page of [`crate::ops::adaptive::draw`] says all of it |
//!
//! In all but the last five zero points are not subtracted where the sum is made: the **bias already holds them**, `bias − zero_point · Σ weight`,
//! over *all* weights that the output (of a transposed convolution: the output's phase) has. So a read outside the input,
//! in the padding, must give the input's zero point, not 0.
//!
//! Sides of a convolution's output: `(input + 2 · padding − kernel) / stride + 1`, rounded down; of a transposed one's:
//! `(input − 1) · stride − 2 · padding + kernel + output_padding`. The same kernel, stride and padding for both axes.
//!
//! A convolution's weights are `[phase row][phase column][output channel][tap row][tap column][input channel]`
//! ([`crate::ops::phases`]), its biases `[phase row][phase column][output channel]`; one that is not transposed has one phase,
//! whose taps are the kernel's rows and columns. A transposed convolution of stride S has S × S
//! phases; **an output in row y and column x is of phase row `(y + padding) mod S` and phase column
//! `(x + padding) mod S`**, and a kernel row r belongs to phase row `r mod S`. Such a phase has ⌈(kernel − phase) / S⌉ taps, none where that is not
//! positive, and then makes its bias alone; taps run as the input's rows do, so tap t is kernel row `phase + S · (taps − 1 − t)`. Packed weights lie in the order that
//! their kernel set reads, below.
//!
//! # Packed layouts
//! Packing changes the order of the weights alone: biases, multipliers, shifts, columns and tables lie as in a portable file.
//! In these, a *channel* is a phase row and an output channel, in this order, and the taps of a phase are those of the kernel
//! that it meets, in the direction in which the input's rows and columns run, filled up in front to ⌈kernel / stride⌉ with
//! weights of 0. A convolution that is not transposed has one phase; only one of stride 1 is packed, and only with at most 8
//! taps along an axis.
//!
//! | code | kernel set | convolution | dense layer |
//! |---|---|---|---|
//! | 0 | portable | as above | `[output][input]` |
//! | 1 | armv6m | i8 `[phase column][channel][tap column][tap row][input channel]` | i8 `[output / 4][input][4]` |
//! | 2 | armv7m | i32 `[phase column][channel / 2]`, of each the length of its runs, a word of 0 that nothing reads, and `[tap column / 2][tap row][input channel][channel of the 2]`: w₁ + 2²¹ · w₀, where w₀ is the first of two neighbouring tap columns' weight and w₁ the second's, 0 where there is none; input channels filled up to a multiple of 4. Runs are counted from the start of each two tap columns, the last may be shorter; their length, one for both channels, is the largest multiple of 4, at most tap rows · input channels (filled up), with which Σ(\|w₀\| + \|w₁\|) · 128 of every run stays below 2²⁰ in each channel | i8 `[output / 4][input][4]`: outputs 0, 3, 2, 1 of the four, 128 added (mod 256) to the bytes of outputs 0 and 2, the filler's too; inputs filled up to a multiple of 4 |
//! | 3 | dsp | as armv7m | i16 `[output / 2][input]`: 256 · the second output's + the first one's; inputs filled up to a multiple of 8 |
//! | 4 | mve | i8 `[phase column][channel / 2][tap column][tap row][input channel / 16][2][16]`; with two tap columns `[phase column][channel / 2][tap row][input channel / 16][tap column][2][16]` | i8 `[output / 8][input / 16][8][16]` |
//!
//! Weights beyond the last channel, tap, input or output are 0. How much working memory a packed op needs follows from its
//! kernels' inner loops and is theirs to say (`scratch_bytes` in `kernels/`): a reader can trust the arena's size, and a writer
//! is [`pack`](crate::pack).
//!
//! # What a file must obey
//! [`Model::parse`](crate::Model::parse) refuses any other, and says which rule is broken: [`ParseError`].
//! - Fixed fields as above; the CRC matches; the header decodes and ends where it says; the arena has exactly the bytes that
//!   the tensors and working memories reach.
//! - A tensor has 1 to [`MAX_TENSOR_BYTES`](crate::MAX_TENSOR_BYTES) elements and a positive, finite scale.
//! - A `Normal` input's tensor has scale 3/127, those of `Uniform` and `Picture` 1/127, all of them zero point 0. A `Choice`
//!   has 1 to 255 rows, and as many names or none. There is at most one `Row` and one `Column`, of 1 to 255.
//! - In each entry a tensor is written once, by an input or an op, before it is read; tensors in use at one time do not
//!   overlap. An output may lie over an operand of the same op that is read there for the last time: behind a packed dense
//!   layer anyhow, behind a packed convolution where no row is written before it was read, behind a sum where it starts at or
//!   before an operand of its own shape, behind an instance norm where both start at one place. Working memory overlaps nothing in use and does not lie between operand and output.
//! - An op has the number of operands of its kind and the output's shape is what the op makes of them. Weights are in
//!   −127..=127, multipliers of the requantization positive, shifts in 1..=62, `min` ≤ `max`.
//! - A draw is the last op of its entry, what it writes the entry's output, its randomness a `Uniform` input; a window is in the
//!   pass of a draw and reads what that writes, which no other op of the entry does. Both have the sides that `Row` and `Column`
//!   count. A tap's square has only pixels that come before the present one, row after row. What is read in a pass and was
//!   written before is in use to the end, and so is the picture, from the pass's first op on.
//! - No sum can leave 32 bits, whatever the activations: |bias| + 128 · Σ|weight| (+ 127 · one) ≤ 2³¹ − 1.

mod file;
pub(crate) mod fixed;
mod op;
mod op_bytes;
mod records;

pub use file::{File, Iter, Ops, Records, Tensors};
pub use fixed::{
    ALIGNMENT, ARENA_AT, CRC_AT, CRC_FROM, HEADER_AT, HEADER_START, KERNELS_AT, MAGIC, arena_bytes, checksum,
    file_bytes, seal,
};
pub use op::{
    ActivationRecord, AttentionRecord, ColumnsRecord, ConvRecord, DenseRecord, DrawRecord, EmbeddingRecord,
    NormRecord, OpKind, OpRecord, Operands, RequantizeRecord, ShiftRecord, TermsRecord, WindowRecord,
};
pub use op_bytes::OP_BYTES;
pub use records::{EntryRecord, InputKind, InputRecord, TENSOR_BYTES, TensorRecord};

pub use crate::limits::{MAX_OPERANDS, VERSION};

#[cfg(doc)]
use crate::error::ParseError;
