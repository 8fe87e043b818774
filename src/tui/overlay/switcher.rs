//! The model switcher: last used first, favourites, then matches; each with its price and what the
//! next send would cost on it. Models that cannot take the chat are greyed with the reason.

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::catalog::Model;
use crate::domain::find::Finder;
use crate::domain::id::ModelId;
use crate::domain::pricing::PriceKey;
use crate::tui::action::Action;
use crate::tui::cursor::Cursor;
use crate::tui::cx::Cx;
use crate::tui::numbers::{context_label, price_pair};
use crate::tui::theme::Role;
use crate::tui::typing;
use crate::tui::widgets::panel::{Panel, overlay};
use crate::tui::widgets::{Cell, Column, Field, Table};

use super::{Choice, Outcome, walk};

const ROWS: u16 = 14;
const RECENTS: usize = 5;

/// One line of the list.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    id: ModelId,
    /// 1 to 9 for the first favourites.
    favourite: Option<usize>,
    /// Why it cannot take this chat.
    reason: Option<String>,
}

/// Models to choose from: recent ones, favourites, all.
#[derive(Clone, Debug)]
pub struct Switcher {
    field: Field,
    rows: Vec<Row>,
    cursor: Cursor,
}

impl Switcher {
    pub fn new(cx: &Cx) -> Switcher {
        let mut switcher =
            Switcher { field: Field::new(""), rows: Vec::new(), cursor: Cursor::default() };
        switcher.search(cx);
        switcher
    }

    /// The catalogue or the shelf changed.
    pub fn refresh(&mut self, cx: &Cx) {
        let selected = self.rows.get(self.cursor.selected()).map(|row| row.id.clone());
        self.search(cx);
        let again = self.rows.iter().position(|row| Some(&row.id) == selected.as_ref());
        self.cursor.go(again.unwrap_or(0), self.rows.len());
    }

    fn search(&mut self, cx: &Cx) {
        let query = self.field.text().trim();
        let mut ids: Vec<ModelId> = Vec::new();
        if query.is_empty() {
            // Enter on the empty field goes to the model used before this one.
            let others = cx.shelf.recents.iter().filter(|id| Some(*id) != cx.model);
            ids.extend(others.take(RECENTS).cloned());
            ids.extend(cx.model.cloned());
            ids.extend(cx.shelf.favourites.iter().cloned());
            ids.extend(cx.catalog.models().iter().filter(|m| !m.is_batch()).map(|m| m.id.clone()));
        } else {
            let models = cx.catalog.models();
            let mut found: Vec<(usize, u32)> = Finder::new()
                .find(query, models)
                .into_iter()
                .filter(|hit| !models[hit.index].is_batch())
                .map(|hit| (hit.index, hit.score))
                .collect();
            let rank = |index: usize| {
                let id = &models[index].id;
                let recent = cx.shelf.recents.iter().take(RECENTS).position(|r| r == id);
                (recent.unwrap_or(RECENTS), usize::from(!cx.shelf.is_favourite(id)))
            };
            // Among those that match well, the ones a person uses come first.
            found.sort_by_key(|(index, score)| (rank(*index), std::cmp::Reverse(*score)));
            ids.extend(found.iter().map(|(index, _)| models[*index].id.clone()));
            // An id that the catalogue does not list can still be asked for.
            if found.is_empty() && query.contains('/') && !query.contains(' ') {
                ids.push(ModelId::new(query));
            }
        }
        let mut seen = std::collections::HashSet::new();
        ids.retain(|id| seen.insert(id.clone()));
        self.rows = ids.into_iter().map(|id| row(id, cx)).collect();
        self.cursor.reset();
    }

    pub fn act(&mut self, action: Action, cx: &Cx) -> Outcome {
        if let Some(nth) = action.favourite() {
            return match cx.shelf.favourites.get(nth) {
                Some(id) => Outcome::Chosen(Choice::UseModel(id.clone())),
                None => Outcome::Stay,
            };
        }
        match action {
            Action::Accept => {
                return match self.rows.get(self.cursor.selected()) {
                    Some(row) => Outcome::Chosen(Choice::UseModel(row.id.clone())),
                    None => Outcome::Stay,
                };
            }
            Action::ListStar => {
                return match self.rows.get(self.cursor.selected()) {
                    Some(row) => Outcome::Meanwhile(Choice::Star(row.id.clone())),
                    None => Outcome::Stay,
                };
            }
            Action::Switcher => return Outcome::Close,
            other => walk(&mut self.cursor, other, self.rows.len()),
        }
        Outcome::Stay
    }

