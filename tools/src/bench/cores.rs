//! The cores that the bench runs on.

use std::path::PathBuf;

use gan_core::KernelSet;

use super::BenchError;
use crate::firmware::build_program;

/// A core, the board that emulates it, and how the bench is built for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BenchCore {
    /// Its name, without the Cortex.
    pub name: &'static str,
    /// QEMU's machine.
    pub board: &'static str,
    /// The Rust target.
    pub target: &'static str,
    /// `-Ctarget-cpu`, where the target alone does not say it.
    pub cpu: Option<&'static str>,
    /// Nanoseconds of a SysTick tick, in hundredths.
    pub(super) tick_centi_ns: u64,
    /// A clock that parts with this core usually run at.
    pub megahertz: f64,
}

const ARMV6M: &str = "thumbv6m-none-eabi";
const ARMV7M: &str = "thumbv7m-none-eabi";
const ARMV7EM: &str = "thumbv7em-none-eabihf";
const ARMV8M: &str = "thumbv8m.main-none-eabihf";

/// All of them. QEMU has no larger board with an M0, so ARMv6-M code runs on the M3, which executes all of it.
pub const CORES: [BenchCore; 6] = [
    core("M0", "mps2-an385", ARMV6M, None, 4000, 48.0),
    core("M3", "mps2-an385", ARMV7M, None, 4000, 72.0),
    core("M4", "mps2-an386", ARMV7EM, None, 4000, 64.0),
    core("M7", "mps2-an500", ARMV7EM, None, 4000, 400.0),
    core("M33", "mps2-an505", ARMV8M, None, 5000, 150.0),
    core("M55", "mps3-an547", ARMV8M, Some("cortex-m55"), 3125, 400.0),
];

const fn core(
    name: &'static str,
    board: &'static str,
    target: &'static str,
    cpu: Option<&'static str>,
    tick_centi_ns: u64,
    megahertz: f64,
) -> BenchCore {
    BenchCore { name, board, target, cpu, tick_centi_ns, megahertz }
}

impl BenchCore {
    /// The core, or the first core of the board, of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static BenchCore> {
        CORES.iter().find(|core| core.name.eq_ignore_ascii_case(name) || core.board == name)
    }

    /// All names, for a message.
    #[must_use]
    pub fn names() -> String {
        CORES.map(|core| core.name).join(", ")
    }

    /// The kernels that are compiled in.
    #[must_use]
    pub fn kernels(&self) -> KernelSet {
        KernelSet::of_target(self.target, self.cpu)
    }

    /// Builds the bench; does next to nothing when it is up to date. Returns the ELF file.
    ///
    /// # Errors
    /// [`BenchError::Build`]; the compiler's own messages go to stderr.
    pub fn build(&self) -> Result<PathBuf, BenchError> {
        build_program(("bench", &[]), self.target, self.cpu, None)
            .map_err(|source| BenchError::Build { core: self.name, source })
    }
}

#[cfg(test)]
mod tests {
    use super::{BenchCore, CORES, KernelSet};

    #[test]
    fn every_core_has_the_kernels_made_for_it() {
        let sets = CORES.map(|core| core.kernels());
        let [dsp, mve] = [KernelSet::Dsp, KernelSet::Mve];
        assert_eq!(sets, [KernelSet::Armv6m, KernelSet::Armv7m, dsp, dsp, dsp, mve]);
    }

    #[test]
    fn cores_are_found_by_their_name_or_their_board() {
        assert_eq!(BenchCore::named("m4").unwrap().board, "mps2-an386");
        assert_eq!(BenchCore::named("mps3-an547").unwrap().name, "M55");
        assert_eq!(BenchCore::named("Z80"), None);
    }
}
