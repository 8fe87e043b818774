//! The list of chats at a desk: search, delete and undo, races with replies, pictures.

use crossterm::event::KeyCode;

use super::History;
use crate::domain::ask::ChatsAsk;
use crate::domain::conversation::{Chat, ChatSummary};
use crate::domain::id::{ChatId, Millis};
use crate::domain::money::Usd;
use crate::domain::turn::Params;
use crate::domain::usage::Totals;
use crate::engine::{Change, Query, Reply, Trouble};
use crate::tui::action::{Action, Context};
use crate::tui::effect::{Effect, Place, Ticket};
use crate::tui::tests::{NOON, World, code, key, picture, rows, screen, sizes};

fn summary(id: i64, title: &str, minutes: i64) -> ChatSummary {
    ChatSummary {
        chat: Chat {
            id: ChatId(id),
            title: title.into(),
            created: Millis(NOON.0 - (minutes + 10) * 60_000),
            updated: Millis(NOON.0 - minutes * 60_000),
            model: Some("anthropic/claude-sonnet-4.6".into()),
            params: Params::default(),
            upstream: "openrouter".into(),
        },
        messages: 2 * u64::try_from(id).unwrap(),
        totals: Totals { sends: 2, cost: Usd::parse("0.0301").unwrap(), ..Totals::default() },
        snippet: None,
    }
}

fn shelf() -> Vec<ChatSummary> {
    let mut unknown = summary(3, "写一首诗 about \u{1b}[31mred\u{202e} things", 3000);
    unknown.totals = Totals { sends: 1, unknown: 1, ..Totals::default() };
    let mut unsent = summary(4, "", 90_000);
    (unsent.totals, unsent.chat.model) = (Totals::default(), None);
    vec![
        summary(1, "Postgres queue with SKIP LOCKED", 4),
        summary(2, "Trip to Bergen", 200),
        unknown,
        unsent,
    ]
}

fn found() -> Vec<ChatSummary> {
    let mut rows = vec![shelf().remove(0), shelf().remove(2)];
    rows[0].snippet = Some(
        "lets every worker take the next row that nobody holds, so workers never wait on each \
         other: that is what \u{1}SKIP\u{2} \u{1}LOCKED\u{2} is for\nand it \u{1b}[31mscales"
            .into(),
    );
    rows[1].snippet = Some("\u{1}skip\u{2} the second verse".into());
    rows
}

fn asked(effects: &[Effect]) -> (Ticket, ChatsAsk) {
    let Some(Effect::Ask(ticket, Query::Chats(ask))) = effects.last() else {
        panic!("{effects:?}");
    };
    assert_eq!(ticket.place, Place::History);
    (*ticket, ask.clone())
}

fn desk() -> (World, History) {
    let world = World::new();
    let mut history = History::default();
    let (ticket, ask) = asked(&history.refresh(&world.cx()));
    assert_eq!(ask, ChatsAsk { search: None, limit: 500, deleted: false });
    history.hear(ticket, Ok(Reply::Chats(shelf())), &world.cx());
    (world, history)
}

fn selected(history: &History) -> i64 {
    history.selected().unwrap().0.0
}

fn listed(history: &History) -> Vec<i64> {
    history.rows().iter().map(|row| row.chat.id.0).collect()
}

fn drawn(history: &History, world: &World, width: u16, height: u16) -> Vec<String> {
    let (area, mut buf) = screen(width, height);
    history.draw(&world.cx(), area, &mut buf);
    rows(&buf)
}

