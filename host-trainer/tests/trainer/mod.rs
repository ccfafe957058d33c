//! The real program as a child: on pipes or on a terminal of its own, with signals sent to it.
#![cfg(target_os = "linux")]
#![allow(dead_code)] // Each file of tests uses a part.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::process::{Pid, Signal, ioctl_tiocsctty, kill_process, setsid};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

/// A run of some milliseconds a step, without end, that saves nothing by itself.
pub const ENDLESS: [&str; 14] = [
    "--steps",
    "1000000000",
    "--checkpoint-every",
    "1000000000",
    "--batch",
    "8",
    "--data-limit",
    "100",
    "--width",
    "4",
    "--discriminator-width",
    "4",
    "--name",
    "endless",
];

/// A guard against tests that hang; nothing is said by how long something takes.
const HANGS: Duration = Duration::from_secs(300);

/// The program, to be run in the folder `cwd`, where hang-ups end a program as they do by default: who runs the tests with
/// `nohup` has them ignored, and so would every child.
pub fn trainer(cwd: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_host-trainer"));
    command.current_dir(cwd).args(args);
    // SAFETY: between fork and exec only a signal's disposition is set.
    unsafe {
        command.pre_exec(|| {
            libc::signal(libc::SIGHUP, libc::SIG_DFL);
            Ok(())
        });
    }
    command
}

/// A child that is not left behind by a test that fails.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// Sends it `signal`.
    pub fn send(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.0), signal).unwrap();
    }

    /// Its exit status, once it has ended.
    pub fn end(&mut self) -> ExitStatus {
        let mut status = None;
        wait_until("the program has ended", || {
            status = self.0.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }

    /// Waits for `what` to become true, which is while the program runs.
    pub fn wait_until(&mut self, what: &str, mut is_true: impl FnMut() -> bool) {
        wait_until(what, || {
            let so = is_true();
            let ended = self.0.try_wait().unwrap();
            assert!(so || ended.is_none(), "it ended before {what}: {ended:?}");
            so
        });
    }
}

fn wait_until(what: &str, mut is_true: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_true() {
        assert!(start.elapsed() < HANGS, "not yet: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The steps of the checkpoints of the run in `run`.
pub fn checkpoints(run: &Path) -> Vec<u64> {
    names(&run.join("checkpoints"))
        .iter()
        .filter_map(|name| name.strip_prefix("step-")?.parse().ok())
        .collect()
}

/// How many sheets of samples a run has drawn, which it does after its first steps.
pub fn sheets(run: &Path) -> usize {
    names(&run.join("sheets")).len()
}

fn names(dir: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
}

/// A terminal of 80×24 characters, and a program that has it for its own.
pub struct Terminal {
    pub running: Running,
    /// None once it has hung up.
    master: Arc<Mutex<Option<File>>>,
    seen: Arc<Mutex<Vec<u8>>>,
}

impl Terminal {
    /// Runs `command` in the foreground of a new terminal; what it does not redirect already is the terminal's.
    pub fn run(command: &mut Command) -> Terminal {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        let slave = File::options().read(true).write(true).open(name).unwrap();
        tcsetwinsize(&slave, size).unwrap();
        fcntl_setfl(&master, fcntl_getfl(&master).unwrap() | OFlags::NONBLOCK).unwrap();
        let end = || slave.try_clone().unwrap();
        command.stdin(end()).stdout(end()).stderr(end()).env("TERM", "xterm-256color");
        // SAFETY: between fork and exec only two system calls are made.
        unsafe {
            command.pre_exec(|| {
                setsid()?;
                ioctl_tiocsctty(std::io::stdin())?;
                Ok(())
            });
        }
        let running = Running(command.spawn().unwrap());
        let terminal = Terminal {
            running,
            master: Arc::new(Mutex::new(Some(File::from(master)))),
            seen: Arc::default(),
        };
        let (master, seen) = (terminal.master.clone(), terminal.seen.clone());
        std::thread::spawn(move || read(&master, &seen));
        terminal
    }

    /// Everything that was written to it.
    pub fn seen(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().unwrap()).into_owned()
    }

    /// Waits until `text` was written to it.
    pub fn wait_for(&mut self, text: &str) {
        let seen = self.seen.clone();
        self.running.wait_until(text, || {
            let seen = seen.lock().unwrap();
            seen.windows(text.len()).any(|window| window == text.as_bytes())
        });
    }

    /// Presses keys.
    pub fn press(&self, keys: &str) {
        self.master.lock().unwrap().as_mut().unwrap().write_all(keys.as_bytes()).unwrap();
    }

    /// Takes it away, as a closed window or a broken connection does.
    pub fn hang_up(&self) {
        drop(self.master.lock().unwrap().take());
    }

    /// That the program, which has ended, has left the terminal as it was: its screen, its cursor, its mode.
    pub fn assert_given_back(&self) {
        // What is still on its way.
        let mut before = None;
        wait_until("all was read", || {
            let now = Some(self.seen().len());
            std::thread::sleep(Duration::from_millis(50));
            std::mem::replace(&mut before, now) == now
        });
        let seen = self.seen();
        let last = |code: &str| seen.rfind(code);
        assert!(last("\x1b[?1049h").is_some(), "the view was never there: {seen:?}");
        assert!(last("\x1b[?1049l") > last("\x1b[?1049h"), "the alternate screen stays: {seen:?}");
        assert!(last("\x1b[?25h") > last("\x1b[?25l"), "the cursor stays hidden: {seen:?}");
        assert!(last("\x1b[?1049l") > last("\x1b[?25l"), "something is drawn after the view: {seen:?}");
        let modes = tcgetattr(self.master.lock().unwrap().as_ref().unwrap()).unwrap().local_modes;
        assert!(modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG), "raw: {modes:?}");
    }

    /// What was written after the view was left.
    pub fn said_after_the_view(&self) -> String {
        self.seen().rsplit("\x1b[?1049l").next().unwrap().to_owned()
    }
}

/// A test that fails says what was on the terminal.
impl Drop for Terminal {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let seen = self.seen();
            let last = seen.char_indices().rev().nth(4000).map_or(0, |(place, _)| place);
            eprintln!("last on the terminal: {:?}", &seen[last..]);
        }
    }
}

fn read(master: &Mutex<Option<File>>, seen: &Mutex<Vec<u8>>) {
    let mut bytes = [0; 4096];
    loop {
        let read = match master.lock().unwrap().as_mut() {
            Some(master) => master.read(&mut bytes),
            None => return,
        };
        match read {
            Ok(count) => seen.lock().unwrap().extend(&bytes[..count]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                std::thread::sleep(Duration::from_millis(2))
            }
            // The program has ended.
            Err(_) => return,
        }
    }
}
