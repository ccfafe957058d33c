//! The library's unit tests: its source once more, as a test program that only hosts build.
//!
//! Cargo cannot leave a library's own tests out for some targets, and a Cortex-M has no libtest. The modules of the
//! library see no difference as long as `lib.rs` declares them `pub` or `pub(crate)`: the glob below puts them back
//! where `crate::` looks.
#![allow(
    dead_code,
    unused_imports,
    reason = "what the tests of a module do not call is called by the library's users"
)]

#[path = "../src/lib.rs"]
#[allow(unused_attributes, reason = "attributes for a crate, here on a module")]
mod library;

pub(crate) use library::*;
