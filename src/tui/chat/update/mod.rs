//! What happens to a conversation: sending, hearing the answer, moving about.

mod settle;

use std::time::Duration;

use crate::domain::conversation::{MessageState, Role, title_of};
use crate::domain::cost::Cost;
use crate::domain::estimate;
use crate::domain::fault::Billing;
use crate::domain::id::TurnId;
use crate::domain::text::SafeText;
use crate::domain::turn::{
    Ending, Keep, PromptMessage, ProviderRules, Receipt, TurnEvent, TurnRequest,
};
use crate::domain::usage::Totals;

pub use settle::exchange;

use super::item::{Item, Live, Phase};
use super::state::{Chats, Conversation, Part, Scroll, is_sent};
use crate::tui::action::Action;
use crate::tui::effect::{Effect, Effects};
use crate::tui::msg::Now;

/// Why a send is not possible now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSent {
    /// There is no text.
    Empty,
    /// An answer is still coming.
    Busy,
    NoModel,
    /// There is no message to answer again.
    NothingToRetry,
}

impl Chats {
    /// Sends the draft of the open conversation.
    pub fn send(&mut self, now: Now) -> Result<Effects, NotSent> {
        if self.open.draft.is_blank() {
            return Err(NotSent::Empty);
        }
        if self.open.is_live() {
            return Err(NotSent::Busy);
        }
        if self.open.model.is_none() {
            return Err(NotSent::NoModel);
        }
        let parent = self.open.last_id();
        let keep = match self.open.chat {
            Some(chat) => Keep::Append { chat, parent },
            None => Keep::NewChat,
        };
        let text = self.open.draft.take();
        if self.open.title.is_empty() {
            self.open.title = title_of(&text);
        }
        let key = self.take_key();
        self.open.items.push(Item::new(key, Role::User, text, now.wall));
        Ok(self.ask(keep, now))
    }

    /// Asks for another answer to the last message of the user; the answer it had is replaced on
    /// screen and stays in the store.
    pub fn retry(&mut self, now: Now) -> Result<Effects, NotSent> {
        if self.open.is_live() {
            return Err(NotSent::Busy);
        }
        if self.open.model.is_none() {
            return Err(NotSent::NoModel);
        }
        let asked = self.open.items.iter().rposition(|i| i.role == Role::User);
        let asked = asked.ok_or(NotSent::NothingToRetry)?;
        self.open.items.truncate(asked + 1);
        let keep = match (self.open.chat, self.open.items[asked].id) {
            (Some(chat), Some(to)) => Keep::Answer { chat, to },
            _ => Keep::NewChat,
        };
        Ok(self.ask(keep, now))
    }

    fn ask(&mut self, keep: Keep, now: Now) -> Effects {
        let turn = self.take_turn();
        let key = self.take_key();
        let open = &mut self.open;
        let Some(model) = open.model.clone() else { return Vec::new() };
        let prompt_tokens = open.prompt_tokens();
        let request = TurnRequest {
            model: model.clone(),
            messages: open.items.iter().filter(|i| is_sent(i)).map(prompt_message).collect(),
            params: open.params.clone(),
            rules: ProviderRules::default(),
            keep,
            stream: true,
        };
        let mut answer = Item::new(key, Role::Assistant, String::new(), now.wall);
        answer.state = MessageState::Streaming;
        answer.model = Some(model);
        open.items.push(answer);
        let live = Live::new(turn, open.items.len() - 1, now.instant);
        open.live = Some(Live { prompt_tokens, ..live });
        open.scroll = Scroll::Follow;
        open.pending_scroll = 0;
        open.selected = None;
        vec![Effect::StartTurn(turn, Box::new(request))]
    }

    /// Stops the open conversation's answer; `None` when none is coming.
    pub fn stop(&mut self) -> Option<Effects> {
        let live = self.open.live.as_mut()?;
        live.phase = Phase::Stopping;
        Some(vec![Effect::StopTurn(live.turn)])
    }

    /// Takes in one event of a turn. `Some` when the turn has ended: the receipt's cost is in
    /// the conversation's totals then.
    pub fn hear(&mut self, turn: TurnId, event: TurnEvent, now: Now) -> Option<Ending> {
        let conversation = self.of_turn(turn)?;
        conversation.hear(event, now)
    }

    /// Time passed: the figures of answers that pause are brought up to date.
    pub fn tick(&mut self, now: Now) {
        for conversation in std::iter::once(&mut self.open).chain(&mut self.parked) {
            if let Some(live) = &mut conversation.live
                && let Some(item) = conversation.items.get_mut(live.item)
            {
                live.count(item, now.instant);
            }
        }
    }

    /// What a key means to the conversation when it has the keys.
    pub fn browse(&mut self, action: Action, page: u16) {
        let page = i64::from(page.max(2)) - 1;
        match action {
            Action::ScrollDown => self.open.pending_scroll += 1,
            Action::ScrollUp => self.open.pending_scroll -= 1,
            Action::PageDown | Action::ComposePageDown => self.open.pending_scroll += page,
            Action::PageUp | Action::ComposePageUp => self.open.pending_scroll -= page,
            Action::Top => self.open.jump(Some(0)),
            Action::Bottom => self.open.jump(None),
            Action::MessageDown => self.open.select(1),
            Action::MessageUp => self.open.select(-1),
            Action::FoldReasoning => self.open.fold_reasoning(),
            Action::ToCompose => self.part = Part::Compose,
            Action::ToBrowse => self.part = Part::Browse,
            _ => {}
        }
    }
}

