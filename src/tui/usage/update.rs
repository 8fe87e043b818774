//! What keys and replies do to the board.

use crate::domain::ask::{UsageAsk, UsageBy};
use crate::domain::id::ChatId;
use crate::engine::{Query, Reply, Trouble};
use crate::tui::action::{Action, Context};
use crate::tui::cx::Cx;
use crate::tui::effect::{Effect, Effects, Place, Ticket};

use super::board::{Board, Figures, Slot, Subject};
use super::period::Period;

impl Board {
    pub fn context(&self) -> Context {
        Context::Usage
    }

    /// The pane comes into view, or the ledger changed: asks for its figures anew. `chat` is the
    /// open chat.
    pub fn refresh(&mut self, chat: Option<ChatId>, cx: &Cx) -> Effects {
        if self.chat != chat {
            self.chat = chat;
            self.of_chat = Figures::default();
            if self.period == Period::Chat {
                self.table = Figures::default();
            }
        }
        let total = |period| Subject { period, by: None };
        let days = Subject { period: Period::Chart, by: Some(UsageBy::Day) };
        let wishes = [
            (Slot::OfChat, total(Period::Chat)),
            (Slot::Today, total(Period::Today)),
            (Slot::Month, total(Period::Month)),
            (Slot::Days, days),
            (Slot::Table, self.subject()),
        ];
        wishes.into_iter().filter_map(|(slot, subject)| self.ask(slot, subject, cx)).collect()
    }

    pub fn act(&mut self, action: Action, cx: &Cx) -> Effects {
        let total = self.lines();
        match action {
            Action::UsageByModel => return self.regroup(UsageBy::Model, self.period, cx),
            Action::UsageByProvider => return self.regroup(UsageBy::Provider, self.period, cx),
            Action::UsageByDay => return self.regroup(UsageBy::Day, self.period, cx),
            Action::UsageByChat => return self.regroup(UsageBy::Chat, self.period, cx),
            Action::UsageWindow => return self.regroup(self.by, self.period.next(), cx),
            Action::UsageRefresh => {
                let mut effects = vec![Effect::RefreshKey];
                effects.extend(self.refresh(self.chat, cx));
                return effects;
            }
            Action::UsageDown => self.cursor.down(1, total),
            Action::UsageUp => self.cursor.up(1, total),
            // The keys of the conversation reach this place too.
            Action::PageDown => self.cursor.page_down(total),
            Action::PageUp => self.cursor.page_up(total),
            Action::Top => self.cursor.go(0, total),
            Action::Bottom => self.cursor.go(usize::MAX, total),
            _ => {}
        }
        Effects::new()
    }

    pub fn hear(&mut self, ticket: Ticket, reply: Result<Reply, Trouble>, _cx: &Cx) {
        let waits = |slot: &Slot| match self.figures(*slot).waiting {
            Some((number, subject)) if number == ticket.number => Some((*slot, subject)),
            _ => None,
        };
        let Some((slot, subject)) = Slot::ALL.iter().find_map(waits) else { return };
        let figures = self.figures_mut(slot);
        figures.waiting = None;
        match reply {
            Ok(Reply::Usage(report)) => {
                figures.shown = Some((subject, report));
                figures.trouble = None;
            }
            Err(trouble) => figures.trouble = Some(trouble),
            Ok(Reply::Chats(_) | Reply::Chat(_) | Reply::Endpoints(_) | Reply::Start(_)) => {}
        }
        self.cursor.go(self.cursor.selected(), self.lines());
    }

    /// What the table is to show.
    pub(super) fn subject(&self) -> Subject {
        Subject { period: self.period, by: Some(self.by) }
    }

    fn regroup(&mut self, by: UsageBy, period: Period, cx: &Cx) -> Effects {
        (self.by, self.period) = (by, period);
        self.cursor.reset();
        Effects::from_iter(self.ask(Slot::Table, self.subject(), cx))
    }

    /// Asks, under the next number; of a chat that was never sent there is nothing to ask.
    fn ask(&mut self, slot: Slot, subject: Subject, cx: &Cx) -> Option<Effect> {
        let of_chat = subject.period == Period::Chat;
        if of_chat && self.chat.is_none() {
            *self.figures_mut(slot) = Figures::default();
            return None;
        }
        self.asked += 1;
        let number = self.asked;
        self.figures_mut(slot).waiting = Some((number, subject));
        let wanted = UsageAsk {
            by: subject.by,
            since: subject.period.since(cx.now.wall),
            until: None,
            chat: self.chat.filter(|_| of_chat),
            include_simulated: cx.upstream.simulated,
        };
        Some(Effect::Ask(Ticket { place: Place::Usage, number }, Query::Usage(wanted)))
    }
}
