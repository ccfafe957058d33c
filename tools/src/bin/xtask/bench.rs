//! `cargo xtask bench`: what a picture costs on each core, counted in the emulator.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail, ensure};
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use tools::bench::{BenchCore, CORES, Count, PEERS, count, estimated_cycles, models};
use tools::firmware::{default_model, project};

use crate::disassemble::code_bytes;
use crate::packages::Consent;
use crate::setup;

/// What `bench` takes.
#[derive(clap::Args, Default)]
#[command(after_help = "Examples:
  cargo xtask bench                                the reference generator and the pretrained model, on every core
  cargo xtask bench --board M4 --json              one core, for machines
  cargo xtask bench --shape k4s2p1:64x7x7:32       a transposed convolution 4x4, stride 2, padding 1, 64x7x7 to 32 channels
  cargo xtask bench --shape ck3s1p1:16x28x28:16    a convolution
  cargo xtask bench --shape attention:16x7x7:64    an attention; norm, product and draw as well
  cargo xtask bench --drawn                        a PixelCNN, drawn pixel by pixel
  cargo xtask bench --model runs/dcgan/generator.gan
  cargo xtask bench --pretrained                   all models in models/, on M3 and M4
  cargo xtask bench --bless                        accept the counts as they are now")]
pub struct Arguments {
    /// Only this core (M0, M3, M4, M7, M33, M55) or QEMU's board of that name.
    #[arg(long, value_name = "NAME")]
    board: Option<String>,
    /// A single layer of this shape, behind a small dense layer that makes its input.
    #[arg(long, value_name = "SHAPE", conflicts_with = "model")]
    shape: Option<String>,
    /// This model file.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// A synthetic model of the size of a PixelCNN, which draws 28×28 pixels one by one.
    #[arg(long, conflicts_with_all = ["model", "shape"])]
    drawn: bool,
    /// All models in models/, on M3 and M4: held to the counts of record, which the trainer's `compare` shows.
    #[arg(long, conflicts_with_all = ["model", "shape", "drawn", "board", "json"])]
    pretrained: bool,
    /// JSON instead of tables.
    #[arg(long)]
    json: bool,
    /// Accept the counts as they are now: write them to tools/golden/.
    #[arg(long, conflicts_with_all = ["model", "shape", "drawn", "board", "json"])]
    bless: bool,
}

impl Arguments {
    /// All models in `models/`, held to the counts of record.
    pub fn pretrained() -> Arguments {
        Arguments { pretrained: true, ..Arguments::default() }
    }
}

/// A model's cost on a core, as `--json` prints it.
#[derive(Serialize)]
struct Row<'r> {
    board: &'static str,
    core: &'static str,
    model: &'r str,
    /// An estimate, upwards.
    estimated_cycles: u64,
    /// Of the engine and the kernels.
    code_bytes: u32,
    #[serde(flatten)]
    count: &'r Count,
}

/// Counts of one model: core, count.
type Counts = Vec<(&'static BenchCore, Count)>;

/// Counts, prints, compares with the counts of record.
pub fn command(arguments: &Arguments, consent: Consent) -> anyhow::Result<()> {
    setup::ensure(consent)?;
    if arguments.pretrained {
        return pretrained(arguments.bless);
    }
    let cores: Vec<&'static BenchCore> = match &arguments.board {
        None => CORES.iter().collect(),
        Some(name) => vec![
            BenchCore::named(name)
                .ok_or_else(|| anyhow!("no core {name:?}, expected one of {}", BenchCore::names()))?,
        ],
    };
    let mut code = BTreeMap::new();
    for core in &cores {
        code.insert(core.name, code_bytes(core)?);
    }
    let code = &code;
    let mut measured = Vec::new();
    for (name, model) in models(arguments)? {
        let mut counts: Counts = Vec::new();
        for core in &cores {
            counts.push((core, count(core, &model)?));
        }
        measured.push((name, counts));
    }
    if arguments.json {
        let rows: Vec<Row<'_>> = measured
            .iter()
            .flat_map(|(model, counts)| {
                counts.iter().map(move |(core, count)| {
                    let estimated_cycles = estimated_cycles(core, count) as u64;
                    let code_bytes = code[core.name];
                    Row { board: core.board, core: core.name, model, estimated_cycles, code_bytes, count }
                })
            })
            .collect();
        println!("{}", serde_json::to_string_pretty(&rows)?);
        return Ok(());
    }
    for (name, counts) in &measured {
        print(name, counts, code);
    }
    let is_of_record = arguments.board.is_none()
        && arguments.shape.is_none()
        && arguments.model.is_none()
        && !arguments.drawn;
    if !is_of_record {
        return Ok(());
    }
    let record: BTreeMap<String, BTreeMap<String, Count>> = measured
        .into_iter()
        .map(|(model, counts)| {
            (model, counts.into_iter().map(|(core, count)| (core.name.into(), count)).collect())
        })
        .collect();
    compare(record, arguments.bless)
}

/// What a picture of a pretrained model costs on a core.
#[derive(Serialize, Deserialize, PartialEq, Eq, Debug)]
struct OfCore {
    instructions: u64,
    estimated_cycles: u64,
    arena_bytes: u64,
}

/// A pretrained model's cost by core, and the MD5 of the file that was counted.
#[derive(Serialize, Deserialize, PartialEq, Eq, Debug)]
struct OfModel {
    model_md5: String,
    cores: BTreeMap<String, OfCore>,
}

