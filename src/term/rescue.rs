//! Giving the terminal back when nobody is left to do it in order: panics and hanging ends.

use std::fs::File;
use std::io::{self, Write as _};
use std::sync::{Mutex, MutexGuard, Once, PoisonError, TryLockError};
use std::thread::ThreadId;

use rustix::fs::OFlags;
use rustix::termios::{OptionalActions, QueueSelector, Termios, tcflush, tcsetattr};

use super::life::{is_foreground, open};
use super::modes::RESET;
use crate::domain::text::clean_line;

/// Background panics beyond this say nothing new.
const MOST_PANICS: usize = 16;

/// All that is needed to give the terminal back.
struct Armed {
    terminal: File,
    /// The same terminal, non-blocking: for when it takes nothing any more.
    hurried: Option<File>,
    saved: Termios,
    /// The thread that draws. A panic elsewhere does not end the program.
    drawing: ThreadId,
}

static ARMED: Mutex<Option<Armed>> = Mutex::new(None);
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());
static HOOK: Once = Once::new();

/// Puts our panic hook before the one that is there. Once per process.
pub(super) fn install() {
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if belongs_to_the_background() {
                // Printing would smear the screen; whoever joins the task shows that it failed.
                let mut panics = PANICS.lock().unwrap_or_else(PoisonError::into_inner);
                if panics.len() < MOST_PANICS {
                    panics.push(clean_line(&info.to_string()));
                }
                return;
            }
            restore(Haste::None);
            before(info);
        }));
    });
}

/// Takes the panics of background threads that were kept off the screen, as clean lines: to be
/// shown, or printed once the terminal is given back.
pub fn take_background_panics() -> Vec<String> {
    std::mem::take(&mut *PANICS.lock().unwrap_or_else(PoisonError::into_inner))
}

/// From now on the terminal needs to be given back. Called on the thread that draws.
pub(super) fn arm(terminal: &File, saved: &Termios) -> io::Result<()> {
    let armed = Armed {
        terminal: terminal.try_clone()?,
        hurried: open("/dev/tty", OFlags::NOCTTY | OFlags::NONBLOCK).ok(),
        saved: saved.clone(),
        drawing: std::thread::current().id(),
    };
    *lock() = Some(armed);
    Ok(())
}

/// The terminal is being given back in order. False if that was done here already: a second reset
/// would put the cursor back over what was printed since.
pub(super) fn disarm() -> bool {
    lock().take().is_some()
}

/// How patient a restore may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Haste {
    None,
    /// The process must be gone at once: a terminal that takes nothing gets nothing.
    Great,
}

/// Gives the terminal back if we have it. At most once.
pub(super) fn restore(haste: Haste) {
    // Never waits for the lock: its holder may be the one that panicked.
    let mut armed = match ARMED.try_lock() {
        Ok(armed) => armed,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => return,
    };
    let Some(mut armed) = armed.take() else { return };
    let _ = match (haste, &mut armed.hurried) {
        (Haste::Great, Some(hurried)) => hurried.write(RESET).map(|_| ()),
        (Haste::Great, None) | (Haste::None, _) => armed.terminal.write_all(RESET),
    };
    if !is_foreground(&armed.terminal) {
        return;
    }
    let _ = tcsetattr(&armed.terminal, OptionalActions::Now, &armed.saved);
    let _ = tcflush(&armed.terminal, QueueSelector::IFlush);
}

fn belongs_to_the_background() -> bool {
    match ARMED.try_lock() {
        Ok(armed) => {
            armed.as_ref().is_some_and(|armed| armed.drawing != std::thread::current().id())
        }
        Err(_) => false,
    }
}

fn lock() -> MutexGuard<'static, Option<Armed>> {
    ARMED.lock().unwrap_or_else(PoisonError::into_inner)
}
