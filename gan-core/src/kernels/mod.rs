//! Inner loops. One set is compiled in; all give the bits of the definitions in [`crate::ops`].

mod portable;

pub(crate) use portable::{conv, dense};
