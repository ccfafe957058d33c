//! QEMU's control socket, the part of its machine protocol that is needed: keys and pictures.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::log::POLL;
use super::{EmulatorError, io};

/// QEMU opens its socket within milliseconds, and answers as fast; a machine under load is given more.
const PATIENCE: Duration = Duration::from_secs(10);

/// An open control connection.
pub(super) struct Qmp {
    answers: BufReader<UnixStream>,
    commands: UnixStream,
}

impl Qmp {
    /// Connects to `socket`, which QEMU may be about to open.
    pub(super) fn connect(socket: &Path) -> Result<Self, EmulatorError> {
        let deadline = Instant::now() + PATIENCE;
        let commands = loop {
            match UnixStream::connect(socket) {
                Ok(stream) => break stream,
                Err(error) if Instant::now() >= deadline => {
                    return Err(io("QEMU's control socket")(error));
                }
                Err(_) => thread::sleep(POLL),
            }
        };
        commands.set_read_timeout(Some(PATIENCE)).map_err(io("QEMU's control socket"))?;
        let answers = BufReader::new(commands.try_clone().map_err(io("QEMU's control socket"))?);
        let mut qmp = Self { answers, commands };
        qmp.read_until(|message| message.get("QMP").is_some())?;
        qmp.execute("qmp_capabilities", json!({}))?;
        Ok(qmp)
    }

    pub(super) fn send_key(&mut self, key: &str, hold: Duration) -> Result<(), EmulatorError> {
        let keys = json!([{"type": "qcode", "data": key}]);
        let hold_ms = u64::try_from(hold.as_millis()).unwrap_or(u64::MAX);
        self.execute("send-key", json!({"keys": keys, "hold-time": hold_ms}))
    }

    /// Writes a binary PPM file.
    pub(super) fn screendump(&mut self, file: &Path) -> Result<(), EmulatorError> {
        self.execute("screendump", json!({"filename": file}))
    }

    fn execute(&mut self, command: &'static str, arguments: Value) -> Result<(), EmulatorError> {
        let message = json!({"execute": command, "arguments": arguments});
        writeln!(self.commands, "{message}").map_err(io(command))?;
        let answer =
            self.read_until(|message| message.get("return").is_some() || message.get("error").is_some())?;
        match answer.get("error") {
            None => Ok(()),
            Some(error) => Err(EmulatorError::Refused { command, answer: error["desc"].to_string() }),
        }
    }

    /// The next message that `wanted` takes; events come in between and are left out.
    fn read_until(&mut self, wanted: impl Fn(&Value) -> bool) -> Result<Value, EmulatorError> {
        loop {
            let mut line = String::new();
            let read = self.answers.read_line(&mut line).map_err(io("QEMU's answer"))?;
            if read == 0 {
                return Err(io("QEMU's answer")(std::io::ErrorKind::UnexpectedEof.into()));
            }
            let message: Value =
                serde_json::from_str(&line).map_err(|error| io("QEMU's answer")(error.into()))?;
            if wanted(&message) {
                return Ok(message);
            }
        }
    }
}
