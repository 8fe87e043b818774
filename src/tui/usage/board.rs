//! What the board knows: the figures it asked for and the window and grouping of its table.

use crate::domain::ask::{UsageBy, UsageReport};
use crate::domain::id::ChatId;
use crate::engine::Trouble;
use crate::tui::cursor::Cursor;

use super::period::Period;

/// The state of the pane.
#[derive(Debug)]
pub struct Board {
    /// The open chat, when it was sent anything.
    pub(super) chat: Option<ChatId>,
    pub(super) period: Period,
    pub(super) by: UsageBy,
    pub(super) cursor: Cursor,
    /// Totals of the open chat.
    pub(super) of_chat: Figures,
    pub(super) today: Figures,
    pub(super) month: Figures,
    /// The last days, one row each.
    pub(super) days: Figures,
    pub(super) table: Figures,
    pub(super) asked: u64,
}

/// Where a report is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    OfChat,
    Today,
    Month,
    Days,
    Table,
}

impl Slot {
    pub(super) const ALL: [Slot; 5] =
        [Slot::OfChat, Slot::Today, Slot::Month, Slot::Days, Slot::Table];
}

/// One report, or why there is none. The last one stays in view, under its own heading, until the
/// next one comes.
#[derive(Clone, Debug, Default)]
pub(super) struct Figures {
    /// The question that is out, and what it is about.
    pub waiting: Option<(u64, Subject)>,
    pub shown: Option<(Subject, UsageReport)>,
    pub trouble: Option<Trouble>,
}

/// What a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Subject {
    pub period: Period,
    pub by: Option<UsageBy>,
}

impl Default for Board {
    fn default() -> Board {
        Board {
            chat: None,
            period: Period::default(),
            by: UsageBy::Model,
            cursor: Cursor::default(),
            of_chat: Figures::default(),
            today: Figures::default(),
            month: Figures::default(),
            days: Figures::default(),
            table: Figures::default(),
            asked: 0,
        }
    }
}

impl Board {
    pub(super) fn figures(&self, slot: Slot) -> &Figures {
        match slot {
            Slot::OfChat => &self.of_chat,
            Slot::Today => &self.today,
            Slot::Month => &self.month,
            Slot::Days => &self.days,
            Slot::Table => &self.table,
        }
    }

    pub(super) fn figures_mut(&mut self, slot: Slot) -> &mut Figures {
        match slot {
            Slot::OfChat => &mut self.of_chat,
            Slot::Today => &mut self.today,
            Slot::Month => &mut self.month,
            Slot::Days => &mut self.days,
            Slot::Table => &mut self.table,
        }
    }

    /// Lines of the table.
    pub(super) fn lines(&self) -> usize {
        self.table.shown.as_ref().map_or(0, |(_, report)| report.rows.len())
    }
}
