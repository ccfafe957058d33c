//! A picture, counted.

use std::fs;
use std::path::Path;
use std::time::Duration;

use gan_core::pack::{Packed, pack};
use serde::{Deserialize, Serialize};

use super::{BenchCore, BenchError};
use crate::emulator::{Board, Emulator, Exit, Options, Program};

/// `-icount`: an instruction is 2⁴ ns.
const ICOUNT_SHIFT: u8 = 4;
/// A picture takes a fraction of this.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a picture costs on a core.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Instructions, from the latent to the picture.
    pub instructions: u64,
    /// Of them, those of each op.
    pub layers: Vec<OpCount>,
    /// Bytes of the arena.
    pub arena_bytes: u64,
    /// Bytes in use at one time: no plan of the arena needs fewer.
    pub arena_lower_bound_bytes: u64,
    /// Depth of the stack.
    pub stack_bytes: u64,
    /// Bytes of the parsed model.
    pub parsed_model_bytes: u64,
    /// Instructions of parsing.
    pub parsing_instructions: u64,
    /// Depth of the stack while parsing, the parsed model included.
    pub parsing_stack_bytes: u64,
    /// Bytes of the packed model file: weights and all else that lies in flash.
    pub constant_bytes: u64,
}

/// An op of the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpCount {
    /// Its place in the model, and its kind.
    pub name: String,
    /// The kernels that run it.
    pub path: String,
    /// Instructions.
    pub instructions: u64,
    /// Multiply-accumulates, as the definition counts them.
    pub macs: u64,
}

/// Lays `model` out for the core, runs it once in the emulator and counts.
///
/// # Errors
/// [`BenchError`].
pub fn count(core: &BenchCore, model: &[u8]) -> Result<Count, BenchError> {
    let packed = pack(model, core.kernels())?;
    let log = run(core, "count", &packed.file)?;
    parse(&log, core.tick_centi_ns, &packed).ok_or(BenchError::Log(log))
}

/// Runs the bench with a file; returns its log.
pub(super) fn run(core: &BenchCore, command: &str, file: &[u8]) -> Result<String, BenchError> {
    let directory = tempfile::tempdir().map_err(|source| BenchError::Io { path: "/tmp".into(), source })?;
    let path = directory.path().join("input");
    fs::write(&path, file).map_err(|source| BenchError::Io { path: path.clone(), source })?;
    let program = core.build()?;
    run_program(core, &program, command, &path)
}

fn run_program(core: &BenchCore, program: &Path, command: &str, file: &Path) -> Result<String, BenchError> {
    let emulator = |source| BenchError::Emulator { board: core.board, source };
    let program = Program::read(program).map_err(emulator)?;
    let board = Board::named(core.board).expect("the bench's boards are in the emulator's table");
    let arguments = vec![command.into(), file.display().to_string()];
    let options = Options { arguments, icount_shift: Some(ICOUNT_SHIFT), ..Options::default() };
    let mut process = Emulator::start(board, &program, &options).map_err(emulator)?;
    let exit = process.wait(PATIENCE).map_err(emulator)?;
    let log = process.log().text();
    if exit != Exit::Code(0) {
        let log = format!("{log}\n{}", process.complaints());
        let exit = format!("{exit:?}");
        return Err(BenchError::Failed { core: core.name, board: core.board, exit, log });
    }
    Ok(log)
}

/// The count in the bench's log.
fn parse(log: &str, tick_centi_ns: u64, packed: &Packed) -> Option<Count> {
    let number = |line: &str, name: &str| -> Option<u64> {
        line.split_whitespace().skip_while(|word| *word != name).nth(1)?.parse().ok()
    };
    let counted = |line: &str, name: &str| Some(number(line, name)? * tick_centi_ns / (100 << ICOUNT_SHIFT));
    let instructions = |line: &str| counted(line, "ticks");
    let whole = log.lines().find(|line| line.contains("bench model"))?;
    let ops = log.lines().filter(|line| line.contains("bench op")).zip(&packed.paths).enumerate();
    let layers = ops.map(|(index, (line, &path))| {
        Some(OpCount {
            name: packed.names.get(index)?.clone(),
            path: path.into(),
            instructions: instructions(line)?,
            macs: number(line, "macs")?,
        })
    });
    Some(Count {
        instructions: instructions(whole)?,
        layers: layers.collect::<Option<_>>()?,
        arena_bytes: packed.arena_bytes as u64,
        arena_lower_bound_bytes: packed.arena_lower_bound as u64,
        stack_bytes: number(whole, "stack")?,
        parsed_model_bytes: number(whole, "parsed")?,
        parsing_instructions: counted(whole, "parsing")?,
        parsing_stack_bytes: number(whole, "parsing-stack")?,
        constant_bytes: packed.file.len() as u64,
    })
}

impl Count {
    /// Multiply-accumulates of the whole picture.
    #[must_use]
    pub fn macs(&self) -> u64 {
        self.layers.iter().map(|op| op.macs).sum()
    }

    /// Instructions outside the ops: the engine's own.
    #[must_use]
    pub fn overhead(&self) -> u64 {
        self.instructions.saturating_sub(self.layers.iter().map(|op| op.instructions).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::{Packed, parse};

    #[test]
    fn the_log_becomes_a_count() {
        let log = "INFO bench model mnist ticks 400 stack 512 parsed 72 parsing 800 parsing-stack 700\n\
             INFO bench op 0 ticks 100 macs 1000\n";
        let packed = Packed {
            file: vec![0; 7],
            names: vec!["dense".into()],
            paths: vec!["dsp"],
            arena_bytes: 4704,
            arena_lower_bound: 4700,
        };
        let count = parse(log, 4000, &packed).unwrap();
        assert_eq!((count.instructions, count.stack_bytes, count.parsed_model_bytes), (1000, 512, 72));
        assert_eq!((count.parsing_instructions, count.parsing_stack_bytes), (2000, 700));
        assert_eq!((count.layers[0].instructions, count.layers[0].macs), (250, 1000));
        assert_eq!((count.macs(), count.overhead()), (1000, 750));
        assert!(parse("ERROR panicked", 4000, &packed).is_none());
    }
}
