//! Does what the app wishes: effects become tasks, and what comes of them becomes messages.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, oneshot};

use crate::domain::id::TurnId;
use crate::domain::turn::{TurnEvent, TurnRequest};
use crate::engine::{Change, Engine, StopTurn};
use crate::term::{Caps, CopyPlan, clipboard};

use super::effect::Effect;
use super::msg::Msg;

/// Messages that wait for the app. A full inbox slows the socket, not the memory.
pub const INBOX: usize = 256;
const COPY_LIMIT: Duration = Duration::from_secs(3);

/// Performs effects on the engine.
pub struct Performer {
    engine: Engine,
    inbox: mpsc::Sender<Msg>,
    turns: Arc<Mutex<HashMap<TurnId, StopTurn>>>,
    /// Changes are made one after another, in the order they were wished for.
    line: mpsc::UnboundedSender<Waiting>,
}

/// What stands in the line of changes.
enum Waiting {
    Change(Change),
    /// Someone who wants to find everything made that was wished for before.
    Reader(oneshot::Sender<()>),
}

/// What the loop has to do itself, because it owns the terminal.
#[derive(Debug)]
pub enum Own {
    Post(Vec<u8>),
    Edit(String),
    UseTheme(String),
    NextColors,
    Redraw,
    Suspend,
    Quit,
}

impl Performer {
    /// Starts to listen to the engine.
    pub fn start(engine: Engine, inbox: mpsc::Sender<Msg>) -> Performer {
        let (line, wished) = mpsc::unbounded_channel();
        tokio::spawn(make_changes(engine.clone(), wished, inbox.clone()));
        tokio::spawn(listen(engine.clone(), inbox.clone()));
        Performer { engine, inbox, turns: Arc::default(), line }
    }

    /// Performs one effect. What only the owner of the terminal can do comes back.
    pub fn perform(&self, effect: Effect, caps: &Caps) -> Option<Own> {
        match effect {
            Effect::StartTurn(id, request) => self.start_turn(id, *request),
            Effect::StopTurn(id) => {
                let turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(stop) = turns.get(&id) {
                    stop.stop();
                }
            }
            Effect::Ask(ticket, query) => {
                let (engine, inbox) = (self.engine.clone(), self.inbox.clone());
                // Who asks after a change sees the change.
                let made = self.made();
                tokio::spawn(async move {
                    let _ = made.await;
                    let reply = engine.ask(query).await;
                    let _ = inbox.send(Msg::Reply(ticket, reply)).await;
                });
            }
            Effect::Apply(change) => {
                let _ = self.line.send(Waiting::Change(change));
            }
            Effect::LoadCatalog => {
                let engine = self.engine.clone();
                tokio::spawn(async move { engine.load_catalog().await });
            }
            Effect::RefreshCatalog => {
                let engine = self.engine.clone();
                tokio::spawn(async move { engine.refresh_catalog().await });
            }
            Effect::RefreshKey => {
                let engine = self.engine.clone();
                tokio::spawn(async move { engine.key_info(true).await });
            }
            Effect::Copy(text) => return self.copy(&text, caps),
            Effect::Edit(text) => return Some(Own::Edit(text)),
            Effect::UseTheme(name) => return Some(Own::UseTheme(name)),
            Effect::NextColors => return Some(Own::NextColors),
            Effect::Redraw => return Some(Own::Redraw),
            Effect::Suspend => return Some(Own::Suspend),
            Effect::Bell => return Some(Own::Post(b"\x07".to_vec())),
            Effect::Quit => return Some(Own::Quit),
        }
        None
    }

    /// Ends when every change wished for so far is made.
    pub fn made(&self) -> oneshot::Receiver<()> {
        let (done, made) = oneshot::channel();
        let _ = self.line.send(Waiting::Reader(done));
        made
    }

    fn start_turn(&self, id: TurnId, request: TurnRequest) {
        let mut turn = self.engine.turn(request);
        let turns = Arc::clone(&self.turns);
        let lock = move |turns: &Mutex<HashMap<TurnId, StopTurn>>, stop: Option<StopTurn>| {
            let mut turns = turns.lock().unwrap_or_else(PoisonError::into_inner);
            match stop {
                Some(stop) => turns.insert(id, stop),
                None => turns.remove(&id),
            };
        };
        lock(&turns, Some(turn.stop.clone()));
        let inbox = self.inbox.clone();
        tokio::spawn(async move {
            pass_on(id, &mut turn.events, &inbox).await;
            lock(&turns, None);
        });
    }

