//! What makes one test source run on a Cortex-M and on the host.
//!
//! A test file has `harness = false` in Cargo.toml, the crate attribute
//! `#![cfg_attr(target_os = "none", no_std)]` with `#![no_main]`, a `mod common;`, and one module under
//! `#[embedded_test::tests]`. On the target the runner of `tools/` starts an emulator (or probe-rs a board) for each test. On
//! the host each test is a child process of the same binary, so that a test that panics takes no other with it.

#[cfg(not(target_os = "none"))]
mod host;
#[cfg(target_os = "none")]
mod target;
