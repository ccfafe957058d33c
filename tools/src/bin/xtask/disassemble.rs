//! `cargo xtask disassemble`: what the code of a model, from parsing to the picture, reaches on each core, and that it suits
//! the core.

use std::cmp::Reverse;
use std::path::Path;

use anyhow::{Context as _, bail};
use tools::bench::{BenchCore, CORES};
use tools::disassembly::{Function, check_instructions, disassemble, lacks_dsp, reached};
use tools::elf::{self, Core};

use crate::setup;

/// What the bench calls parsing, and a picture.
const ROOTS: [&str; 2] = ["gan_bench_parse", "gan_bench_picture"];

/// In bytes; what parsing, engine and kernels together may take on any core.
const CODE_BUDGET_BYTES: u32 = 38 * 1024;

/// A core's line of the table.
struct Row {
    functions: usize,
    code_bytes: u32,
    /// What was looked for and not found.
    without: Vec<&'static str>,
    /// What is wrong.
    problems: Vec<String>,
}

/// Builds the bench for each core, disassembles it, checks it, and prints a table and all that is wrong.
pub fn command() -> anyhow::Result<()> {
    let objdump = setup::ensure_disassembler()?;
    println!("core  functions  bytes of code (at most {CODE_BUDGET_BYTES})");
    let mut failed = Vec::new();
    for core in &CORES {
        let row = row(core, &objdump).with_context(|| format!("the bench for {}", core.name))?;
        let without = row.without.join(", ");
        println!("{:<5} {:>9} {:>14}  {without}", core.name, row.functions, row.code_bytes);
        failed.extend(row.problems.iter().map(|problem| format!("{}: {problem}", core.name)));
    }
    if !failed.is_empty() {
        bail!("the code of a model is not what it should be:\n{}", failed.join("\n"));
    }
    Ok(())
}

/// Bytes of parsing, engine and kernels on a core.
pub fn code_bytes(core: &BenchCore) -> anyhow::Result<u32> {
    Ok(row(core, &setup::ensure_disassembler()?)?.code_bytes)
}

/// Checks a core's program.
fn row(core: &BenchCore, objdump: &Path) -> anyhow::Result<Row> {
    let program = core.build()?;
    let file = elf::read(&program)?;
    let architecture = elf::core_of(&file).with_context(|| program.display().to_string())?;
    let listing = disassemble(objdump, &program)?;
    let reached =
        reached(&listing, &ROOTS).with_context(|| format!("no {ROOTS:?} in {}", program.display()))?;
    let mut row = Row {
        functions: reached.functions.len(),
        code_bytes: reached.functions.iter().map(|function| function.bytes()).sum(),
        without: Vec::new(),
        problems: reached.refusals.iter().map(ToString::to_string).collect(),
    };
    if row.problems.is_empty() {
        row.without.push("no panic");
    }
    if row.code_bytes > CODE_BUDGET_BYTES {
        let (code, largest) = (row.code_bytes, largest(&reached.functions));
        row.problems.push(format!("{code} bytes of code, the budget is {CODE_BUDGET_BYTES}: {largest}"));
    }
    if let Err(error) = check_instructions(&listing, architecture) {
        row.problems.push(error.to_string());
    } else {
        row.without.extend(lacks_dsp(architecture).then_some("no DSP"));
        row.without.extend((architecture == Core::M0).then_some("Armv6-M only, offsets aligned"));
    }
    if architecture == Core::M0 && elf::allows_unaligned_access(&file)? {
        row.problems.push("the build attributes allow unaligned access, which Armv6-M lacks".into());
    }
    Ok(row)
}

/// The functions where shrinking pays most, with their bytes.
fn largest(functions: &[&Function]) -> String {
    let mut sorted = functions.to_vec();
    sorted.sort_by_key(|function| Reverse(function.bytes()));
    let named = sorted.iter().take(6).map(|function| format!("{} {}", function.name(), function.bytes()));
    named.collect::<Vec<_>>().join(", ")
}
