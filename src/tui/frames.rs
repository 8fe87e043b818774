//! When the next frame is due. Pure: time comes in as a parameter.

use std::time::{Duration, Instant};

/// A key's frame waits at most this long behind the frame before it.
const KEY_GAP: Duration = Duration::from_millis(3);
/// Frames of a stream come 30 times a second, in whole milliseconds as timers count.
const STREAM_GAP: Duration = Duration::from_millis(34);
/// Something that moves by itself (a watch, a countdown) is looked at this often.
pub const TICK: Duration = Duration::from_millis(250);
const LONGEST_GAP: Duration = Duration::from_millis(500);

/// Decides when to draw: at once for keys, 30 times a second for streams, never for nothing.
#[derive(Debug, Default)]
pub struct FrameClock {
    last: Option<Instant>,
    due: Option<Instant>,
}

impl FrameClock {
    /// A person did something: as soon as the frame before is a moment old.
    pub fn now(&mut self, now: Instant) {
        self.ask(now, KEY_GAP);
    }

    /// Something arrived: within the stream's rhythm, slower on a line where writing a frame
    /// takes long.
    pub fn soon(&mut self, now: Instant, write_time: Duration) {
        self.ask(now, STREAM_GAP.max(write_time * 2).min(LONGEST_GAP));
    }

    fn ask(&mut self, now: Instant, gap: Duration) {
        let at = self.last.map_or(now, |last| (last + gap).max(now));
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// When to draw; `None` when nothing asked.
    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    /// A frame was drawn.
    pub fn drawn(&mut self, now: Instant) {
        self.last = Some(now);
        self.due = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_asked_is_nothing_drawn() {
        let mut clock = FrameClock::default();
        assert_eq!(clock.due(), None);
        let start = Instant::now();
        clock.now(start);
        assert_eq!(clock.due(), Some(start));
        clock.drawn(start);
        assert_eq!(clock.due(), None);
    }

    #[test]
    fn a_thousand_deltas_in_a_second_are_thirty_frames() {
        let mut clock = FrameClock::default();
        let start = Instant::now();
        let mut frames = 0;
        for ms in 0..1000 {
            let now = start + Duration::from_millis(ms);
            clock.soon(now, Duration::ZERO);
            if clock.due().is_some_and(|due| due <= now) {
                clock.drawn(now);
                frames += 1;
            }
        }
        assert!((28..=31).contains(&frames), "{frames}");
    }

    #[test]
    fn a_key_does_not_wait_for_the_stream() {
        let mut clock = FrameClock::default();
        let start = Instant::now();
        clock.drawn(start);
        clock.soon(start, Duration::ZERO);
        clock.now(start + Duration::from_millis(2));
        assert!(KEY_GAP < STREAM_GAP);
        assert_eq!(clock.due(), Some(start + KEY_GAP));
    }

    #[test]
    fn a_slow_line_gets_fewer_frames() {
        let mut clock = FrameClock::default();
        let start = Instant::now();
        clock.drawn(start);
        clock.soon(start, Duration::from_millis(100));
        assert_eq!(clock.due(), Some(start + Duration::from_millis(200)));
        clock.soon(start, Duration::from_secs(60));
        assert_eq!(clock.due(), Some(start + Duration::from_millis(200)));
    }
}
