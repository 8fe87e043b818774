//! For tests of panes: a small world to act in, keys, and a buffer as text.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::domain::catalog::Catalog;
use crate::domain::id::{Millis, ModelId};
use crate::engine::UpstreamFacts;

use super::cx::{Cx, NextSend, Shelf};
use super::keymap::Keymap;
use super::msg::Now;
use super::theme::Theme;

/// 2026-11-25 12:00 UTC.
pub(crate) const NOON: Millis = Millis(1_795_608_000_000);

/// Everything a [`Cx`] borrows.
pub(crate) struct World {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) shelf: Shelf,
    pub(crate) keymap: Keymap,
    pub(crate) theme: Theme,
    pub(crate) upstream: UpstreamFacts,
    pub(crate) model: Option<ModelId>,
    pub(crate) now: Now,
}

impl World {
    pub(crate) fn new() -> World {
        World {
            catalog: Arc::default(),
            shelf: Shelf::default(),
            keymap: Keymap::resolve(&[]).0,
            theme: Theme::default(),
            upstream: UpstreamFacts {
                name: "openrouter".into(),
                base_url: "https://openrouter.ai/api/v1".into(),
                simulated: false,
                has_key: true,
            },
            model: None,
            now: Now { instant: Instant::now(), wall: NOON },
        }
    }

    pub(crate) fn cx(&self) -> Cx<'_> {
        Cx {
            catalog: &self.catalog,
            shelf: &self.shelf,
            keymap: &self.keymap,
            theme: &self.theme,
            upstream: &self.upstream,
            model: self.model.as_ref(),
            next: NextSend { prompt_tokens: 1200, max_tokens: Some(4096) },
            now: self.now,
            utc_offset_minutes: 0,
            page: 20,
        }
    }

    pub(crate) fn wait(&mut self, time: Duration) {
        self.now.instant += time;
        self.now.wall.0 += i64::try_from(time.as_millis()).unwrap();
    }
}

pub(crate) fn key(c: char) -> KeyEvent {
    KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)
}

pub(crate) fn code(code: KeyCode) -> KeyEvent {
    KeyEvent::new(code, KeyModifiers::NONE)
}

/// An empty screen and its whole area.
pub(crate) fn screen(width: u16, height: u16) -> (Rect, Buffer) {
    let area = Rect::new(0, 0, width, height);
    (area, Buffer::empty(area))
}

/// The rows of the buffer, without blanks at their ends.
pub(crate) fn rows(buf: &Buffer) -> Vec<String> {
    (buf.area.top()..buf.area.bottom())
        .map(|y| {
            let row: String = (buf.area.left()..buf.area.right())
                .filter(|x| !is_behind_wide(buf, *x, y))
                .map(|x| buf[(x, y)].symbol())
                .collect();
            row.trim_end().to_owned()
        })
        .collect()
}

/// Every size a pane must survive, in coarse steps.
pub(crate) fn sizes() -> impl Iterator<Item = (u16, u16)> {
    let widths = [1, 2, 3, 5, 9, 19, 33, 47, 59, 60, 71, 80, 99, 120, 139, 140, 177, 220];
    let heights = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 15, 18, 24, 33, 50, 70];
    widths.into_iter().flat_map(move |w| heights.into_iter().map(move |h| (w, h)))
}

/// The text of the buffer, then a map with one letter for each style, then what the letters mean.
pub(crate) fn picture(buf: &Buffer) -> String {
    let mut out = rows(buf).join("\n");
    out.push_str("\n----\n");
    let mut letters: BTreeMap<String, char> = BTreeMap::new();
    let mut legend: Vec<(char, String)> = Vec::new();
    for y in buf.area.top()..buf.area.bottom() {
        let mut row = String::new();
        for x in buf.area.left()..buf.area.right() {
            let style = describe(buf[(x, y)].style());
            if style.is_empty() {
                row.push('.');
                continue;
            }
            let next = char::from(b'a' + u8::try_from(letters.len()).unwrap());
            let letter = *letters.entry(style.clone()).or_insert_with(|| {
                legend.push((next, style));
                next
            });
            row.push(letter);
        }
        let _ = writeln!(out, "{}", row.trim_end_matches('.'));
    }
    for (letter, style) in legend {
        let _ = writeln!(out, "{letter} = {style}");
    }
    out
}

fn is_behind_wide(buf: &Buffer, x: u16, y: u16) -> bool {
    x > buf.area.left() && super::widgets::text::width(buf[(x - 1, y)].symbol()) > 1
}

fn describe(style: Style) -> String {
    let mut words = Vec::new();
    let name = |colour| format!("{colour:?}").to_lowercase();
    words.extend(style.fg.map(name).filter(|colour| colour != "reset"));
    words.extend(style.bg.map(name).filter(|colour| colour != "reset").map(|c| format!("on {c}")));
    let names = [
        (Modifier::BOLD, "bold"),
        (Modifier::DIM, "dim"),
        (Modifier::ITALIC, "italic"),
        (Modifier::UNDERLINED, "underlined"),
        (Modifier::REVERSED, "reversed"),
    ];
    for (modifier, name) in names {
        if style.add_modifier.contains(modifier) {
            words.push(name.to_owned());
        }
    }
    words.join(" ")
}
