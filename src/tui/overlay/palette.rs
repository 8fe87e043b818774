//! Every action by name, with its key: type a few letters, Enter runs it.

use std::collections::HashSet;

use crossterm::event::KeyEvent;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::action::{Action, Context};
use crate::tui::cursor::Cursor;
use crate::tui::cx::Cx;
use crate::tui::theme::Role;
use crate::tui::typing;
use crate::tui::widgets::panel::{Panel, overlay};
use crate::tui::widgets::{Cell, Column, Field, Table, text};

use super::{Choice, Outcome, walk};

const ROWS: u16 = 16;
/// Columns for keys.
const KEYS: u16 = 14;

/// Places that can be gone to in order to act there.
const REACHED: [Context; 6] = [
    Context::Global,
    Context::Compose,
    Context::Browse,
    Context::Models,
    Context::Usage,
    Context::History,
];

/// All actions, found by their words.
#[derive(Clone, Debug)]
pub struct Palette {
    field: Field,
    /// Actions that match, best first.
    found: Vec<Action>,
    /// The places one came from; their actions come before those of other places.
    places: Vec<Context>,
    cursor: Cursor,
}

impl Palette {
    pub fn new(places: &[Context]) -> Palette {
        let mut palette = Palette {
            field: Field::new(""),
            found: Vec::new(),
            places: places.to_vec(),
            cursor: Cursor::default(),
        };
        palette.search();
        palette
    }

    /// Every action that means something outside an overlay: first what works everywhere, which
    /// is what people look around for, then those of the places one came from; the others take
    /// one to their place.
    fn candidates(&self) -> impl Iterator<Item = Action> + '_ {
        let of =
            |place: Context| Action::ALL.iter().copied().filter(move |a| a.info().context == place);
        let here = self.places.iter().copied().filter(|place| *place != Context::Global);
        let others = REACHED.into_iter().filter(|place| !self.places.contains(place));
        let places = std::iter::once(Context::Global).chain(here).chain(others);
        // What has one key everywhere and another where letters act is one thing here.
        let mut known = HashSet::new();
        let is_new = move |a: &Action| known.insert((a.info().title, a.info().help));
        places.flat_map(of).filter(|a| *a != Action::Palette).filter(is_new)
    }

    fn search(&mut self) {
        let pattern = Pattern::parse(self.field.text(), CaseMatching::Ignore, Normalization::Smart);
        let words: Vec<String> =
            self.field.text().split_whitespace().map(str::to_lowercase).collect();
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut chars = Vec::new();
        let mut scored: Vec<(u32, Action)> = self
            .candidates()
            .filter_map(|action| {
                let info = action.info();
                let mut best = None;
                for (text, bonus) in [(info.title, 20), (info.id, 10)] {
                    let score = pattern.score(Utf32Str::new(text, &mut chars), &mut matcher);
                    best = best.max(score.map(|s| s + bonus));
                }
                // Scattered letters are in every sentence; only whole words count there.
                let help = info.help.to_lowercase();
                let said = words.iter().all(|word| help.contains(word.as_str()));
                best.or(said.then_some(0)).map(|score| (score, action))
            })
            .collect();
        // Stable: equal ones stay in the order of the table, the nearest place first.
        scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        self.found = scored.into_iter().map(|(_, action)| action).collect();
        self.cursor.reset();
    }

    pub fn act(&mut self, action: Action, _cx: &Cx) -> Outcome {
        match action {
            Action::Accept => {
                return match self.found.get(self.cursor.selected()) {
                    Some(action) => Outcome::Chosen(Choice::Run(*action)),
                    None => Outcome::Stay,
                };
            }
            Action::Palette => return Outcome::Close,
            other => walk(&mut self.cursor, other, self.found.len()),
        }
        Outcome::Stay
    }

    pub fn text(&mut self, key: KeyEvent, _cx: &Cx) {
        if typing::edit(&mut self.field, key) {
            self.search();
        }
    }

    pub fn paste(&mut self, text: &str, _cx: &Cx) {
        typing::paste(&mut self.field, text);
        self.search();
    }

    pub fn draw(&self, cx: &Cx, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let note = format!("{} actions", self.found.len());
        let panel =
            Panel { title: "actions", note: &note, foot: "Enter run · Esc close", focus: true };
        let inner = overlay(area, 90, ROWS + 4, panel, buf, cx.theme);
        if inner.height < 2 {
            return None;
        }
        let line = Rect { height: 1, ..inner };
        let cursor = self.field.draw(line, buf, cx.theme, "type a word: theme, model, copy …");
        let list = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
        let columns =
            [Column::fixed("", 17), Column::flex("", 20), Column::fixed("", KEYS).drop_at(1)];
        let page = usize::from(list.height);
        let table = Table {
            columns: &columns,
            header: false,
            rows: self.found.len(),
            offset: self.cursor.offset(self.found.len(), page),
            selected: Some(self.cursor.selected()),
        };
        table.draw(list, buf, cx.theme, |row| {
            let action = self.found[row];
            let info = action.info();
            vec![
                Cell::new(Role::Text, info.title),
                Cell::new(Role::Dim, info.help),
                Cell::new(Role::Key, some_of(&cx.keymap.keys_of(action))),
            ]
        });
        cursor
    }
}

/// As many of the keys as there is room for; the help has all of them.
fn some_of(keys: &[String]) -> String {
    let mut shown = String::new();
    for key in keys {
        let gap = if shown.is_empty() { "" } else { ", " };
        let columns = text::width(&shown) + text::width(gap) + text::width(key);
        if columns > usize::from(KEYS) && !shown.is_empty() {
            break;
        }
        shown.push_str(gap);
        shown.push_str(key);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_letters_find_an_action_by_title_id_or_help() {
        let mut palette = Palette::new(&[Context::Compose, Context::Browse, Context::Global]);
        for (typed, first) in [
            ("theme", Action::NextTheme),
            ("new chat", Action::NewChat),
            ("app.redraw", Action::Redraw),
            ("sleep", Action::Suspend),
            ("models.sort", Action::SortModels),
            ("history.rename", Action::RenameChat),
        ] {
            palette.field.set(typed);
            palette.search();
            assert_eq!(palette.found.first(), Some(&first), "{typed}");
        }
        palette.field.set("zzzz");
        palette.search();
        assert!(palette.found.is_empty());
    }
}
