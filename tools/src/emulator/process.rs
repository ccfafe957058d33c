//! The emulator as a child process: started with a deadline in mind, never left behind.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::log::POLL;
use super::qmp::Qmp;
use super::{Board, EmulatorError, Log, OLED_BUTTONS, Program, Screen, io};

/// The emulator's program.
pub const QEMU: &str = "qemu-system-arm";

/// Longer than any debouncing.
const RELEASE: Duration = Duration::from_millis(100);

/// How a program is run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Command line that the program reads by semihosting, word by word.
    pub arguments: Vec<String>,
    /// Print each line of the log as it comes.
    pub echo: bool,
    /// Virtual time by instructions, `-icount shift=N`: makes runs repeat and SysTick count instructions. The program
    /// reads it as a last argument, `icount=N`.
    pub icount_shift: Option<u8>,
    /// QEMU's display, `gtk` or `sdl`; none when absent.
    pub display: Option<String>,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this exit code; 134 is a panic.
    Code(i32),
    /// The emulator was killed by a signal.
    Signal,
    /// It was still running when its time was up.
    TimedOut,
}

/// A running emulator. Dropping it ends it.
pub struct Emulator {
    child: Child,
    board: &'static Board,
    log: Log,
    readers: Vec<JoinHandle<()>>,
    /// What the emulator itself says, not the program.
    complaints: Log,
    qmp: Option<Qmp>,
    /// Holds the control socket and the screen's pictures.
    directory: TempDir,
}

