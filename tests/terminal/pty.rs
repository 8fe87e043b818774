//! A program in a pseudo-terminal of its own, its screen kept by an emulator.
//!
//! Every wait names what it waits for and has a deadline; nothing sleeps.

use std::io::{Read as _, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

/// Generous: the machine may be busy with other tests.
const DEADLINE: Duration = Duration::from_secs(20);

struct Shown {
    emulator: vt100::Parser,
    bytes: Vec<u8>,
    ended: bool,
    /// The reader should let go of the terminal.
    hung_up: bool,
}

type Shared = Arc<(Mutex<Shown>, Condvar)>;

/// The program, its terminal and what it shows.
pub(crate) struct Pty {
    master: Option<Box<dyn MasterPty + Send>>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    shown: Shared,
}

impl Pty {
    /// Starts the program. Its environment says that this is a 256 colour xterm.
    pub(crate) fn spawn(mut command: CommandBuilder, columns: u16, rows: u16) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        for name in ["TMUX", "STY", "NO_COLOR", "COLORTERM"] {
            command.env_remove(name);
        }
        command.env("TERM", "xterm-256color");
        command.env("RUST_BACKTRACE", "0");
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        let mut output = pair.master.try_clone_reader().expect("a reader");
        let keys = pair.master.take_writer().expect("a writer");
        let emulator = vt100::Parser::new(rows, columns, 0);
        let shown = Shown { emulator, bytes: Vec::new(), ended: false, hung_up: false };
        let shown: Shared = Arc::new((Mutex::new(shown), Condvar::new()));
        let theirs = Arc::clone(&shown);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            loop {
                let read = output.read(&mut buffer).unwrap_or(0);
                let mut shown = theirs.0.lock().unwrap_or_else(PoisonError::into_inner);
                shown.ended = read == 0 || shown.hung_up;
                shown.emulator.process(&buffer[..read]);
                shown.bytes.extend_from_slice(&buffer[..read]);
                theirs.1.notify_all();
                if shown.ended {
                    return;
                }
            }
        });
        Self { master: Some(pair.master), keys, child, shown }
    }

    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.shown.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Types.
    pub(crate) fn send(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("the terminal takes keys");
        self.keys.flush().expect("the terminal takes keys");
    }

    /// Waits until the screen is as wanted.
    pub(crate) fn wait_until(&self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        let shown = self.lock();
        let not_yet = |shown: &mut Shown| !wanted(shown.emulator.screen()) && !shown.ended;
        let waited = self.shown.1.wait_timeout_while(shown, DEADLINE, not_yet);
        let (shown, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let screen = shown.emulator.screen();
        assert!(wanted(screen), "never came: {what}; the screen:\n{}", screen.contents());
    }

    /// Waits until the text is somewhere on the screen.
    pub(crate) fn wait_for(&self, text: &str) {
        self.wait_until(text, |screen| screen.contents().contains(text));
    }

    /// All bytes so far.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.lock().bytes.clone()
    }

    /// Sends a signal to the program.
    pub(crate) fn signal(&self, signal: Signal) {
        let id = self.child.process_id().expect("the program runs") as i32;
        kill_process(Pid::from_raw(id).expect("a process"), signal).expect("the signal is sent");
    }

    /// Changes the size, as dragging a window does.
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.lock().emulator.screen_mut().set_size(rows, columns);
        self.master.as_ref().expect("not hung up").resize(size).expect("the size is taken");
    }

    /// Takes the terminal away, as a lost connection does. `key` must make the program write
    /// something: only then does the reader see that it should let go.
    pub(crate) fn hang_up(&mut self, key: &str) {
        self.lock().hung_up = true;
        self.send(key);
        let waited = self.shown.1.wait_timeout_while(self.lock(), DEADLINE, |shown| !shown.ended);
        assert!(
            !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out(),
            "no answer to a key"
        );
        self.keys = Box::new(std::io::sink());
        self.master = None;
    }

    /// Waits for the end of the program and tells how long that took.
    pub(crate) fn wait_for_end(&mut self) -> (ExitStatus, Duration) {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the program can be waited for") {
                return (status, start.elapsed());
            }
            assert!(start.elapsed() < DEADLINE, "the program never ended");
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}
