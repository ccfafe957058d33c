//! A program's code, instruction by instruction: what a picture reaches, and that it suits the core.
//!
//! [`Listing`] is what `llvm-objdump` prints; [`reached`] follows its calls; [`check_instructions`] holds it against
//! the core's instruction set.

mod calls;
mod instruction_sets;
mod listing;

use std::path::Path;
use std::process::Command;

pub use calls::{Finding, Reached, Refusal, reached};
pub use instruction_sets::{is_armv6m, is_dsp, is_misaligned};
pub use listing::{Function, Instruction, Listing};

use crate::elf::Core;

/// What can be wrong with a program's code.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DisassemblyError {
    /// The disassembler cannot be started.
    #[error("cannot run {program}")]
    Start {
        /// The disassembler.
        program: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The disassembler failed.
    #[error("{program}: {complaint}")]
    Failed {
        /// The disassembler.
        program: String,
        /// What it says.
        complaint: String,
    },
    /// An instruction that the core lacks, or one that reads or writes across a word's border.
    #[error("{problem} in {function}, at {instruction}")]
    Instruction {
        /// What is wrong with it.
        problem: &'static str,
        /// Where it stands.
        function: String,
        /// With its address.
        instruction: String,
    },
}

/// Disassembles `program` by `objdump`, as code for the largest core: what a smaller one lacks is then named, too.
///
/// # Errors
/// [`DisassemblyError::Start`] and [`DisassemblyError::Failed`].
pub fn disassemble(objdump: &Path, program: &Path) -> Result<Listing, DisassemblyError> {
    let name = objdump.display().to_string();
    // A M33's program has DSP instructions that its build attributes do not tell of.
    let options =
        ["--disassemble", "--demangle", "--show-all-symbols", "--disassemble-zeroes", "--mcpu=cortex-m55"];
    let output = Command::new(objdump)
        .args(options)
        .arg("--no-print-imm-hex")
        .arg(program)
        .output()
        .map_err(|source| DisassemblyError::Start { program: name.clone(), source })?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(DisassemblyError::Failed { program: name, complaint });
    }
    Ok(Listing::parse(&String::from_utf8_lossy(&output.stdout)))
}

/// Whether the core lacks the DSP extension, so that its programs are searched for it.
#[must_use]
pub fn lacks_dsp(core: Core) -> bool {
    matches!(core, Core::M0 | Core::M3)
}

/// Checks each instruction of the program: none of the DSP extension for an M0 and an M3; for an M0, none that Armv6-M
/// lacks, and no word or half-word at a constant offset that is no multiple of its size. What an address in a register
/// is a multiple of cannot be told from here.
///
/// # Errors
/// [`DisassemblyError::Instruction`] names the first that is wrong.
pub fn check_instructions(listing: &Listing, core: Core) -> Result<(), DisassemblyError> {
    for (function, instruction) in listing.instructions() {
        let problem = if lacks_dsp(core) && instruction.base().starts_with('<') {
            "an instruction that the disassembler does not know"
        } else if lacks_dsp(core) && is_dsp(instruction) {
            "an instruction of the DSP extension"
        } else if core == Core::M0 && !is_armv6m(instruction) {
            "an instruction that Armv6-M lacks"
        } else if core == Core::M0 && is_misaligned(instruction) {
            "an access at an offset that is no multiple of its size"
        } else {
            continue;
        };
        let (function, instruction) = (function.name().to_owned(), instruction.to_string());
        return Err(DisassemblyError::Instruction { problem, function, instruction });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Core, Listing, check_instructions};

    fn check(line: &str, core: Core) -> Result<(), String> {
        let text = format!("00000010 <run>:\n      10: {line}\n");
        check_instructions(&Listing::parse(&text), core).map_err(|error| error.to_string())
    }

    #[test]
    fn a_dsp_instruction_is_refused_where_the_core_has_none() {
        let line = "fb21 4402    \tsmlad\tr4, r1, r2, r4";
        assert_eq!(
            check(line, Core::M3).unwrap_err(),
            "an instruction of the DSP extension in run, at 0x10: smlad r4, r1, r2, r4"
        );
        assert!(check(line, Core::M4).is_ok());
        assert!(check("fbc1 2304    \tsmlal\tr2, r3, r1, r4", Core::M3).is_ok());
    }

    #[test]
    fn an_m0_masks_interrupts() {
        assert!(check("b672         \tcpsid i", Core::M0).is_ok());
    }

    #[test]
    fn an_m0_has_armv6m_only() {
        let line = "b119         \tcbz\tr1, 0x10 <run>    @ imm = #6";
        assert!(check(line, Core::M0).unwrap_err().contains("Armv6-M lacks in run, at 0x10: cbz"));
        assert!(check(line, Core::M3).is_ok());
        assert!(check("cc 09 01 00  \t.word\t0x000109cc", Core::M0).is_ok());
    }
}
