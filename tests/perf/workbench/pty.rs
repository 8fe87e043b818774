//! The program in a terminal: every piece of output with the moment it came.

use std::cell::{Cell, RefCell};
use std::io::{Read as _, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

use crate::figures::Vitals;

const SIZE: PtySize = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };
const DEADLINE: Duration = Duration::from_secs(120);

/// A running program and the terminal it draws on.
pub(crate) struct Terminal {
    _master: Box<dyn MasterPty + Send>,
    keys: RefCell<Box<dyn Write + Send>>,
    child: RefCell<Box<dyn Child + Send + Sync>>,
    output: Receiver<(Instant, Vec<u8>)>,
    emulator: RefCell<vt100::Parser>,
    bytes: Cell<u64>,
    last: Cell<Instant>,
    pub(crate) started: Instant,
}

impl Terminal {
    pub(crate) fn open(command: CommandBuilder) -> Terminal {
        let pair = native_pty_system().openpty(SIZE).expect("a pseudo-terminal");
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let keys = pair.master.take_writer().expect("a writer");
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if sender.send((Instant::now(), buffer[..read].to_vec())).is_err() {
                    return;
                }
            }
        });
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        Terminal {
            _master: pair.master,
            keys: RefCell::new(keys),
            child: RefCell::new(child),
            output,
            emulator: RefCell::new(vt100::Parser::new(SIZE.rows, SIZE.cols, 0)),
            bytes: Cell::new(0),
            last: Cell::new(started),
            started,
        }
    }

    /// Takes what the program writes next; `None` when it writes nothing for so long.
    pub(crate) fn next(&self, patience: Duration) -> Option<Instant> {
        match self.output.recv_timeout(patience) {
            Ok((at, bytes)) => {
                self.bytes.set(self.bytes.get() + bytes.len() as u64);
                self.emulator.borrow_mut().process(&bytes);
                self.last.set(at);
                Some(at)
            }
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                panic!("the program ended; its screen:\n{}", self.text())
            }
        }
    }

    /// Waits for a screen; gives the moment when its last byte came.
    pub(crate) fn wait(&self, what: &str, wanted: impl Fn(&str) -> bool) -> Instant {
        let begin = Instant::now();
        let mut at = self.last.get();
        while !wanted(&self.text()) {
            assert!(begin.elapsed() < DEADLINE, "never came: {what}; screen:\n{}", self.text());
            at = self.next(Duration::from_secs(1)).unwrap_or(at);
        }
        at
    }

    /// Waits until nothing was written for half a second.
    pub(crate) fn rest(&self) {
        while self.next(Duration::from_millis(500)).is_some() {}
    }

    /// The text on the screen.
    pub(crate) fn text(&self) -> String {
        self.emulator.borrow().screen().contents()
    }

    /// The row of the draft, without its sign.
    pub(crate) fn draft(&self) -> String {
        let text = self.text();
        let row = text.lines().rev().find_map(|row| row.strip_prefix("> "));
        row.unwrap_or_default().trim_end().to_owned()
    }

    /// All bytes so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.get()
    }

    /// Types; gives the moment before.
    pub(crate) fn type_in(&self, keys: &str) -> Instant {
        let mut to = self.keys.borrow_mut();
        let at = Instant::now();
        to.write_all(keys.as_bytes()).and_then(|()| to.flush()).expect("the terminal takes keys");
        at
    }

    /// Sends a message; waits until it left the draft.
    pub(crate) fn send(&self, message: &str) {
        self.type_in(message);
        self.wait("the message in the draft", |_| self.draft() == message);
        self.type_in("\r");
    }

    pub(crate) fn vitals(&self) -> Vitals {
        Vitals::of(self.process())
    }

    fn process(&self) -> u32 {
        self.child.borrow().process_id().expect("the program runs")
    }

    /// Ends the program as a closing session does, and waits for it.
    pub(crate) fn quit(self) {
        let id = Pid::from_raw(self.process() as i32).expect("a process");
        kill_process(id, Signal::TERM).expect("the signal is sent");
        self.child.borrow_mut().wait().expect("the program ends");
    }
}
