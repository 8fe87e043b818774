//! What keys and replies do to the browser.

use std::sync::Arc;

use crossterm::event::KeyEvent;

use crate::engine::{Reply, Trouble};
use crate::tui::action::Action;
use crate::tui::cx::Cx;
use crate::tui::effect::{Effects, Ticket};
use crate::tui::typing;

use super::state::Browser;

impl Browser {
    /// The pane comes into view, or the catalogue, the shelf or the draft changed.
    pub fn refresh(&mut self, cx: &Cx) -> Effects {
        if !Arc::ptr_eq(&self.catalog, cx.catalog) {
            self.swap(cx.catalog);
        }
        self.arrived(cx, false)
    }

    /// Does what concerns the pane alone. Using, starring and refreshing are the app's.
    pub fn act(&mut self, action: Action, cx: &Cx) -> Effects {
        let total = self.rows.len();
        match action {
            Action::FilterModels => self.typing = true,
            Action::QueryDone => self.typing = false,
            Action::Back if self.typing && self.field.is_empty() => self.typing = false,
            Action::Back if self.typing => {
                self.field.clear();
                self.query();
            }
            Action::ModelDown | Action::QueryDown => self.cursor.down(1, total),
            Action::ModelUp | Action::QueryUp => self.cursor.up(1, total),
            Action::ModelPageDown | Action::QueryPageDown => self.cursor.page_down(total),
            Action::ModelPageUp | Action::QueryPageUp => self.cursor.page_up(total),
            Action::ModelTop => self.cursor.go(0, total),
            Action::ModelBottom => self.cursor.go(usize::MAX, total),
            Action::SortModels => {
                self.sort = self.sort.next();
                self.reversed = false;
                self.reorder();
            }
            Action::ReverseModels => {
                self.reversed = !self.reversed;
                self.reorder();
            }
            Action::ShowBatch => {
                self.batch = !self.batch;
                let selected = self.selected();
                self.find();
                self.select(selected.as_ref());
            }
            Action::ModelDetails => {
                self.details = !self.details;
                if self.details {
                    return self.ask(cx);
                }
            }
            Action::DetailsDown => {
                self.scroll.top = (self.scroll.top + 1).min(self.scroll.most.get());
            }
            Action::DetailsUp => {
                self.scroll.top = self.scroll.top.min(self.scroll.most.get()).saturating_sub(1);
            }
            _ => {}
        }
        self.arrived(cx, false)
    }

    pub fn text(&mut self, key: KeyEvent, cx: &Cx) -> Effects {
        if typing::edit(&mut self.field, key) {
            self.query();
        }
        self.arrived(cx, true)
    }

    pub fn paste(&mut self, text: &str, cx: &Cx) -> Effects {
        typing::paste(&mut self.field, text);
        self.query();
        self.arrived(cx, true)
    }

    /// Time passed: asks about the selected model when the selection has rested.
    pub fn tick(&mut self, cx: &Cx) -> Effects {
        if self.offers.is_due(cx.now.instant) { self.ask(cx) } else { Effects::new() }
    }

    /// The reply to a question of this pane.
    pub fn hear(&mut self, ticket: Ticket, reply: Result<Reply, Trouble>, _cx: &Cx) {
        self.offers.hear(ticket, reply);
    }

    /// The query changed: the best match is selected.
    fn query(&mut self) {
        self.find();
        self.cursor.reset();
    }

    /// The order changed. Who is at the first line stays there; any other line stays on its model.
    fn reorder(&mut self) {
        let selected = self.selected().filter(|_| self.cursor.selected() > 0);
        self.rank();
        self.find();
        self.select(selected.as_ref());
    }

    /// The selection may be on another model than before.
    fn arrived(&mut self, cx: &Cx, in_haste: bool) -> Effects {
        let selected = self.selected();
        if self.offers.is_elsewhere(selected.as_ref()) {
            self.scroll.top = 0;
        }
        if self.offers.arrive(selected.as_ref(), cx.now.instant, in_haste) {
            return self.ask(cx);
        }
        self.tick(cx)
    }

    fn ask(&mut self, cx: &Cx) -> Effects {
        match self.selected() {
            Some(model) if self.details => self.offers.ask(&model, cx.now.wall),
            _ => Effects::new(),
        }
    }
}
