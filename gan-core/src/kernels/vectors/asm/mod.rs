//! The inner loops for MVE.

mod columns;
mod products;
mod requantize;

pub(super) use columns::take_columns;
pub(super) use products::sum;
pub(super) use requantize::{finish, finish_row};
