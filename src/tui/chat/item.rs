//! One message on screen, and the answer that is still coming.

use std::time::{Duration, Instant};

use crate::domain::conversation::{Message, MessageState, Role};
use crate::domain::cost::Cost;
use crate::domain::estimate;
use crate::domain::fault::Fault;
use crate::domain::id::{MessageId, Millis, ModelId, TurnId};
use crate::domain::text::SafeText;
use crate::domain::turn::Receipt;
use crate::domain::usage::Usage;

/// Figures that change with every word are counted and shown anew this often: more often nobody
/// reads them, and each time they are written they cost more than the words themselves.
const BEAT: Duration = Duration::from_secs(1);

/// One message of the open path. Text is raw; the view cleans it as it lays it out.
#[derive(Clone, Debug)]
pub struct Item {
    /// Names the message to the caches of the view; never reused while the program runs.
    pub key: u64,
    /// Grows with each change that is not an appended piece of text.
    pub revision: u64,
    pub id: Option<MessageId>,
    pub role: Role,
    pub state: MessageState,
    pub text: String,
    pub reasoning: String,
    /// The reasoning is shown in full.
    pub unfolded: bool,
    pub created: Millis,
    pub model: Option<ModelId>,
    pub receipt: Option<Receipt>,
    /// The store could not keep it: why.
    pub not_saved: Option<SafeText>,
    /// Estimated tokens of the text, brought up to date about once a second as it grows.
    pub tokens: u64,
}

impl Item {
    pub fn new(key: u64, role: Role, text: String, created: Millis) -> Item {
        Item {
            key,
            revision: 0,
            id: None,
            role,
            state: MessageState::Done,
            tokens: estimate::tokens(&text),
            text,
            reasoning: String::new(),
            unfolded: false,
            created,
            model: None,
            receipt: None,
            not_saved: None,
        }
    }

    /// A stored message.
    pub fn stored(key: u64, message: Message) -> Item {
        let mut item = Item::new(key, message.role, message.text, message.created);
        item.id = Some(message.id);
        item.state = message.state;
        item.reasoning = message.reasoning;
        item.model = message.model;
        item.receipt = message.receipt;
        item
    }

    /// Why it failed, when it did.
    pub fn fault(&self) -> Option<&Fault> {
        self.receipt.as_ref()?.attempts.last()?.fault.as_ref()
    }

    pub fn cost(&self) -> Option<Cost> {
        self.receipt.as_ref().map(|receipt| receipt.cost)
    }

    pub fn is_answer(&self) -> bool {
        self.role == Role::Assistant
    }
}

/// How far the answer that is coming has got.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// The request is out, nothing came yet.
    Asked,
    /// A pause before another attempt.
    Waiting {
        until: Instant,
        why: SafeText,
    },
    Thinking,
    Writing,
    /// The user stopped it; the ending is on its way.
    Stopping,
}

/// The turn that is running in a conversation.
#[derive(Clone, Debug)]
pub struct Live {
    pub turn: TurnId,
    /// Index of the answer among the items.
    pub item: usize,
    pub started: Instant,
    /// When the first content came.
    pub first: Option<Instant>,
    pub phase: Phase,
    pub attempt: u32,
    pub provider: Option<SafeText>,
    /// The upstream's counts, once it said them.
    pub usage: Option<Usage>,
    /// Estimated tokens of the prompt, for the cost so far.
    pub prompt_tokens: u64,
    /// The beat at which tokens were counted last, and up to where in text and reasoning.
    pub counted: (Option<Duration>, usize, usize),
}

impl Live {
    pub fn new(turn: TurnId, item: usize, started: Instant) -> Live {
        Live {
            turn,
            item,
            started,
            first: None,
            phase: Phase::Asked,
            attempt: 1,
            provider: None,
            usage: None,
            prompt_tokens: 0,
            counted: (None, 0, 0),
        }
    }

    /// The time since the turn began, in [`steps`].
    pub fn elapsed(&self, now: Instant) -> Duration {
        steps(now.saturating_duration_since(self.started))
    }

    /// Counts the tokens that came since the last beat, once in each.
    pub fn count(&mut self, item: &mut Item, now: Instant) {
        let beat = Some(self.elapsed(now));
        let (last, text, reasoning) = self.counted;
        if last == beat {
            return;
        }
        let new = |whole: &str, from: usize| estimate::tokens(whole.get(from..).unwrap_or(""));
        item.tokens += new(&item.text, text) + new(&item.reasoning, reasoning);
        self.counted = (beat, item.text.len(), item.reasoning.len());
    }
}

/// A time cut to whole beats; in the first one, when everything is new, to quarters of it.
pub fn steps(time: Duration) -> Duration {
    let beat = if time < BEAT { BEAT / 4 } else { BEAT }.as_millis();
    let whole = time.as_millis() / beat * beat;
    Duration::from_millis(u64::try_from(whole).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_counted_seldom_and_none_is_lost() {
        let start = Instant::now();
        let mut item = Item::new(1, Role::Assistant, String::new(), Millis(0));
        let mut live = Live::new(TurnId(1), 0, start);
        let mut changes = 0;
        for delta in 0..1000 {
            let before = item.tokens;
            item.text.push_str("word ");
            live.count(&mut item, start + Duration::from_millis(delta * 5));
            changes += u32::from(item.tokens != before);
        }
        assert_eq!(changes, 8, "at once, thrice in the first second, four times in the others");
        live.count(&mut item, start + Duration::from_secs(5));
        let exact = estimate::tokens(&item.text);
        assert!((exact..exact + 10).contains(&item.tokens), "{} of {exact}", item.tokens);
    }
}
