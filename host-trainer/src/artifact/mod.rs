//! A model file taken apart: what is in it, which boards it fits, and which it will fit before it is trained.

pub mod boards;
pub mod budget;
pub mod inspect;
pub mod layers;
