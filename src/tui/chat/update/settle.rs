//! What becomes known of an answer after it ended: what it cost in truth, what it used.

use crate::domain::cost::Cost;
use crate::domain::usage::{LedgerEntry, Totals};

use crate::tui::chat::state::{Chats, Conversation};

impl Chats {
    /// An entry of the ledger is known better now: corrects the answer it belongs to and the
    /// totals of its chat.
    pub fn settle(&mut self, before: &LedgerEntry, after: &LedgerEntry) {
        for conversation in std::iter::once(&mut self.open).chain(&mut self.parked) {
            if after.chat.is_some() && after.chat == conversation.chat {
                exchange(&mut conversation.totals, before, after);
            }
            conversation.settle(before, after);
        }
    }
}

impl Conversation {
    fn settle(&mut self, before: &LedgerEntry, after: &LedgerEntry) {
        let Some(id) = after.generation_id.as_deref() else { return };
        for item in &mut self.items {
            let Some(receipt) = &mut item.receipt else { continue };
            if receipt.generation_id.as_deref() != Some(id) {
                continue;
            }
            // The cost of several attempts is more than that of the one.
            if receipt.cost == before.cost {
                receipt.cost = after.cost;
            }
            if after.usage.is_some() {
                receipt.usage.clone_from(&after.usage);
            }
            item.revision += 1;
        }
    }
}

/// Puts what a row says now in the place of what it said before.
pub fn exchange(totals: &mut Totals, before: &LedgerEntry, after: &LedgerEntry) {
    match before.cost {
        Cost::Billed(usd) => totals.cost = totals.cost - usd,
        Cost::Computed(usd) => {
            totals.cost = totals.cost - usd;
            totals.computed = totals.computed.saturating_sub(1);
        }
        Cost::Unknown => totals.unknown = totals.unknown.saturating_sub(1),
    }
    match after.cost {
        Cost::Billed(usd) => totals.cost += usd,
        Cost::Computed(usd) => {
            totals.cost += usd;
            totals.computed += 1;
        }
        Cost::Unknown => totals.unknown += 1,
    }
    let tokens = |entry: &LedgerEntry| {
        entry
            .usage
            .as_ref()
            .map_or((0, 0, 0), |u| (u.prompt_tokens, u.cached_tokens, u.completion_tokens))
    };
    let (old, new) = (tokens(before), tokens(after));
    totals.prompt_tokens = (totals.prompt_tokens + new.0).saturating_sub(old.0);
    totals.cached_tokens = (totals.cached_tokens + new.1).saturating_sub(old.1);
    totals.completion_tokens = (totals.completion_tokens + new.2).saturating_sub(old.2);
}