    pub fn text(&mut self, key: KeyEvent, cx: &Cx) {
        if typing::edit(&mut self.field, key) {
            self.search(cx);
        }
    }

    pub fn paste(&mut self, text: &str, cx: &Cx) {
        typing::paste(&mut self.field, text);
        self.search(cx);
    }

    pub fn draw(&self, cx: &Cx, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let note = format!("{} models", self.rows.len());
        let foot = "Enter use · Ctrl+F ★ · Alt+1…9 favourite · Esc";
        let panel = Panel { title: "model for this chat", note: &note, foot, focus: true };
        let inner = overlay(area, 92, ROWS + 4, panel, buf, cx.theme);
        if inner.height < 2 {
            return None;
        }
        let line = Rect { height: 1, ..inner };
        let placeholder = "a few letters · Enter takes the model used last";
        let cursor = self.field.draw(line, buf, cx.theme, placeholder);
        let list = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
        let columns = [
            Column::fixed("", 3),
            Column::flex("", 18),
            Column::fixed("", 15).right().drop_at(2),
            Column::fixed("", 6).right().drop_at(1),
            Column::fixed("", 22).right(),
        ];
        let table = Table {
            columns: &columns,
            header: false,
            rows: self.rows.len(),
            offset: self.cursor.offset(self.rows.len(), usize::from(list.height)),
            selected: Some(self.cursor.selected()),
        };
        let mut finder = Finder::new();
        table.draw(list, buf, cx.theme, |at| self.cells(&self.rows[at], &mut finder, cx));
        cursor
    }

    fn cells<'r>(&self, row: &Row, finder: &mut Finder, cx: &Cx) -> Vec<Cell<'r>> {
        let model = cx.catalog.get(row.id.as_str());
        let name = row.id.to_string();
        let marks = finder.marks(self.field.text(), &name);
        let main = if row.reason.is_some() { Role::Dim } else { Role::Text };
        let sign = match (row.favourite, cx.model == Some(&row.id)) {
            (Some(n @ 1..=9), _) => format!("{n}★"),
            (Some(_), _) => " ★".into(),
            (None, true) => " ●".into(),
            (None, false) => String::new(),
        };
        let (price, window) = model.map_or((String::new(), String::new()), |m| {
            (price_pair(m), context_label(m.context_length))
        });
        vec![
            Cell::new(Role::Accent, sign),
            Cell::new(main, name).marked(marks),
            Cell::new(Role::Money, price),
            Cell::new(Role::Dim, window),
            last_cell(row, model.map(std::convert::AsRef::as_ref), cx),
        ]
    }
}

fn last_cell<'r>(row: &Row, model: Option<&Model>, cx: &Cx) -> Cell<'r> {
    if let Some(reason) = &row.reason {
        return Cell::new(Role::Warn, reason.clone());
    }
    let Some(model) = model else {
        return Cell::new(Role::Dim, "price unknown");
    };
    if model.pricing.is_free() {
        return Cell::new(Role::Free, "free");
    }
    match cx.next.cost_on(model, cx.now) {
        Some(cost) => Cell::new(Role::Money, format!("next ≈ {cost}")),
        None if model.pricing.base.get(PriceKey::Prompt).is_some() => {
            Cell::new(Role::Dim, "price varies")
        }
        None => Cell::new(Role::Dim, "price unknown"),
    }
}

fn row(id: ModelId, cx: &Cx) -> Row {
    let favourite = cx.shelf.favourites.iter().position(|f| *f == id).map(|at| at + 1);
    let model = cx.catalog.get(id.as_str());
    let reason = model
        .filter(|m| cx.next.fits(m) == Some(false))
        .map(|m| format!("too small: {} > {}", tokens_label(cx), context_label(m.context_length)));
    Row { id, favourite, reason }
}

fn tokens_label(cx: &Cx) -> String {
    context_label(Some(cx.next.prompt_tokens + cx.next.answer_tokens()))
}
