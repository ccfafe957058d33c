//! The models that a firmware embeds: read, packed for its core's kernels, held against its board's memories.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use gan_core::format::InputKind;
use gan_core::pack::pack;
use gan_core::{AlignedBytes, KernelSet};

use crate::fit::{Memories, Packed, fit};

/// Model files, separated as the folders of `PATH` are.
const MANY: &str = "GAN_MODELS";
/// One model file.
const ONE: &str = "GAN_MODEL";
/// Where neither names one: the pretrained model.
const DEFAULT: &str = "../models/mnist.gan";

/// Writes `models.rs` for `board`: the packed files, and the largest input that is a picture.
pub fn embed(board: &str) -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let set = KernelSet::from_build_env();
    let (mut files, mut models) = (String::new(), Vec::new());
    for (place, path) in chosen()?.iter().enumerate() {
        println!("cargo::rerun-if-changed={}", path.display());
        let named = |error: &dyn Error| format!("{}: {error}", path.display());
        let file = pack(&fs::read(path)?, set).map_err(|error| named(&error))?.file;
        let copy = out.join(format!("{place}.gan"));
        fs::write(&copy, &file)?;
        writeln!(files, "    gan_core::include_model!({copy:?}),")?;
        models.push(packed(path, &file).map_err(|error| named(&*error))?);
    }
    fit(board, &memories(board)?, &models)?;
    let count = models.len();
    let picture = models.iter().map(|model| model.picture).max().unwrap_or(0);
    let source = format!(
        "/// The model files, packed for this core.\nstatic MODELS: [&[u8]; {count}] = [\n{files}];\n\
         /// The largest input that is a picture, in bytes; 0 if there is none.\nconst PICTURE_BYTES: usize = {picture};\n"
    );
    Ok(fs::write(out.join("models.rs"), source)?)
}

/// The files to embed, which exist.
fn chosen() -> Result<Vec<PathBuf>, Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed={MANY}");
    println!("cargo::rerun-if-env-changed={ONE}");
    let paths: Vec<PathBuf> = match (env::var_os(MANY), env::var_os(ONE)) {
        (Some(_), Some(_)) => {
            return Err(format!("{MANY} and {ONE} are both set: one of them is enough").into());
        }
        (Some(list), None) => env::split_paths(&list).collect(),
        (None, Some(path)) => vec![path.into()],
        (None, None) => vec![DEFAULT.into()],
    };
    let found = |path: &PathBuf| {
        fs::canonicalize(path).map_err(|error| {
            format!("a model to embed, {}: {error} ({MANY} or {ONE} name others)", path.display()).into()
        })
    };
    if paths.is_empty() {
        Err(format!("{MANY} names no file").into())
    } else {
        paths.iter().map(found).collect()
    }
}

/// What the embedded `file` of `path` takes.
fn packed(path: &Path, file: &[u8]) -> Result<Packed, Box<dyn Error>> {
    let aligned = AlignedBytes::new(file);
    let model = gan_core::format::File::open(&aligned)?;
    let pictures = model.inputs.iter().filter_map(|input| match input.kind {
        InputKind::Picture { tensor } => model.tensors.get(tensor),
        _ => None,
    });
    if env::var_os("CARGO_FEATURE_ADAPTIVE").is_none()
        && let Some(op) = model.ops.iter().find(|op| op.kind.is_adaptive())
    {
        return Err(format!("it has an op that is left out, {op}: add --features adaptive").into());
    }
    let bytes = |side: u16| u64::from(side);
    Ok(Packed {
        name: path.display().to_string(),
        flash: file.len() as u64,
        arena: model.arena_bytes.into(),
        picture: pictures
            .map(|tensor| bytes(tensor.height) * bytes(tensor.width) * bytes(tensor.channels))
            .max()
            .unwrap_or(0),
    })
}

/// The memories of `board`, by `boards.json`.
fn memories(board: &str) -> Result<Memories, Box<dyn Error>> {
    const LIST: &str = "boards.json";
    println!("cargo::rerun-if-changed={LIST}");
    let boards: serde_json::Value = serde_json::from_str(&fs::read_to_string(LIST)?)?;
    let own = boards.as_array().and_then(|boards| boards.iter().find(|own| own["name"] == board));
    let own = own.ok_or_else(|| format!("{LIST} has no board {board}"))?;
    let number = |pointer: &str| {
        let found = own.pointer(pointer).and_then(serde_json::Value::as_u64);
        found.ok_or_else(|| format!("{LIST}: {board} has no {pointer}"))
    };
    Ok(Memories {
        flash: number("/flash_bytes")?,
        code: number("/firmware/own/code_budget_bytes")?,
        ram: number("/ram_bytes")?,
    })
}
