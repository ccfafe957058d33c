//! The live view of a run on a terminal: a thread that draws what the training thread has told it.
//!
//! Leaving it (q) only takes it off the terminal, as an error of the terminal does. Ctrl-C is handed on to
//! [`interrupt`](crate::interrupt).

mod draw;
mod history;
mod keys;
mod pixels;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use super::config::TrainConfig;
use crate::interrupt::{self, Signal};
use crate::pictures::Pictures;
use crate::players::{Record, Row};
use crate::terminal::{self, Screen};
use history::History;
use keys::Key;

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
    /// What went wrong last.
    warning: Option<String>,
}

impl Shown {
    /// Of the run of `config` that has come to step `first_step` and has `rows` of the steps before, `steps_an_epoch` to
    /// an epoch.
    pub(super) fn new(config: &TrainConfig, (first_step, rows): (u64, &[Row]), steps_an_epoch: f64) -> Shown {
        let mut history = History::default();
        rows.iter().for_each(|row| history.push(row));
        Shown {
            name: config.name.clone(),
            record: config.family.family().record,
            first_step,
            steps: config.all_steps(),
            steps_an_epoch,
            start: Instant::now(),
            history,
            latest: None,
            pictures: None,
            checkpoint: (first_step > 0).then_some(first_step),
            stopping: false,
            warning: None,
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
    /// Opens the view, if there is a [`Screen`].
    pub(super) fn open(shown: Shown) -> Option<View> {
        let terminal = Terminal::new(CrosstermBackend::new(Screen::open()?)).ok()?;
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

    /// Takes in what goes wrong.
    pub(super) fn warn(&self, words: String) {
        lock(&self.shown).warning = Some(words);
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
            // Had it panicked, the hook has given the terminal back.
            let _ = thread.join();
        }
    }
}

/// A panic of the other thread leaves nothing half done that would matter to a drawing.
fn lock(shown: &Mutex<Shown>) -> MutexGuard<'_, Shown> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The view's thread: draws and reads keys until it is left or closed, or the terminal is given back or gone.
fn show(mut terminal: Terminal<CrosstermBackend<Screen>>, shown: &Mutex<Shown>, close: &AtomicBool) {
    while !close.load(Ordering::Relaxed) && terminal::is_open() {
        lock(shown).stopping = interrupt::flag().load(Ordering::Relaxed);
        if terminal.draw(|frame| draw::draw(frame, &lock(shown))).is_err() {
            break;
        }
        match keys::pressed() {
            Ok(None) => {}
            Ok(Some(Key::Stop)) => interrupt::raise(Signal::Interrupt),
            Ok(Some(Key::Leave)) | Err(_) => break,
        }
    }
    // Before ratatui's own end, which would panic on a terminal that refuses.
    terminal::give_back();
}
