//! The integer engine.
#![no_std]
