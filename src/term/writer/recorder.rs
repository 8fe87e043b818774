//! An output in memory: for tests, and for pictures of the screen.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Output, OutputState};

#[derive(Debug, Default)]
struct Recording {
    bytes: Vec<u8>,
    frames: usize,
    busy: bool,
    dead: Option<String>,
}

/// An output that keeps everything in memory; clones share it. For tests and pictures.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Arc<Mutex<Recording>>);

impl Recorder {
    fn lock(&self) -> MutexGuard<'_, Recording> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what was written since the last call.
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.lock().bytes)
    }

    /// Frames sent so far.
    pub fn frames(&self) -> usize {
        self.lock().frames
    }

    /// Makes the output look like a slow line, or free again.
    pub fn set_busy(&self, busy: bool) {
        self.lock().busy = busy;
    }

    /// Makes the output look like a terminal that went away.
    pub fn kill(&self, why: &str) {
        self.lock().dead = Some(why.to_owned());
    }
}

impl Output for Recorder {
    fn is_free(&self) -> bool {
        let recording = self.lock();
        !recording.busy && recording.dead.is_none()
    }

    fn send(&mut self, frame: Vec<u8>) {
        let mut recording = self.lock();
        recording.bytes.extend_from_slice(&frame);
        recording.frames += 1;
    }

    fn post(&mut self, bytes: &[u8]) -> bool {
        self.lock().bytes.extend_from_slice(bytes);
        true
    }

    fn average_write(&self) -> Duration {
        Duration::ZERO
    }

    fn state(&self) -> OutputState {
        self.lock().dead.clone().map_or(OutputState::Alive, OutputState::Dead)
    }

    fn drain(&self, _limit: Duration) -> bool {
        true
    }
}
