//! What the project's commands are made of: the emulator with its boards, and what can be read from a target's ELF file.
//!
//! * [`emulator`] starts QEMU without a window, reads its decoded log, presses buttons and takes pictures of the screen;
//! * [`elf`] lists the tests in a test program, tells which core a program is for and how much memory it takes.
//! * [`disassembly`] reads a program's code: what it calls, and which instructions it has.
//! * [`browser`] opens pages without a window and says what is wrong with them.
//! * [`firmware`] builds the firmware for a board; [`galleries`] distributes the pretrained models over what its flash holds.
//!
//! The programs: `cargo xtask` is what people type, `target-runner` is what cargo calls to run anything built for a
//! Cortex-M (see `.cargo/config.toml`).

pub mod bench;
pub mod browser;
pub mod disassembly;
pub mod elf;
pub mod emulator;
pub mod firmware;
pub mod galleries;