impl Conversation {
    fn hear(&mut self, event: TurnEvent, now: Now) -> Option<Ending> {
        let live = self.live.as_mut()?;
        let item = self.items.get_mut(live.item)?;
        match event {
            TurnEvent::Saved { chat, user, answer } => {
                self.chat = Some(chat);
                item.id = Some(answer);
                if let Some(asked) = live.item.checked_sub(1).and_then(|at| self.items.get_mut(at))
                {
                    asked.id = Some(user);
                }
            }
            TurnEvent::NotSaved(why) => {
                item.not_saved = Some(why);
                item.revision += 1;
            }
            TurnEvent::Trying { attempt, .. } => {
                live.attempt = attempt;
                if live.phase != Phase::Stopping {
                    live.phase = Phase::Asked;
                }
            }
            TurnEvent::Waiting { until, fault } => {
                if live.phase != Phase::Stopping {
                    let ms = u64::try_from(until.0 - now.wall.0).unwrap_or(0);
                    let until = now.instant + Duration::from_millis(ms);
                    let why = SafeText::new(fault.class.headline());
                    live.phase = Phase::Waiting { until, why };
                }
            }
            TurnEvent::Accepted { provider, .. } => {
                live.first = Some(now.instant);
                live.provider = provider;
            }
            TurnEvent::Reasoning(piece) => {
                item.reasoning.push_str(&piece);
                live.count(item, now.instant);
                if live.phase != Phase::Stopping {
                    live.phase = Phase::Thinking;
                }
            }
            TurnEvent::Text(piece) => {
                item.text.push_str(&piece);
                live.count(item, now.instant);
                if live.phase != Phase::Stopping {
                    live.phase = Phase::Writing;
                }
            }
            TurnEvent::Metered(usage) => live.usage = Some(usage),
            TurnEvent::Ended { ending, receipt } => {
                item.state = state_of(&ending);
                item.revision += 1;
                item.tokens = estimate::tokens(&item.text);
                count_receipt(&mut self.totals, &receipt);
                self.totals.failed += u64::from(matches!(ending, Ending::Failed(_)));
                item.receipt = Some(*receipt);
                self.live = None;
                return Some(ending);
            }
        }
        None
    }

    /// To an item, or to the end to follow it.
    pub fn jump(&mut self, to: Option<usize>) {
        self.pending_scroll = 0;
        self.selected = to;
        self.scroll = match to {
            Some(item) => Scroll::At { item, line: 0 },
            None => Scroll::Follow,
        };
    }

    fn select(&mut self, by: isize) {
        let Some(last) = self.items.len().checked_sub(1) else { return };
        let next = match (self.selected, by) {
            (None, by) if by > 0 => None,
            (None, _) => Some(last),
            (Some(at), by) => at.checked_add_signed(by).filter(|at| *at <= last).or(match by {
                ..=0 => Some(0),
                1.. => None,
            }),
        };
        self.jump(next);
    }

    fn fold_reasoning(&mut self) {
        let Some(at) = self.current() else { return };
        let answer = self.items[..=at].iter_mut().rev().find(|item| !item.reasoning.is_empty());
        if let Some(item) = answer {
            item.unfolded = !item.unfolded;
            item.revision += 1;
        }
    }

    /// What the view found out about the scroll that was asked for.
    pub fn settle_scroll(&mut self, top: (usize, usize), at_end: bool) {
        if self.pending_scroll != 0 || matches!(self.scroll, Scroll::At { .. }) {
            let went_down = self.pending_scroll > 0;
            self.scroll = match (at_end && went_down, self.scroll) {
                (true, _) => Scroll::Follow,
                (false, _) => Scroll::At { item: top.0, line: top.1 },
            };
        }
        self.pending_scroll = 0;
    }
}

fn prompt_message(item: &Item) -> PromptMessage {
    PromptMessage { role: item.role, text: item.text.clone() }
}

fn state_of(ending: &Ending) -> MessageState {
    match ending {
        Ending::Done(_) => MessageState::Done,
        Ending::Stopped => MessageState::Stopped,
        Ending::Failed(_) => MessageState::Failed,
    }
}

/// Adds what an answer used and cost to the totals of its chat.
pub fn count_receipt(totals: &mut Totals, receipt: &Receipt) {
    totals.sends += 1;
    if let Some(usage) = &receipt.usage {
        totals.prompt_tokens += usage.prompt_tokens;
        totals.cached_tokens += usage.cached_tokens;
        totals.completion_tokens += usage.completion_tokens;
    }
    match receipt.cost {
        Cost::Billed(usd) => totals.cost += usd,
        Cost::Computed(usd) => {
            totals.cost += usd;
            totals.computed += 1;
        }
        // Refused before any work was done costs nothing; that is known.
        Cost::Unknown if was_not_billed(receipt) => {}
        Cost::Unknown => totals.unknown += 1,
    }
}

fn was_not_billed(receipt: &Receipt) -> bool {
    let last = receipt.attempts.last().and_then(|attempt| attempt.fault.as_ref());
    last.is_some_and(|fault| fault.billing == Billing::NotBilled)
}

#[cfg(test)]
mod tests;
