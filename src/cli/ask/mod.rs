//! `routedeck ask`: one answer on stdout.

mod dry;
mod json;
mod prompt;
mod reply;

use std::io::IsTerminal;

use reply::{Live, Reply};

use super::args::Ask;
use super::chats;
use super::desk::{Desk, Memory, did_you_mean};
use super::failure::{self, INTERRUPTED, Said, usage};
use super::interrupts::Interrupts;
use super::output::{Out, say};
use crate::config::Config;
use crate::domain::conversation::{Message, Role};
use crate::domain::fault::FaultClass;
use crate::domain::id::ModelId;
use crate::domain::turn::{Ending, Keep, PromptMessage, TurnRequest};
use crate::engine::OpenChat;

/// What the command line says, read and checked before anything is built.
pub(super) struct Question {
    text: String,
    models: Vec<ModelId>,
}

/// Reads arguments and stdin. Everything that is wrong with them is wrong usage.
pub(super) fn read(args: &Ask, config: &Config) -> anyhow::Result<Question> {
    let models = prompt::models(args, config)?;
    // A slip in the arguments shall not wait for the end of stdin.
    prompt::params(args, &config.params)?;
    Ok(Question { text: prompt::text(args)?, models })
}

/// Asks the models one after another. Fails if one of them failed.
pub(super) async fn run(
    args: &Ask,
    question: Question,
    config: Config,
    out: &Out,
) -> anyhow::Result<()> {
    let memory = if args.go_on || args.save { Memory::Needed } else { Memory::Optional };
    let desk = Desk::open_loudly(config, memory).await?;
    let result = ask(args, question, &desk, out).await;
    desk.close().await;
    result
}

async fn ask(args: &Ask, question: Question, desk: &Desk, out: &Out) -> anyhow::Result<()> {
    let history = if args.go_on { chats::latest(desk).await? } else { None };
    if args.go_on && history.is_none() {
        anyhow::bail!("there is no chat to go on with. `--save` keeps one.");
    }
    let mut request = request(args, &question.text, history.as_ref(), desk)?;
    let models = models(question.models, history.as_ref(), desk).await?;
    if args.dry_run {
        return dry::run(args.json, &mut request, &models, desk, out).await;
    }
    if !desk.may_ask() {
        return usage(format!(
            "--offline forbids to ask {}. Nothing was sent.",
            desk.config.upstream.name
        ));
    }
    if !request.rules.is_empty() && !desk.is_openrouter() {
        say("routedeck: this upstream knows no provider rules; they are left out.");
    }
    // For the prices, should the upstream not say what it billed.
    desk.engine.load_catalog().await;
    let mut interrupts = Interrupts::listen()?;
    let mut has_failed = false;
    for (at, model) in models.iter().enumerate() {
        if models.len() > 1 && !args.json {
            say(&format!("{}── {model}", if at > 0 { "\n" } else { "" }));
        }
        request.model = model.clone();
        let live = (!args.json).then(|| Live::new(out));
        let reply =
            reply::receive(desk.engine.turn(request.clone()), live, &mut interrupts).await?;
        finish(args, &reply, desk, &mut interrupts, out).await?;
        match reply.ending {
            Ending::Done(_) => {}
            Ending::Stopped => return Err(Said(INTERRUPTED).into()),
            Ending::Failed(_) => has_failed = true,
        }
        // The other models answer the same stored question.
        if let (Some(chat), Some(to)) = (reply.chat, reply.question) {
            request.keep = Keep::Answer { chat, to };
        }
    }
    if has_failed { Err(Said(1).into()) } else { Ok(()) }
}

