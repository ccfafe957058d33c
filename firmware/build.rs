//! Hands the linker the chosen board's memory layout, and the binary its model files.

#[path = "build/fit.rs"]
mod fit;
#[path = "build/models.rs"]
mod models;

use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    let Some(board) = chosen_board()? else {
        return Ok(()); // a host build: the library alone
    };
    link_for(&board)?;
    // The bench reads model files when it runs.
    if board == "bench" { Ok(()) } else { models::embed(&board) }
}

/// The board whose feature `board-NAME` is on; its files are `src/bin/NAME.rs` and `memory/NAME.x`.
fn chosen_board() -> Result<Option<String>, Box<dyn Error>> {
    let boards: Vec<String> = env::vars()
        .filter_map(|(name, _)| Some(name.strip_prefix("CARGO_FEATURE_BOARD_")?.to_lowercase()))
        .collect();
    match boards.as_slice() {
        [] => Ok(None),
        [board] => Ok(Some(board.clone())),
        many => Err(format!("one board at a time, but the features of {} are on", many.join(" and ")).into()),
    }
}

/// Linker arguments live here and not in rustflags, so that they work from every folder and for no
/// other crate.
fn link_for(board: &str) -> Result<(), Box<dyn Error>> {
    let target = env::var("TARGET")?;
    if !target.starts_with("thumb") {
        return Err(
            format!("board {board} is built for a Cortex-M target, not for {target}: give --target").into()
        );
    }
    let memory =
        PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join(format!("memory/{}.x", layout(board, &target)));
    println!("cargo::rerun-if-changed={}", memory.display());
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::copy(&memory, out.join("memory.x")).map_err(|error| format!("{}: {error}", memory.display()))?;
    println!("cargo::rustc-link-search={}", out.display());
    for argument in ["--nmagic", "-Tlink.x", "-Tdefmt.x"] {
        println!("cargo::rustc-link-arg-bin={board}={argument}");
    }
    Ok(())
}

/// Name of a board's memory layout. The bench runs on a family of boards, of which the core tells one.
fn layout(board: &str, target: &str) -> String {
    println!("cargo::rerun-if-env-changed=CARGO_ENCODED_RUSTFLAGS");
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    match (board, target.starts_with("thumbv8m")) {
        ("bench", true) if flags.contains("cortex-m55") => "bench-an547".into(),
        ("bench", true) => "bench-an505".into(),
        ("bench", false) => "bench-mps2".into(),
        _ => board.into(),
    }
}
