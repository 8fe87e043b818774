//! What turns, the engine and replies tell the app.

use crate::domain::id::TurnId;
use crate::domain::text::clean_line;
use crate::domain::turn::{Ending, TurnEvent};
use crate::domain::usage::{LedgerEntry, Totals};
use crate::engine::{
    EngineEvent, HealthNotice, OpenChat, RefreshState, Reply, StartFacts, Trouble,
};
use crate::tui::chat::Conversation;
use crate::tui::chat::update::exchange;
use crate::tui::effect::{Effect, Effects, Place, Ticket};
use crate::tui::focus::View;
use crate::tui::msg::Now;
use crate::tui::toast::Tone;

use super::App;

/// The models a newcomer most likely has, best first; the first that the upstream lists is taken
/// when none was ever chosen.
const FIRST_CHOICES: [&str; 6] = [
    "sandbox/guide",
    "openai/gpt-4o-mini",
    "openai/gpt-4.1-mini",
    "google/gemini-2.5-flash",
    "anthropic/claude-haiku-4.5",
    "openrouter/auto",
];

impl App {
    pub(super) fn hear_turn(&mut self, turn: TurnId, event: TurnEvent, now: Now) -> Effects {
        let behind = self.chats.open.live.as_ref().is_none_or(|live| live.turn != turn);
        let title = self.chats.of_turn(turn).map(|c| c.title.clone());
        let Some(ending) = self.chats.hear(turn, event, now) else { return Effects::new() };
        if behind {
            let title = title.unwrap_or_default();
            let (tone, how) = match ending {
                Ending::Done(_) => (Tone::Good, "is complete"),
                Ending::Stopped => (Tone::Plain, "was stopped"),
                Ending::Failed(_) => (Tone::Bad, "failed"),
            };
            self.toasts.say(tone, format!("the answer in “{title}” {how}"), now.instant);
            self.chats.drop_finished();
        }
        match self.view {
            View::Usage | View::History => self.go(self.view, now),
            View::Chat | View::Models => Effects::new(),
        }
    }

    pub(super) fn hear_engine(&mut self, event: EngineEvent, now: Now) -> Effects {
        match event {
            EngineEvent::Entry(entry) => self.count(&entry),
            EngineEvent::Settled { before, now: after } => self.recount(&before, &after),
            EngineEvent::Catalog(catalog) => {
                self.catalog = catalog;
                self.choose_first_model();
                self.refresh_switcher(now);
                return self.refresh_models(now);
            }
            EngineEvent::Key(key) => self.key = Some(key),
            EngineEvent::Refresh(state) => {
                if let RefreshState::Failed(fault) = &state {
                    let age = if self.catalog.is_empty() { "" } else { "; the old list stays" };
                    let words = format!("the models could not be fetched: {fault}{age}");
                    self.toasts.say(Tone::Warn, words, now.instant);
                }
                self.refresh = Some(state);
            }
            EngineEvent::Store(health) => self.toasts.banner = banner(&health),
        }
        Effects::new()
    }

    fn count(&mut self, entry: &LedgerEntry) {
        // What the sandbox simulates counts nowhere.
        if !entry.simulated {
            self.today.add(entry);
            self.month.add(entry);
        }
    }

    /// A row became known better: the difference goes into the meters and to the answer itself.
    fn recount(&mut self, before: &LedgerEntry, after: &LedgerEntry) {
        if !after.simulated {
            exchange(&mut self.today, before, after);
            exchange(&mut self.month, before, after);
        }
        self.chats.settle(before, after);
    }

    pub(super) fn hear_reply(
        &mut self,
        ticket: Ticket,
        reply: Result<Reply, Trouble>,
        now: Now,
    ) -> Effects {
        match ticket.place {
            Place::App => self.hear_own(ticket.number, reply, now),
            Place::Models => self.with_models(now, |models, cx| {
                models.hear(ticket, reply, cx);
                Effects::new()
            }),
            Place::Usage => self.with_usage(now, |usage, cx| {
                usage.hear(ticket, reply, cx);
                Effects::new()
            }),
            Place::History => {
                let heard = self.with_history(now, |history, cx| {
                    history.hear(ticket, reply, cx);
                    Effects::new()
                });
                match self.history.selected().filter(|_| std::mem::take(&mut self.open_first)) {
                    Some((chat, _)) => self.open_chat(chat, now),
                    None => heard,
                }
            }
        }
    }

