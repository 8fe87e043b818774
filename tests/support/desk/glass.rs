//! The terminal of a rehearsal: takes the bytes, shows the cells, tells who waits.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ratatui::layout::Size;
use routedeck::term::{Output, OutputState};
use tokio::sync::{Notify, watch};

use super::picture::Picture;

/// What the terminal was told besides cells.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// Texts put on the clipboard with OSC 52.
    pub(crate) copied: Vec<String>,
    pub(crate) bells: usize,
    /// Sequences that the emulator knows nothing of, readable.
    pub(crate) strange: Vec<String>,
}

impl vt100::Callbacks for Heard {
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.bells += 1;
    }

    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], data: &[u8]) {
        let text = STANDARD.decode(data).unwrap();
        self.copied.push(String::from_utf8(text).unwrap());
    }

    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        self.strange.push(format!("title {}", String::from_utf8_lossy(title)));
    }

    fn unhandled_char(&mut self, _: &mut vt100::Screen, c: char) {
        self.strange.push(format!("char {c:?}"));
    }

    fn unhandled_control(&mut self, _: &mut vt100::Screen, byte: u8) {
        self.strange.push(format!("control {byte:#04x}"));
    }
}

struct Inside {
    parser: vt100::Parser<Heard>,
    size: Size,
    /// Everything that was ever written.
    bytes: Vec<u8>,
    frames: u64,
    /// Times the loop looked whether it may draw: once for each of its turns.
    turns: u64,
    busy: bool,
}

/// A screen that a test can look at; clones share it.
#[derive(Clone)]
pub(crate) struct Glass {
    inside: Arc<Mutex<Inside>>,
    changed: watch::Sender<u64>,
    freed: Arc<Notify>,
}

impl Glass {
    pub(crate) fn new(size: Size) -> Glass {
        let parser =
            vt100::Parser::new_with_callbacks(size.height, size.width, 0, Heard::default());
        let inside = Inside { parser, size, bytes: Vec::new(), frames: 0, turns: 0, busy: false };
        Glass {
            inside: Arc::new(Mutex::new(inside)),
            changed: watch::Sender::new(0),
            freed: Arc::new(Notify::new()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What can be seen now.
    pub(crate) fn picture(&self) -> Picture {
        Picture::of(self.lock().parser.screen())
    }

    /// Tells of everything that is written from now on.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    pub(crate) fn size(&self) -> Size {
        self.lock().size
    }

    /// The window changes before the program knows of it.
    pub(crate) fn resize(&self, size: Size) {
        let mut inside = self.lock();
        inside.size = size;
        inside.parser.screen_mut().set_size(size.height, size.width);
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.lock().bytes.clone()
    }

    /// Frames and bytes so far, and turns of the loop.
    pub(crate) fn figures(&self) -> (u64, u64, u64) {
        let inside = self.lock();
        (inside.frames, inside.bytes.len() as u64, inside.turns)
    }

    pub(crate) fn heard<T>(&self, look: impl FnOnce(&Heard) -> T) -> T {
        look(self.lock().parser.callbacks())
    }

    /// A slow line: no frame may be sent until it is free again.
    pub(crate) fn set_busy(&self, busy: bool) {
        self.lock().busy = busy;
        if !busy {
            self.freed.notify_one();
        }
    }

    /// Ends when a busy line became free.
    pub(crate) async fn freed(&self) {
        self.freed.notified().await;
    }

    fn write(&self, bytes: &[u8], frame: bool) {
        let mut inside = self.lock();
        inside.parser.process(bytes);
        inside.bytes.extend_from_slice(bytes);
        inside.frames += u64::from(frame);
        drop(inside);
        self.changed.send_modify(|n| *n += 1);
    }
}

impl Output for Glass {
    fn is_free(&self) -> bool {
        let mut inside = self.lock();
        inside.turns += 1;
        !inside.busy
    }

    fn send(&mut self, frame: Vec<u8>) {
        self.write(&frame, true);
    }

    fn post(&mut self, bytes: &[u8]) -> bool {
        self.write(bytes, false);
        true
    }

    fn average_write(&self) -> Duration {
        Duration::ZERO
    }

    fn state(&self) -> OutputState {
        OutputState::Alive
    }

    fn drain(&self, _limit: Duration) -> bool {
        true
    }
}
