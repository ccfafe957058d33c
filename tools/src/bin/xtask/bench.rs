//! `cargo xtask bench`: instructions, stack and arena that a picture takes, counted in the emulator.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde::{Deserialize, Serialize};
use tools::emulator::{Board, Emulator, Exit, Options, Program};
use tools::firmware::{BENCH, FirmwareBoard, default_model, project};

use crate::setup;

/// Boards, cores, targets, and a clock that such cores usually run at, in MHz.
const CORES: [(&str, &str, &str, f64); 3] = [
    ("mps2-an385", "M3", "thumbv7m-none-eabi", 72.0),
    ("mps2-an386", "M4", "thumbv7em-none-eabihf", 64.0),
    ("mps2-an500", "M7", "thumbv7em-none-eabihf", 400.0),
];
/// `-icount`: an instruction is 2⁴ ns; SysTick ticks every 40 ns.
const ICOUNT_SHIFT: u8 = 4;
const TICKS_TO_INSTRUCTIONS: (u64, u64) = (40, 1 << ICOUNT_SHIFT);
/// A picture takes a fraction of this.
const PATIENCE: Duration = Duration::from_secs(120);

/// What `bench` takes.
#[derive(clap::Args)]
pub struct Arguments {
    /// The model file to measure instead of models/mnist.gan.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Accept the counts of the pretrained model as they are now: write them to tools/golden/.
    #[arg(long, conflicts_with = "model")]
    bless: bool,
}

/// What was counted on one board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Count {
    instructions: u64,
    ops: Vec<Op>,
    stack_bytes: u64,
    arena_bytes: u64,
    parsed_model_bytes: u64,
}

/// One op of the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Op {
    instructions: u64,
    macs: u64,
}

/// Counts, prints, compares with the counts of record.
pub fn command(arguments: &Arguments) -> anyhow::Result<()> {
    setup::ensure()?;
    let model = arguments.model.clone().unwrap_or_else(default_model);
    let mut counts = BTreeMap::new();
    for (board, _, target, _) in CORES {
        let count = count(board, target, &model).with_context(|| format!("the bench on {board}"))?;
        counts.insert(board.to_owned(), count);
    }
    print(&model, &counts);
    if arguments.model.is_some() {
        return Ok(());
    }
    let path = project().join("tools/golden/bench.json");
    if arguments.bless {
        fs::write(&path, serde_json::to_string_pretty(&counts)? + "\n")
            .with_context(|| path.display().to_string())?;
        println!("{} written", path.display());
        return Ok(());
    }
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let record: BTreeMap<String, Count> =
        serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    for (board, now) in &counts {
        let before = record.get(board).with_context(|| format!("{} has no {board}", path.display()))?;
        ensure!(
            now == before,
            "{board}: {} instructions a picture, {} of record; `cargo xtask bench --bless` accepts\n{now:?}\n{before:?}",
            now.instructions,
            before.instructions
        );
    }
    Ok(())
}

/// Builds and runs the bench on one board.
fn count(board: &str, target: &'static str, model: &Path) -> anyhow::Result<Count> {
    let program = FirmwareBoard { target, ..BENCH }.build(model)?;
    let program = Program::read(&program)?;
    let board = Board::named(board).context("the emulator has no such board")?;
    let options = Options { icount_shift: Some(ICOUNT_SHIFT), ..Options::default() };
    let mut emulator = Emulator::start(board, &program, &options)?;
    let exit = emulator.wait(PATIENCE)?;
    let log = emulator.log().text();
    ensure!(exit == Exit::Code(0), "it ended with {exit:?}\n{log}{}", emulator.complaints());
    let model = fs::read(model)?;
    parse(&log, gan_core::arena_bytes(&model) as u64).with_context(|| format!("an unexpected log:\n{log}"))
}

/// The count in the bench's log.
fn parse(log: &str, arena_bytes: u64) -> Option<Count> {
    let number = |line: &str, name: &str| -> Option<u64> {
        line.split_whitespace().skip_while(|word| *word != name).nth(1)?.parse().ok()
    };
    let instructions = |line: &str| {
        let (numerator, denominator) = TICKS_TO_INSTRUCTIONS;
        Some(number(line, "ticks")? * numerator / denominator)
    };
    let whole = log.lines().find(|line| line.contains("bench model"))?;
    let op = |line| Some(Op { instructions: instructions(line)?, macs: number(line, "macs")? });
    Some(Count {
        instructions: instructions(whole)?,
        ops: log.lines().filter(|line| line.contains("bench op")).map(op).collect::<Option<_>>()?,
        stack_bytes: number(whole, "stack")?,
        arena_bytes,
        parsed_model_bytes: number(whole, "parsed")?,
    })
}

fn print(model: &Path, counts: &BTreeMap<String, Count>) {
    println!("{}, instructions a picture, counted by QEMU:", model.display());
    println!(
        "{:<12} {:>4} {:>12} {:>8} {:>7} {:>7} {:>7}   {:>22}   instructions of each op",
        "board", "core", "instructions", "per MAC", "arena", "stack", "parsed", "at one a cycle"
    );
    for (board, core, _, megahertz) in CORES {
        let Count { instructions, ops, stack_bytes, arena_bytes, parsed_model_bytes } = &counts[board];
        let macs: u64 = ops.iter().map(|op| op.macs).sum();
        let milliseconds = *instructions as f64 / megahertz / 1000.0;
        let each: Vec<String> = ops.iter().map(|op| op.instructions.to_string()).collect();
        println!(
            "{board:<12} {core:>4} {instructions:>12} {:>8.2} {arena_bytes:>7} {stack_bytes:>7} {parsed_model_bytes:>7}   {:>22}   {}",
            *instructions as f64 / macs as f64,
            format!("{milliseconds:.1} ms ({megahertz} MHz)"),
            each.join(" + ")
        );
    }
}

#[cfg(test)]
mod tests {
    use super::{Op, parse};

    #[test]
    fn the_log_becomes_a_count() {
        let log = "INFO bench model mnist ticks 400 stack 512 parsed 1200\nINFO bench op 0 ticks 100 macs 1000\nINFO bench done\n";
        let count = parse(log, 4704).unwrap();
        assert_eq!((count.instructions, count.stack_bytes, count.parsed_model_bytes), (1000, 512, 1200));
        assert_eq!(count.ops, [Op { instructions: 250, macs: 1000 }]);
        assert!(parse("ERROR panicked", 0).is_none());
    }
}