impl Emulator {
    /// Starts `program` on `board`.
    ///
    /// # Errors
    /// [`EmulatorError::NoQemu`] if QEMU is missing, [`EmulatorError::Io`] if it cannot be started.
    pub fn start(board: &'static Board, program: &Program, options: &Options) -> Result<Self, EmulatorError> {
        let directory = tempfile::tempdir().map_err(io("a temporary directory"))?;
        let mut command = Command::new(QEMU);
        command.args(["-M", board.name, "-serial", "none", "-monitor", "none"]);
        command.args(["-display", options.display.as_deref().unwrap_or("none")]);
        command.arg("-semihosting-config").arg(semihosting(options));
        command.arg("-kernel").arg(&program.path);
        let mut socket = OsString::from("unix:");
        socket.push(directory.path().join("qmp"));
        socket.push(",server=on,wait=off");
        command.arg("-qmp").arg(socket);
        if let Some(shift) = options.icount_shift {
            command.args(["-icount", &format!("shift={shift}")]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| match error.kind() {
            ErrorKind::NotFound => EmulatorError::NoQemu,
            _ => io(QEMU)(error),
        })?;
        let (log, complaints) = (Log::default(), Log::default());
        let stdout = child.stdout.take().expect("stdout is piped");
        let stderr = child.stderr.take().expect("stderr is piped");
        let readers = vec![
            log.follow(stdout, program.log.clone(), options.echo),
            complaints.follow(stderr, None, false),
        ];
        Ok(Self { child, board, log, readers, complaints, qmp: None, directory })
    }

    /// The program's log, decoded.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// What QEMU itself said, for a message when something failed.
    #[must_use]
    pub fn complaints(&self) -> String {
        self.complaints.text()
    }

    /// Process id of the emulator.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the program ends, at most `timeout`; then it is ended. The log is complete afterwards.
    ///
    /// # Errors
    /// [`EmulatorError::Io`] if the system loses the process.
    pub fn wait(&mut self, timeout: Duration) -> Result<Exit, EmulatorError> {
        let deadline = Instant::now() + timeout;
        let exit = loop {
            if let Some(status) = self.child.try_wait().map_err(io(QEMU))? {
                break status.code().map_or(Exit::Signal, Exit::Code);
            }
            if Instant::now() >= deadline {
                self.stop();
                break Exit::TimedOut;
            }
            thread::sleep(POLL);
        };
        for reader in self.readers.drain(..) {
            reader.join().expect("a log reader does not panic");
        }
        Ok(exit)
    }

    /// The first line of the log that contains `text`; waits for it at most `timeout`.
    ///
    /// # Errors
    /// [`EmulatorError::NoSuchLine`] with the log as it is then.
    pub fn wait_for_log(&self, text: &str, timeout: Duration) -> Result<String, EmulatorError> {
        self.wait_for_log_from(text, 0, timeout).map(|(_, line)| line)
    }

    /// As [`wait_for_log`](Self::wait_for_log), from line `from` on; also gives the line's index.
    ///
    /// # Errors
    /// [`EmulatorError::NoSuchLine`] with the log as it is then.
    pub fn wait_for_log_from(
        &self,
        text: &str,
        from: usize,
        timeout: Duration,
    ) -> Result<(usize, String), EmulatorError> {
        self.log.wait_for(text, from, Instant::now() + timeout).ok_or_else(|| EmulatorError::NoSuchLine {
            text: text.to_owned(),
            waited: timeout,
            log: [self.log.text(), self.complaints()].join("\n"),
        })
    }

    /// Presses the key that QEMU calls `key` (a qcode: `up`, `down`, `left`, `right`, `ctrl`) and holds it for `hold`.
    /// Returns when it has been released again.
    ///
    /// # Errors
    /// [`EmulatorError::Refused`] for a key that QEMU does not know, [`EmulatorError::Io`] if QEMU is gone.
    pub fn press(&mut self, key: &str, hold: Duration) -> Result<(), EmulatorError> {
        self.qmp()?.send_key(key, hold)?;
        thread::sleep(hold);
        Ok(())
    }

    /// Presses each of [`OLED_BUTTONS`] once: after reset QEMU reports all of them as down until each has been released,
    /// so firmware that waits for that does not take these for presses.
    ///
    /// # Errors
    /// As [`press`](Self::press).
    pub fn release_buttons(&mut self) -> Result<(), EmulatorError> {
        OLED_BUTTONS.iter().try_for_each(|key| self.press(key, RELEASE))?;
        thread::sleep(RELEASE);
        Ok(())
    }

    /// The board's screen as it is now, in the board's own pixels.
    ///
    /// # Errors
    /// [`EmulatorError::Refused`] on a board without a screen, [`EmulatorError::Screen`] if the picture is broken.
    pub fn screendump(&mut self) -> Result<Screen, EmulatorError> {
        let file = self.directory.path().join("screen.ppm");
        self.qmp()?.screendump(&file)?;
        let picture = std::fs::read(&file).map_err(io(file.display().to_string()))?;
        Screen::decode(&picture, self.board.screen_scale.unwrap_or(1))
    }

    fn qmp(&mut self) -> Result<&mut Qmp, EmulatorError> {
        if self.qmp.is_none() {
            self.qmp = Some(Qmp::connect(&self.directory.path().join("qmp"))?);
        }
        Ok(self.qmp.as_mut().expect("connected above"))
    }

    /// Ends the emulator; it may have ended by itself just now.
    fn stop(&mut self) {
        let _gone_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.stop();
    }
}

/// QEMU joins the `arg`s with spaces; a comma in one is doubled.
fn semihosting(options: &Options) -> String {
    let mut config = String::from("enable=on,target=native");
    let icount = options.icount_shift.map(|shift| format!("icount={shift}"));
    for argument in options.arguments.iter().chain(&icount) {
        config.push_str(",arg=");
        config.push_str(&argument.replace(',', ",,"));
    }
    config
}

#[cfg(test)]
mod tests {
    use super::{Options, semihosting};

    #[test]
    fn a_comma_in_an_argument_is_doubled() {
        let options = Options { arguments: vec!["run_addr".into(), "a,b".into()], ..Options::default() };
        assert_eq!(semihosting(&options), "enable=on,target=native,arg=run_addr,arg=a,,b");
    }

    #[test]
    fn a_program_is_told_how_long_an_instruction_takes() {
        let options =
            Options { arguments: vec!["seed=1".into()], icount_shift: Some(4), ..Options::default() };
        assert_eq!(semihosting(&options), "enable=on,target=native,arg=seed=1,arg=icount=4");
    }
}
