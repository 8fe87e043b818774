//! Draws the whole screen from the state: tabs, the view, overlays, toasts, the status line.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::widgets::{Clear, Widget};

use super::app::{App, Geometry, status};
use super::chat;
use super::chat::transcript::Transcript;
use super::cx::Cx;
use super::focus::View;
use super::layout::arrange;
use super::msg::Now;
use super::theme::Role;
use super::toast::Tone;
use super::widgets::text;

/// What drawing remembers between frames: derived things, which may be dropped at any time
/// without changing a cell.
#[derive(Default)]
pub struct Memory {
    pub transcript: Transcript,
}

/// What a frame found out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// Where the terminal's cursor goes; `None` hides it.
    pub cursor: Option<Position>,
    pub geometry: Geometry,
    /// Rows of the transcript that moved, and how far up since the last frame.
    pub scrolled: Option<(Rect, i32)>,
}

/// Draws `app` into the whole of `buf`.
pub fn draw(app: &App, memory: &mut Memory, now: Now, buf: &mut Buffer) -> Frame {
    let area = buf.area;
    let ground = app.theme.style(Role::Text);
    if ground != Style::new() {
        buf.set_style(area, ground);
    }
    let Some(regions) = arrange(area) else {
        text::draw("too small: make the window larger", area, buf, app.theme.style(Role::Text));
        return Frame::default();
    };
    let cx = app.cx(now);
    tabs(app, regions.tabs, buf);
    let mut frame = body(app, memory, &cx, regions.body, buf);
    status_line(app, regions.status, now, buf);
    for overlay in &app.overlays {
        frame.cursor = overlay.draw(&cx, regions.body, buf);
        frame.scrolled = None;
    }
    toasts(app, regions.body, buf);
    prefix_hint(app, now, regions.body, buf);
    frame
}

fn body(app: &App, memory: &mut Memory, cx: &Cx, area: Rect, buf: &mut Buffer) -> Frame {
    let mut geometry = Geometry { page: area.height.saturating_sub(3), chat: None };
    match app.view {
        View::Chat => {
            let last = app.last_chat.as_deref();
            let shown = chat::view::draw(&app.chats, last, cx, &mut memory.transcript, area, buf);
            geometry.page = shown.transcript.height;
            geometry.chat = Some((shown.drawn.top, shown.drawn.at_end));
            let scrolled = shown.drawn.moved.map(|moved| {
                let y = shown.transcript.y + moved.from;
                (Rect { y, height: moved.to - moved.from, ..shown.transcript }, moved.up)
            });
            Frame { cursor: shown.cursor, geometry, scrolled }
        }
        View::Models => Frame { cursor: app.models.draw(cx, area, buf), geometry, scrolled: None },
        View::History => {
            Frame { cursor: app.history.draw(cx, area, buf), geometry, scrolled: None }
        }
        View::Usage => {
            app.usage.draw(app.key.as_ref(), cx, area, buf);
            Frame { cursor: None, geometry, scrolled: None }
        }
    }
}

fn tabs(app: &App, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let mut at = Rect { x: area.x + 1, width: area.width - 1, ..area };
    for view in View::ALL {
        let open = view == app.view;
        let (label, role) = match open {
            true => (format!("[{} {}]", view.digit(), view.title()), Role::TabActive),
            false => (format!(" {} {} ", view.digit(), view.title()), Role::Tab),
        };
        let used = text::draw(&label, at, buf, app.theme.style(role));
        at.x += used;
        at.width -= used;
    }
    let right = crate::domain::text::clean_line(&app.upstream.base_url);
    let columns = u16::try_from(text::width(&right)).unwrap_or(u16::MAX);
    if columns.saturating_add(3) <= at.width {
        let at = Rect { x: area.right() - columns - 1, width: columns, ..area };
        text::draw(&right, at, buf, app.theme.style(Role::Dim));
    }
}

fn status_line(app: &App, area: Rect, now: Now, buf: &mut Buffer) {
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let status = status(app, inner.width, now);
    buf.set_style(area, app.theme.style(Role::Status));
    let mut at = inner;
    for (index, field) in status.fields.iter().enumerate() {
        if index > 0 {
            let used = text::draw(" │ ", at, buf, app.theme.style(Role::Dim));
            at.x += used;
            at.width -= used;
        }
        let used = text::draw(&field.text, at, buf, app.theme.style(field.role));
        at.x += used;
        at.width -= used;
    }
    if let Some(field) = status.right {
        let columns = u16::try_from(text::width(&field.text)).unwrap_or(0).min(at.width);
        let at = Rect { x: inner.right() - columns, width: columns, ..inner };
        text::draw(&field.text, at, buf, app.theme.style(field.role));
    }
}

/// Lines that go by themselves, above the draft at the right; newest lowest.
fn toasts(app: &App, area: Rect, buf: &mut Buffer) {
    let shown = app.toasts.shown();
    let mut bottom = area.bottom().saturating_sub(4);
    for toast in shown.iter().rev() {
        let room = usize::from(area.width.saturating_sub(4)).max(1);
        let lines = wrap(&toast.text, room.min(76));
        let height = u16::try_from(lines.len()).unwrap_or(1);
        if bottom < area.y + height {
            return;
        }
        let widest = lines.iter().map(|line| text::width(line)).max().unwrap_or(0);
        let width = u16::try_from(widest + 2).unwrap_or(area.width).min(area.width);
        let place = Rect { x: area.right() - width, y: bottom - height, width, height };
        Clear.render(place, buf);
        let role = match toast.tone {
            Tone::Plain => Role::Accent,
            Tone::Good => Role::Good,
            Tone::Warn => Role::Warn,
            Tone::Bad => Role::Bad,
        };
        buf.set_style(place, app.theme.style(Role::Text));
        for (row, line) in (0u16..).zip(&lines) {
            let at = Rect { x: place.x + 1, y: place.y + row, width: width - 1, height: 1 };
            text::draw(line, at, buf, app.theme.style(role));
        }
        bottom -= height;
    }
}

/// At most three lines, broken between words.
fn wrap(words: &str, columns: usize) -> Vec<String> {
    const MOST: usize = 3;
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        let full = lines.len() == MOST;
        match lines.last_mut() {
            Some(line) if text::width(line) + 1 + text::width(word) <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            Some(last) if full => {
                last.push('…');
                break;
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn prefix_hint(app: &App, now: Now, area: Rect, buf: &mut Buffer) {
    let Some(next) = app.prefix_hint(now.instant) else { return };
    let words: Vec<String> =
        next.iter().map(|(key, action)| format!("{key} {}", action.info().title)).collect();
    let line = format!(" {} ", words.join(" · "));
    let columns = u16::try_from(text::width(&line)).unwrap_or(area.width).min(area.width);
    let place = Rect { x: area.x, y: area.bottom().saturating_sub(1), width: columns, height: 1 };
    Clear.render(place, buf);
    text::draw(&line, place, buf, app.theme.style(Role::Accent));
}
