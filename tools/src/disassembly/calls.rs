//! What a function can reach by calls and branches.

use std::collections::{BTreeMap, VecDeque};

use super::listing::{Function, Instruction, Listing};

/// Why a function that is reached is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Finding {
    /// It calls what only a panic calls.
    #[error("a path to a panic")]
    Panic,
    /// It calls a function by its address.
    #[error("a call by address")]
    IndirectCall,
    /// It jumps to an address and is no kernel.
    #[error("a jump by address outside the kernels")]
    IndirectJump,
    /// It goes where no function is.
    #[error("a branch out of the program")]
    Nowhere,
    /// The disassembler knows no such instruction.
    #[error("code that the disassembler does not know")]
    Unknown,
}

/// What only a panic calls.
const PANICS: [&str; 3] = ["panicking", "panic_fmt", "rust_begin_unwind"];

/// Where the kernels lie that jump into their own loops by address.
const KERNELS: &str = "gan_core::kernels::";
/// What lies there and jumps nowhere.
const PLAIN: [&str; 2] = ["gan_core::kernels::requantize::", "gan_core::kernels::layers::"];

/// What a function reaches.
#[derive(Debug)]
pub struct Reached<'l> {
    /// The functions that run when it is called, itself among them, in the order of their addresses. What panics call
    /// is not among them.
    pub functions: Vec<&'l Function>,
    /// What must not be reached: panics, calls and jumps by address of which nobody knows where they go, and code that
    /// the disassembler does not know.
    pub refusals: Vec<Refusal>,
}

/// Something that is reached and must not be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{finding}: {chain}, at {instructions}", chain = chain.join(" → "), instructions = instructions.join("; "))]
pub struct Refusal {
    /// What it is.
    pub finding: Finding,
    /// Names of functions, from the first caller to the last that is called.
    pub chain: Vec<String>,
    /// Where the last caller does it, each with its address.
    pub instructions: Vec<String>,
}

/// Follows the direct calls and branches from the functions `roots`; none if one of them does not exist.
#[must_use]
pub fn reached<'l>(listing: &'l Listing, roots: &[&str]) -> Option<Reached<'l>> {
    let mut open: VecDeque<&Function> =
        roots.iter().map(|root| listing.named(root)).collect::<Option<_>>()?;
    // Each function's caller, to tell the chain.
    let mut callers: BTreeMap<u32, Option<&Function>> =
        open.iter().map(|function| (function.address, None)).collect();
    let mut refusals: Vec<Refusal> = Vec::new();
    // Breadth first: the chains are then the shortest.
    while let Some(function) = open.pop_front() {
        for (index, instruction) in function.instructions.iter().enumerate() {
            let callee = instruction.target().map(|target| listing.containing(target));
            let finding = match callee {
                Some(None) => Some(Finding::Nowhere),
                Some(Some(callee)) if is_panic(callee) => Some(Finding::Panic),
                _ => by_address(function, index),
            };
            let callee = callee.flatten();
            if let Some(finding) = finding {
                let mut chain = chain(&callers, function);
                chain.extend(callee.map(|callee| callee.name().to_owned()));
                refuse(&mut refusals, finding, chain, instruction.to_string());
            } else if let Some(callee) = callee.filter(|callee| !callers.contains_key(&callee.address)) {
                callers.insert(callee.address, Some(function));
                open.push_back(callee);
            }
        }
    }
    let functions = callers.keys().filter_map(|&address| listing.containing(address)).collect();
    Some(Reached { functions, refusals })
}

/// Adds a refusal, to the one that differs from it by the instruction alone if there is one.
fn refuse(refusals: &mut Vec<Refusal>, finding: Finding, chain: Vec<String>, instruction: String) {
    match refusals.iter_mut().find(|other| other.finding == finding && other.chain == chain) {
        Some(other) => other.instructions.push(instruction),
        None => refusals.push(Refusal { finding, chain, instructions: vec![instruction] }),
    }
}

/// Names from the root to `function`.
fn chain(callers: &BTreeMap<u32, Option<&Function>>, function: &Function) -> Vec<String> {
    let caller = |function: &&Function| callers.get(&function.address).copied().flatten();
    let mut chain: Vec<String> =
        std::iter::successors(Some(function), caller).map(|one| one.name().to_owned()).collect();
    chain.reverse();
    chain
}