/// Counts all models in `models/`, and holds the counts to those of record.
fn pretrained(bless: bool) -> anyhow::Result<()> {
    let path = project().join("tools/golden/pretrained.json");
    let mut now = BTreeMap::new();
    let mut files: Vec<PathBuf> = fs::read_dir(project().join("models"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "gan"))
        .collect();
    files.sort();
    for path in files {
        let (name, model) = read(&path)?;
        let mut cores = BTreeMap::new();
        for core in ["M3", "M4"] {
            let core = BenchCore::named(core).expect("a core of the bench");
            let counted = count(core, &model)?;
            let estimated_cycles = estimated_cycles(core, &counted) as u64;
            let (instructions, arena_bytes) = (counted.instructions, counted.arena_bytes as u64);
            println!(
                "{name} on {}: {instructions} instructions a picture, {estimated_cycles} cycles estimated, arena {arena_bytes} bytes",
                core.name
            );
            cores.insert(core.name.to_owned(), OfCore { instructions, estimated_cycles, arena_bytes });
        }
        let model_md5 = Md5::digest(&model).iter().map(|byte| format!("{byte:02x}")).collect();
        now.insert(name, OfModel { model_md5, cores });
    }
    if bless {
        fs::write(&path, serde_json::to_string_pretty(&now)? + "\n")
            .with_context(|| path.display().to_string())?;
        println!("{} written", path.display());
        return Ok(());
    }
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let before: BTreeMap<String, OfModel> =
        serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    for (name, now) in &now {
        let before = before.get(name);
        ensure!(
            before == Some(now),
            "{name}: {now:?}, of record {before:?}; `cargo xtask bench --pretrained --bless` accepts"
        );
    }
    Ok(())
}

/// A model file with its name.
fn read(path: &Path) -> anyhow::Result<(String, Vec<u8>)> {
    let file = fs::read(path).with_context(|| path.display().to_string())?;
    let name = path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Ok((name, file))
}

/// The models to measure, with their names.
fn models(arguments: &Arguments) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    if arguments.drawn {
        return Ok(vec![("pixel_cnn".into(), models::pixel_cnn())]);
    }
    if let Some(shape) = &arguments.shape {
        return Ok(vec![(shape.clone(), models::of_shape(shape).map_err(|error| anyhow!(error))?)]);
    }
    match &arguments.model {
        Some(path) => Ok(vec![read(path)?]),
        None => Ok(vec![("reference".into(), models::reference()), read(&default_model())?]),
    }
}

/// Holds the counts against those of record: all of them are exact.
fn compare(now: BTreeMap<String, BTreeMap<String, Count>>, bless: bool) -> anyhow::Result<()> {
    let path = project().join("tools/golden/bench.json");
    if bless {
        fs::write(&path, serde_json::to_string_pretty(&now)? + "\n")
            .with_context(|| path.display().to_string())?;
        println!("{} written", path.display());
        return Ok(());
    }
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let before: BTreeMap<String, BTreeMap<String, Count>> =
        serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    for (model, counts) in &now {
        for (core, now) in counts {
            let Some(before) = before.get(model).and_then(|counts| counts.get(core)) else {
                bail!("{} has no {model} on {core}; `cargo xtask bench --bless` adds it", path.display());
            };
            ensure!(
                now == before,
                "{model} on {core}: {} instructions a picture, {} of record; `cargo xtask bench --bless` accepts\n{now:?}\n{before:?}",
                now.instructions,
                before.instructions
            );
        }
    }
    Ok(())
}

fn print(model: &str, counts: &Counts, code: &BTreeMap<&str, u32>) {
    println!("{model}: instructions a picture, counted by QEMU");
    println!(
        "  {:<5} {:>12} {:>8} {:>8} {:>7} {:>7} {:>7} {:>6} {:>9} {:>26}",
        "core",
        "instructions",
        "MAC/ins.",
        "overhead",
        "arena",
        "stack",
        "parsed",
        "code",
        "constants",
        "estimated cycles"
    );
    for (core, count) in counts {
        let cycles = estimated_cycles(core, count);
        let milliseconds = cycles / core.megahertz / 1000.0;
        println!(
            "  {:<5} {:>12} {:>8.2} {:>7.2}% {:>7} {:>7} {:>7} {:>6} {:>9} {:>26}",
            core.name,
            count.instructions,
            count.macs() as f64 / count.instructions as f64,
            100.0 * count.overhead() as f64 / count.instructions as f64,
            count.arena_bytes,
            count.stack_bytes,
            count.parsed_model_bytes,
            code[core.name],
            count.constant_bytes,
            format!("{:.2} M, {milliseconds:.1} ms at {} MHz", cycles / 1e6, core.megahertz),
        );
    }
    println!("  parsing, once: instructions, of them per byte of the file, and stack with the parsed model");
    for (core, count) in counts {
        let (instructions, bytes) = (count.parsing_instructions, count.constant_bytes);
        println!(
            "    {:<5} {instructions:>10} {:>6.1} {:>7}",
            core.name,
            instructions as f64 / bytes as f64,
            count.parsing_stack_bytes
        );
    }
    println!("  of it");
    for index in 0..counts.first().map_or(0, |(_, count)| count.layers.len()) {
        let of = |count: &Count| format!("{} {}", count.layers[index].path, count.layers[index].instructions);
        let each: Vec<String> =
            counts.iter().map(|(core, count)| format!("{} {}", core.name, of(count))).collect();
        println!("    {:<26} {}", counts[0].1.layers[index].name, each.join(" · "));
    }
    if model == "reference" {
        for peer in PEERS {
            let ratios = counts.iter().map(|(core, count)| {
                let index = CORES.iter().position(|other| other == *core).expect("a core of the table");
                let peer = peer.kilo_instructions[index] as f64 * 1000.0;
                format!("{} {:.1}×", core.name, peer / count.instructions as f64)
            });
            let ratios: Vec<String> = ratios.collect();
            println!("  {} takes {} as many; {} kB of RAM", peer.name, ratios.join(", "), peer.ram_kb);
        }
    }
    println!();
}
