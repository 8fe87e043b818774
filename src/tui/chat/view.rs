//! Draws the chat pane.
//!
//! ```text
//! ┌──────────────────────────────┐
//! │ transcript                   │
//! ├─ ≈ tokens · ≈ price ─────────┤ rule
//! │ > draft                      │
//! │ hints                        │
//! └──────────────────────────────┘
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::action::Action;
use crate::tui::cx::Cx;
use crate::tui::layout::{WIDEST_TEXT, arrange_chat};
use crate::tui::numbers::{context_label, count, price_pair};
use crate::tui::theme::Role;
use crate::tui::widgets::{hints, text};

use super::state::{Chats, Conversation, Part, Scroll};
use super::transcript::{Drawn, Transcript};

/// What drawing the pane found out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shown {
    pub cursor: Option<Position>,
    pub drawn: Drawn,
    /// The transcript's area; its height is the page.
    pub transcript: Rect,
}

/// Draws the pane.
pub fn draw(
    chats: &Chats,
    last_chat: Option<&str>,
    cx: &Cx,
    memory: &mut Transcript,
    area: Rect,
    buf: &mut Buffer,
) -> Shown {
    let open = &chats.open;
    let regions = arrange_chat(area, open.draft.rows());
    let drawn = if open.is_new() {
        welcome(last_chat, cx, regions.transcript, buf);
        Drawn { at_end: true, ..Drawn::default() }
    } else {
        memory.draw(open, cx, regions.transcript, buf)
    };
    rule(chats, drawn, cx, regions.rule, buf);
    let cursor = draft(chats, cx, regions.draft, buf);
    footer(chats, cx, regions.hints, buf);
    Shown { cursor, drawn, transcript: regions.transcript }
}

/// The empty chat: what one needs to know to begin, nothing else.
fn welcome(last_chat: Option<&str>, cx: &Cx, area: Rect, buf: &mut Buffer) {
    let key = |action| cx.keymap.key_of(action).unwrap_or_else(|| "palette".into());
    let mut lines = vec![
        (format!("routedeck {}", env!("CARGO_PKG_VERSION")), Role::Heading),
        (String::new(), Role::Text),
    ];
    match cx.model.map(|id| (id, cx.catalog.get(id.as_str()))) {
        Some((id, Some(model))) => {
            let window = context_label(model.context_length);
            let price = match price_pair(model) {
                price if price.starts_with('$') => format!("{price} per million tokens"),
                other => other,
            };
            let line = format!("{id} · {price} · {window} context");
            lines.push((line, Role::Assistant));
        }
        Some((id, None)) => lines.push((id.to_string(), Role::Assistant)),
        None => lines.push(("no model is chosen yet".into(), Role::Warn)),
    }
    lines.push((String::new(), Role::Text));
    let switcher = format!("{} another model", key(Action::Switcher));
    let settings = format!("{} system prompt and settings", key(Action::ChatSettings));
    lines.push((format!("Type and press {}.", key(Action::Send)), Role::Text));
    lines.push((format!("{switcher} · {settings}"), Role::Dim));
    let palette = format!("{} every action", key(Action::Palette));
    lines.push((format!("{palette} · {} keys", key(Action::Help)), Role::Dim));
    if let Some(title) = last_chat {
        lines.push((String::new(), Role::Text));
        let history = key(Action::ViewHistory);
        lines.push((format!("{history} Enter goes on with “{title}”"), Role::Dim));
    }
    if cx.upstream.simulated {
        lines.push((String::new(), Role::Text));
        let words = "No key was found, so this is the sandbox: replies are simulated.";
        lines.push((words.into(), Role::Warn));
        let words = "Set OPENROUTER_API_KEY and start again to talk to real models.";
        lines.push((words.into(), Role::Dim));
    }
    let rows = u16::try_from(lines.len()).unwrap_or(0);
    let top = area.height.saturating_sub(rows) / 3;
    for (row, (line, role)) in (0u16..).zip(&lines) {
        let y = area.y + top + row;
        if y >= area.bottom() {
            break;
        }
        let indent = 2.min(area.width);
        let at = Rect { x: area.x + indent, y, width: area.width - indent, height: 1 };
        text::draw(line, at, buf, cx.theme.style(*role));
    }
}