    fn hear_own(&mut self, number: u64, reply: Result<Reply, Trouble>, now: Now) -> Effects {
        match reply {
            Ok(Reply::Start(facts)) if self.starting == Some(number) => {
                return self.start_with(*facts, now);
            }
            Ok(Reply::Start(facts)) if self.recounting == Some(number) => {
                self.recounting = None;
                self.today = facts.totals_today;
                self.month = facts.totals_month;
            }
            Ok(Reply::Chat(Some(chat))) if self.opening == Some(number) => {
                self.show_chat(*chat);
                return self.go(View::Chat, now);
            }
            Ok(Reply::Chat(None)) if self.opening == Some(number) => {
                self.toasts.say(Tone::Warn, "this chat is not there any more", now.instant);
            }
            Ok(_) => {}
            Err(trouble) => {
                let words = format!("{}: {} {}", trouble.what, trouble.why, trouble.hint);
                self.toasts.say(Tone::Bad, words, now.instant);
            }
        }
        Effects::new()
    }

    /// What was kept from earlier runs; a person who was faster keeps what they did.
    pub fn start_with(&mut self, facts: StartFacts, now: Now) -> Effects {
        self.starting = None;
        self.today = facts.totals_today;
        self.month = facts.totals_month;
        self.shelf.favourites = facts.favourites;
        self.shelf.recents = facts.recents;
        self.last_chat = facts.last_chat.map(|last| clean_line(&last.chat.title));
        let open = &mut self.chats.open;
        if open.model.is_none() {
            // The sandbox always has its guide; elsewhere only the catalogue can tell.
            let guide = self.upstream.simulated.then(|| "sandbox/guide".into());
            open.model = facts.last_model.or(guide);
        }
        if let Some(draft) = facts.draft.filter(|_| open.draft.is_empty() && open.is_new()) {
            open.draft.set(&draft);
        }
        if facts.interrupted > 0 {
            let answers = if facts.interrupted == 1 { "answer was" } else { "answers were" };
            let words = format!(
                "{} {answers} interrupted the last time; the text that had come is in History",
                facts.interrupted
            );
            self.toasts.say(Tone::Warn, words, now.instant);
        }
        self.choose_first_model();
        self.refresh_switcher(now);
        let theme = facts.settings.into_iter().find(|(key, _)| key == "theme");
        let theme = theme.filter(|_| self.keeps_theme).map(|(_, name)| Effect::UseTheme(name));
        theme.into_iter().collect()
    }

    /// Someone who never chose a model gets one that works.
    fn choose_first_model(&mut self) {
        if self.chats.open.model.is_some() || self.starting.is_some() || self.catalog.is_empty() {
            return;
        }
        let listed = FIRST_CHOICES.iter().find_map(|id| self.catalog.get(id));
        let model = listed.or_else(|| self.catalog.models().first());
        self.chats.open.model = model.map(|model| model.id.clone());
    }

    fn show_chat(&mut self, chat: OpenChat) {
        self.opening = None;
        let totals = totals_of(&chat);
        let draft = chat.draft;
        let model = chat.chat.model.clone().or_else(|| self.chats.open.model.clone());
        self.chats.open_stored(chat.chat, chat.messages, totals);
        self.chats.open.model = model;
        if let Some(draft) = draft {
            self.chats.open.draft.set(&draft);
        }
        self.fit_draft();
    }

    /// The conversation in front, for the view.
    pub fn conversation(&self) -> &Conversation {
        &self.chats.open
    }
}

/// The sums over every answer of a chat, whichever branch it is on.
fn totals_of(chat: &OpenChat) -> Totals {
    let mut totals = Totals::default();
    for receipt in chat.messages.iter().filter_map(|m| m.receipt.as_ref()) {
        crate::tui::chat::update::count_receipt(&mut totals, receipt);
    }
    totals
}

fn banner(health: &HealthNotice) -> Option<String> {
    match health {
        HealthNotice::Fine => None,
        HealthNotice::Full { queued } => Some(format!(
            "the disk is full: {queued} writes wait in memory and are tried again; make room"
        )),
        HealthNotice::Failing(why) => {
            Some(format!("the database cannot be written: {why}; it is tried again"))
        }
    }
}
