//! The live view of a run on a terminal: a thread that draws what the training thread has told it.
//!
//! Leaving it (q) only takes it off the terminal. Its keys come in raw mode, where Ctrl-C is a key like any other: it is
//! handed on to [`interrupt`].

mod draw;
mod history;
mod pixels;

use std::io::{self, IsTerminal, Stderr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{self, EnterAlternateScreen, LeaveAlternateScreen};

use super::config::TrainConfig;
use super::interrupt;
use super::losses::Row;
use crate::objectives::Record;
use crate::pictures::Pictures;
use history::History;

/// Between two looks at the keyboard, and between two drawings.
const POLL: Duration = Duration::from_millis(100);

/// Whether the terminal is the view's at the moment.
static OPEN: AtomicBool = AtomicBool::new(false);

/// What is shown.
pub(super) struct Shown {
    name: String,
    record: &'static Record,
    first_step: u64,
    steps: u64,
    steps_an_epoch: f64,
    start: Instant,
    history: History,
    latest: Option<Row>,
    /// Pictures of the averaged generator, and the step after which they were drawn.
    pictures: Option<(u64, Pictures)>,
    checkpoint: Option<u64>,
    stopping: bool,
}

impl Shown {
    /// Of the run of `config` that has come to step `first_step` and has `rows` of the steps before, `steps_an_epoch` to
    /// an epoch.
    pub(super) fn new(config: &TrainConfig, (first_step, rows): (u64, &[Row]), steps_an_epoch: f64) -> Shown {
        let mut history = History::default();
        rows.iter().for_each(|row| history.push(row));
        Shown {
            name: config.name.clone(),
            record: config.objective.record(),
            first_step,
            steps: config.all_steps(),
            steps_an_epoch,
            start: Instant::now(),
            history,
            latest: None,
            pictures: None,
            checkpoint: (first_step > 0).then_some(first_step),
            stopping: false,
        }
    }
}

/// The view and its thread; dropped, it gives the terminal back.
pub(super) struct View {
    shown: Arc<Mutex<Shown>>,
    close: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl View {
    /// Opens the view, if there is a terminal to read keys from and to draw on, and this program is in its foreground.
    pub(super) fn open(shown: Shown) -> Option<View> {
        let terminal = io::stderr().is_terminal() && io::stdin().is_terminal();
        let dumb = std::env::var_os("TERM").is_none_or(|name| name == "dumb");
        if !terminal || dumb || !in_foreground() {
            return None;
        }
        // A panic's message would be lost with the alternate screen.
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            give_back();
            before(panic);
        }));
        terminal::enable_raw_mode().ok()?;
        OPEN.store(true, Ordering::Relaxed);
        let terminal = execute!(io::stderr(), EnterAlternateScreen)
            .and_then(|()| Terminal::new(CrosstermBackend::new(io::stderr())));
        let Ok(terminal) = terminal else {
            give_back();
            return None;
        };
        let (shown, close) = (Arc::new(Mutex::new(shown)), Arc::new(AtomicBool::new(false)));
        let thread = {
            let (shown, close) = (shown.clone(), close.clone());
            std::thread::spawn(move || show(terminal, &shown, &close))
        };
        Some(View { shown, close, thread: Some(thread) })
    }

    /// Whether the user has not left it.
    pub(super) fn is_open(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Takes in a step.
    pub(super) fn see(&self, row: &Row) {
        let mut shown = lock(&self.shown);
        shown.history.push(row);
        shown.latest = Some(row.clone());
    }

    /// Takes in pictures drawn after step `step`.
    pub(super) fn see_pictures(&self, step: u64, pictures: Pictures) {
        lock(&self.shown).pictures = Some((step, pictures));
    }

    /// Takes in that all steps up to `step` are saved.
    pub(super) fn see_checkpoint(&self, step: u64) {
        lock(&self.shown).checkpoint = Some(step);
    }
}

impl Drop for View {
    fn drop(&mut self) {
        self.close.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // Had it panicked, its hook has given the terminal back.
            let _ = thread.join();
        }
    }
}

/// A panic of the other thread leaves nothing half done that would matter to a drawing.
fn lock(shown: &Mutex<Shown>) -> MutexGuard<'_, Shown> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The view's thread: draws and reads keys until it is left or closed.
fn show(mut terminal: Terminal<CrosstermBackend<Stderr>>, shown: &Mutex<Shown>, close: &AtomicBool) {
    while !close.load(Ordering::Relaxed) {
        let drawn = terminal.draw(|frame| draw::draw(frame, &lock(shown)));
        match drawn.map_err(drop).and_then(|_| key().map_err(drop)) {
            Ok(None) => {}
            Ok(Some(Key::Stop)) => {
                lock(shown).stopping = true;
                interrupt::raise();
            }
            // A terminal that is gone is left, too.
            Ok(Some(Key::Leave)) | Err(()) => break,
        }
    }
    give_back();
}

enum Key {
    Leave,
    Stop,
}

/// The key that was pressed while waiting a little, if it means anything.
fn key() -> io::Result<Option<Key>> {
    if !event::poll(POLL)? {
        return Ok(None);
    }
    let Event::Key(key) = event::read()? else { return Ok(None) };
    let pressed = key.kind == KeyEventKind::Press;
    Ok(match key.code {
        KeyCode::Char('q') | KeyCode::Esc if pressed => Some(Key::Leave),
        KeyCode::Char('c') if pressed && key.modifiers.contains(KeyModifiers::CONTROL) => Some(Key::Stop),
        _ => None,
    })
}

/// Gives the terminal back as it was before the view, if the view has it.
pub(super) fn give_back() {
    if OPEN.swap(false, Ordering::Relaxed) {
        // Nothing can be done about a terminal that refuses.
        let _ = terminal::disable_raw_mode();
        let _ = execute!(io::stderr(), LeaveAlternateScreen, ratatui::crossterm::cursor::Show);
    }
}

/// A program in the background is stopped when it sets the terminal up.
#[cfg(unix)]
fn in_foreground() -> bool {
    use rustix::{process::getpgrp, termios::tcgetpgrp};
    tcgetpgrp(io::stdin()).is_ok_and(|foreground| foreground == getpgrp())
}

#[cfg(not(unix))]
fn in_foreground() -> bool {
    true
}
