//! Taking the terminal over and giving it back, whatever happens.
//!
//! Signals are in [`super::signals`], bytes of a frame in [`super::emit`]. Drop the keyboard
//! before [`Session::pause`] or [`Session::suspend`]: its thread would go on reading.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::time::Duration;

use nix::unistd::{Pid, getpgrp, getpid, getppid, getsid};
use ratatui::layout::Size;
use rustix::fs::OFlags;
use rustix::process::{Signal, kill_current_process_group};
use rustix::termios::{
    OptionalActions, QueueSelector, Termios, isatty, tcflush, tcgetattr, tcgetpgrp, tcgetwinsize,
    tcsetattr,
};

use super::caps::Caps;
use super::modes::{RESET, Wanted, entering};
use super::{rescue, signals};

/// Between asking to be stopped and being stopped; after that the clock no longer matters.
const STOPPING: Duration = Duration::from_millis(500);

/// What the program wants of the terminal beside the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionOptions {
    /// The window title will be set; the old one comes back.
    pub title: bool,
    /// The terminal reports when it gains and loses the focus.
    pub focus: bool,
    /// The wheel is reported. Takes the terminal's own selection away.
    pub mouse: bool,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self { title: true, focus: true, mouse: false }
    }
}

/// How an attempt to stop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspended {
    /// We were stopped and are in the foreground again. Everything must be painted anew.
    Resumed,
    /// Nobody could wake us: there is no shell that controls jobs. Nothing was done.
    NotPossible,
}

/// The terminal in our hands: raw, on the alternate screen. Dropping it gives it back.
#[derive(Debug)]
pub struct Session {
    terminal: File,
    /// As it was before us.
    saved: Termios,
    entering: Vec<u8>,
    active: bool,
}

impl Session {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// When input or output is not a terminal, or it cannot be opened or set; the message is fit
    /// to be shown, and the terminal is as it was.
    pub fn enter(caps: &Caps, options: SessionOptions) -> io::Result<Self> {
        require_terminal(isatty(rustix::stdio::stdin()), isatty(rustix::stdio::stdout()))?;
        let terminal = open_terminal()?;
        let saved = tcgetattr(&terminal)?;
        rescue::install();
        let wanted = Wanted { title: options.title, focus: options.focus, mouse: options.mouse };
        let entering = entering(caps, wanted);
        let mut session = Self { terminal, saved, entering, active: false };
        session.resume()?;
        Ok(session)
    }

    /// Gives the terminal back for a while: an editor or a pager may use it. Until
    /// [`Session::resume`] what interrupts that program is not for us.
    pub fn pause(&mut self) -> io::Result<()> {
        signals::set_lent(true);
        self.leave()
    }

    /// Takes it over again after [`Session::pause`]. Everything must be painted anew, and the size
    /// asked again.
    pub fn resume(&mut self) -> io::Result<()> {
        if self.active {
            return Ok(());
        }
        signals::set_lent(false);
        rescue::arm(&self.terminal, &self.saved)?;
        self.active = true;
        let taken = self.take_over();
        if taken.is_err() {
            let _ = self.leave();
        }
        taken
    }

    /// Sets all modes again without leaving: somebody stopped us from outside, and the shell that
    /// woke us set the terminal to its own liking. In the background (`bg`) it stops again until
    /// we may touch the terminal.
    pub fn reassert(&mut self) -> io::Result<()> {
        if !self.active {
            return Ok(());
        }
        if !is_foreground(&self.terminal) {
            self.stop()?;
        }
        // Off and on: crossterm believes that it is raw already.
        crossterm::terminal::disable_raw_mode()?;
        self.take_over()
    }

    /// Gives the terminal back and stops the whole job, as Ctrl+Z does elsewhere. Returns when a
    /// shell has brought it to the foreground again. Blocks the calling thread meanwhile. A session
    /// that is paused stays so: whoever has the terminal is stopped with us.
    pub fn suspend(&mut self) -> io::Result<Suspended> {
        if !can_be_woken() {
            return Ok(Suspended::NotPossible);
        }
        let was_active = self.active;
        self.leave()?;
        let stopped = self.stop();
        if was_active {
            self.resume()?;
        }
        stopped.map(|()| Suspended::Resumed)
    }

    /// Gives the terminal back. Further calls do nothing. Drain the writer first, so that no frame
    /// comes after the reset.
    pub fn leave(&mut self) -> io::Result<()> {
        if !std::mem::take(&mut self.active) {
            return Ok(());
        }
        // All of it, even if one step fails.
        let written = if rescue::disarm() { self.terminal.write_all(RESET) } else { Ok(()) };
        if !is_foreground(&self.terminal) {
            // The shell has set its own modes, and setting ours would stop us.
            return written;
        }
        let cooked = crossterm::terminal::disable_raw_mode();
        let restored = tcsetattr(&self.terminal, OptionalActions::Now, &self.saved);
        // Replies and keys that came too late must not reach the shell.
        let _ = tcflush(&self.terminal, QueueSelector::IFlush);
        written?;
        cooked?;
        Ok(restored?)
    }