#[test]
fn search_asks_as_one_types_and_only_the_last_reply_counts() {
    let (world, mut history) = desk();
    history.act(Action::SearchChats, &world.cx());
    assert_eq!(history.context(), Context::Query);
    let (first, _) = asked(&history.text(key('s'), &world.cx()));
    let (second, ask) = asked(&history.text(key('k'), &world.cx()));
    assert_eq!(ask.search.as_deref(), Some("sk"));
    history.hear(first, Ok(Reply::Chats(Vec::new())), &world.cx());
    assert_eq!(listed(&history), [1, 2, 3, 4], "the rows before stay until the reply comes");
    history.hear(second, Ok(Reply::Chats(found())), &world.cx());
    assert_eq!(listed(&history), [1, 3]);
    assert_eq!(history.text(code(KeyCode::Left), &world.cx()), [], "moving asks nothing");
    let (_, ask) = asked(&history.paste("ip\n", &world.cx()));
    assert_eq!(ask.search.as_deref(), Some("sipk"));
    history.act(Action::QueryDone, &world.cx());
    assert_eq!(history.context(), Context::History);
    history.act(Action::SearchChats, &world.cx());
    let (_, ask) = asked(&history.act(Action::Back, &world.cx()));
    assert_eq!((ask.search, history.context()), (None, Context::Query));
    assert_eq!(history.act(Action::Back, &world.cx()), []);
    assert_eq!(history.context(), Context::History);
}

#[test]
fn delete_takes_it_away_at_once_and_undo_brings_it_back() {
    let (world, mut history) = desk();
    history.act(Action::ChatDown, &world.cx());
    let effects = history.act(Action::DeleteChat, &world.cx());
    assert_eq!(effects[0], Effect::Apply(Change::DeleteChat(ChatId(2))));
    assert_eq!(listed(&history), [1, 3, 4]);
    assert_eq!(selected(&history), 3, "the next one is selected");
    // A reply from before the deletion still has it.
    history.hear(asked(&effects).0, Ok(Reply::Chats(shelf())), &world.cx());
    assert_eq!(listed(&history), [1, 3, 4]);
    let effects = history.act(Action::UndoDelete, &world.cx());
    assert_eq!(effects[0], Effect::Apply(Change::RestoreChat(ChatId(2))));
    assert_eq!((listed(&history), selected(&history)), (vec![1, 2, 3, 4], 2));
    // A reply from before the undo does not have it yet.
    let mut without = shelf();
    without.remove(1);
    history.hear(asked(&effects).0, Ok(Reply::Chats(without)), &world.cx());
    assert_eq!((listed(&history), selected(&history)), (vec![1, 2, 3, 4], 2));
    assert_eq!(history.act(Action::UndoDelete, &world.cx()), [], "nothing more to bring back");
}

#[test]
fn several_deletions_come_back_in_turn() {
    let (world, mut history) = desk();
    for _ in 0..4 {
        history.act(Action::DeleteChat, &world.cx());
    }
    assert_eq!(history.selected(), None);
    assert_eq!(history.act(Action::DeleteChat, &world.cx()), []);
    assert!(drawn(&history, &world, 80, 20).join("\n").contains("u brings back the one deleted"));
    for _ in 0..4 {
        history.act(Action::UndoDelete, &world.cx());
    }
    assert_eq!(listed(&history), [1, 2, 3, 4]);
}

#[test]
fn the_selection_stays_on_its_chat_when_the_list_changes() {
    let (world, mut history) = desk();
    history.act(Action::ChatDown, &world.cx());
    let (ticket, _) = asked(&history.refresh(&world.cx()));
    let mut rows = shelf();
    rows.insert(0, summary(9, "newest", 0));
    history.hear(ticket, Ok(Reply::Chats(rows)), &world.cx());
    assert_eq!(selected(&history), 2);
    history.act(Action::ChatBottom, &world.cx());
    assert_eq!(history.selected(), Some((ChatId(4), String::new())));
    history.act(Action::ChatUp, &world.cx());
    let (_, title) = history.selected().unwrap();
    assert!(!title.contains(['\u{1b}', '\u{202e}']), "{title:?}");
}

