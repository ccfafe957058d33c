//! A browser without a window: opens a page from the disk, looks at all that it shows, takes pictures of it, prints it.
//!
//! No driver and no protocol: Chromium's own switches dump the document, a screenshot, a PDF. What is wrong is found by a
//! script in a copy of the page and read from the dumped document.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;

/// A page takes a second or two.
const PATIENCE: Duration = Duration::from_secs(90);
/// In milliseconds of the page's own time: for pictures to be decoded and scripts to end.
const PAGE_TIME_MS: u32 = 10_000;

/// A browser and a folder for its files.
#[derive(Debug, Clone)]
pub struct Browser {
    /// Chromium, or what takes its switches.
    pub program: String,
    /// Its sandbox refuses to be root's.
    pub sandbox: bool,
    /// An empty folder: profile, copies of pages, output.
    pub folder: PathBuf,
}

/// What the reader of a page prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// What the script has found on a page.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Findings {
    /// Errors, images that are not decoded, empty drawings, requests, overflow; none on a good page.
    pub problems: Vec<String>,
    /// How many images there are.
    pub images: usize,
    /// How many drawings (SVG) there are.
    pub drawings: usize,
    /// Height of the whole page, in pixels.
    pub height: u32,
}

/// The browser does not do its part.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BrowserError {
    /// A file cannot be read or written, or the program not be started.
    #[error("{path}", path = path.display())]
    Io {
        /// The file or the program.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It did not end, or failed.
    #[error("{program} {what}; it said:\n{said}")]
    Failed {
        /// The browser.
        program: String,
        /// How it ended.
        what: String,
        /// What it wrote to its standard error.
        said: String,
    },
    /// The script has left nothing in the document.
    #[error("the page's check left no findings in the document:\n{0}")]
    NoFindings(String),
}

impl Browser {
    /// Opens `page` in a window `width` pixels wide and looks at it.
    ///
    /// # Errors
    /// [`BrowserError`]; what is wrong with the page is no error, but in the findings.
    pub fn check(&self, page: &Path, width: u32) -> Result<Findings, BrowserError> {
        let text =
            fs::read_to_string(page).map_err(|source| BrowserError::Io { path: page.into(), source })?;
        let copy = self.folder.join("checked.html");
        fs::write(&copy, with_scripts(&text))
            .map_err(|source| BrowserError::Io { path: copy.clone(), source })?;
        let time = format!("--virtual-time-budget={PAGE_TIME_MS}");
        let document =
            self.run(&copy, &["--dump-dom".into(), time.into(), window(width, 1000)], Scheme::Light)?;
        findings(&document).ok_or(BrowserError::NoFindings(document))
    }

    /// Saves the top of `page` as a PNG file.
    ///
    /// # Errors
    /// [`BrowserError`].
    pub fn screenshot(
        &self,
        page: &Path,
        (width, height): (u32, u32),
        scheme: Scheme,
        out: &Path,
    ) -> Result<(), BrowserError> {
        let mut screenshot = OsString::from("--screenshot=");
        screenshot.push(out);
        self.run(page, &[screenshot, window(width, height), "--hide-scrollbars".into()], scheme)?;
        Ok(())
    }

    /// Prints `page` to a PDF file; returns it.
    ///
    /// # Errors
    /// [`BrowserError`].
    pub fn print(&self, page: &Path) -> Result<Vec<u8>, BrowserError> {
        let path = self.folder.join("printed.pdf");
        let mut print = OsString::from("--print-to-pdf=");
        print.push(&path);
        self.run(page, &[print, "--no-pdf-header-footer".into()], Scheme::Light)?;
        fs::read(&path).map_err(|source| BrowserError::Io { path, source })
    }

    /// Returns what it wrote to its standard output.
    fn run(&self, page: &Path, arguments: &[OsString], scheme: Scheme) -> Result<String, BrowserError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| BrowserError::Io { path, source }
        };
        let program = Path::new(&self.program);
        let [output, errors] = ["stdout", "stderr"].map(|name| self.folder.join(name));
        let file = |path: &Path| fs::File::create(path).map_err(io(path));
        let page = fs::canonicalize(page).map_err(io(page))?;
        let mut profile = OsString::from("--user-data-dir=");
        profile.push(self.folder.join("profile"));
        let mut command = Command::new(program);
        command.args(["--headless", "--disable-gpu", "--no-first-run", "--disable-sync"]);
        command.args(["--disable-background-networking", "--disable-component-update"]);
        // No network: a page that asks for something does not get it.
        command.arg("--host-resolver-rules=MAP * ~NOTFOUND");
        command.arg(format!("--blink-settings=preferredColorScheme={}", u8::from(scheme == Scheme::Light)));
        command.args((!self.sandbox).then_some("--no-sandbox"));
        command.arg(profile).args(arguments).arg(url(&page));
        command.stdin(Stdio::null()).stdout(file(&output)?).stderr(file(&errors)?);
        let mut child = command.spawn().map_err(io(program))?;
        let start = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().map_err(io(program))? {
                break Some(status);
            }
            if start.elapsed() > PATIENCE {
                child.kill().and_then(|()| child.wait()).map_err(io(program))?;
                break None;
            }
            std::thread::sleep(Duration::from_millis(50));
        };
        if status.is_some_and(|status| status.success()) {
            let written = fs::read(&output).map_err(io(&output))?;
            return Ok(String::from_utf8_lossy(&written).into_owned());
        }
        let what = status
            .map_or(format!("did not end within {PATIENCE:?}"), |status| format!("ended with {status}"));
        let said = fs::read(&errors).map_err(io(&errors))?;
        let said = String::from_utf8_lossy(&said).into_owned();
        Err(BrowserError::Failed { program: self.program.clone(), what, said })
    }
}

fn window(width: u32, height: u32) -> OsString {
    format!("--window-size={width},{height}").into()
}

/// The address of a file.
fn url(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    let text = path.to_string_lossy();
    let quoted = text
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") });
    format!("file://{}", quoted.collect::<String>())
}

/// The page with the check's scripts around its own.
fn with_scripts(page: &str) -> String {
    let before = format!("<head><script>{}</script>", include_str!("before.js"));
    page.replacen("<head>", &before, 1) + &format!("<script>{}</script>", include_str!("after.js"))
}

/// What the script has left in the document.
fn findings(document: &str) -> Option<Findings> {
    // The last one: the script, which names it, stands in the document too.
    let text = document.rsplit_once("<pre id=\"findings\">")?.1.split_once("</pre>")?.0;
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{findings, url, with_scripts};

    #[test]
    fn the_scripts_stand_before_and_behind_the_pages_own() {
        let page =
            with_scripts("<html><head><title>t</title></head><body><script>own</script></body></html>");
        let place = |text: &str| page.find(text).unwrap();
        assert!(place("window.problems = []") < place("<title>"));
        assert!(place("<script>own") < place("id=\"findings\""));
    }

    #[test]
    fn findings_are_read_from_the_document() {
        let document = r#"<body><script>'<pre id="findings"></pre>'</script><pre id="findings">{"problems":["a \u003c b"],"images":3,"drawings":4,"height":99}</pre></body>"#;
        let found = findings(document).unwrap();
        assert_eq!(
            (found.problems, found.images, found.drawings, found.height),
            (vec!["a < b".into()], 3, 4, 99)
        );
        assert_eq!(findings("<body></body>"), None);
    }

    #[test]
    fn a_files_address_is_quoted() {
        assert_eq!(url(Path::new("/a b/é.html")), "file:///a%20b/%C3%A9.html");
    }
}
