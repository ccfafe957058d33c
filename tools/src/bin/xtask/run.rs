//! `cargo xtask run`: the firmware on the emulated OLED board, in a window or without one.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::bail;
use tools::emulator::{Board, Emulator, EmulatorError, Exit, Options, Program, QEMU};
use tools::firmware::FirmwareBoard;

use crate::keys::Key;
use crate::models::{Models, build};
use crate::packages::{self, Consent, Need};
use crate::setup;

/// The board with the OLED.
const BOARD: &str = "lm3s6965evb";
/// Pixels of the written picture to one of the display's.
const SCALE: usize = 4;
/// An instruction takes 2⁴ ns, about what it takes at the board's 50 MHz.
const ICOUNT_SHIFT: u8 = 4;
/// The firmware logs this each time it has drawn.
const DRAWN: &str = "shown";
/// From reset to the first digit, on a slow machine.
const BOOT: Duration = Duration::from_secs(30);
/// From a key to the picture it brings; a key that changes nothing brings none.
const ANSWER: Duration = Duration::from_secs(3);
/// A window stays until it is closed.
const NO_LIMIT: Duration = Duration::from_secs(30 * 24 * 3600);

/// What `run` takes.
#[derive(clap::Args)]
pub struct Arguments {
    /// No window: boot, press the keys, show or save the screen, end. So it is without a display, too.
    #[arg(long)]
    headless: bool,
    /// Save the screen as a PNG file after the keys; no window.
    #[arg(long, value_name = "FILE")]
    screenshot: Option<PathBuf>,
    /// Buttons to press one after the other: up, down, left, right, select, hold:select.
    #[arg(long, value_delimiter = ',')]
    keys: Vec<Key>,
    #[command(flatten)]
    models: Models,
    /// Start at this seed instead of a random one: then everything repeats.
    #[arg(long)]
    seed: Option<u32>,
}

/// Builds and boots.
pub fn command(arguments: &Arguments, consent: Consent) -> anyhow::Result<()> {
    setup::ensure(consent)?;
    let display = window(arguments)?;
    let firmware = FirmwareBoard::named(BOARD).expect("the firmware has this board");
    let program = Program::read(&build(firmware, &arguments.models.files(firmware)?)?)?;
    let board = Board::named(BOARD).expect("the emulator has this board");
    let words = arguments.seed.map(|seed| format!("seed={seed}")).into_iter().collect();
    println!("── {QEMU} -M {BOARD}");
    // Time by instructions: the screen can say how many a picture took, which a host's time cannot. It goes on by the
    // host's clock while the firmware waits for a button, so a person notices nothing.
    let icount_shift = Some(ICOUNT_SHIFT);
    let options = Options { arguments: words, echo: true, icount_shift, display: display.clone() };
    let mut emulator = Emulator::start(board, &program, &options)?;
    drive(&mut emulator, &arguments.keys)?;
    if display.is_some() {
        println!(
            "Arrow keys: up and down choose a control, left and right change it; left Ctrl: a new seed, held: the \
             gallery. Close the window to end."
        );
        return closed(&mut emulator);
    }
    let screen = emulator.screendump()?;
    match &arguments.screenshot {
        Some(path) => {
            screen.write_png(path, SCALE)?;
            println!("Screen saved to {}", path.display());
        }
        None => println!("{screen:?}"),
    }
    Ok(())
}

/// Waits for the first picture, then presses `keys`, each after what the one before brought was drawn.
fn drive(emulator: &mut Emulator, keys: &[Key]) -> anyhow::Result<()> {
    let (mut seen, _) = emulator.wait_for_log_from(DRAWN, 0, BOOT)?;
    emulator.release_buttons()?;
    for key in keys {
        emulator.press(key.qcode, key.hold)?;
        match emulator.wait_for_log_from(DRAWN, seen + 1, ANSWER) {
            Ok((line, _)) => seen = line,
            Err(EmulatorError::NoSuchLine { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Waits until the window is closed.
fn closed(emulator: &mut Emulator) -> anyhow::Result<()> {
    match emulator.wait(NO_LIMIT)? {
        Exit::Code(0) => Ok(()),
        exit => bail!("the emulator ended with {exit:?}\n{}", emulator.complaints()),
    }
}

/// The kind of window to open, if any: one that this QEMU knows, where there is a display.
fn window(arguments: &Arguments) -> anyhow::Result<Option<String>> {
    if arguments.headless || arguments.screenshot.is_some() {
        return Ok(None);
    }
    if !setup::has_display() {
        println!("No display (DISPLAY and WAYLAND_DISPLAY are not set), so no window: as with --headless.");
        return Ok(None);
    }
    let output = Command::new(QEMU).args(["-display", "help"]).output()?;
    let kinds = String::from_utf8_lossy(&output.stdout).into_owned();
    let kind = ["gtk", "sdl", "cocoa"].into_iter().find(|kind| kinds.lines().any(|line| line == *kind));
    match kind {
        Some(kind) => Ok(Some(kind.to_owned())),
        None => bail!("this QEMU opens no window: {}, or use --headless", packages::advice(Need::QemuWindow)),
    }
}
