//! What the two players want, each objective in a file of its own.

pub mod bce;
pub mod r1;
