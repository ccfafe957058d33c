//! `cargo xtask size`: flash and RAM of the firmware on each board, held against budgets and the sizes of record.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, bail, ensure};
use gan_core::KernelSet;
use gan_core::pack::pack;
use serde::{Deserialize, Serialize};
use tools::elf;
use tools::firmware::{BOARDS, FirmwareBoard, default_model, project};

/// A size may be this much above the one of record, in percent: compilers differ by less.
const TOLERANCE_PERCENT: u64 = 3;

/// What `size` takes.
#[derive(clap::Args, Default)]
pub struct Arguments {
    /// Accept the sizes as they are now: write them to tools/golden/.
    #[arg(long)]
    bless: bool,
}

/// What is held against the record; one file a board, `tools/golden/size-BOARD.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Sizes {
    /// Flash without the model.
    code_bytes: u64,
    /// The packed model file in flash.
    model_bytes: u64,
    /// Variables, the arena among them.
    static_ram_bytes: u64,
    /// The arena.
    arena_bytes: u64,
}

/// Builds the firmware, prints the table, compares.
pub fn command(arguments: &Arguments) -> anyhow::Result<()> {
    let model = fs::read(default_model()).with_context(|| default_model().display().to_string())?;
    let mut measured = Vec::new();
    for board in BOARDS.iter() {
        let path = board.build(&[default_model()])?;
        let program = elf::read(&path)?;
        let model = pack(&model, KernelSet::of_target(board.target, None))?.file;
        measured.push((board, sizes(&program, &model).with_context(|| path.display().to_string())?));
    }
    println!("in bytes      flash: code    budget     model  of total   RAM: static  of it arena  of total");
    for (board, sizes) in &measured {
        let Sizes { code_bytes, model_bytes, static_ram_bytes, arena_bytes } = sizes;
        println!(
            "{:<13} {code_bytes:>11} {:>9} {model_bytes:>9} {:>9} {static_ram_bytes:>13} {arena_bytes:>12} {:>9}",
            board.name, board.code_budget_bytes, board.flash_bytes, board.ram_bytes
        );
    }
    for (board, sizes) in &measured {
        sizes.fits(board)?;
        if arguments.bless {
            sizes.write(board)?;
        } else {
            sizes.compare(&Sizes::read(board)?).with_context(|| board.name)?;
        }
    }
    Ok(())
}

/// The sizes of `program`, which embeds `model`, packed.
fn sizes(program: &[u8], model: &[u8]) -> anyhow::Result<Sizes> {
    let size = elf::size_of(program)?;
    ensure!(
        program.windows(model.len()).any(|window| window == model),
        "the model file is not in the program as it is"
    );
    let model_bytes = model.len() as u64;
    Ok(Sizes {
        code_bytes: size.flash_bytes - model_bytes,
        model_bytes,
        static_ram_bytes: size.static_ram_bytes,
        arena_bytes: gan_core::arena_bytes(model) as u64,
    })
}

impl Sizes {
    fn path(board: &FirmwareBoard) -> PathBuf {
        project().join(format!("tools/golden/size-{}.json", board.name))
    }

    fn read(board: &FirmwareBoard) -> anyhow::Result<Self> {
        let path = Self::path(board);
        let text = fs::read_to_string(&path)
            .with_context(|| format!("{} (`cargo xtask size --bless` writes it)", path.display()))?;
        serde_json::from_str(&text).with_context(|| path.display().to_string())
    }

    fn write(&self, board: &FirmwareBoard) -> anyhow::Result<()> {
        let path = Self::path(board);
        let folder = path.parent().expect("the path has a folder");
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let text = serde_json::to_string_pretty(self)? + "\n";
        fs::write(&path, text).with_context(|| path.display().to_string())?;
        println!("{} written", path.display());
        Ok(())
    }

    /// The board must hold it, and the code alone stays within the board's budget.
    fn fits(&self, board: &FirmwareBoard) -> anyhow::Result<()> {
        let (name, code, budget) = (board.name, self.code_bytes, board.code_budget_bytes);
        ensure!(code <= budget, "{name}: {code} bytes of code, the budget is {budget}");
        let (flash, all) = (self.code_bytes + self.model_bytes, board.flash_bytes);
        ensure!(flash <= all, "{name}: {flash} bytes of flash, the board has {all}");
        let (ram, all) = (self.static_ram_bytes, board.ram_bytes);
        ensure!(ram <= all, "{name}: {ram} bytes of RAM, the board has {all}");
        Ok(())
    }

    /// None may be above the record by more than the tolerance.
    fn compare(&self, record: &Self) -> anyhow::Result<()> {
        let pairs = [
            ("code in flash", self.code_bytes, record.code_bytes),
            ("model in flash", self.model_bytes, record.model_bytes),
            ("static RAM", self.static_ram_bytes, record.static_ram_bytes),
            ("arena", self.arena_bytes, record.arena_bytes),
        ];
        for (what, now, before) in pairs {
            if now * 100 > before * (100 + TOLERANCE_PERCENT) {
                bail!("{what} grew from {before} to {now} bytes; if it should, `cargo xtask size --bless`");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tools::firmware::FirmwareBoard;

    use super::Sizes;

    const RECORD: Sizes =
        Sizes { code_bytes: 40_000, model_bytes: 46_000, static_ram_bytes: 9_000, arena_bytes: 8_000 };

    #[test]
    fn growth_within_the_tolerance_passes() {
        assert!(Sizes { code_bytes: 41_200, ..RECORD }.compare(&RECORD).is_ok());
        assert!(Sizes { code_bytes: 30_000, ..RECORD }.compare(&RECORD).is_ok());
    }

    #[test]
    fn growth_beyond_it_is_named() {
        let error = Sizes { arena_bytes: 9_000, ..RECORD }.compare(&RECORD).unwrap_err();
        assert!(error.to_string().contains("arena grew from 8000 to 9000"), "{error}");
    }

    #[test]
    fn code_has_a_budget() {
        let board = FirmwareBoard::named("lm3s6965evb").unwrap();
        assert!(RECORD.fits(board).is_ok());
        assert!(Sizes { code_bytes: board.code_budget_bytes + 1, ..RECORD }.fits(board).is_err());
    }
}
