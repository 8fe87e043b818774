//! Chats, their trees of messages, and the small things kept beside them.

use routedeck::domain::ask::{ChatsAsk, ChunkKind};
use routedeck::domain::conversation::{MessageState, Role};
use routedeck::domain::id::{ChatId, MessageId, Millis};
use routedeck::domain::turn::{Effort, Keep, Params, PromptMessage};
use routedeck::store::{NewTurn, Store, StoreError};

use crate::support::{Bed, NOON, finished, found, list, messages, receipt, run, said, turn, usd};

#[test]
fn a_turn_is_there_before_during_and_after() {
    let bed = Bed::new();
    run(async {
        let store = bed.store();
        let rows = store.begin_turn(turn("What is an ego?\nmore", Keep::NewChat)).await.unwrap();
        let (chat, seen) = store.chat(rows.chat).await.unwrap().unwrap();
        assert_eq!(chat.title, "What is an ego?");
        assert_eq!(chat.params.system.as_deref(), Some("be brief"));
        assert_eq!(chat.model, Some("anthropic/claude-haiku-4.5".into()));
        assert_eq!((chat.created, chat.updated), (NOON, NOON));
        assert_eq!(seen.len(), 2);
        assert_eq!((seen[0].role, seen[0].state), (Role::User, MessageState::Done));
        assert_eq!((seen[1].role, seen[1].state), (Role::Assistant, MessageState::Streaming));
        assert_eq!((seen[1].id, seen[1].parent), (rows.answer, Some(rows.user)));

        store.append(rows.answer, ChunkKind::Reasoning, "Let me think.".into());
        store.append(rows.answer, ChunkKind::Text, "An ".into());
        store.append(rows.answer, ChunkKind::Text, "ego\u{0}\u{1b}[31m 漢".into());
        store.finish_turn(finished(rows, MessageState::Done)).await.unwrap();
        store.append(rows.answer, ChunkKind::Text, "too late".into());
        let (chat, seen) = store.chat(rows.chat).await.unwrap().unwrap();
        assert_eq!(seen[1].state, MessageState::Done);
        assert_eq!(seen[1].text, "An ego\u{0}\u{1b}[31m 漢", "raw, as it came");
        assert_eq!(seen[1].reasoning, "Let me think.");
        let cost = seen[1].receipt.as_ref().unwrap().cost;
        assert_eq!(seen[1].receipt, Some(receipt(cost)));
        assert_eq!(chat.updated, Millis(NOON.0 + 2000));

        let line = &list(&store).await[0];
        assert_eq!((line.messages, line.totals.sends), (2, 1));
        assert_eq!(line.totals.cost, usd("0.01"));
        // A second ending changes nothing but the ledger.
        store.finish_turn(finished(rows, MessageState::Failed)).await.unwrap();
        assert_eq!(messages(&store, rows.chat).await[1].state, MessageState::Done);
    });
}

#[test]
fn a_chat_is_a_tree() {
    run(async {
        let store = Store::open_in_memory(NOON).unwrap().store;
        let first = said(&store, "one", "1").await;
        let keep = Keep::Append { chat: first.chat, parent: Some(first.answer) };
        let second = store.begin_turn(turn("two", keep)).await.unwrap();
        let keep = Keep::Answer { chat: first.chat, to: first.user };
        let other = NewTurn { model: "openai/gpt-4o".into(), ..turn("one", keep) };
        let retry = store.begin_turn(other).await.unwrap();
        assert_eq!(retry.user, first.user);
        let (chat, seen) = store.chat(first.chat).await.unwrap().unwrap();
        let parents: Vec<_> = seen.iter().map(|m| m.parent).collect();
        assert_eq!(
            parents,
            [None, Some(first.user), Some(first.answer), Some(second.user), Some(first.user)]
        );
        assert_eq!(seen[4].model, Some("openai/gpt-4o".into()));
        assert_eq!(chat.model, Some("anthropic/claude-haiku-4.5".into()), "a retry is no choice");

        let elsewhere = said(&store, "elsewhere", "x").await;
        for (keep, what) in [
            (Keep::Append { chat: ChatId(99), parent: None }, "chat"),
            (Keep::Append { chat: first.chat, parent: Some(MessageId(99)) }, "message"),
            (Keep::Answer { chat: first.chat, to: elsewhere.user }, "message"),
        ] {
            let refused = store.begin_turn(turn("x", keep)).await;
            assert_eq!(refused, Err(StoreError::Gone(what)));
        }
        assert!(store.begin_turn(turn("x", Keep::LedgerOnly)).await.is_err());
        assert_eq!(messages(&store, first.chat).await.len(), 5, "what is refused leaves nothing");
    });
}

