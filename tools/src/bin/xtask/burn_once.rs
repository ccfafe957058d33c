//! `cargo run -p host-trainer` and `cargo test` must share one build of Burn.
//!
//! Cargo builds a crate anew for each set of features of anything below it, and tests and tools bring sets of their
//! own. `host-trainer/Cargo.toml` switches those on for both; this finds what has gone astray since.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use anyhow::{Context as _, ensure};
use tools::firmware::project;

/// Of each package, the sets of features with which it is built.
type Features = BTreeMap<String, BTreeSet<String>>;

/// Fails with the packages whose features differ between the two commands.
pub fn check() -> anyhow::Result<()> {
    let alone = features(&["-p", "host-trainer", "-e", "normal"])?;
    let tested = features(&["-e", "normal,dev"])?;
    let astray = differences(&alone, &tested);
    ensure!(
        astray.is_empty(),
        "`cargo test` would build Burn a second time: switch these features on in host-trainer/Cargo.toml\n{}",
        astray.join("\n")
    );
    Ok(())
}

/// One line a package that the trainer is built with, and that the tests have with other features only.
fn differences(alone: &Features, tested: &Features) -> Vec<String> {
    let missing = |(package, sets): (&String, &BTreeSet<String>)| {
        let others = tested.get(package)?;
        (!sets.is_subset(others)).then(|| format!("{package}: {sets:?}, but in tests {others:?}"))
    };
    alone.iter().filter_map(missing).collect()
}

fn features(selection: &[&str]) -> anyhow::Result<Features> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["tree", "--prefix", "none", "--no-dedupe", "--format", "{p} [{f}]"])
        .args(selection)
        .current_dir(project())
        .output()
        .context("cannot run cargo tree")?;
    ensure!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr));
    Ok(parse(&String::from_utf8_lossy(&output.stdout)))
}

/// Reads lines of `name version [features]`. The project's own packages, which have a path, are not Burn's.
fn parse(tree: &str) -> Features {
    let mut found = Features::new();
    for line in tree.lines().filter(|line| !line.contains("(/")) {
        if let Some((package, features)) = line.split_once(" [") {
            let features = features.split(']').next().unwrap_or_default();
            found.entry(package.to_owned()).or_default().insert(features.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{differences, parse};

    #[test]
    fn a_package_with_other_features_in_tests_is_found() {
        let alone = parse("log v0.4.1 []\nburn v0.22.1 [std]\nserde v1.0.0 [std]");
        let tested = parse(
            "log v0.4.1 [std]\nburn v0.22.1 [std]\nserde v1.0.0 []\nserde v1.0.0 [std]\nown v0.1.0 (/p) []",
        );
        assert_eq!(differences(&alone, &tested), [r#"log v0.4.1: {""}, but in tests {"std"}"#]);
    }
}
