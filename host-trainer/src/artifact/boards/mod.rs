//! Whether a model fits a board: flash and RAM of the file packed for the board's core, beside what firmware takes.
//!
//! The boards are those of `firmware/boards.json`. What their firmware takes is what `cargo xtask size` has measured and
//! keeps in `tools/golden/`; a board without firmware of its own is estimated to take what another board's takes. What a
//! picture takes of the stack, and a parsed model of the RAM, is what `cargo xtask bench` has counted on the core.

mod bench;
mod fit;
mod text;

pub use bench::{Count, Counts, counts};
pub use fit::{Fit, Memory, Part, fits};
pub use text::{table, verdict};

use std::sync::LazyLock;

use gan_core::KernelSet;
use serde::Deserialize;

/// A board that a model could run on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// As commands call it.
    pub name: String,
    /// As its maker calls it, with its chip.
    pub title: String,
    /// Its core, without the Cortex; M0 stands for the M0+ too, which has the same instructions.
    pub core: String,
    /// The Rust target, which tells the kernels.
    pub target: String,
    /// In bytes.
    pub flash_bytes: usize,
    /// In bytes.
    pub ram_bytes: usize,
    /// Where flash and RAM are stated.
    pub source: String,
    /// Its firmware.
    pub firmware: Firmware,
}

/// The program around the model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Firmware {
    /// The board has its own: `firmware/src/bin/NAME.rs`, or a folder of that name.
    Own {
        /// What `cargo xtask size` holds its code to, in bytes.
        code_budget_bytes: usize,
        /// The chip as probe-rs calls it; none if the board is only emulated.
        probe_rs_chip: Option<String>,
        /// Whether its parsed model is a static variable (of an async `main`), or on the stack.
        model_in_static_ram: bool,
    },
    /// It has none; one would take about what the named board's takes.
    Like(String),
}

/// What firmware takes without the model, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Program {
    code: usize,
    /// Variables, without the arena and the parsed model.
    variables: usize,
}

/// Sizes of record of the boards with firmware, as `cargo xtask size --bless` has written them.
const SIZES: [(&str, &str); 2] = [
    ("lm3s6965evb", include_str!("../../../../tools/golden/size-lm3s6965evb.json")),
    ("pico2", include_str!("../../../../tools/golden/size-pico2.json")),
];

/// The part of such a file that is read here.
#[derive(Deserialize)]
struct Sizes {
    code_bytes: usize,
    static_ram_bytes: usize,
    arena_bytes: usize,
}

static BOARDS: LazyLock<Vec<Board>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../firmware/boards.json"))
        .expect("firmware/boards.json is a list of boards")
});

impl Board {
    /// All of them, those with firmware of their own first.
    pub fn all() -> &'static [Board] {
        &BOARDS
    }

    /// The board of that name.
    pub fn named(name: &str) -> Option<&'static Board> {
        BOARDS.iter().find(|board| board.name == name)
    }

    /// All names, for a message.
    pub fn names() -> String {
        BOARDS.iter().map(|board| board.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The board whose measured firmware stands for this one's, if that is another's.
    pub fn estimated_from(&self) -> Option<&str> {
        match &self.firmware {
            Firmware::Own { .. } => None,
            Firmware::Like(other) => Some(other),
        }
    }

    /// The kernels of its core.
    fn kernels(&self) -> KernelSet {
        KernelSet::of_target(&self.target, None)
    }

    fn program(&self) -> Program {
        const LISTED: &str = "a board is like a board that has firmware, and whose sizes are listed";
        match &self.firmware {
            Firmware::Like(other) => Board::named(other).expect(LISTED).program(),
            Firmware::Own { model_in_static_ram, .. } => {
                let (_, sizes) = SIZES.iter().find(|(name, _)| *name == self.name).expect(LISTED);
                let sizes: Sizes = serde_json::from_str(sizes).expect("`cargo xtask size` wrote the file");
                let parsed = if *model_in_static_ram { bench::needs(&self.core).parsed_model } else { 0 };
                Program {
                    code: sizes.code_bytes,
                    variables: sizes.static_ram_bytes - sizes.arena_bytes - parsed,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_board_has_kernels_a_benched_core_and_firmware_to_be_measured_by() {
        for board in Board::all() {
            assert_ne!(board.kernels(), KernelSet::Portable, "{}", board.name);
            assert!(bench::needs(&board.core).stack > 0, "{}", board.name);
            assert!(board.program().code > 32 * 1024, "{}", board.name);
            let own = board.estimated_from().unwrap_or(&board.name);
            assert_eq!(Board::named(own).unwrap().estimated_from(), None, "{}", board.name);
        }
    }

    #[test]
    fn names_are_told_apart() {
        let mut names: Vec<&str> = Board::all().iter().map(|board| board.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Board::all().len());
        assert!(Board::named("esp32").is_none() && Board::names().starts_with("lm3s6965evb, pico2, "));
    }
}
