//! What the tests of the engine share: requests, and events in short.

use routedeck::domain::conversation::{Message, Role};
use routedeck::domain::id::{ChatId, MessageId};
use routedeck::domain::turn::{
    Ending, Keep, Params, PromptMessage, ProviderRules, Receipt, TurnEvent, TurnRequest,
};
use routedeck::engine::{EngineEvent, Turn};
use routedeck::store::Store;
use tokio::sync::broadcast;

use crate::support::wait_for;

/// A question for a new chat, streamed.
pub(crate) fn ask(model: &str, text: &str) -> TurnRequest {
    TurnRequest {
        model: model.into(),
        messages: vec![PromptMessage { role: Role::User, text: text.into() }],
        params: Params::default(),
        rules: ProviderRules::default(),
        keep: Keep::NewChat,
        stream: true,
    }
}

/// All events of a turn, until its channel closes.
pub(crate) async fn events(mut turn: Turn) -> Vec<TurnEvent> {
    let mut all = Vec::new();
    wait_for("the end of the turn", async {
        while let Some(event) = turn.events.recv().await {
            all.push(event);
        }
    })
    .await;
    all
}

/// Events in short, one word each; what repeats is named once.
pub(crate) fn trace(events: &[TurnEvent]) -> String {
    let mut words: Vec<String> = Vec::new();
    for event in events {
        let word = match event {
            TurnEvent::Saved { .. } => "saved".into(),
            TurnEvent::NotSaved(_) => "not-saved".into(),
            TurnEvent::Trying { attempt, .. } => format!("try-{attempt}"),
            TurnEvent::Waiting { fault, .. } => format!("wait({})", fault.class.as_str()),
            TurnEvent::Accepted { .. } => "accepted".into(),
            TurnEvent::Reasoning(_) => "reasoning".into(),
            TurnEvent::Text(_) => "text".into(),
            TurnEvent::Metered(_) => "metered".into(),
            TurnEvent::Ended { ending, .. } => match ending {
                Ending::Done(reason) => format!("done({})", reason.as_str()),
                Ending::Stopped => "stopped".into(),
                Ending::Failed(fault) => {
                    format!("failed({} {:?})", fault.class.as_str(), fault.billing)
                }
            },
        };
        if words.last() != Some(&word) {
            words.push(word);
        }
    }
    words.join(" ")
}

/// All text of the events.
pub(crate) fn text(events: &[TurnEvent]) -> String {
    let text = |event: &TurnEvent| match event {
        TurnEvent::Text(text) => Some(text.clone()),
        _ => None,
    };
    events.iter().filter_map(text).collect()
}

/// Ending and receipt; there must be exactly one, and last.
pub(crate) fn ended(events: &[TurnEvent]) -> (&Ending, &Receipt) {
    let is_end = |event: &&TurnEvent| matches!(event, TurnEvent::Ended { .. });
    assert_eq!(events.iter().filter(is_end).count(), 1, "{}", trace(events));
    match events.last() {
        Some(TurnEvent::Ended { ending, receipt }) => (ending, receipt),
        _ => panic!("the last event is no ending: {}", trace(events)),
    }
}

/// The ids of the rows a turn was kept in.
pub(crate) fn saved(events: &[TurnEvent]) -> (ChatId, MessageId) {
    let rows = |event: &TurnEvent| match event {
        TurnEvent::Saved { chat, answer, .. } => Some((*chat, *answer)),
        _ => None,
    };
    events.iter().find_map(rows).expect("the turn was not saved")
}

/// A message as it is stored now.
pub(crate) async fn stored(store: &Store, chat: ChatId, message: MessageId) -> Message {
    let (_, messages) = store.chat(chat).await.unwrap().unwrap();
    messages.into_iter().find(|m| m.id == message).unwrap()
}

/// The next event of a turn.
pub(crate) async fn next(turn: &mut Turn) -> TurnEvent {
    wait_for("an event", turn.events.recv()).await.expect("the turn has ended")
}

/// Reads events up to one that fits, which is the last one returned.
pub(crate) async fn up_to(turn: &mut Turn, fits: impl Fn(&TurnEvent) -> bool) -> Vec<TurnEvent> {
    let mut seen = Vec::new();
    loop {
        seen.push(next(turn).await);
        if seen.last().is_some_and(&fits) {
            return seen;
        }
    }
}

pub(crate) fn is_text(event: &TurnEvent) -> bool {
    matches!(event, TurnEvent::Text(_))
}

/// The next thing the engine tells that fits.
pub(crate) async fn heard<T>(
    events: &mut broadcast::Receiver<EngineEvent>,
    what: &str,
    fits: impl Fn(EngineEvent) -> Option<T>,
) -> T {
    wait_for(what, async {
        loop {
            if let Some(found) = fits(events.recv().await.unwrap()) {
                return found;
            }
        }
    })
    .await
}
