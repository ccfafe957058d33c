//! Which instructions belong to what: "Armv7-M Architecture Reference Manual", chapter A7, and "Armv6-M Architecture
//! Reference Manual", chapter A6.

use super::listing::Instruction;

/// Conditions as `llvm-objdump` writes them.
const CONDITIONS: [&str; 14] =
    ["eq", "ne", "hs", "lo", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le"];

/// Of the DSP extension, what is no parallel addition or subtraction.
const DSP: [&str; 54] = [
    "pkhbt", "pkhtb", "qadd", "qdadd", "qdsub", "qsub", "sel", "smlabb", "smlabt", "smlad", "smladx",
    "smlalbb", "smlalbt", "smlald", "smlaldx", "smlaltb", "smlaltt", "smlatb", "smlatt", "smlawb", "smlawt",
    "smlsd", "smlsdx", "smlsld", "smlsldx", "smmla", "smmlar", "smmls", "smmlsr", "smmul", "smmulr", "smuad",
    "smuadx", "smulbb", "smulbt", "smultb", "smultt", "smulwb", "smulwt", "smusd", "smusdx", "ssat16",
    "sxtab", "sxtab16", "sxtah", "sxtb16", "umaal", "usad8", "usada8", "usat16", "uxtab", "uxtab16", "uxtah",
    "uxtb16",
];

/// ARMv6-M's instructions of 16 bits, without `b` and its conditions.
const ARMV6M_SHORT: [&str; 56] = [
    "adcs", "add", "adds", "adr", "ands", "asrs", "b", "bics", "bkpt", "blx", "bx", "cmn", "cmp", "cpsid",
    "cpsie", "eors", "ldm", "ldr", "ldrb", "ldrh", "ldrsb", "ldrsh", "lsls", "lsrs", "mov", "movs", "muls",
    "mvns", "nop", "orrs", "pop", "push", "rev", "rev16", "revsh", "rors", "rsbs", "sbcs", "sev", "stm",
    "str", "strb", "strh", "sub", "subs", "svc", "sxtb", "sxth", "trap", "tst", "udf", "uxtb", "uxth", "wfe",
    "wfi", "yield",
];

/// ARMv6-M's instructions of 32 bits.
const ARMV6M_LONG: [&str; 7] = ["bl", "dmb", "dsb", "isb", "mrs", "msr", "udf"];

/// Whether it is of the DSP extension, which Armv7-M and so the M3 lacks.
#[must_use]
pub fn is_dsp(instruction: &Instruction) -> bool {
    let base = instruction.base();
    let unconditional = CONDITIONS.iter().find_map(|condition| base.strip_suffix(condition));
    [Some(base), unconditional].into_iter().flatten().any(|name| DSP.contains(&name) || is_parallel(name))
}

/// `sadd8`, `uhasx`, `uqsub16`: parallel additions and subtractions.
fn is_parallel(name: &str) -> bool {
    let kinds = ["add8", "add16", "sub8", "sub16", "asx", "sax"];
    let prefixes = ["s", "u", "q", "sh", "uh", "uq"];
    kinds.iter().any(|kind| name.strip_suffix(kind).is_some_and(|prefix| prefixes.contains(&prefix)))
}

/// Whether Armv6-M, and so the M0, has it.
#[must_use]
pub fn is_armv6m(instruction: &Instruction) -> bool {
    let base = instruction.base();
    if instruction.bytes != 2 {
        return ARMV6M_LONG.contains(&base);
    }
    let is_branch = base.strip_prefix('b').is_some_and(|condition| CONDITIONS.contains(&condition));
    is_branch || ARMV6M_SHORT.contains(&base)
}

/// Whether a word or half-word is read or written at a constant offset that is no multiple of its size.
#[must_use]
pub fn is_misaligned(instruction: &Instruction) -> bool {
    let size = match instruction.base() {
        "ldr" | "str" => 4,
        "ldrh" | "strh" | "ldrsh" => 2,
        _ => return false,
    };
    let offset = instruction.operands.split_once('#').map(|(_, offset)| offset.trim_end_matches([']', '!']));
    offset.is_some_and(|offset| offset.parse::<i32>().is_ok_and(|offset| offset % size != 0))
}

#[cfg(test)]
mod tests {
    use super::{Instruction, is_armv6m, is_dsp, is_misaligned};

    fn instruction(bytes: u32, mnemonic: &str, operands: &str) -> Instruction {
        Instruction::new(bytes, mnemonic, operands)
    }

    #[test]
    fn the_dsp_extension_is_told_from_armv7m() {
        let dsp = "smlad smladx smuad sxtb16 uxtb16 smmul smmulr smmlar smlalbb smlaltt smlald smulbb smlabb qadd \
                   qsub16 sadd8 uadd8 uqsub8 shasx ssat16 usat16 pkhbt sel smlsd smlsldx uxtah umaal smladne uadd8.w";
        for name in dsp.split_whitespace() {
            assert!(is_dsp(&instruction(4, name, "")), "{name}");
        }
        let base = "smlal smull umull umlal ssat usat mla mls ubfx bfi sxtb uxth smlalle smullt add adds subs sub \
                    uxtb.w sbcs saddle vqadd.u32";
        for name in base.split_whitespace() {
            assert!(!is_dsp(&instruction(4, name, "")), "{name}");
        }
    }

    #[test]
    fn armv6m_has_few_instructions_of_32_bits() {
        for (bytes, name) in
            [(2, "beq"), (2, "b"), (4, "bl"), (4, "dmb"), (4, "udf.w"), (2, "ldrsb"), (2, "blo")]
        {
            assert!(is_armv6m(&instruction(bytes, name, "")), "{name}");
        }
        for (bytes, name) in [
            (4, "b.w"),
            (4, "beq.w"),
            (2, "cbz"),
            (2, "it"),
            (4, "movw"),
            (4, "ldr.w"),
            (4, "ubfx"),
            (4, "add"),
        ] {
            assert!(!is_armv6m(&instruction(bytes, name, "")), "{name}");
        }
    }

    #[test]
    fn offsets_are_multiples_of_what_is_loaded() {
        for (name, operands) in [("ldr", "r0, [sp, #6]"), ("strh", "r0, [r1, #3]"), ("ldr", "r0, [pc, #2]")] {
            assert!(is_misaligned(&instruction(2, name, operands)), "{name} {operands}");
        }
        for (name, operands) in [
            ("ldr", "r0, [sp, #8]"),
            ("strh", "r0, [r1, #6]"),
            ("ldrb", "r0, [r1, #3]"),
            ("str", "r0, [r1, r2]"),
        ] {
            assert!(!is_misaligned(&instruction(2, name, operands)), "{name} {operands}");
        }
    }
}