#[test]
fn what_is_empty_or_failed_is_said() {
    let world = World::new();
    let mut history = History::default();
    let (ticket, _) = asked(&history.refresh(&world.cx()));
    assert!(drawn(&history, &world, 80, 20).join("\n").contains("asking …"));
    history.hear(ticket, Ok(Reply::Chats(Vec::new())), &world.cx());
    let shown = drawn(&history, &world, 100, 20).join("\n");
    assert!(shown.contains("No chats yet. 1 goes to the chat"), "{shown}");
    history.act(Action::SearchChats, &world.cx());
    let (ticket, _) = asked(&history.text(key('x'), &world.cx()));
    history.hear(ticket, Ok(Reply::Chats(Vec::new())), &world.cx());
    let shown = drawn(&history, &world, 100, 20).join("\n");
    assert!(shown.contains("No chat has these words. Esc empties the field."), "{shown}");
    let (ticket, _) = asked(&history.text(key('y'), &world.cx()));
    let trouble = Trouble {
        what: "the chats were not read".into(),
        why: "the disk is gone.".into(),
        hint: "Start again.".into(),
    };
    history.hear(ticket, Err(trouble), &world.cx());
    let shown = drawn(&history, &world, 100, 20).join("\n");
    assert!(shown.contains("the chats were not read: the disk is gone. Start again."), "{shown}");
    let (ticket, _) = asked(&history.refresh(&world.cx()));
    history.hear(ticket, Ok(Reply::Chats(shelf())), &world.cx());
    assert!(drawn(&history, &world, 100, 20).join("\n").contains("Trip to Bergen"));
}

#[test]
fn a_full_list_says_that_there_is_more() {
    let (world, mut history) = desk();
    let (ticket, _) = asked(&history.refresh(&world.cx()));
    let many = (1..=500).map(|id| summary(id, "one of many", id)).collect();
    history.hear(ticket, Ok(Reply::Chats(many)), &world.cx());
    let shown = drawn(&history, &world, 100, 20).join("\n");
    assert!(shown.contains("500 chats, there are more"), "{shown}");
    history.act(Action::ChatBottom, &world.cx());
    history.act(Action::ChatPageUp, &world.cx());
    assert_eq!(selected(&history), 484, "17 lines a page, one of them kept");
}

#[test]
fn opening_and_renaming_are_left_to_the_app() {
    let (world, mut history) = desk();
    assert_eq!(history.act(Action::OpenChat, &world.cx()), []);
    assert_eq!(history.act(Action::RenameChat, &world.cx()), []);
    assert_eq!(selected(&history), 1);
}

#[test]
fn pictures() {
    let (world, mut history) = desk();
    for (width, height) in [(60, 20), (80, 22), (120, 38), (200, 48)] {
        let (area, mut buf) = screen(width, height);
        assert_eq!(history.draw(&world.cx(), area, &mut buf), None);
        insta::assert_snapshot!(format!("chats_{width}x{height}"), picture(&buf));
    }
    history.act(Action::SearchChats, &world.cx());
    let (ticket, _) = asked(&history.paste("skip locked", &world.cx()));
    history.hear(ticket, Ok(Reply::Chats(found())), &world.cx());
    let (area, mut buf) = screen(80, 22);
    let cursor = history.draw(&world.cx(), area, &mut buf).unwrap();
    assert_eq!((cursor.x, cursor.y), (13, 0));
    insta::assert_snapshot!("searching_80x22", picture(&buf));
    assert!(!rows(&buf).join("").contains(['\u{1b}', '\u{1}', '\u{2}']));
}

#[test]
fn any_size_is_survived_and_drawing_remembers_nothing() {
    let (world, mut history) = desk();
    history.act(Action::ChatBottom, &world.cx());
    for searching in [false, true] {
        if searching {
            history.act(Action::SearchChats, &world.cx());
            let (ticket, _) = asked(&history.paste("skip", &world.cx()));
            history.hear(ticket, Ok(Reply::Chats(found())), &world.cx());
        }
        for (width, height) in sizes() {
            let cold = drawn(&history, &world, width, height);
            drawn(&history, &world, 220, 70);
            assert_eq!(drawn(&history, &world, width, height), cold, "{width}x{height}");
        }
    }
}