/// Prints what is left to print once an answer has ended.
async fn finish(
    args: &Ask,
    reply: &Reply,
    desk: &Desk,
    interrupts: &mut Interrupts,
    out: &Out,
) -> anyhow::Result<()> {
    if args.json {
        out.json_line(&json::object(reply))?;
    }
    match &reply.ending {
        Ending::Done(_) => {
            if !args.json && std::io::stderr().is_terminal() {
                say(&reply::footer(&reply.receipt));
            }
        }
        Ending::Stopped => say("routedeck: stopped; the text so far is above."),
        Ending::Failed(fault) => {
            let model = &reply.receipt.model_asked;
            let mut text = format!("routedeck: {model}: {}", failure::paragraph(fault));
            if fault.class == FaultClass::ModelGone {
                // Worth a look at the list, not worth waiting against somebody's will.
                let catalog = tokio::select! {
                    catalog = desk.catalog(false) => catalog.ok(),
                    () = interrupts.wait() => None,
                };
                if let Some(catalog) = catalog {
                    text = format!("{text} {}", did_you_mean(model.as_str(), &catalog));
                }
            }
            say(&text);
        }
    }
    Ok(())
}

fn request(
    args: &Ask,
    text: &str,
    history: Option<&OpenChat>,
    desk: &Desk,
) -> anyhow::Result<TurnRequest> {
    let base = history.map_or(&desk.config.params, |open| &open.chat.params);
    let mut messages = history.map_or_else(Vec::new, |open| path(&open.messages));
    messages.push(PromptMessage { role: Role::User, text: text.to_owned() });
    let keep = match history {
        Some(open) => Keep::Append {
            chat: open.chat.id,
            parent: open.messages.last().map(|message| message.id),
        },
        None if args.save => Keep::NewChat,
        None => Keep::LedgerOnly,
    };
    Ok(TurnRequest {
        model: ModelId::new(""),
        messages,
        params: prompt::params(args, base)?,
        rules: prompt::rules(args),
        keep,
        stream: !args.no_stream,
    })
}

/// The messages from the first one to the newest, without sibling answers and empty ones.
fn path(messages: &[Message]) -> Vec<PromptMessage> {
    let mut path = Vec::new();
    let mut next = messages.last();
    while let Some(message) = next {
        path.push(message);
        // A parent is always older, so this ends.
        next =
            message.parent.and_then(|id| messages.iter().find(|m| m.id == id && m.id < message.id));
    }
    path.into_iter()
        .rev()
        .filter(|message| !message.text.trim().is_empty())
        .map(|message| PromptMessage { role: message.role, text: message.text.clone() })
        .collect()
}

/// Who is asked: as said, else as in the chat that goes on, else as configured, else the first of
/// the catalogue.
async fn models(
    asked: Vec<ModelId>,
    history: Option<&OpenChat>,
    desk: &Desk,
) -> anyhow::Result<Vec<ModelId>> {
    if !asked.is_empty() {
        return Ok(asked);
    }
    let known = history.and_then(|open| open.chat.model.clone());
    if let Some(model) = known.or_else(|| desk.config.first_model()) {
        return Ok(vec![model]);
    }
    match desk.catalog(false).await?.models().first() {
        Some(model) => Ok(vec![model.id.clone()]),
        None => usage("no model is named, and the upstream lists none. Name one with -m ID."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::conversation::MessageState;
    use crate::domain::id::{MessageId, Millis};

    fn message(id: i64, parent: Option<i64>, role: Role, text: &str) -> Message {
        Message {
            id: MessageId(id),
            parent: parent.map(MessageId),
            role,
            state: MessageState::Done,
            text: text.into(),
            reasoning: String::new(),
            created: Millis(id),
            model: None,
            receipt: None,
        }
    }

    #[test]
    fn a_chat_goes_on_behind_its_newest_answer_only() {
        let all = [
            message(1, None, Role::User, "question"),
            message(2, Some(1), Role::Assistant, "first answer"),
            message(3, Some(1), Role::Assistant, "second answer"),
            message(4, Some(3), Role::User, "more"),
            message(5, Some(4), Role::Assistant, ""),
        ];
        let texts: Vec<String> = path(&all).into_iter().map(|m| m.text).collect();
        assert_eq!(texts, ["question", "second answer", "more"]);
    }
}
