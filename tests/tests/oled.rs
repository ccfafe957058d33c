//! The firmware on the emulated lm3s6965evb against the same app on the host, pixel for pixel: after the
//! start, and after buttons were pressed, with each of the pretrained models. And how it ends when something is wrong.
//!
//! When a screen differs, both screens and their difference are written to `target/tmp/oled/`.

use std::{fs, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use firmware::buttons::{Button, Event};
use firmware::{Cost, Unit};
use gan_core::pack::pack;
use gan_core::synthetic::{Activation, Synthetic};
use gan_core::{KernelSet, Shape};
use libtest_mimic::{Arguments, Trial};
use tests::{
    board,
    twin::{Twin, with_twin},
};
use tools::bench::{BenchCore, count};
use tools::emulator::{Emulator, Exit, Options, Program, Screen};

const SEED: u32 = 17;
/// Longest wait for a log line: generous, for a machine that does other work too.
const PATIENCE: Duration = Duration::from_secs(60);
/// A short press: well above the debouncing time, well below a hold.
const TAP: Duration = Duration::from_millis(100);
/// A press that counts as held.
const HOLD: Duration = Duration::from_millis(1_000);

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let missing = board::missing();
    let trial = |name: &str, test: Box<dyn FnOnce() -> Result<()> + Send>| {
        let name = match &missing {
            Some(missing) => format!("{name} (left out: {missing}; run `cargo xtask setup`)"),
            None => name.to_owned(),
        };
        let run = move || test().map_err(|error| format!("{error:#}").into());
        Trial::test(name, run).with_ignored_flag(missing.is_some())
    };
    let keys = |name: &str, keys: &'static [&str]| trial(name, Box::new(move || script(keys)));
    let mut trials = vec![
        keys("the_first_screen_equals_the_host_rendering", &[]),
        keys("right_and_left_change_the_first_control", &["right", "right", "left", "left"]),
        keys("down_and_up_move_the_focus", &["down", "down", "down", "up"]),
        keys("right_and_left_walk_between_latents", &["down", "down", "right", "right", "left", "left"]),
        keys("truncation_changes_the_picture", &["up", "up", "left", "left"]),
        keys("select_draws_a_new_seed", &["select", "select"]),
        keys("show_leads_to_many_pictures", &["up", "right", "down", "down", "right", "select", "SELECT"]),
        trial("the_screen_counts_the_instructions_that_the_bench_counts", Box::new(counted_as_by_the_bench)),
        trial("without_icount_the_screen_shows_no_cost", Box::new(nothing_counted_without_icount)),
        trial("a_corrupted_model_is_logged_and_fails", Box::new(corrupted_model)),
        trial("a_panic_is_logged_and_fails", Box::new(panic)),
        trial("models_that_do_not_fit_are_refused_by_the_build", Box::new(too_many_models)),
        trial("inputs_of_every_kind_have_controls_that_work", Box::new(every_input)),
    ];
    let galleries = board::galleries().expect("the pretrained models are there");
    assert!(galleries.iter().any(|gallery| gallery.len() > 1), "the smallest go together");
    for gallery in galleries {
        let names: Vec<_> = gallery.iter().filter_map(|path| path.file_stem()?.to_str()).collect();
        let name = format!("the_gallery_leads_to_each_of_{}_and_the_screens_are_the_hosts", names.join("_"));
        trials.push(trial(&name, Box::new(move || every_model(&gallery))));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Plays `keys` to the firmware with one model.
fn script(keys: &[&str]) -> Result<()> {
    play(board::firmware()?.to_owned(), &[board::model_path()], keys)
}

/// Goes through a gallery; of each model one picture, another choice or seed, and many.
fn every_model(models: &[PathBuf]) -> Result<()> {
    let mut keys = Vec::new();
    for place in 0..models.len() {
        if place > 0 {
            keys.extend(["SELECT", "down", "select"]);
        }
        keys.extend(["right", "right", "up", "right"]);
    }
    // Open and shut.
    keys.extend(["SELECT", "SELECT"]);
    play(board::firmware_of(models)?, models, &keys)
}

/// Two models of all kinds of inputs that the pretrained ones lack: entries, uniform numbers, a picture.
fn every_input() -> Result<()> {
    let codes = Synthetic::new(1, 4)
        .uniform(Shape::new(1, 1, 2))
        .concat(&[0, 1], Activation::None)
        .classes(3)
        .dense(28, 28, 1, Activation::Tanh)
        .entry("plain", 0)
        .conv(3, 1, 1, 1, Activation::Tanh)
        .entry("blurred", 0);
    let side = Shape::new(28, 28, 1);
    let mirror = Synthetic::new(2, 4).picture(side).sum(&[1], side, Activation::None);
    let folder = tempfile::tempdir()?;
    let models = [("codes", codes), ("mirror", mirror)].map(|(name, model)| {
        let path = folder.path().join(format!("{name}.gan"));
        fs::write(&path, model.finish(name)).map(|()| path)
    });
    let models = models.into_iter().collect::<Result<Vec<_>, _>>()?;
    // Entry, both codes, choice, many; a picture handed over to the mirror, taken from itself, and taken away.
    let codes = ["right", "down", "right", "down", "left", "down", "left", "up", "up", "up", "up", "left"];
    let mirror = ["SELECT", "up", "select", "up", "up", "right", "left", "SELECT", "down", "select"];
    play(board::firmware_of(&models)?, &models, &[&codes[..], &mirror].concat())
}

/// Plays `keys` to the firmware in `elf` and to its twin, and compares the screens at the start and after each; capitals are
/// held.
fn play(elf: PathBuf, models: &[PathBuf], keys: &[&str]) -> Result<()> {
    let read = |path: &PathBuf| fs::read(path).with_context(|| path.display().to_string());
    let files = models.iter().map(read).collect::<Result<Vec<_>>>()?;
    with_twin(&files, SEED, |mut twin| {
        let mut emulator = start(elf, &format!("seed={SEED}"))?;
        let mut line = 0;
        compare(&mut emulator, &mut twin, &mut line, "start")?;
        if !keys.is_empty() {
            emulator.release_buttons()?;
        }
        for (index, key) in keys.iter().enumerate() {
            let held = key.chars().all(char::is_uppercase);
            let (button, qcode) = match key.to_lowercase().as_str() {
                "up" => (Button::Up, "up"),
                "down" => (Button::Down, "down"),
                "left" => (Button::Left, "left"),
                "right" => (Button::Right, "right"),
                "select" => (Button::Select, "ctrl"),
                other => bail!("no button {other}"),
            };
            emulator.press(qcode, if held { HOLD } else { TAP })?;
            let events = if held {
                [Event::Pressed, Event::Held, Event::Released].as_slice()
            } else {
                [Event::Pressed, Event::Clicked].as_slice()
            };
            events.iter().for_each(|event| twin.handle(event(button)));
            compare(&mut emulator, &mut twin, &mut line, &format!("{}-{key}", index + 1))?;
        }
        Ok(())
    })
}

fn start(elf: PathBuf, argument: &str) -> Result<Emulator> {
    let program = Program::read(&elf)?;
    // Time by instructions: a busy machine then cannot starve the firmware's timer.
    let options = Options { arguments: vec![argument.into()], icount_shift: Some(4), ..Options::default() };
    Ok(Emulator::start(board::oled(), &program, &options)?)
}

/// Waits for the firmware to have drawn, and compares what it logged and what it shows with the host's.
fn compare(emulator: &mut Emulator, twin: &mut Twin<'_>, line: &mut usize, moment: &str) -> Result<()> {
    let (index, logged) = emulator.wait_for_log_from("shown ", *line, PATIENCE)?;
    *line = index + 1;
    let actual = emulator.screendump()?;
    let makes_pictures = !logged.contains("pictures: 0,");
    let (shown, expected) = twin.draw(makes_pictures.then(|| instructions(&logged)).transpose()?);
    ensure!(
        logged.contains(&format!("shown {shown:?}")),
        "{moment}: the firmware logged\n{logged}\nbut the host's app is at\n{shown:?}"
    );
    if actual != expected {
        let files = write_difference(&actual, &expected, moment)?;
        bail!("{moment}: the OLED differs from the host's rendering; see {files}");
    }
    Ok(())
}

/// What the firmware logged that a picture cost, which must be in instructions: an emulator knows no time.
fn instructions(logged: &str) -> Result<Cost> {
    let amount = logged
        .split_once("cost: Some(Cost { amount: ")
        .and_then(|(_, rest)| rest.split_once(", unit: Instructions })")?.0.parse().ok())
        .with_context(|| format!("no instructions in the log line {logged:?}"))?;
    Ok(Cost { amount, unit: Unit::Instructions })
}

/// The bench has the same kernels and counts on another board with the same core. What differs is the link, and what lies
/// between the two readings of the counter.
fn counted_as_by_the_bench() -> Result<()> {
    let path = board::model_path();
    let model = fs::read(&path).with_context(|| path.display().to_string())?;
    let core = BenchCore::named("M3").context("the bench has a Cortex-M3")?;
    let expected = count(core, &model)?.instructions;
    let emulator = start(board::firmware()?.to_owned(), &format!("seed={SEED}"))?;
    let (_, logged) = emulator.wait_for_log_from("shown ", 0, PATIENCE)?;
    let found = u64::from(instructions(&logged)?.amount);
    ensure!(found.abs_diff(expected) * 200 < expected, "{found} on the screen, {expected} by the bench");
    Ok(())
}

/// Without `-icount` nothing that the board could count means anything.
fn nothing_counted_without_icount() -> Result<()> {
    let program = Program::read(board::firmware()?)?;
    let options = Options { arguments: vec![format!("seed={SEED}")], ..Options::default() };
    let emulator = Emulator::start(board::oled(), &program, &options)?;
    let (_, logged) = emulator.wait_for_log_from("shown ", 0, PATIENCE)?;
    ensure!(logged.contains("cost: None"), "{logged}");
    Ok(())
}

/// Writes both screens and, in red, where they differ; returns the files' common name.
fn write_difference(actual: &Screen, expected: &Screen, moment: &str) -> Result<String> {
    const SCALE: usize = 4;
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("oled");
    fs::create_dir_all(&folder)?;
    let differs = |(a, b): (&[u8; 3], &[u8; 3])| if a == b { a.map(|c| c / 4) } else { [255, 0, 0] };
    let rgb = actual.rgb.iter().zip(&expected.rgb).map(differs).collect();
    let difference = Screen { rgb, ..*expected };
    for (kind, screen) in [("actual", actual), ("expected", expected), ("difference", &difference)] {
        screen.write_png(&folder.join(format!("{moment}-{kind}.png")), SCALE)?;
    }
    Ok(folder.join(format!("{moment}-*.png")).display().to_string())
}

/// One bit of the embedded model is flipped in the ELF file: its checksum no longer holds.
fn corrupted_model() -> Result<()> {
    let path = board::model_path();
    let model = fs::read(&path).with_context(|| path.display().to_string())?;
    let model = pack(&model, KernelSet::of_target(board::oled().target, None))?.file;
    let mut elf = fs::read(board::firmware()?)?;
    let at = elf
        .windows(model.len())
        .position(|window| window == model)
        .context("the firmware embeds another model: GAN_MODEL changed?")?;
    elf[at + model.len() / 2] ^= 1;
    let folder = tempfile::tempdir()?;
    let corrupted = folder.path().join("lm3s6965evb");
    fs::write(&corrupted, elf)?;
    fails_with(start(corrupted, &format!("seed={SEED}"))?, "model file 1: Checksum")
}

/// The compiler's own messages say which model it is, its bytes, and what is free.
fn too_many_models() -> Result<()> {
    let path = board::model_path();
    let model = pack(&fs::read(&path)?, KernelSet::of_target(board::oled().target, None))?.file;
    let count = board::oled().flash_bytes as usize / model.len();
    let built = board::firmware_of(&vec![path; count]);
    ensure!(built.is_err(), "{count} models of {} bytes were built", model.len());
    Ok(())
}

fn panic() -> Result<()> {
    fails_with(start(board::firmware()?.to_owned(), "seed=seventeen")?, "expected a number")
}

fn fails_with(mut emulator: Emulator, message: &str) -> Result<()> {
    let exit = emulator.wait(PATIENCE)?;
    let log = emulator.log().text();
    ensure!(log.contains(message), "expected {message:?} in the log:\n{log}");
    ensure!(exit == Exit::Code(1), "expected exit code 1, got {exit:?}; the log:\n{log}");
    Ok(())
}
