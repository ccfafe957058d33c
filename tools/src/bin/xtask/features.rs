//! gan-core with each of its features alone, on the host and on every target; each of the firmware's programs.

use tools::firmware::BOARDS;

use crate::steps::Steps;

/// The features that only add, one at a time; the empty one is none.
const FEATURES: [&str; 4] = ["", "adaptive", "defmt", "embedded-graphics"];

const TARGETS: [&str; 4] =
    ["thumbv6m-none-eabi", "thumbv7m-none-eabi", "thumbv7em-none-eabihf", "thumbv8m.main-none-eabihf"];

/// Lints every combination, which compiles it too.
pub fn check(steps: &mut Steps) -> anyhow::Result<()> {
    for feature in FEATURES.iter().chain(&["std"]) {
        lint(steps, feature, &[])?;
    }
    for target in TARGETS {
        for feature in FEATURES {
            lint(steps, feature, &["--target", target])?;
        }
    }
    let programs = BOARDS.iter().map(|board| (board.name, board.target));
    for (program, target) in programs.chain([("bench", "thumbv7em-none-eabihf")]) {
        let feature = format!("board-{program}");
        let what = ["clippy", "-p", "firmware", "--bin", program, "--features", &feature];
        steps.cargo(&[&what[..], &["--target", target, "--", "-D", "warnings"]].concat())?;
    }
    Ok(())
}

fn lint(steps: &mut Steps, feature: &str, target: &[&str]) -> anyhow::Result<()> {
    let features: &[&str] = if feature.is_empty() { &[] } else { &["--features", feature] };
    let what: &[&str] = &["clippy", "-p", "gan-core", "--no-default-features"];
    steps.cargo(&[what, features, target, &["--", "-D", "warnings"]].concat())
}
