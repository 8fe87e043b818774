//! `routedeck chats`: what is kept, as lists and documents.

pub(super) mod document;

use std::fs::OpenOptions;
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use serde_json::Value;

use super::args::{self, ExportFormat};
use super::desk::Desk;
use super::failure::usage;
use super::moment;
use super::output::{Out, say};
use super::table::{Align, Table};
use crate::domain::ask::ChatsAsk;
use crate::domain::conversation::ChatSummary;
use crate::domain::id::ChatId;
use crate::domain::text::clean_line;
use crate::engine::{Change, OpenChat, Query, Reply};

pub(super) async fn run(command: &args::Chats, desk: &Desk, out: &Out) -> anyhow::Result<()> {
    match command {
        args::Chats::List { limit, json } => list(None, *limit, *json, desk, out).await,
        args::Chats::Search { words, limit, json } => {
            list(Some(words.join(" ")), *limit, *json, desk, out).await
        }
        args::Chats::Show { id, json } => {
            let format = if *json { ExportFormat::Json } else { ExportFormat::Markdown };
            write(&open(id, desk).await?, format, out)
        }
        args::Chats::Export { id, format, output } => {
            let chat = open(id, desk).await?;
            match output {
                None => write(&chat, *format, out),
                Some(path) => save(&chat, *format, path),
            }
        }
        args::Chats::Rm { ids, yes } => remove(ids, *yes, desk).await,
    }
}

async fn summaries(
    search: Option<String>,
    limit: u32,
    desk: &Desk,
) -> anyhow::Result<Vec<ChatSummary>> {
    match desk.ask(Query::Chats(ChatsAsk { search, limit, deleted: false })).await? {
        Reply::Chats(chats) => Ok(chats),
        Reply::Chat(_) | Reply::Usage(_) | Reply::Endpoints(_) | Reply::Start(_) => {
            anyhow::bail!("the store gave no list of chats. Please report this.")
        }
    }
}

async fn list(
    search: Option<String>,
    limit: u32,
    as_json: bool,
    desk: &Desk,
    out: &Out,
) -> anyhow::Result<()> {
    let is_search = search.is_some();
    let chats = summaries(search, limit, desk).await?;
    if as_json {
        return out.json(&chats.iter().map(document::summary_json).collect::<Vec<Value>>());
    }
    if chats.is_empty() {
        say(if is_search { "No chat has these words." } else { "No chats are kept yet." });
        return Ok(());
    }
    let mut table = Table::new(&[
        ("id", Align::Right),
        ("last used", Align::Left),
        ("messages", Align::Right),
        ("cost", Align::Right),
        ("title", Align::Left),
        (if is_search { "found" } else { "" }, Align::Left),
    ]);
    for summary in &chats {
        table.row(row(summary));
    }
    out.write(&table.render(|title| out.strong(title)))
}

fn row(summary: &ChatSummary) -> [String; 6] {
    // The marks around the match are control characters, so cleaning takes them out.
    let snippet = summary.snippet.as_deref().map(clean_line).unwrap_or_default();
    [
        summary.chat.id.0.to_string(),
        moment::local(summary.chat.updated),
        summary.messages.to_string(),
        summary.totals.cost_label(),
        clean_line(&summary.chat.title),
        snippet,
    ]
}

/// The chat of this number, or the last one used.
async fn open(id: &str, desk: &Desk) -> anyhow::Result<OpenChat> {
    let id = if id == "last" {
        match summaries(None, 1, desk).await?.first() {
            Some(summary) => summary.chat.id,
            None => anyhow::bail!("no chats are kept yet."),
        }
    } else {
        number(id)?
    };
    find(id, desk).await
}

/// The chat of this number with its messages.
pub(super) async fn find(id: ChatId, desk: &Desk) -> anyhow::Result<OpenChat> {
    match desk.ask(Query::Chat(id)).await? {
        Reply::Chat(Some(chat)) => Ok(*chat),
        Reply::Chat(None) => {
            anyhow::bail!("there is no chat {}. `routedeck chats list` shows them.", id.0)
        }
        Reply::Chats(_) | Reply::Usage(_) | Reply::Endpoints(_) | Reply::Start(_) => {
            anyhow::bail!("the store gave no chat. Please report this.")
        }
    }
}

/// The chat of this upstream that was used last.
pub(super) async fn latest(desk: &Desk) -> anyhow::Result<Option<OpenChat>> {
    let upstream = desk.engine.upstream().name;
    let chats = summaries(None, 200, desk).await?;
    match chats.iter().find(|summary| summary.chat.upstream == upstream) {
        Some(summary) => find(summary.chat.id, desk).await.map(Some),
        None => Ok(None),
    }
}

fn number(text: &str) -> anyhow::Result<ChatId> {
    match text.parse::<i64>() {
        Ok(number) if number > 0 => Ok(ChatId(number)),
        Ok(_) | Err(_) => usage(format!(
            "`{text}` is no chat. Give its number from `routedeck chats list`, or `last`."
        )),
    }
}

fn write(chat: &OpenChat, format: ExportFormat, out: &Out) -> anyhow::Result<()> {
    match format {
        ExportFormat::Markdown => {
            out.write_outside(&document::markdown(&chat.chat, &chat.messages))
        }
        ExportFormat::Json => out.json(&document::json(&chat.chat, &chat.messages)),
    }
}

fn save(chat: &OpenChat, format: ExportFormat, path: &Path) -> anyhow::Result<()> {
    let text = match format {
        ExportFormat::Markdown => document::markdown(&chat.chat, &chat.messages),
        ExportFormat::Json => {
            let object = document::json(&chat.chat, &chat.messages);
            format!("{}\n", serde_json::to_string_pretty(&object)?)
        }
    };
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} cannot be made", path.display()))?;
    file.write_all(text.as_bytes())
        .with_context(|| format!("{} could not be written", path.display()))?;
    say(&format!("{} written", path.display()));
    Ok(())
}

/// Nothing is removed unless all of them exist and the person agrees.
async fn remove(ids: &[String], yes: bool, desk: &Desk) -> anyhow::Result<()> {
    let mut chats = Vec::new();
    for id in ids {
        chats.push(find(number(id)?, desk).await?.chat);
    }
    if !yes {
        for chat in &chats {
            say(&format!("{:>5}  {}", chat.id.0, clean_line(&chat.title)));
        }
        if !agrees(chats.len())? {
            say("Nothing was removed.");
            return Ok(());
        }
    }
    for chat in &chats {
        desk.apply(Change::DeleteChat(chat.id)).await?;
    }
    let s = if chats.len() == 1 { "" } else { "s" };
    say(&format!("{} chat{s} removed. What they cost stays in the ledger.", chats.len()));
    Ok(())
}

fn agrees(count: usize) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return usage("chats are removed without a question only with --yes.");
    }
    let what = if count == 1 { "this chat" } else { "these chats" };
    let _ = write!(io::stderr().lock(), "Remove {what}? [y/N] ");
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
