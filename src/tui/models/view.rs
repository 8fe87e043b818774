//! Draws the browser: the query above, the table, the details of the selected model.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::action::Action;
use crate::tui::cx::Cx;
use crate::tui::footer;
use crate::tui::numbers::{ago, plural};
use crate::tui::spans::{Spans, rule};
use crate::tui::theme::Role;
use crate::tui::widgets::{scroll, text};

use super::order::Sort;
use super::state::Browser;
use super::{details, table};

/// Details stand beside the table from this width on.
const BESIDE: u16 = 140;
/// The query keeps this many columns beside the note.
const QUERY: u16 = 24;
const PROMPT: &str = "> ";

/// Where the parts go; parts without room are empty.
#[derive(Debug, Default)]
struct Parts {
    query: Rect,
    note: Rect,
    table: Rect,
    /// The line between table and details, lying or standing.
    rule: Rect,
    details: Rect,
    hints: Rect,
}

impl Browser {
    /// Draws the pane and says where the cursor is, when it is in the query field.
    pub fn draw(&self, cx: &Cx, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let area = area.intersection(buf.area);
        if area.is_empty() {
            return None;
        }
        let notes = self.notes(cx);
        let parts = arrange(area, notes.width(), self.details && self.model().is_some());
        if !notes.draw_right(parts.note, buf, cx.theme) {
            notes.draw(parts.note, buf, cx.theme);
        }
        let cursor = self.draw_query(cx, parts.query, buf);
        if self.rows.is_empty() {
            self.draw_nothing(cx, parts.table, buf);
        } else {
            table::draw(self, cx, parts.table, buf);
        }
        self.draw_details(cx, &parts, buf);
        footer::draw(self.hints(), cx, parts.hints, buf);
        cursor
    }

    fn draw_query(&self, cx: &Cx, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let role = if self.typing { Role::Accent } else { Role::Dim };
        let used = text::draw(PROMPT, area, buf, cx.theme.style(role));
        let rest = Rect { x: area.x + used, width: area.width - used, ..area };
        let key = cx.keymap.key_of(Action::FilterModels);
        let placeholder = match (self.typing, key) {
            (false, Some(key)) => format!("{key} searches ids and names"),
            (true, _) | (false, None) => "a few letters of id or name".into(),
        };
        let cursor = self.field.draw(rest, buf, cx.theme, &placeholder);
        cursor.filter(|_| self.typing)
    }

    /// How many of how many, what is hidden, in which order, how old.
    fn notes(&self, cx: &Cx) -> Spans {
        let total = self.catalog.models().len();
        let mut notes = Spans::new(Role::Text, format!("{} of {total}", self.rows.len()));
        let mut and = |role, words: String| {
            notes.0.push((Role::Dim, " · ".into()));
            notes.0.push((role, words));
        };
        if self.hidden > 0 {
            let key = cx.keymap.key_of(Action::ShowBatch);
            let key = key.map(|key| format!(" ({key})")).unwrap_or_default();
            and(Role::Warn, format!("{} hidden{key}", plural(self.hidden as u64, "batch id")));
        }
        let order = match self.sort {
            Sort::Relevance if self.field.text().trim().is_empty() => "as listed".into(),
            sort => format!("sorted by {}", sort.title()),
        };
        and(Role::Dim, if self.reversed { format!("{order}, reversed") } else { order });
        let age = match self.catalog.fetched {
            Some(then) => format!("catalogue {}", ago(then, cx.now.wall).replace(" ago", " old")),
            None => "catalogue never fetched".into(),
        };
        and(Role::Dim, age.replace("just now", "new"));
        notes
    }

    fn draw_nothing(&self, cx: &Cx, area: Rect, buf: &mut Buffer) {
        let key = |action| cx.keymap.key_of(action).unwrap_or_else(|| "the palette".into());
        let words = if self.catalog.is_empty() {
            let asks = key(Action::RefreshModels);
            format!("No models are known of {}: {asks} asks for them.", cx.upstream.name)
        } else if self.hidden > 0 {
            format!("Only batch ids match: {} shows them.", key(Action::ShowBatch))
        } else if self.typing {
            format!("Nothing matches. {} empties the field.", key(Action::Back))
        } else {
            format!("Nothing matches. {} goes to the field.", key(Action::FilterModels))
        };
        let line = Rect { y: area.y + u16::from(area.height > 2), ..area }.intersection(area);
        text::draw(&words, line, buf, cx.theme.style(Role::Dim));
    }

    fn draw_details(&self, cx: &Cx, parts: &Parts, buf: &mut Buffer) {
        self.scroll.most.set(0);
        let Some(model) = self.model().filter(|_| !parts.details.is_empty()) else { return };
        if parts.rule.width == 1 {
            for at in parts.rule.positions() {
                buf[at].set_symbol("│").set_style(cx.theme.style(Role::Border));
            }
        } else {
            rule(model.id.as_str(), "", parts.rule, buf, cx.theme);
        }
        let area = parts.details;
        let inner = Rect { width: area.width.saturating_sub(2), ..area };
        let lines = details::lines(model, self.offers.of(&model.id), cx, inner.width);
        let most = lines.len().saturating_sub(usize::from(area.height));
        self.scroll.most.set(most);
        let top = self.scroll.top.min(most);
        for (line, at) in lines[top..].iter().zip(inner.rows()) {
            line.draw(at, buf, cx.theme);
        }
        let bar = Rect { x: area.right() - 1, width: 1, ..area };
        scroll::bar(bar, buf, cx.theme, lines.len(), top);
    }

    fn hints(&self) -> &'static [Action] {
        if self.typing {
            return &[Action::QueryDone, Action::QueryDown, Action::QueryUp, Action::Back];
        }
        &[
            Action::UseModel,
            Action::FilterModels,
            Action::SortModels,
            Action::ReverseModels,
            Action::StarModel,
            Action::ModelDetails,
            Action::DetailsDown,
            Action::DetailsUp,
            Action::RefreshModels,
            Action::BrowseHelp,
        ]
    }
}

fn arrange(area: Rect, note: usize, details: bool) -> Parts {
    let mut parts = Parts::default();
    let note = u16::try_from(note).unwrap_or(u16::MAX);
    let mut rest = area;
    let mut take = |rows: u16| {
        let rows = rows.min(rest.height);
        let taken = Rect { height: rows, ..rest };
        rest = Rect { y: rest.y + rows, height: rest.height - rows, ..rest };
        taken
    };
    parts.query = take(1);
    if note.saturating_add(QUERY) <= area.width {
        parts.query.width -= note + 1;
        parts.note = Rect { width: area.width, ..parts.query };
    } else if area.height >= 6 {
        parts.note = take(1);
    }
    if area.height >= 12 {
        rest.height -= 1;
        parts.hints = Rect { y: rest.bottom(), height: 1, ..rest };
    }
    parts.table = rest;
    if !details {
        return parts;
    }
    if rest.width >= BESIDE {
        let right = (rest.width * 2 / 5).clamp(56, 96);
        parts.table.width = rest.width - right;
        parts.rule = Rect { x: parts.table.right(), width: 1, ..rest };
        parts.details = Rect { x: parts.rule.x + 2, width: right - 2, ..rest };
        parts.table.width -= 1;
    } else if rest.height >= 11 {
        let below = rest.height / 2;
        parts.table.height = rest.height - below;
        parts.rule = Rect { y: parts.table.bottom(), height: 1, ..rest };
        parts.details = Rect { y: parts.rule.y + 1, height: below - 1, ..rest };
    }
    parts
}
