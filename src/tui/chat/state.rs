//! The state of the chat pane: the open conversation and those that go on in the background.

use std::collections::{HashMap, HashSet};

use crate::domain::conversation::{Chat, Message, MessageState};
use crate::domain::estimate;
use crate::domain::id::{ChatId, MessageId, ModelId, TurnId};
use crate::domain::turn::Params;
use crate::domain::usage::Totals;

use super::composer::Composer;
use super::item::{Item, Live};

/// Which half of the pane the keys go to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// Keys type.
    #[default]
    Compose,
    /// Letters act.
    Browse,
}

/// What the reader looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scroll {
    /// The end, wherever it goes.
    #[default]
    Follow,
    /// This line of this item is at the top and stays there.
    At { item: usize, line: usize },
}

/// One conversation with everything that belongs to it.
#[derive(Clone, Debug, Default)]
pub struct Conversation {
    pub chat: Option<ChatId>,
    pub title: String,
    pub model: Option<ModelId>,
    /// The model before this one, for the key that flips between two.
    pub previous_model: Option<ModelId>,
    pub params: Params,
    pub items: Vec<Item>,
    pub draft: Composer,
    pub scroll: Scroll,
    /// Lines to scroll at the next frame, which knows how far there is to go.
    pub pending_scroll: i64,
    pub selected: Option<usize>,
    pub live: Option<Live>,
    /// What the finished answers of this chat cost, whether shown or not.
    pub totals: Totals,
}

impl Conversation {
    pub fn new(model: Option<ModelId>, params: Params) -> Conversation {
        Conversation { model, params, ..Conversation::default() }
    }

    /// A stored chat, open at the newest of its paths.
    pub fn stored(
        chat: Chat,
        messages: Vec<Message>,
        totals: Totals,
        key: &mut u64,
    ) -> Conversation {
        let path = newest_path(messages);
        let items = path
            .into_iter()
            .map(|message| {
                *key += 1;
                Item::stored(*key, message)
            })
            .collect();
        Conversation {
            chat: Some(chat.id),
            title: chat.title,
            model: chat.model,
            params: chat.params,
            items,
            totals,
            ..Conversation::default()
        }
    }

    pub fn is_live(&self) -> bool {
        self.live.is_some()
    }

    /// Nothing was said yet.
    pub fn is_new(&self) -> bool {
        self.items.is_empty()
    }

    /// The id of the last stored message, behind which the next one goes.
    pub fn last_id(&self) -> Option<MessageId> {
        self.items.iter().rev().find_map(|item| item.id)
    }

    /// Changes the model; the one before is remembered, so that one can go back to it.
    pub fn use_model(&mut self, model: ModelId) {
        if self.model.as_ref() != Some(&model) {
            self.previous_model = self.model.replace(model);
        }
    }

    /// Estimated tokens of what the next send carries: system prompt, messages and draft.
    pub fn prompt_tokens(&self) -> u64 {
        let system = self.params.system.as_deref().map_or(0, estimate::tokens);
        let said: u64 = self.items.iter().filter(|i| is_sent(i)).map(|i| i.tokens).sum();
        // An answer that is still coming goes with no send yet.
        let coming = self.live.as_ref().and_then(|live| self.items.get(live.item));
        let said = said - coming.filter(|i| is_sent(i)).map_or(0, |i| i.tokens);
        system + said + self.draft.tokens()
    }

    /// The item that keys act on: the selected one, else the last answer.
    pub fn current(&self) -> Option<usize> {
        let last = self.items.len().checked_sub(1)?;
        Some(self.selected.map_or(last, |at| at.min(last)))
    }
}

/// Whether an item goes with the next request: answers without text do not.
pub fn is_sent(item: &Item) -> bool {
    !item.text.is_empty()
}

/// The path from the root to the message written last.
fn newest_path(messages: Vec<Message>) -> Vec<Message> {
    let Some(newest) = messages.iter().max_by_key(|m| (m.created, m.id)) else {
        return Vec::new();
    };
    let parents: HashMap<MessageId, Option<MessageId>> =
        messages.iter().map(|m| (m.id, m.parent)).collect();
    let mut wanted = HashSet::new();
    let mut at = Some(newest.id);
    while let Some(id) = at.filter(|id| wanted.insert(*id)) {
        at = parents.get(&id).copied().flatten();
    }
    messages.into_iter().filter(|m| wanted.contains(&m.id)).collect()
}

