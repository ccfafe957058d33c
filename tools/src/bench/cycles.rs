//! Cycles, estimated: the emulator counts instructions, and instructions are not cycles.

use super::{BenchCore, Count};

/// Cycles of an inner loop's instructions, over their number: what Arm's Technical Reference Manuals state for memory
/// without wait states. (LDM of N registers 1 + N, single loads 2, SMLAL 1 on M4 and M33 and up to 7 on M3, MULS 1 where
/// the part has the fast multiplier.) An M7 issues two instructions at a time and an M55 overlaps the beats of vector
/// instructions, for which no table is published: for the M7 the M4's costs are an upper bound, for the M55 two cycles a
/// vector instruction.
fn cycles_per_instruction(core: &str, path: &str, is_dense: bool) -> f64 {
    match (core, path, is_dense) {
        // LDM 4, LDRSB, 4 MULS, 4 ADD, 2 pointers: 17 cycles in 12 instructions.
        ("M0", "armv6m", false) => 17.0 / 12.0,
        // LDM 1, 4 × (LDRSB, MULS, ADD), a pointer: 19 in 14.
        ("M0", "armv6m", true) => 19.0 / 14.0,
        // Two LDM 2, four SMLAL of up to 7: 34 in 6.
        ("M3", "armv7m", false) => 34.0 / 6.0,
        // LDM 4, two LDRD, 8 AND, 8 SMLAL: 75 in 19.
        ("M3", "armv7m", true) => 75.0 / 19.0,
        // Two LDM 2, four SMLAL: 10 in 6.
        (_, "dsp", false) => 10.0 / 6.0,
        // Two LDM 4, 4 SXTB16, 8 SMLAD: 22 in 14.
        (_, "dsp", true) => 22.0 / 14.0,
        (_, "mve", _) => 2.0,
        // Compiled loops: a load of 2 in four instructions.
        _ => 5.0 / 4.0,
    }
}

/// An estimate, upwards, of the cycles of a picture.
#[must_use]
pub fn estimated_cycles(core: &BenchCore, count: &Count) -> f64 {
    let layers = count.layers.iter().map(|layer| {
        layer.instructions as f64 * cycles_per_instruction(core.name, &layer.path, layer.name == "dense")
    });
    layers.sum::<f64>() + count.overhead() as f64
}