#[test]
fn a_whole_prompt_becomes_a_chat() {
    run(async {
        let store = Store::open_in_memory(NOON).unwrap().store;
        let say = |role, text: &str| PromptMessage { role, text: text.into() };
        let mut new = turn("", Keep::NewChat);
        new.messages =
            vec![say(Role::User, "hello"), say(Role::Assistant, "hi"), say(Role::User, "and now")];
        let rows = store.begin_turn(new).await.unwrap();
        let seen = messages(&store, rows.chat).await;
        let chain: Vec<_> = seen.iter().map(|m| (m.parent.map(|p| p.0), &*m.text)).collect();
        let ids: Vec<_> = seen.iter().map(|m| Some(m.id.0)).collect();
        assert_eq!(chain, [(None, "hello"), (ids[0], "hi"), (ids[1], "and now"), (ids[2], "")]);
        let none = NewTurn { messages: Vec::new(), ..turn("", Keep::NewChat) };
        assert!(store.begin_turn(none).await.is_err());
        assert_eq!(list(&store).await.len(), 1);
    });
}

#[test]
fn deleting_can_be_undone_until_it_is_purged() {
    let bed = Bed::new();
    run(async {
        let store = bed.store();
        let kept = said(&store, "keep this", "yes").await;
        let gone = said(&store, "lose this", "no").await;
        store.set_draft(Some(gone.chat), Some("words".into()));
        store.delete_chat(gone.chat, NOON).await.unwrap();
        assert_eq!(list(&store).await.len(), 1);
        assert!(found(&store, "lose").await.is_empty());
        let bin = ChatsAsk { deleted: true, limit: 10, search: None };
        assert_eq!(store.chats(bin.clone()).await.unwrap()[0].chat.id, gone.chat);
        let ask = ChatsAsk { search: Some("lose".into()), ..bin.clone() };
        assert_eq!(store.chats(ask).await.unwrap().len(), 1);

        store.restore_chat(gone.chat).await.unwrap();
        assert_eq!(found(&store, "lose").await.len(), 1);

        store.delete_chat(gone.chat, NOON).await.unwrap();
        assert_eq!(store.purge_deleted(NOON).await, Ok(0), "not old enough");
        assert_eq!(store.purge_deleted(Millis(NOON.0 + 1)).await, Ok(1));
        assert!(store.chats(bin).await.unwrap().is_empty());
        assert_eq!(store.chat(gone.chat).await.unwrap(), None);
        assert_eq!(store.draft(Some(gone.chat)).await, None);
        assert_eq!(store.restore_chat(gone.chat).await, Err(StoreError::Gone("chat")));
        assert!(found(&store, "lose").await.is_empty());
        let next = said(&store, "next", "x").await;
        assert!(next.chat > gone.chat, "an id never comes back");
        assert_eq!(messages(&store, kept.chat).await.len(), 2);
        store.close().await;
    });
    assert_eq!(bed.sql::<String>("PRAGMA integrity_check"), "ok");
}

#[test]
fn a_message_brings_a_deleted_chat_back() {
    run(async {
        let store = Store::open_in_memory(NOON).unwrap().store;
        let rows = said(&store, "back and forth", "ok").await;
        store.delete_chat(rows.chat, NOON).await.unwrap();
        let keep = Keep::Append { chat: rows.chat, parent: Some(rows.answer) };
        store.begin_turn(turn("still here", keep)).await.unwrap();
        assert_eq!(list(&store).await.len(), 1);
    });
}