/// The line above the draft: where the reader is, and what the next send takes.
fn rule(chats: &Chats, drawn: Drawn, cx: &Cx, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let focus = chats.part == Part::Compose;
    let role = if focus { Role::BorderFocus } else { Role::Border };
    let line = "─".repeat(usize::from(area.width));
    text::draw(&line, area, buf, cx.theme.style(role));
    let right = estimate(&chats.open, cx);
    let room = usize::from(area.width).saturating_sub(text::width(&right) + 12);
    let left = left_words(&chats.open, drawn, room.max(SHORT_TITLE));
    let left_width = u16::try_from(text::width(&left)).unwrap_or(0);
    if !left.is_empty() && left_width + 4 <= area.width {
        let at = Rect { x: area.x + 2, width: left_width + 2, ..area };
        let role = if drawn.at_end { Role::Title } else { Role::Accent };
        text::draw(&format!(" {left} "), at, buf, cx.theme.style(role));
    }
    let right_width = u16::try_from(text::width(&right)).unwrap_or(0);
    if left_width + right_width + 10 <= area.width && !right.is_empty() {
        let x = area.right() - right_width - 4;
        let at = Rect { x, width: right_width + 2, ..area };
        text::draw(&format!(" {right} "), at, buf, cx.theme.style(Role::Dim));
    }
}

/// A title is not cut below this; the estimate goes first.
const SHORT_TITLE: usize = 24;

fn left_words(open: &Conversation, drawn: Drawn, room: usize) -> String {
    if !drawn.at_end && open.is_live() {
        return "new text below · End follows".into();
    }
    if !drawn.at_end && open.scroll != Scroll::Follow {
        return format!("message {} of {}", drawn.top.0 + 1, open.items.len());
    }
    let title: String = crate::domain::text::clean_line(&open.title);
    text::fit(&title, room.min(WIDEST_TEXT.into())).into_owned()
}

/// `≈ 1.2k of 200k · this send ≈ $0.0021`.
fn estimate(open: &Conversation, cx: &Cx) -> String {
    let model = open.model.as_ref().and_then(|id| cx.catalog.get(id.as_str()));
    let Some(model) = model else { return String::new() };
    let used = count(cx.next.prompt_tokens);
    let room = match (model.context_length, cx.next.fits(model)) {
        (Some(window), Some(false)) => format!("! ≈ {used} does not fit {}", count(window)),
        (Some(window), _) => format!("≈ {used} of {}", count(window)),
        (None, _) => format!("≈ {used} tokens"),
    };
    if model.pricing.is_free() {
        return format!("{room} · free");
    }
    match cx.next.cost_on(model, cx.now) {
        Some(usd) => format!("{room} · this send ≈ {usd}"),
        None => format!("{room} · price unknown"),
    }
}

fn draft(chats: &Chats, cx: &Cx, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let sign = Rect { width: 2.min(area.width), height: 1.min(area.height), ..area };
    let focus = chats.part == Part::Compose;
    let role = if focus { Role::Accent } else { Role::Dim };
    text::draw(">", sign, buf, cx.theme.style(role));
    let x = area.x + 2.min(area.width);
    let field = Rect { x, width: area.right().saturating_sub(x).saturating_sub(1), ..area };
    let cursor = chats.open.draft.draw(field, cx.theme.style(Role::Text), buf);
    if chats.open.draft.is_empty() {
        let words = if focus { "write a message" } else { "i or Enter: write" };
        text::draw(words, field, buf, cx.theme.style(Role::Placeholder));
    }
    cursor.filter(|_| focus)
}

fn footer(chats: &Chats, cx: &Cx, area: Rect, buf: &mut Buffer) {
    let actions: &[(Action, &str)] = match (chats.part, chats.open.is_live()) {
        (_, true) => &[
            (Action::Back, "stop, keep text"),
            (Action::Newline, "new line"),
            (Action::Switcher, "model"),
            (Action::Palette, "palette"),
            (Action::Help, "help"),
        ],
        (Part::Compose, false) => &[
            (Action::Send, "send"),
            (Action::Newline, "new line"),
            (Action::Switcher, "model"),
            (Action::Help, "help"),
            (Action::Palette, "palette"),
            (Action::Back, "read"),
            (Action::ChatSettings, "settings"),
            (Action::LastModel, "last model"),
            (Action::NewChat, "new chat"),
            (Action::ViewHistory, "history"),
        ],
        (Part::Browse, false) => &[
            (Action::ToCompose, "write"),
            (Action::MessageDown, "next"),
            (Action::Retry, "retry"),
            (Action::FoldReasoning, "reasoning"),
            (Action::CopyMessage, "copy"),
            (Action::ShowReceipt, "receipt"),
            (Action::BrowseModels, "models"),
            (Action::BrowseHistory, "history"),
            (Action::BrowseHelp, "keys"),
        ],
    };
    let keys: Vec<(String, &str)> = actions
        .iter()
        .filter_map(|(action, title)| Some((cx.keymap.key_of(*action)?, *title)))
        .collect();
    let pairs: Vec<(&str, &str)> = keys.iter().map(|(k, t)| (k.as_str(), *t)).collect();
    let indent = 2.min(area.width);
    let at = Rect { x: area.x + indent, width: area.width - indent, ..area };
    hints::hints(at, buf, cx.theme, &pairs);
}