    /// Gives back a terminal that takes nothing, as far as that can be done without waiting for it.
    /// Further calls do nothing.
    pub fn abandon(&mut self) {
        if std::mem::take(&mut self.active) {
            rescue::restore(rescue::Haste::Great);
        }
    }

    fn take_over(&mut self) -> io::Result<()> {
        crossterm::terminal::enable_raw_mode()?;
        self.terminal.write_all(&self.entering)
    }

    /// Stops the whole job until it is in the foreground.
    fn stop(&self) -> io::Result<()> {
        loop {
            let before = signals::continued();
            // Not SIGTSTP: we handle that one, and it is ignored in an orphaned group.
            kill_current_process_group(Signal::STOP)?;
            signals::wait_continued(before, STOPPING);
            if is_foreground(&self.terminal) {
                return Ok(());
            }
            // `bg`: the terminal belongs to the shell. Stop again, as if we had touched it.
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.leave();
    }
}

/// Whether we may set the terminal. In the background an attempt would stop us.
pub(super) fn is_foreground(terminal: &File) -> bool {
    // Who has no controlling terminal is nobody's background job.
    tcgetpgrp(terminal).map_or(true, |group| group.as_raw_pid() == getpgrp().as_raw())
}

/// Columns and rows of the terminal now. Ask at the start and after a pause; later sizes come as
/// events.
pub fn size() -> Option<Size> {
    let size = tcgetwinsize(rustix::stdio::stdout()).ok()?;
    Some(Size { width: size.ws_col, height: size.ws_row })
}

/// Opens the terminal for writing, with a file description of its own where possible.
pub(super) fn open_terminal() -> io::Result<File> {
    open("/dev/tty", OFlags::NOCTTY).or_else(|_| {
        let stdout = rustix::stdio::stdout();
        let named = rustix::termios::ttyname(stdout, Vec::new())
            .ok()
            .and_then(|name| name.into_string().ok())
            .and_then(|name| open(&name, OFlags::NOCTTY).ok());
        match named {
            Some(file) => Ok(file),
            None => Ok(File::from(rustix::io::dup(stdout)?)),
        }
    })
}

/// Opens a terminal by name.
pub(super) fn open(path: &str, flags: OFlags) -> io::Result<File> {
    File::options().read(true).write(true).custom_flags(flags.bits().cast_signed()).open(path)
}

fn require_terminal(input: bool, output: bool) -> io::Result<()> {
    let which = match (input, output) {
        (true, true) => return Ok(()),
        (false, true) => "standard input is",
        (true, false) => "standard output is",
        (false, false) => "standard input and output are",
    };
    let message =
        format!("{which} not a terminal; the full screen needs one, `routedeck ask` does not");
    Err(io::Error::new(io::ErrorKind::Unsupported, message))
}

/// Whether somebody is there to continue a stopped job: not when we lead the session (the command
/// of a tmux pane or of ssh), nor when our parent lives in another.
///
/// In a container any of these ids may be 0: its owner is outside and has no number here.
fn can_be_woken() -> bool {
    let session_of = |process| getsid(process).ok();
    is_job_of(session_of(None), getpid(), getppid(), session_of(Some(getppid())))
}

fn is_job_of(ours: Option<Pid>, us: Pid, parent: Pid, theirs: Option<Pid>) -> bool {
    // `getsid(0)` means ourselves, so who has no parent here would take itself for it.
    parent.as_raw() != 0 && ours.is_some() && ours != Some(us) && ours == theirs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_terminal_is_named() {
        assert!(require_terminal(true, true).is_ok());
        let why = require_terminal(false, true).unwrap_err().to_string();
        assert!(why.starts_with("standard input is not a terminal"), "{why}");
        let why = require_terminal(false, false).unwrap_err().to_string();
        assert!(why.contains("input and output are not"), "{why}");
    }
    #[test]
    fn only_a_job_in_its_parents_session_can_be_woken() {
        let pid = Pid::from_raw;
        assert!(is_job_of(Some(pid(7)), pid(9), pid(7), Some(pid(7))));
        assert!(!is_job_of(Some(pid(9)), pid(9), pid(7), Some(pid(7))), "leads its session");
        assert!(!is_job_of(Some(pid(8)), pid(9), pid(7), Some(pid(7))), "left by its parent");
        assert!(!is_job_of(None, pid(9), pid(7), None), "not to be learnt");
    }

    #[test]
    fn in_a_container_what_lives_outside_has_no_number() {
        let pid = Pid::from_raw;
        let outside = Some(pid(0));
        assert!(!is_job_of(Some(pid(9)), pid(9), pid(7), outside), "leads its session");
        assert!(!is_job_of(outside, pid(1), pid(0), outside), "the first process");
        assert!(
            is_job_of(outside, pid(9), pid(7), outside),
            "the job of a shell that is the first"
        );
    }
}
