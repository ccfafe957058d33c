//! `cargo xtask disassemble`: what the code of a picture reaches on each core, and that it suits the core.

use std::path::Path;

use anyhow::{Context as _, ensure};
use tools::bench::{BenchCore, CORES};
use tools::disassembly::{check_instructions, disassemble, lacks_dsp, reached};
use tools::elf::{self, Core};

use crate::setup;

/// What the bench calls a picture.
const PICTURE: &str = "gan_bench_picture";

/// In bytes; what the engine and the kernels of a picture may take on any core.
const CODE_BUDGET_BYTES: u32 = 12 * 1024;

/// What is known of a core's program once it is checked.
struct Row {
    functions: usize,
    code_bytes: u32,
    lacks_dsp: bool,
    is_aligned: bool,
}

/// Builds the bench for each core, disassembles it, checks it, and prints a table. All cores are looked at before the
/// first that fails is named.
pub fn command() -> anyhow::Result<()> {
    let objdump = setup::ensure_disassembler()?;
    let rows = CORES.each_ref().map(|core| (core, row(core, &objdump)));
    println!("core  functions  bytes of code  (budget {CODE_BUDGET_BYTES})");
    for (core, row) in &rows {
        match row {
            Ok(row) => println!(
                "{:<4} {:>10} {:>14}  no panic{}{}",
                core.name,
                row.functions,
                row.code_bytes,
                if row.lacks_dsp { ", no DSP" } else { "" },
                if row.is_aligned { ", Armv6-M only, aligned offsets" } else { "" },
            ),
            Err(error) => println!("{:<4} {error:#}", core.name),
        }
    }
    for (core, row) in rows {
        row.with_context(|| format!("the bench for {}", core.name))?;
    }
    Ok(())
}

/// Checks a core's program.
fn row(core: &BenchCore, objdump: &Path) -> anyhow::Result<Row> {
    let program = core.build()?;
    let file = elf::read(&program)?;
    let architecture = elf::core_of(&file).with_context(|| program.display().to_string())?;
    let listing = disassemble(objdump, &program)?;
    let functions = reached(&listing, PICTURE)?;
    let code_bytes = functions.iter().map(|function| function.bytes()).sum();
    ensure!(
        code_bytes <= CODE_BUDGET_BYTES,
        "{code_bytes} bytes of code for a picture, the budget is {CODE_BUDGET_BYTES}; the largest are {}",
        largest(&functions)
    );
    check_instructions(&listing, architecture)?;
    let is_aligned = architecture == Core::M0;
    if is_aligned {
        ensure!(
            !elf::allows_unaligned_access(&file)?,
            "the build attributes allow unaligned access, which Armv6-M lacks"
        );
    }
    Ok(Row { functions: functions.len(), code_bytes, lacks_dsp: lacks_dsp(architecture), is_aligned })
}

/// The functions where shrinking pays most, with their bytes.
fn largest(functions: &[&tools::disassembly::Function]) -> String {
    let mut sorted = functions.to_vec();
    sorted.sort_by_key(|function| std::cmp::Reverse(function.bytes()));
    let named = sorted.iter().take(4).map(|function| format!("{} ({})", function.name(), function.bytes()));
    named.collect::<Vec<_>>().join(", ")
}
