use std::time::Instant;

use super::*;
use crate::domain::fault::{Fault, FaultClass};
use crate::domain::id::{ChatId, MessageId, Millis};
use crate::domain::money::Usd;
use crate::domain::turn::{AttemptRecord, FinishReason, Params};
use crate::domain::usage::Outcome;

fn now() -> Now {
    Now { instant: Instant::now(), wall: Millis(1_000_000) }
}

fn chats() -> Chats {
    Chats::new(Conversation::new(Some("a/model".into()), Params::default()))
}

fn receipt(cost: Cost, fault: Option<Fault>) -> Box<Receipt> {
    let outcome = if fault.is_some() { Outcome::Failed } else { Outcome::Served };
    Box::new(Receipt {
        started: Millis(0),
        upstream: "test".into(),
        model_asked: "a/model".into(),
        model_served: None,
        provider: None,
        generation_id: None,
        finish_reason: Some(FinishReason::Stop),
        usage: None,
        cost,
        ttft_ms: None,
        duration_ms: 10,
        reasoning_ms: None,
        simulated: false,
        attempts: vec![AttemptRecord {
            model: "a/model".into(),
            provider: None,
            upstream: "test".into(),
            outcome,
            status: None,
            ms: 10,
            cost,
            fault,
        }],
    })
}

fn say(chats: &mut Chats, text: &str) -> (TurnId, TurnRequest) {
    chats.open.draft.set(text);
    let effects = chats.send(now()).unwrap();
    match effects.into_iter().next() {
        Some(Effect::StartTurn(id, request)) => (id, *request),
        other => panic!("{other:?}"),
    }
}

fn end(chats: &mut Chats, turn: TurnId, ending: Ending, receipt: Box<Receipt>) {
    assert_eq!(
        chats.hear(turn, TurnEvent::Ended { ending: ending.clone(), receipt }, now()),
        Some(ending)
    );
}

#[test]
fn sending_takes_the_draft_and_asks_with_everything_said() {
    let mut chats = chats();
    let (turn, request) = say(&mut chats, "one");
    assert_eq!(request.keep, Keep::NewChat);
    assert!(chats.open.draft.is_empty());
    let saved = TurnEvent::Saved { chat: ChatId(7), user: MessageId(1), answer: MessageId(2) };
    chats.hear(turn, saved, now());
    chats.hear(turn, TurnEvent::Text("two".into()), now());
    end(&mut chats, turn, Ending::Done(FinishReason::Stop), receipt(Cost::Unknown, None));
    let (_, request) = say(&mut chats, "three");
    assert_eq!(request.keep, Keep::Append { chat: ChatId(7), parent: Some(MessageId(2)) });
    let said: Vec<&str> = request.messages.iter().map(|m| m.text.as_str()).collect();
    assert_eq!(said, ["one", "two", "three"]);
    assert_eq!(chats.open.title, "one");
}

#[test]
fn a_second_send_waits_for_the_first_answer_and_the_draft_stays() {
    let mut chats = chats();
    say(&mut chats, "one");
    chats.open.draft.set("two");
    assert_eq!(chats.send(now()), Err(NotSent::Busy));
    assert_eq!(chats.open.draft.text(), "two");
    chats.open.model = None;
    chats.open.live = None;
    assert_eq!(chats.send(now()), Err(NotSent::NoModel));
    chats.open.draft.set(" \n ");
    assert_eq!(chats.send(now()), Err(NotSent::Empty));
}

#[test]
fn a_stopped_answer_keeps_its_text_and_says_so() {
    let mut chats = chats();
    let (turn, _) = say(&mut chats, "one");
    chats.hear(turn, TurnEvent::Text("half an ans".into()), now());
    assert_eq!(chats.stop(), Some(vec![Effect::StopTurn(turn)]));
    end(&mut chats, turn, Ending::Stopped, receipt(Cost::Unknown, None));
    let answer = &chats.open.items[1];
    assert_eq!(answer.text, "half an ans");
    assert_eq!(answer.state, MessageState::Stopped);
    assert!(chats.stop().is_none());
}

#[test]
fn retry_replaces_the_answer_and_asks_for_the_same_message() {
    let mut chats = chats();
    let (turn, _) = say(&mut chats, "one");
    let saved = TurnEvent::Saved { chat: ChatId(7), user: MessageId(1), answer: MessageId(2) };
    chats.hear(turn, saved, now());
    let fault = Fault::new(FaultClass::Overloaded, "busy");
    end(
        &mut chats,
        turn,
        Ending::Failed(fault.clone()),
        receipt(Cost::Unknown, Some(fault.clone())),
    );
    assert_eq!(chats.open.items[1].fault(), Some(&fault));
    // Refused before any work: known to be free, not unknown.
    assert_eq!(chats.open.totals.unknown, 0);
    let effects = chats.retry(now()).unwrap();
    let Some(Effect::StartTurn(_, request)) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(request.keep, Keep::Answer { chat: ChatId(7), to: MessageId(1) });
    assert_eq!(request.messages.len(), 1);
    assert_eq!(chats.open.items.len(), 2);
}

#[test]
fn costs_add_up_and_unknown_stays_unknown() {
    let mut chats = chats();
    for cost in [
        Cost::Billed(Usd::parse("0.001").unwrap()),
        Cost::Computed(Usd::parse("0.0000000000000000000001").unwrap()),
        Cost::Unknown,
    ] {
        let (turn, _) = say(&mut chats, "x");
        end(&mut chats, turn, Ending::Done(FinishReason::Stop), receipt(cost, None));
    }
    let totals = &chats.open.totals;
    assert_eq!(totals.cost.exact(), "0.0010000000000000000001");
    assert_eq!((totals.unknown, totals.computed, totals.sends), (1, 1, 3));
    assert_eq!(totals.cost_label(), "≈ $0.001 + 1 unknown");
}

#[test]
fn an_answer_goes_on_behind_another_chat_and_can_be_brought_back() {
    let mut chats = chats();
    let (turn, _) = say(&mut chats, "one");
    let saved = TurnEvent::Saved { chat: ChatId(7), user: MessageId(1), answer: MessageId(2) };
    chats.hear(turn, saved, now());
    chats.show(Conversation::new(Some("b/other".into()), Params::default()));
    chats.hear(turn, TurnEvent::Text("meanwhile".into()), now());
    assert_eq!(chats.live_turns(), [turn]);
    assert!(chats.show_parked(ChatId(7)));
    assert_eq!(chats.open.items[1].text, "meanwhile");
    assert!(!chats.show_parked(ChatId(8)));
}

#[test]
fn a_reader_who_scrolled_up_stays_and_the_end_follows_again() {
    let mut chats = chats();
    chats.browse(Action::PageUp, 10);
    assert_eq!(chats.open.pending_scroll, -9);
    chats.open.settle_scroll((3, 2), false);
    assert_eq!(chats.open.scroll, Scroll::At { item: 3, line: 2 });
    // A frame without a wish does not move the place.
    chats.open.settle_scroll((3, 2), true);
    assert_eq!(chats.open.scroll, Scroll::At { item: 3, line: 2 });
    chats.browse(Action::PageDown, 10);
    chats.open.settle_scroll((5, 0), true);
    assert_eq!(chats.open.scroll, Scroll::Follow);
}
