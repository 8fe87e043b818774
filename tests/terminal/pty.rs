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
/// Between two looks at something that does not wake us.
const LOOK: Duration = Duration::from_millis(5);

struct Shown {
    emulator: vt100::Parser,
    bytes: Vec<u8>,
    ended: bool,
    /// The reader should let go of the terminal.
    hung_up: bool,
    /// The reader takes nothing more, as a connection that hangs.
    stuck: bool,
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
        for name in ["TMUX", "STY", "NO_COLOR", "COLORTERM"] {
            command.env_remove(name);
        }
        command.env("TERM", "xterm-256color");
        command.env("RUST_BACKTRACE", "0");
        Self::open(command, columns, rows)
    }

    /// Starts the program in the environment that the command has.
    pub(crate) fn open(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        let pair = native_pty_system().openpty(size(columns, rows)).expect("a pseudo-terminal");
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        let output = pair.master.try_clone_reader().expect("a reader");
        let keys = pair.master.take_writer().expect("a writer");
        let emulator = vt100::Parser::new(rows, columns, 0);
        let shown =
            Shown { emulator, bytes: Vec::new(), ended: false, hung_up: false, stuck: false };
        let shown: Shared = Arc::new((Mutex::new(shown), Condvar::new()));
        let theirs = Arc::clone(&shown);
        std::thread::spawn(move || read(output, &theirs));
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
    #[track_caller]
    pub(crate) fn wait_until(&self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        self.wait_to_see(what, |screen| wanted(screen).then_some(()));
    }

    /// Waits until something can be read off the screen.
    #[track_caller]
    pub(crate) fn wait_to_see<T>(
        &self,
        what: &str,
        look: impl Fn(&vt100::Screen) -> Option<T>,
    ) -> T {
        let shown = self.lock();
        let mut seen = None;
        let waited = self.shown.1.wait_timeout_while(shown, DEADLINE, |shown| {
            seen = look(shown.emulator.screen());
            seen.is_none() && !shown.ended
        });
        let (shown, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let screen = shown.emulator.screen();
        seen.unwrap_or_else(|| panic!("never came: {what}; the screen:\n{}", screen.contents()))
    }

    /// Waits until the text is somewhere on the screen.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) {
        self.wait_until(text, |screen| screen.contents().contains(text));
    }

    /// Waits until nothing was written for that long.
    #[track_caller]
    pub(crate) fn wait_for_rest(&self, rest: Duration) {
        let start = Instant::now();
        while self.written_within(rest) > 0 {
            assert!(start.elapsed() < DEADLINE, "no rest; the screen:\n{}", self.contents());
        }
    }

    /// Bytes written from now on until that much time has passed, or the first of them.
    pub(crate) fn written_within(&self, time: Duration) -> usize {
        let shown = self.lock();
        let before = shown.bytes.len();
        let silent = |shown: &mut Shown| shown.bytes.len() == before;
        let waited = self.shown.1.wait_timeout_while(shown, time, silent);
        waited.unwrap_or_else(PoisonError::into_inner).0.bytes.len() - before
    }

    /// Text of the screen as it is.
    pub(crate) fn contents(&self) -> String {
        self.lock().emulator.screen().contents()
    }

    /// All bytes so far.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.lock().bytes.clone()
    }

    /// How many bytes there are so far: a place to come back to.
    pub(crate) fn mark(&self) -> usize {
        self.lock().bytes.len()
    }

    /// What a terminal shows that was blank at `mark` and got everything since.
    pub(crate) fn shown_since(&self, mark: usize) -> String {
        let shown = self.lock();
        let (rows, columns) = shown.emulator.screen().size();
        let mut emulator = vt100::Parser::new(rows, columns, 0);
        emulator.process(&shown.bytes[mark..]);
        emulator.screen().contents()
    }

    /// From now on nobody reads, or somebody does again.
    pub(crate) fn set_stuck(&self, stuck: bool) {
        self.lock().stuck = stuck;
        self.shown.1.notify_all();
    }

    /// The terminal's settings, in words that can be compared.
    pub(crate) fn settings(&self) -> String {
        let master = self.master.as_ref().expect("not hung up");
        format!("{:?}", master.get_termios().expect("a terminal"))
    }

    /// The process in the terminal.
    pub(crate) fn id(&self) -> u32 {
        self.child.process_id().expect("the program runs")
    }

    /// Sends a signal to the program.
    pub(crate) fn signal(&self, signal: Signal) {
        send_signal(self.id(), signal);
    }

    /// Changes the size, as dragging a window does.
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        // The emulator cannot do with a single row, nor draw a wide character on a single column.
        self.lock().emulator.screen_mut().set_size(rows.max(2), columns.max(2));
        let master = self.master.as_ref().expect("not hung up");
        master.resize(size(columns, rows)).expect("the size is taken");
    }

    /// Takes the terminal away, as a lost connection does. `key` must make the program write
    /// something, unless it does so anyway: only then does the reader see that it should let go.
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
    #[track_caller]
    pub(crate) fn wait_for_end(&mut self) -> (ExitStatus, Duration) {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the program can be waited for") {
                return (status, start.elapsed());
            }
            assert!(
                start.elapsed() < DEADLINE,
                "the program never ended; the screen:\n{}",
                self.contents()
            );
            std::thread::park_timeout(LOOK);
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        self.set_stuck(false);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn read(mut output: Box<dyn std::io::Read + Send>, shared: &(Mutex<Shown>, Condvar)) {
    let mut buffer = [0; 4096];
    loop {
        let read = output.read(&mut buffer).unwrap_or(0);
        let shown = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        let stuck = |shown: &mut Shown| shown.stuck;
        let waited = shared.1.wait_while(shown, stuck);
        let mut shown = waited.unwrap_or_else(PoisonError::into_inner);
        shown.ended = read == 0 || shown.hung_up;
        shown.emulator.process(&buffer[..read]);
        shown.bytes.extend_from_slice(&buffer[..read]);
        shared.1.notify_all();
        if shown.ended {
            return;
        }
    }
}

/// Sends a signal to a process.
pub(crate) fn send_signal(process: u32, signal: Signal) {
    let id = Pid::from_raw(process.cast_signed()).expect("a process");
    kill_process(id, signal).expect("the signal is sent");
}

/// Looks again and again until there is an answer; for what does not wake us.
#[track_caller]
pub(crate) fn wait_for_what<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(start.elapsed() < DEADLINE, "never came: {what}");
        std::thread::park_timeout(LOOK);
    }
}
