//! The boards that QEMU emulates and the project uses.

use crate::elf::Core;

/// One emulated board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Board {
    /// Name of QEMU's machine, and of the board everywhere in the project.
    pub name: &'static str,
    /// Its core.
    pub core: Core,
    /// The Rust target whose programs it runs.
    pub target: &'static str,
    /// Flash, or what a program's code is loaded to, in bytes.
    pub flash_bytes: u64,
    /// Memory for data, in bytes.
    pub ram_bytes: u64,
    /// Pixels of QEMU's screen to one pixel of the board's, where the board has a screen.
    pub screen_scale: Option<usize>,
}

/// Keys that QEMU has the five buttons of the lm3s6965evb on: up, down, left, right, select.
pub const OLED_BUTTONS: [&str; 5] = ["up", "down", "left", "right", "ctrl"];

/// All boards; of those that share a core the first is the one that tests run on.
pub const BOARDS: [Board; 7] = [
    board("microbit", Core::M0, "thumbv6m-none-eabi", 256, 16, None),
    board("mps2-an385", Core::M3, "thumbv7m-none-eabi", 4096, 4096, None),
    board("lm3s6965evb", Core::M3, "thumbv7m-none-eabi", 256, 64, Some(4)),
    board("mps2-an386", Core::M4, "thumbv7em-none-eabihf", 4096, 4096, None),
    board("mps2-an500", Core::M7, "thumbv7em-none-eabihf", 4096, 4096, None),
    board("mps2-an505", Core::M33, "thumbv8m.main-none-eabihf", 4096, 4096, None),
    board("mps3-an547", Core::M55, "thumbv8m.main-none-eabihf", 512, 2048, None),
];

const fn board(
    name: &'static str,
    core: Core,
    target: &'static str,
    flash_kib: u64,
    ram_kib: u64,
    screen_scale: Option<usize>,
) -> Board {
    Board { name, core, target, flash_bytes: flash_kib * 1024, ram_bytes: ram_kib * 1024, screen_scale }
}

impl Board {
    /// The board of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Board> {
        BOARDS.iter().find(|board| board.name == name)
    }

    /// The board that tests for `core` run on.
    ///
    /// # Panics
    /// Never: every core has a board, which a test holds.
    #[must_use]
    pub fn for_core(core: Core) -> &'static Board {
        BOARDS.iter().find(|board| board.core == core).expect("every core has a board")
    }

    /// All names, for a message.
    #[must_use]
    pub fn names() -> String {
        BOARDS.map(|board| board.name).join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::{BOARDS, Board};
    use crate::elf::Core;

    #[test]
    fn every_core_has_a_board() {
        for core in [Core::M0, Core::M3, Core::M4, Core::M7, Core::M33, Core::M55] {
            assert_eq!(Board::for_core(core).core, core);
        }
    }

    #[test]
    fn boards_are_found_by_name() {
        for board in &BOARDS {
            assert_eq!(Board::named(board.name), Some(board));
        }
        assert_eq!(Board::named("esp32"), None);
    }
}