fn is_panic(function: &Function) -> bool {
    // `core::slice::index::slice_index_fail` and `core::option::unwrap_failed` do nothing but panic.
    let fails = |name: &String| name.starts_with("core::") && name.contains("_fail");
    function.names.iter().any(|name| PANICS.iter().any(|panic| name.contains(panic)) || fails(name))
}

/// What is wrong with an instruction that goes to an address in a register or in memory. Returns, and the compiler's
/// tables of a `match`, which stay in their function, are fine.
fn by_address(function: &Function, index: usize) -> Option<Finding> {
    let instruction = &function.instructions[index];
    let (base, operands) = (instruction.base(), instruction.operands.as_str());
    if base.starts_with('<') {
        return Some(Finding::Unknown);
    }
    if base.starts_with("blx") && instruction.target().is_none() {
        return Some(Finding::IndirectCall);
    }
    let loads_pc = (base.starts_with("ldr") && operands.starts_with("pc,") && operands != "pc, [sp], #4")
        || (base.starts_with("ldm") && operands.ends_with("pc}") && !operands.starts_with("sp!"));
    let jumps = (base.starts_with("bx") && operands != "lr")
        || (["mov", "add", "sub"].iter().any(|start| base.starts_with(start))
            && operands.starts_with("pc,")
            && operands != "pc, lr");
    let may_jump =
        |name: &String| name.starts_with(KERNELS) && !PLAIN.iter().any(|plain| name.starts_with(plain));
    let is_kernel = function.names.iter().all(may_jump);
    let before = &function.instructions[..=index];
    let is_fine = is_kernel || is_table(before) || is_table_of_addresses(before);
    ((loads_pc || jumps) && !is_fine).then_some(Finding::IndirectJump)
}

/// Whether the last instruction is the jump of Armv6-M's table of a `match`, what `tbb` and `tbh` are elsewhere: an offset
/// from the table behind it, doubled and added to pc.
fn is_table(instructions: &[Instruction]) -> bool {
    let [.., load, double, jump] = instructions else { return false };
    let Some(register) = jump.operands.strip_prefix("pc, ") else { return false };
    jump.mnemonic == "add"
        && double.mnemonic == "lsls"
        && double.operands == format!("{register}, {register}, #1")
        && ["ldrb", "ldrh"].contains(&load.mnemonic.as_str())
        && load.operands == format!("{register}, [{register}, #4]")
}

/// Whether the last instruction is the jump of Armv6-M's other table of a `match`: an address from a table in the code
/// nearby, which `adr` finds, into pc.
fn is_table_of_addresses(instructions: &[Instruction]) -> bool {
    let Some((jump, before)) = instructions.split_last() else { return false };
    let Some(register) = jump.operands.strip_prefix("pc, ").filter(|_| jump.mnemonic == "mov") else {
        return false;
    };
    let mut before = before.iter().rev().take(12);
    // The last one that writes the register loads it, from a base that `adr` has set.
    let writes = |instruction: &&Instruction, register: &str| {
        instruction.operands.split(", ").next() == Some(register)
    };
    let load = before.find(|instruction| writes(instruction, register));
    let base = load.filter(|load| load.mnemonic == "ldr").and_then(|load| {
        let inside = load.operands.split_once('[')?.1.trim_end_matches(']');
        inside.split_once(", ").map(|(base, _)| base)
    });
    let Some(base) = base else { return false };
    before.find(|instruction| writes(instruction, base)).is_some_and(|setter| setter.mnemonic == "adr")
}

#[cfg(test)]
mod tests {
    use super::super::Listing;
    use super::reached;

    /// `picture` calls `run`, which `last` ends.
    fn program(name: &str, last: &str) -> Listing {
        Listing::parse(&format!(
            "00000010 <picture>:\n      10: f004 f89f    \tbl\t0x20 <run> @ imm = #12\n\
             00000020 <{name}>:\n      20: d001         \tbeq\t0x20 <run>     @ imm = #-4\n      22: 4770         \t{last}\n\
             00000030 <core::panicking::panic_fmt>:\n      30: 4770         \tbx\tlr\n\
             00000040 <alone>:\n      40: 4798         \tblx\tr3\n"
        ))
    }

