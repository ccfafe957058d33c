//! What a function can reach by calls and branches.

use std::collections::BTreeMap;

use super::listing::{Function, Instruction, Listing};
use super::{DisassemblyError, Finding};

/// What only a panic calls.
const PANICS: [&str; 3] = ["panicking", "panic_fmt", "rust_begin_unwind"];

/// Where the kernels lie that jump into their own loops by address.
const KERNELS: &str = "gan_core::kernels::";

/// The functions that run when `root` is called, itself among them, in the order of their addresses.
///
/// # Errors
/// [`DisassemblyError::NoFunction`] if there is no `root`; [`DisassemblyError::Reached`] for a panic, for a call or
/// jump by address of which nobody knows where it goes, and for code that the disassembler does not know.
pub fn reached<'l>(listing: &'l Listing, root: &str) -> Result<Vec<&'l Function>, DisassemblyError> {
    let first = listing.named(root).ok_or_else(|| DisassemblyError::NoFunction(root.to_owned()))?;
    // Each function's caller, to tell the chain.
    let mut callers: BTreeMap<u32, Option<&Function>> = BTreeMap::from([(first.address, None)]);
    let mut open = vec![first];
    while let Some(function) = open.pop() {
        for instruction in &function.instructions {
            let refuse = |finding, last: Option<&Function>| {
                let mut chain = chain(&callers, function);
                chain.extend(last.map(|last| last.name().to_owned()));
                DisassemblyError::Reached { finding, chain, instruction: instruction.to_string() }
            };
            if let Some(finding) = by_address(function, instruction) {
                return Err(refuse(finding, None));
            }
            let Some(target) = instruction.target() else { continue };
            let callee = listing.containing(target).ok_or_else(|| refuse(Finding::Nowhere, None))?;
            if is_panic(callee) {
                return Err(refuse(Finding::Panic, Some(callee)));
            }
            if !callers.contains_key(&callee.address) {
                callers.insert(callee.address, Some(function));
                open.push(callee);
            }
        }
    }
    Ok(callers.keys().filter_map(|&address| listing.containing(address)).collect())
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
    function.names.iter().any(|name| PANICS.iter().any(|panic| name.contains(panic)))
}

/// What is wrong with an instruction that goes to an address in a register or in memory. Returns, and the compiler's
/// tables of a `match`, which stay in their function, are fine.
fn by_address(function: &Function, instruction: &Instruction) -> Option<Finding> {
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
    let is_kernel = function.names.iter().all(|name| name.starts_with(KERNELS));
    ((loads_pc || jumps) && !is_kernel).then_some(Finding::IndirectJump)
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

    #[test]
    fn what_is_not_called_is_not_reached() {
        let listing = program("run", "bx\tlr");
        let names: Vec<&str> = reached(&listing, "picture").unwrap().iter().map(|one| one.name()).collect();
        assert_eq!(names, ["picture", "run"]);
    }

    #[test]
    fn a_panic_is_refused_with_its_callers_and_its_instruction() {
        let listing = program("run", "b.w\t0x30 <core::panicking::panic_fmt> @ imm = #8");
        let error = reached(&listing, "picture").unwrap_err().to_string();
        assert!(error.contains("picture → run → core::panicking::panic_fmt"), "{error}");
        assert!(error.contains("0x22: b.w 0x30"), "{error}");
    }

    #[test]
    fn calls_by_address_are_refused_everywhere() {
        for name in ["run", "gan_core::kernels::dense::run"] {
            let error = reached(&program(name, "blx\tr3"), "picture").unwrap_err().to_string();
            assert!(error.contains("0x22: blx r3"), "{error}");
        }
    }

    #[test]
    fn jumps_by_address_are_the_kernels_own() {
        for jump in ["bx\tr4", "ldr.w\tpc, [sp, #8]", "mov\tpc, r4"] {
            assert!(reached(&program("gan_core::kernels::dense::run", jump), "picture").is_ok(), "{jump}");
            assert!(reached(&program("run", jump), "picture").is_err(), "{jump}");
        }
        for fine in ["bxeq\tlr", "ldr\tpc, [sp], #4", "pop\t{r7, pc}", "tbb\t[pc, r0]", "mov\tpc, lr"] {
            assert!(reached(&program("run", fine), "picture").is_ok(), "{fine}");
        }
    }

    #[test]
    fn what_cannot_be_followed_is_refused() {
        assert!(reached(&program("run", "b\t0x90 <gone>"), "picture").is_err());
        assert!(reached(&program("run", "<unknown>"), "picture").is_err());
        assert!(reached(&program("run", "bx\tlr"), "absent").is_err());
    }
}
