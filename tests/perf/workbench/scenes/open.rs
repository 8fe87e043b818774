//! A very long chat, from the list of all chats to its end on screen.

use std::path::Path;

use routedeck::domain::conversation::Role;
use routedeck::domain::id::{Millis, ModelId};
use routedeck::domain::turn::{Keep, Params, PromptMessage};
use routedeck::store::{NewTurn, Store};

use super::settled;
use crate::figures::{Table, Times, mb};
use crate::home::Home;
use crate::script::text;
use crate::upstream::Upstream;

const MESSAGES: usize = 10_000;
const RUNS: usize = 9;
const LAST: &str = "the very last words";

pub(crate) fn ten_thousand_messages(upstream: &Upstream, table: &mut Table) {
    let home = Home::used(upstream);
    fill(&home.path().join(".local/share/routedeck/routedeck.db"));
    let mut most = 0;
    let times = (0..RUNS).map(|_| {
        let terminal = settled(&home, upstream);
        terminal.type_in("\x1b[19~");
        terminal.wait("the list of chats", |screen| screen.contains("a very long talk"));
        terminal.rest();
        let pressed = terminal.type_in("\r");
        let shown = terminal.wait("the end of the chat", |screen| screen.contains(LAST));
        most = most.max(terminal.vitals().resident);
        terminal.quit();
        shown.max(pressed) - pressed
    });
    let times = Times::new(times.collect());
    table.add("open a chat of 10,000 messages (6 MB)", times.to_string(), "< 100 ms");
    table.add("memory with it", mb(most), "");
}

/// One chat of many messages, written in one go.
fn fill(database: &Path) {
    let part = &text(1000)[..600];
    let message = |n: usize| PromptMessage {
        role: if n.is_multiple_of(2) { Role::User } else { Role::Assistant },
        text: match n {
            0 => "a very long talk".to_owned(),
            _ if n + 1 == MESSAGES => LAST.to_owned(),
            _ => format!("{n}\n\n{part}"),
        },
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let opened = Store::open(database, Millis(0)).expect("the database opens");
        let turn = NewTurn {
            at: Millis(1_795_000_000_000),
            upstream: "openrouter".into(),
            keep: Keep::NewChat,
            model: ModelId::new("openai/gpt-4o-mini"),
            params: Params::default(),
            messages: (0..MESSAGES).map(message).collect(),
        };
        opened.store.begin_turn(turn).await.expect("the chat is kept");
        opened.store.close().await;
    });
}