    fn copy(&self, text: &str, caps: &Caps) -> Option<Own> {
        let env = |name: &str| std::env::var(name).ok();
        let plan = clipboard::plan(text, caps, &env, &clipboard::is_installed);
        let inbox = self.inbox.clone();
        let (notice, own) = match plan {
            CopyPlan::Post { bytes, way } => (format!("{way}"), Some(Own::Post(bytes))),
            CopyPlan::Impossible(why) => (why, None),
            CopyPlan::Run(command) => {
                tokio::task::spawn_blocking(move || {
                    let notice = match command.run(COPY_LIMIT) {
                        Ok(way) => way.to_string(),
                        Err(why) => why,
                    };
                    let _ = inbox.blocking_send(Msg::Notice(notice));
                });
                return None;
            }
        };
        tokio::spawn(async move {
            let _ = inbox.send(Msg::Notice(notice)).await;
        });
        own
    }
}

/// Hands the events of a turn to the app until there are no more. Words that came together go on
/// as one: a fast answer costs no more messages than the loop can take.
async fn pass_on(id: TurnId, events: &mut mpsc::Receiver<TurnEvent>, inbox: &mpsc::Sender<Msg>) {
    let mut came = Vec::new();
    while events.recv_many(&mut came, INBOX).await > 0 {
        for event in joined(came.drain(..)) {
            if inbox.send(Msg::Turn(id, event)).await.is_err() {
                return;
            }
        }
    }
}

/// The same events with neighbouring pieces of text put together.
fn joined(events: impl Iterator<Item = TurnEvent>) -> Vec<TurnEvent> {
    let mut out: Vec<TurnEvent> = Vec::new();
    for event in events {
        match (out.last_mut(), event) {
            (Some(TurnEvent::Text(before)), TurnEvent::Text(more))
            | (Some(TurnEvent::Reasoning(before)), TurnEvent::Reasoning(more)) => {
                before.push_str(&more);
            }
            (_, event) => out.push(event),
        }
    }
    out
}

async fn make_changes(
    engine: Engine,
    mut wished: mpsc::UnboundedReceiver<Waiting>,
    inbox: mpsc::Sender<Msg>,
) {
    while let Some(waiting) = wished.recv().await {
        let change = match waiting {
            Waiting::Change(change) => change,
            Waiting::Reader(reader) => {
                let _ = reader.send(());
                continue;
            }
        };
        if let Err(trouble) = engine.apply(change).await
            && inbox.send(Msg::Trouble(trouble)).await.is_err()
        {
            return;
        }
    }
}

async fn listen(engine: Engine, inbox: mpsc::Sender<Msg>) {
    let mut events = engine.observe();
    loop {
        let msg = match events.recv().await {
            Ok(event) => Msg::Engine(Box::new(event)),
            Err(RecvError::Lagged(_)) => Msg::Missed,
            Err(RecvError::Closed) => return,
        };
        if inbox.send(msg).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn words_that_came_together_are_one_message_and_kinds_stay_apart() {
        let text = |t: &str| TurnEvent::Text(t.into());
        let thought = |t: &str| TurnEvent::Reasoning(t.into());
        let (sender, mut events) = mpsc::channel(INBOX);
        for event in [thought("a"), thought("b"), text("c"), text("d"), thought("e"), text("f")] {
            sender.send(event).await.unwrap();
        }
        drop(sender);
        let (inbox, mut arrived) = mpsc::channel(INBOX);
        pass_on(TurnId(1), &mut events, &inbox).await;
        drop(inbox);
        let mut heard = Vec::new();
        while let Some(msg) = arrived.recv().await {
            heard.push(msg);
        }
        let wanted = [thought("ab"), text("cd"), thought("e"), text("f")];
        assert_eq!(heard, wanted.map(|event| Msg::Turn(TurnId(1), event)));
    }
}
