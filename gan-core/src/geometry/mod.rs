//! Which inputs of a convolution meet which outputs: two views of one window.
//!
//! [`phases`] divides a transposed convolution into ordinary ones, as the file lays weights out and the plain loops run
//! them; [`groups`] walks along the input, as the kernels that go row by row do.

pub(crate) mod groups;
pub mod phases;
