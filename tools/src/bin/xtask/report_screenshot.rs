//! `cargo xtask report-screenshot`: the trainer's report in a headless browser.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail, ensure};
use tools::browser::{Browser, Scheme};
use tools::firmware::project;

use crate::packages::Consent;
use crate::setup;
use crate::steps::run;

/// The run that is made where none is named: as short as gives a whole report.
const TINY: [&str; 8] =
    ["--name", "tiny", "--steps", "40", "--batch=8", "--data-limit=400", "--no-judge", "--plain"];
/// Pictures that it is judged on.
const JUDGED: &str = "400";
/// The narrowest window, in pixels, that the page must suit.
const NARROW: u32 = 700;

/// A page with one fault of each kind, and words that must be among what is found.
const FAULTY: &str = "<!DOCTYPE html><html><head><title>t</title></head><body>\
    <img alt='broken' src='data:image/png;base64,AAAA'><svg aria-label='nothing'></svg>\
    <img alt='elsewhere' src='https://nowhere.invalid/a.png'><div style='width:5000px'>wide</div>\
    <script>console.error('said');</script><script>missing();</script></body></html>";
const FAULTS: [&str; 6] = [
    "image not decoded: broken",
    "empty drawing: nothing",
    "asks for https://nowhere.invalid/a.png",
    "wider than the window",
    "console: said",
    "script: ",
];

/// What `report-screenshot` takes.
#[derive(clap::Args, Default)]
#[command(after_help = "Examples:
  cargo xtask report-screenshot                                        the report of a run of a few steps, checked
  cargo xtask report-screenshot --run runs/dcgan --out docs/report.png
  cargo xtask report-screenshot --run runs/dcgan --out dark.png --dark --height 3000")]
pub struct Arguments {
    /// A run's folder; without it a run of a few steps is made.
    #[arg(long)]
    run: Option<PathBuf>,
    /// Save the top of the page as this PNG file.
    #[arg(long, value_name = "FILE.png")]
    out: Option<PathBuf>,
    /// Width of the picture, in pixels [default: 1100].
    #[arg(long)]
    width: Option<u32>,
    /// Height of the picture, in pixels [default: 1500].
    #[arg(long)]
    height: Option<u32>,
    /// The picture as readers see it who prefer it dark.
    #[arg(long)]
    dark: bool,
}

/// Makes the report, checks it and takes its picture.
pub fn command(arguments: &Arguments, consent: Consent) -> anyhow::Result<()> {
    let temporary = tempfile::tempdir().context("a folder for the browser")?;
    let folder = temporary.path();
    let program = setup::ensure_browser(consent)?.to_owned();
    let browser = Browser { program, sandbox: !setup::is_root(), folder: folder.to_owned() };
    finds_faults(&browser)?;

    let page = folder.join("report.html");
    let run = match &arguments.run {
        Some(run) => std::path::absolute(run).with_context(|| run.display().to_string())?,
        None => {
            trainer(folder, &TINY)?;
            trainer(folder, &["evaluate", "runs/tiny", "--count", JUDGED])?;
            folder.join("runs/tiny")
        }
    };
    let run = run.to_str().context("the run's path is no UTF-8")?;
    trainer(folder, &["report", run, "--out", "report.html"])?;

    let size = (arguments.width.unwrap_or(1100), arguments.height.unwrap_or(1500));
    for width in [NARROW, size.0] {
        let found = browser.check(&page, width)?;
        let (images, drawings, height) = (found.images, found.drawings, found.height);
        println!("{width} pixels wide: {height} high, {images} images, {drawings} drawings");
        ensure!(found.problems.is_empty(), "the report, {width} pixels wide: {}", found.problems.join("; "));
        ensure!(
            images >= 3 && drawings >= 4,
            "the report shows {images} images and {drawings} drawings only"
        );
    }
    let [light, dark] = [(Scheme::Light, "light.png"), (Scheme::Dark, "dark.png")].map(|(scheme, name)| {
        let path = folder.join(name);
        browser.screenshot(&page, size, scheme, &path)?;
        let brightness = brightness(&path, size).with_context(|| format!("the {scheme:?} screenshot"))?;
        Ok::<_, anyhow::Error>((path, brightness))
    });
    let (light, dark) = (light?, dark?);
    println!("mean brightness {:.0} in the light, {:.0} in the dark", light.1, dark.1);
    ensure!(light.1 > 160.0 && dark.1 < 96.0, "the page is not light in the light and dark in the dark");
    let printed = browser.print(&page)?;
    let pages = printed.windows(11).filter(|window| *window == b"/Type /Page").count();
    ensure!(printed.starts_with(b"%PDF") && pages > 1, "the report printed to {} bytes", printed.len());
    println!("printed: {} bytes", printed.len());
    if let Some(out) = &arguments.out {
        let picture = if arguments.dark { dark.0 } else { light.0 };
        fs::copy(picture, out).with_context(|| out.display().to_string())?;
        println!("{}", out.display());
    }
    Ok(())
}

/// The check must find what is wrong, or it says nothing of a page where it finds nothing.
fn finds_faults(browser: &Browser) -> anyhow::Result<()> {
    let page = browser.folder.join("faulty.html");
    fs::write(&page, FAULTY).with_context(|| page.display().to_string())?;
    let found = browser.check(&page, 1000)?.problems;
    for fault in FAULTS {
        if !found.iter().any(|problem| problem.contains(fault)) {
            bail!("the check does not find {fault:?} on a page that has it, but: {found:?}");
        }
    }
    Ok(())
}

/// Runs the trainer in `folder`.
fn trainer(folder: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(["run", "--quiet", "-p", "host-trainer", "--manifest-path"])
        .arg(project().join("Cargo.toml"));
    command.arg("--").args(arguments).current_dir(folder);
    run(command, &format!("host-trainer {}", arguments.join(" ")))
}

/// Mean of all channels of an RGB or RGBA picture, which must be `width` × `height` pixels large.
fn brightness(path: &Path, (width, height): (u32, u32)) -> anyhow::Result<f64> {
    let file = fs::File::open(path).with_context(|| path.display().to_string())?;
    let mut reader = png::Decoder::new(std::io::BufReader::new(file)).read_info()?;
    let mut pixels = vec![0; reader.output_buffer_size().context("a picture that fits into memory")?];
    let info = reader.next_frame(&mut pixels)?;
    ensure!((info.width, info.height) == (width, height), "{} × {} pixels", info.width, info.height);
    let channels = info.color_type.samples();
    let colours = pixels[..info.buffer_size()].chunks(channels).flat_map(|pixel| &pixel[..3]);
    Ok(colours.map(|&value| f64::from(value)).sum::<f64>() / f64::from(3 * width * height))
}
