//! Events put together to what they mean: storms of sizes to one, keys in one piece to a burst.
//!
//! Pure: the time comes from outside. A paste without brackets (old tmux, some SSH programs)
//! arrives as keys; were each Enter in it taken for one, the first line would be sent off.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseEventKind};

use super::input::Input;
use crate::domain::text::clean;

/// Keys that arrive in one piece: fewer are typing on a slow line.
const BURST: usize = 8;
/// No hand is as fast as this between two keys.
const QUIET: Duration = Duration::from_millis(12);
/// How long sizes are collected while a window is dragged.
const SETTLING: Duration = Duration::from_millis(40);

/// Collects events and gives out inputs.
#[derive(Debug)]
pub(super) struct Gather {
    /// Whether bursts may be taken for pastes.
    bursts: bool,
    /// What may be a paste without brackets and is still coming in.
    burst: Option<(Vec<KeyEvent>, Instant)>,
    /// An Enter at the end of a burst: typed, unless more follows at once.
    enter: Option<(KeyEvent, Instant)>,
    size: Option<((u16, u16), Instant)>,
}

impl Gather {
    pub(super) fn new(bursts: bool) -> Self {
        Self { bursts, burst: None, enter: None, size: None }
    }

    /// Takes all events that were waiting at `now`.
    pub(super) fn take(&mut self, batch: Vec<Event>, now: Instant, out: &mut VecDeque<Input>) {
        let mut run = Vec::new();
        for event in batch {
            match event {
                Event::Key(key) if key.kind == KeyEventKind::Release => {}
                Event::Key(key) if self.bursts && text_of(key).is_some() => run.push(key),
                Event::Key(key) => {
                    self.end_run(&mut run, now, out);
                    self.release(out);
                    out.push_back(Input::Key(key));
                }
                Event::Paste(text) => {
                    self.end_run(&mut run, now, out);
                    self.release(out);
                    out.push_back(Input::Paste(clean(&text)));
                }
                Event::Resize(columns, rows) => self.resize(columns, rows, now),
                Event::FocusGained => out.push_back(Input::Focus(true)),
                Event::FocusLost => out.push_back(Input::Focus(false)),
                Event::Mouse(mouse) => {
                    let up = match mouse.kind {
                        MouseEventKind::ScrollUp => true,
                        MouseEventKind::ScrollDown => false,
                        _ => continue,
                    };
                    let (column, row) = (mouse.column, mouse.row);
                    out.push_back(Input::Wheel { up, column, row });
                }
            }
        }
        self.end_run(&mut run, now, out);
    }

    /// When [`Gather::flush`] has something to do.
    pub(super) fn due(&self) -> Option<Instant> {
        let times = [
            self.burst.as_ref().map(|(_, due)| *due),
            self.enter.as_ref().map(|(_, due)| *due),
            self.size.as_ref().map(|(_, due)| *due),
        ];
        times.into_iter().flatten().min()
    }

    /// Gives out what has waited long enough.
    pub(super) fn flush(&mut self, now: Instant, out: &mut VecDeque<Input>) {
        let text_due = self.burst.as_ref().map(|(_, due)| *due);
        let enter_due = self.enter.as_ref().map(|(_, due)| *due);
        if text_due.or(enter_due).is_some_and(|due| due <= now) {
            self.release(out);
        }
        if let Some(((columns, rows), _)) = self.size.take_if(|(_, due)| *due <= now) {
            out.push_back(Input::Resize(columns, rows));
        }
    }

    /// Text is over: what waits is what it looks like.
    fn release(&mut self, out: &mut VecDeque<Input>) {
        if let Some((keys, _)) = self.burst.take() {
            out.push_back(Input::Burst(keys));
        }
        if let Some((key, _)) = self.enter.take() {
            out.push_back(Input::Key(key));
        }
    }

    fn resize(&mut self, columns: u16, rows: u16, now: Instant) {
        // Terminals being set up report nothing by nothing; the last size stays good.
        if columns == 0 || rows == 0 {
            return;
        }
        let due = self.size.map_or(now + SETTLING, |(_, due)| due);
        self.size = Some(((columns, rows), due));
    }

    fn end_run(&mut self, run: &mut Vec<KeyEvent>, now: Instant, out: &mut VecDeque<Input>) {
        if run.is_empty() {
            return;
        }
        let mut keys = std::mem::take(run);
        self.flush(now, out);
        if self.burst.is_none() {
            let is_enter = |key: &KeyEvent| key.code == KeyCode::Enter;
            let inner = keys[..keys.len() - 1].iter().any(is_enter);
            if let Some((enter, due)) = self.enter.take() {
                self.burst = Some((vec![enter], due));
            } else if keys.len() >= BURST && inner {
                self.burst = Some((Vec::new(), now));
            } else {
                let last =
                    if keys.len() >= BURST { keys.pop_if(|key| is_enter(key)) } else { None };
                out.extend(keys.into_iter().map(Input::Key));
                self.enter = last.map(|key| (key, now + QUIET));
                return;
            }
        }
        if let Some((burst, due)) = &mut self.burst {
            burst.append(&mut keys);
            *due = now + QUIET;
        }
    }
}

/// The character that a plain key stands for in a text.
pub fn text_of(key: KeyEvent) -> Option<char> {
    match key.code {
        KeyCode::Char(c) if (key.modifiers - KeyModifiers::SHIFT).is_empty() => Some(c),
        KeyCode::Enter if key.modifiers.is_empty() => Some('\n'),
        KeyCode::Tab if key.modifiers.is_empty() => Some('\t'),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