    fn refusals(name: &str, last: &str) -> Vec<String> {
        let listing = program(name, last);
        reached(&listing, &["picture"]).unwrap().refusals.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_not_called_is_not_reached() {
        let listing = program("run", "bx\tlr");
        let reached = reached(&listing, &["picture"]).unwrap();
        let names: Vec<&str> = reached.functions.iter().map(|one| one.name()).collect();
        assert_eq!(names, ["picture", "run"]);
        assert!(reached.refusals.is_empty());
        assert!(super::reached(&listing, &["absent"]).is_none());
    }

    #[test]
    fn a_panic_is_refused_with_its_callers_and_its_instruction() {
        assert_eq!(
            refusals("run", "b.w\t0x30 <core::panicking::panic_fmt> @ imm = #8"),
            ["a path to a panic: picture → run → core::panicking::panic_fmt, \
              at 0x22: b.w 0x30 <core::panicking::panic_fmt>"]
        );
    }

    #[test]
    fn calls_by_address_are_refused_everywhere() {
        for name in ["run", "gan_core::kernels::dense::run"] {
            assert_eq!(
                refusals(name, "blx\tr3"),
                [format!("a call by address: picture → {name}, at 0x22: blx r3")]
            );
        }
    }

    #[test]
    fn jumps_by_address_are_the_kernels_own() {
        for jump in ["bx\tr4", "ldr.w\tpc, [sp, #8]", "mov\tpc, r4"] {
            assert!(refusals("gan_core::kernels::dense::run", jump).is_empty(), "{jump}");
            for plain in ["run", "gan_core::kernels::requantize::Requantize::store"] {
                assert_eq!(refusals(plain, jump).len(), 1, "{plain}: {jump}");
            }
        }
        for fine in ["bxeq\tlr", "ldr\tpc, [sp], #4", "pop\t{r7, pc}", "tbb\t[pc, r0]", "mov\tpc, lr"] {
            assert!(refusals("run", fine).is_empty(), "{fine}");
        }
    }

    #[test]
    fn what_cannot_be_followed_is_refused() {
        assert_eq!(refusals("run", "b\t0x90 <gone>").len(), 1);
        assert_eq!(refusals("run", "<unknown>").len(), 1);
    }

    #[test]
    fn a_table_of_offsets_is_told_from_another_jump() {
        let table = |load: &str| {
            let last = format!(
                "{load}\n      24: 0049         \tlsls\tr1, r1, #1\n      26: 448f         \tadd\tpc, r1"
            );
            refusals("run", &last)
        };
        assert!(table("ldrh\tr1, [r1, #4]").is_empty());
        assert_eq!(table("ldr\tr1, [r0, #4]").len(), 1);
    }

    #[test]
    fn a_table_of_addresses_is_told_from_another_jump() {
        let table = |setter: &str, load: &str| {
            let last =
                format!("{setter}\n      24: 5840         \t{load}\n      26: 4687         \tmov\tpc, r0");
            refusals("run", &last)
        };
        assert!(table("adr\tr1, #4", "ldr\tr0, [r1, r0]").is_empty());
        for (setter, load) in [("adr\tr1, #4", "mov\tr0, r1"), ("movs\tr1, #4", "ldr\tr0, [r1, r0]")] {
            assert_eq!(table(setter, load).len(), 1, "{setter}, {load}");
        }
    }

    #[test]
    fn a_failed_check_of_the_core_library_is_a_panic() {
        let text = "00000010 <picture>:\n      10: f004 f89f    \tbl\t0x20 <core::slice::index::slice_index_fail>\n\
                          14: f004 f89f    \tbl\t0x20 <core::slice::index::slice_index_fail>\n\
                    00000020 <core::slice::index::slice_index_fail>:\n      20: de00         \tudf\t#0\n";
        let listing = Listing::parse(text);
        let reached = reached(&listing, &["picture"]).unwrap();
        assert_eq!((reached.functions.len(), reached.refusals.len()), (1, 1));
        assert_eq!(reached.refusals[0].instructions.len(), 2);
    }
}