#[test]
fn the_chat_used_last_comes_first() {
    run(async {
        let store = Store::open_in_memory(NOON).unwrap().store;
        let first = said(&store, "first", "x").await;
        said(&store, "second", "x").await;
        let titles = |list: &[routedeck::domain::conversation::ChatSummary]| {
            list.iter().map(|line| line.chat.title.clone()).collect::<Vec<_>>()
        };
        assert_eq!(titles(&list(&store).await), ["second", "first"]);
        let keep = Keep::Append { chat: first.chat, parent: None };
        let later = NewTurn { at: Millis(NOON.0 + 60_000), ..turn("again", keep) };
        store.begin_turn(later).await.unwrap();
        assert_eq!(titles(&list(&store).await), ["first", "second"]);
        let one = store.chats(ChatsAsk { limit: 1, ..ChatsAsk::default() }).await.unwrap();
        assert_eq!(titles(&one), ["first"]);

        store.rename_chat(first.chat, "a better name".into()).await.unwrap();
        let params = Params {
            temperature: Some(0.7),
            max_tokens: Some(100),
            effort: Some(Effort::Low),
            ..Params::default()
        };
        store.set_chat_settings(first.chat, None, params.clone()).await.unwrap();
        let chat = list(&store).await[0].chat.clone();
        assert_eq!((chat.title.as_str(), chat.model, chat.params), ("a better name", None, params));
        let gone = Err(StoreError::Gone("chat"));
        assert_eq!(store.rename_chat(ChatId(99), "x".into()).await, gone);
        assert_eq!(store.set_chat_settings(ChatId(99), None, Params::default()).await, gone);
        assert_eq!(store.delete_chat(ChatId(99), NOON).await, gone);
    });
}

#[test]
fn an_export_has_everything_and_ids_of_its_own() {
    run(async {
        let store = Store::open_in_memory(NOON).unwrap().store;
        let rows = said(&store, "a question", "an answer").await;
        let whole = store.export(rows.chat).await.unwrap().unwrap();
        assert_eq!(whole.chat.title, "a question");
        assert_eq!(whole.totals.cost, usd("0.01"));
        assert_eq!(whole.messages.len(), 2);
        assert_eq!(whole.messages[1].parent_uid.as_ref(), Some(&whole.messages[0].uid));
        assert_eq!(whole.messages[1].message, messages(&store, rows.chat).await[1]);
        let mut uids = vec![&whole.uid, &whole.messages[0].uid, &whole.messages[1].uid];
        uids.sort();
        uids.dedup();
        assert_eq!(uids.len(), 3);
        assert_eq!(store.export(ChatId(99)).await, Ok(None));
    });
}

#[test]
fn small_things_are_kept_by_name() {
    let bed = Bed::new();
    run(async {
        let store = bed.store();
        store.set_setting("a".into(), Some("1".into()));
        store.set_setting("a".into(), Some("2".into()));
        assert_eq!(store.setting("a").await.unwrap().as_deref(), Some("2"));
        store.set_setting("a".into(), None);
        assert_eq!(store.setting("a").await.unwrap(), None);

        for (model, on) in
            [("b/b", true), ("a/a", true), ("b/b", true), ("c/c", true), ("c/c", false)]
        {
            store.set_favourite("up".into(), model.into(), on);
        }
        assert_eq!(store.favourites("up").await, ["b/b".into(), "a/a".into()]);
        assert!(store.favourites("other").await.is_empty());

        for (model, at) in [("a/a", 1), ("b/b", 2), ("c/c", 3), ("a/a", 4), ("c/c", 2)] {
            store.touch_recent("up".into(), model.into(), Millis(at));
        }
        assert_eq!(store.recents("up", 9).await, ["a/a".into(), "c/c".into(), "b/b".into()]);
        assert_eq!(store.recents("up", 1).await, ["a/a".into()]);

        let rows = said(&store, "q", "a").await;
        store.set_draft(Some(rows.chat), Some("in the chat".into()));
        store.set_draft(None, Some("in none".into()));
        assert_eq!(store.draft(Some(rows.chat)).await.as_deref(), Some("in the chat"));
        store.set_draft(Some(rows.chat), Some(String::new()));
        assert_eq!(store.draft(Some(rows.chat)).await, None);
        assert_eq!(store.draft(None).await.as_deref(), Some("in none"));

        assert_eq!(store.catalog("up").await, Ok(None));
        for (at, body) in [(1, "old"), (2, "new"), (3, "new")] {
            store.save_catalog("up".into(), Millis(at), body.into());
        }
        assert_eq!(store.catalog("up").await, Ok(Some((Millis(3), b"new".to_vec()))));
        // Dropped without closing: what was asked for is written all the same.
        store.set_setting("last".into(), Some("word".into()));
        drop(store);
        assert_eq!(bed.store().setting("last").await.unwrap().as_deref(), Some("word"));
    });
}