/// The open conversation and those whose answers go on behind it.
#[derive(Clone, Debug, Default)]
pub struct Chats {
    pub open: Conversation,
    pub parked: Vec<Conversation>,
    pub part: Part,
    next_key: u64,
    next_turn: u64,
}

impl Chats {
    pub fn new(open: Conversation) -> Chats {
        Chats { open, ..Chats::default() }
    }

    pub fn take_key(&mut self) -> u64 {
        self.next_key += 1;
        self.next_key
    }

    pub fn take_turn(&mut self) -> TurnId {
        self.next_turn += 1;
        TurnId(self.next_turn)
    }

    /// The conversation a turn belongs to.
    pub fn of_turn(&mut self, turn: TurnId) -> Option<&mut Conversation> {
        let is_it = |c: &&mut Conversation| c.live.as_ref().is_some_and(|live| live.turn == turn);
        std::iter::once(&mut self.open).chain(self.parked.iter_mut()).find(is_it)
    }

    /// Puts another conversation in front. One whose answer is still coming goes on behind it.
    pub fn show(&mut self, conversation: Conversation) {
        let before = std::mem::replace(&mut self.open, conversation);
        if before.is_live() {
            self.parked.push(before);
        }
    }

    /// Puts a conversation in front that goes on in the background; whether there is one.
    pub fn show_parked(&mut self, chat: ChatId) -> bool {
        let Some(at) = self.parked.iter().position(|c| c.chat == Some(chat)) else {
            return false;
        };
        let parked = self.parked.remove(at);
        self.show(parked);
        true
    }

    pub fn open_stored(&mut self, chat: Chat, messages: Vec<Message>, totals: Totals) {
        let conversation = Conversation::stored(chat, messages, totals, &mut self.next_key);
        self.show(conversation);
    }

    /// Drops background conversations whose turn has ended.
    pub fn drop_finished(&mut self) {
        self.parked.retain(Conversation::is_live);
    }

    /// How many answers are coming, the open one included.
    pub fn live_turns(&self) -> Vec<TurnId> {
        std::iter::once(&self.open)
            .chain(&self.parked)
            .filter_map(|c| c.live.as_ref().map(|live| live.turn))
            .collect()
    }
}

/// Whether the text of an answer may be incomplete, and in which words to say so.
pub fn incomplete(state: MessageState) -> Option<&'static str> {
    match state {
        MessageState::Done | MessageState::Streaming => None,
        MessageState::Stopped => Some("stopped by you; the text so far is kept"),
        MessageState::Failed => Some("not complete"),
        MessageState::Interrupted => {
            Some("interrupted when the program ended; what had come is kept")
        }
    }
}

/// The time a draft is left alone before it is written down, in milliseconds.
pub const DRAFT_DELAY_MS: u64 = 300;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::conversation::Role;
    use crate::domain::id::Millis;

    fn message(id: i64, parent: Option<i64>, role: Role) -> Message {
        Message {
            id: MessageId(id),
            parent: parent.map(MessageId),
            role,
            state: MessageState::Done,
            text: format!("m{id}"),
            reasoning: String::new(),
            created: Millis(id),
            model: None,
            receipt: None,
        }
    }

    #[test]
    fn a_chat_opens_at_the_path_written_last() {
        let messages = vec![
            message(1, None, Role::User),
            message(2, Some(1), Role::Assistant),
            message(3, Some(1), Role::Assistant),
            message(4, Some(3), Role::User),
        ];
        let ids: Vec<i64> = newest_path(messages).iter().map(|m| m.id.0).collect();
        assert_eq!(ids, [1, 3, 4]);
    }

    #[test]
    fn the_model_before_is_remembered_once() {
        let mut chat = Conversation::new(Some("a/one".into()), Params::default());
        chat.use_model("b/two".into());
        chat.use_model("b/two".into());
        assert_eq!(chat.previous_model, Some("a/one".into()));
    }
}
