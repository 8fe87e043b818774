//! Receiving an answer: its events become text on stdout as they come, and one reply at the end.

use std::io::{self, IsTerminal};

use crate::cli::failure::{INTERRUPTED, Said};
use crate::cli::interrupts::Interrupts;
use crate::cli::moment::now;
use crate::cli::output::{Out, say};
use crate::domain::fault::Fault;
use crate::domain::id::{ChatId, MessageId, Millis};
use crate::domain::text::Cleaner;
use crate::domain::turn::{Ending, Receipt, TurnEvent};
use crate::engine::Turn;

/// A finished turn. Text and reasoning are as they were received.
pub(super) struct Reply {
    pub(super) text: String,
    pub(super) reasoning: String,
    pub(super) ending: Ending,
    pub(super) receipt: Box<Receipt>,
    /// Where it is kept, if it is kept as a chat: the chat and the question.
    pub(super) chat: Option<ChatId>,
    pub(super) question: Option<MessageId>,
}

/// Receives a turn to its end. With `live` the text is written as it comes. The first signal stops
/// the turn, the second one does not wait for its ending.
pub(super) async fn receive(
    mut turn: Turn,
    mut live: Option<Live<'_>>,
    interrupts: &mut Interrupts,
) -> anyhow::Result<Reply> {
    let mut text = String::new();
    let mut reasoning = String::new();
    let mut kept = (None, None);
    let mut is_stopping = false;
    let mut broken: Option<anyhow::Error> = None;
    loop {
        let event = tokio::select! {
            event = turn.events.recv() => event,
            () = interrupts.wait() => {
                if is_stopping {
                    return Err(Said(INTERRUPTED).into());
                }
                is_stopping = true;
                turn.stop.stop();
                continue;
            }
        };
        match event {
            Some(TurnEvent::Saved { chat, user, .. }) => kept = (Some(chat), Some(user)),
            Some(TurnEvent::NotSaved(why)) => say(&format!("routedeck: not kept: {why}")),
            Some(TurnEvent::Trying { .. } | TurnEvent::Accepted { .. } | TurnEvent::Metered(_)) => {
            }
            Some(TurnEvent::Waiting { until, fault }) => waiting(until, &fault),
            Some(TurnEvent::Reasoning(piece)) => reasoning.push_str(&piece),
            Some(TurnEvent::Text(piece)) => {
                text.push_str(&piece);
                if let Some(live) = live.as_mut().filter(|_| broken.is_none())
                    && let Err(error) = live.push(&piece)
                {
                    // Nobody reads any more: no reason to pay for the rest.
                    broken = Some(error);
                    turn.stop.stop();
                }
            }
            Some(TurnEvent::Ended { ending, receipt }) => {
                if let Some(error) = broken {
                    return Err(error);
                }
                if let Some(live) = live.as_mut() {
                    live.end()?;
                }
                let (chat, question) = kept;
                return Ok(Reply { text, reasoning, ending, receipt, chat, question });
            }
            None => anyhow::bail!("the answer ended without a word on how. Please report this."),
        }
    }
}

/// Why nothing happens for a moment, for whoever looks on.
fn waiting(until: Millis, fault: &Fault) {
    if io::stderr().is_terminal() {
        let seconds = until.seconds_since(now()) + 1;
        say(&format!("routedeck: {}; trying again in {seconds} s", fault.class.headline()));
    }
}

/// Text on its way to stdout.
pub(super) struct Live<'a> {
    out: &'a Out,
    cleaner: Cleaner,
    last: Option<char>,
}

impl<'a> Live<'a> {
    pub(super) fn new(out: &'a Out) -> Live<'a> {
        Live { out, cleaner: Cleaner::default(), last: None }
    }

    fn push(&mut self, piece: &str) -> anyhow::Result<()> {
        if !self.out.is_terminal() {
            self.last = piece.chars().last().or(self.last);
            return self.out.write(piece);
        }
        let mut harmless = String::with_capacity(piece.len());
        self.cleaner.push(piece, &mut harmless);
        self.last = harmless.chars().last().or(self.last);
        self.out.write(&harmless)
    }

    /// Ends the last line, if there is one.
    fn end(&mut self) -> anyhow::Result<()> {
        let mut rest = String::new();
        self.cleaner.finish(&mut rest);
        self.last = rest.chars().last().or(self.last);
        if self.last.is_some_and(|last| last != '\n') {
            rest.push('\n');
        }
        self.out.write(&rest)
    }
}

/// The line below an answer: who answered, what it took.
pub(super) fn footer(receipt: &Receipt) -> String {
    let mut parts = vec![receipt.model_served.as_ref().unwrap_or(&receipt.model_asked).to_string()];
    parts.extend(receipt.provider.as_ref().map(ToString::to_string));
    if let Some(usage) = &receipt.usage {
        parts.push(format!("{} in, {} out", usage.prompt_tokens, usage.completion_tokens));
    }
    if receipt.simulated {
        parts.push(format!("{} simulated, no charge", receipt.cost.label()));
    } else {
        parts.push(receipt.cost.label());
    }
    if let Some(ms) = receipt.ttft_ms {
        parts.push(format!("first token {}.{} s", ms / 1000, ms % 1000 / 100));
    }
    if let Some(tenths) = receipt.tokens_per_second_tenths() {
        parts.push(format!("{}.{} tok/s", tenths / 10, tenths % 10));
    }
    parts.join(" · ")
}
