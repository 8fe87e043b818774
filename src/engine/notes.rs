//! Checkpoints: text of an answer on its way into the store, gathered for a short while.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::domain::ask::ChunkKind;

/// Text waits at most this long. Ten milliseconds below what is promised, for the way to the disk.
const PATIENCE: Duration = Duration::from_millis(90);
/// More than this does not wait.
const ENOUGH: usize = 64 * 1024;

/// Text that is not in the store yet, of one kind.
pub(super) struct Notes {
    kind: ChunkKind,
    text: String,
    alarm: Pin<Box<Sleep>>,
}

impl Notes {
    pub(super) fn new() -> Notes {
        Notes {
            kind: ChunkKind::Text,
            text: String::new(),
            alarm: Box::pin(sleep_until(Instant::now())),
        }
    }

    /// Adds text. Gives what has to be written now: text of another kind, or very much of it.
    pub(super) fn add(
        &mut self,
        kind: ChunkKind,
        text: &str,
        now: Instant,
    ) -> Option<(ChunkKind, String)> {
        let before = if kind == self.kind { None } else { self.take() };
        self.kind = kind;
        if self.text.is_empty() {
            self.alarm.as_mut().reset(now + PATIENCE);
        }
        self.text.push_str(text);
        before.or_else(|| (self.text.len() >= ENOUGH).then(|| self.take()).flatten())
    }

    /// All that waits; `None` when nothing does.
    pub(super) fn take(&mut self) -> Option<(ChunkKind, String)> {
        (!self.text.is_empty()).then(|| (self.kind, std::mem::take(&mut self.text)))
    }

    /// Ends when text has waited long enough; never while none waits. May be dropped and asked
    /// for again.
    pub(super) async fn due(&mut self) {
        if self.text.is_empty() {
            std::future::pending::<()>().await;
        }
        self.alarm.as_mut().await;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn the_oldest_text_sets_the_time() {
        let mut notes = Notes::new();
        let begin = Instant::now();
        let later = begin + Duration::from_millis(60);
        assert_eq!(notes.add(ChunkKind::Text, "a", begin), None);
        assert_eq!(notes.add(ChunkKind::Text, "b", later), None);
        assert!(notes.alarm.deadline() <= begin + Duration::from_millis(100));
        notes.due().await;
        assert_eq!(notes.take(), Some((ChunkKind::Text, "ab".into())));
        assert_eq!(notes.take(), None);
        assert!(notes.due().now_or_never().is_none(), "nothing waits, so nothing is due");
        assert_eq!(notes.add(ChunkKind::Text, "c", later), None);
        assert!(notes.alarm.deadline() > later, "the time begins anew");
    }

    #[tokio::test]
    async fn kinds_are_not_mixed_and_much_text_does_not_wait() {
        let now = Instant::now();
        let mut notes = Notes::new();
        assert_eq!(notes.add(ChunkKind::Reasoning, "hm", now), None);
        let before = notes.add(ChunkKind::Text, "yes", now);
        assert_eq!(before, Some((ChunkKind::Reasoning, "hm".into())));
        let much = "x".repeat(ENOUGH);
        assert_eq!(notes.add(ChunkKind::Text, &much, now).unwrap().1.len(), ENOUGH + 3);
        assert_eq!(notes.take(), None);
    }
}
