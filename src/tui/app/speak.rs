//! What a person does to the open chat: send, retry, change its model and settings, copy from it,
//! leave it for another.

use crate::domain::id::{ChatId, ModelId};
use crate::domain::turn::Params;
use crate::engine::{Change, Query};
use crate::tui::chat::update::NotSent;
use crate::tui::chat::{Conversation, Part, receipt};
use crate::tui::effect::{Effect, Effects};
use crate::tui::focus::View;
use crate::tui::layout::WIDEST_TEXT;
use crate::tui::markdown::Doc;
use crate::tui::msg::Now;
use crate::tui::overlay::{Overlay, Page};
use crate::tui::theme;
use crate::tui::toast::Tone;

use super::App;

impl App {
    pub(super) fn send(&mut self, now: Now) -> Effects {
        // A backslash before Enter is a new line, for terminals that know no other way.
        let text = self.chats.open.draft.text();
        if text.ends_with('\\') && !text.ends_with("\\\\") {
            self.chats.open.draft.set(&format!("{}\n", &text[..text.len() - 1]));
            return Effects::new();
        }
        match self.chats.send(now) {
            Ok(mut effects) => {
                self.draft_due = None;
                effects.push(Effect::Apply(Change::Draft { chat: None, text: String::new() }));
                if let Some(chat) = self.chats.open.chat {
                    let text = String::new();
                    effects.push(Effect::Apply(Change::Draft { chat: Some(chat), text }));
                }
                effects.extend(self.note_use(now));
                effects
            }
            Err(why) => self.say_not_sent(why, now),
        }
    }

    pub(super) fn retry(&mut self, now: Now) -> Effects {
        match self.chats.retry(now) {
            Ok(effects) => effects,
            Err(why) => self.say_not_sent(why, now),
        }
    }

    pub(super) fn say_not_sent(&mut self, why: NotSent, now: Now) -> Effects {
        let words = match why {
            NotSent::Empty => return Effects::new(),
            NotSent::Busy => "an answer is still coming; Esc stops it, the draft stays",
            NotSent::NoModel => "no model is chosen: Ctrl+O chooses one",
            NotSent::NothingToRetry => "there is no message to answer again",
        };
        self.toasts.say(Tone::Warn, words, now.instant);
        Effects::new()
    }

    /// The open chat uses another model from now on.
    pub(super) fn use_model(&mut self, id: ModelId, now: Now) -> Effects {
        self.chats.open.use_model(id);
        self.note_use(now)
    }

    pub(super) fn note_use(&mut self, now: Now) -> Effects {
        let Some(model) = self.chats.open.model.clone() else { return Effects::new() };
        self.shelf.used(&model);
        let mut effects = vec![Effect::Apply(Change::UsedModel(model))];
        effects.extend(self.keep_settings());
        effects.extend(self.refresh_models(now));
        effects
    }

    pub(super) fn keep_settings(&self) -> Option<Effect> {
        let open = &self.chats.open;
        let chat = open.chat?;
        let (model, params) = (open.model.clone(), open.params.clone());
        Some(Effect::Apply(Change::ChatSettings { chat, model, params }))
    }

    pub(super) fn flip_model(&mut self, now: Now) -> Effects {
        let current = self.chats.open.model.clone();
        let recent = self.shelf.recents.iter().find(|id| Some(*id) != current.as_ref());
        let Some(id) = self.chats.open.previous_model.clone().or_else(|| recent.cloned()) else {
            let words = "no other model was used yet: Ctrl+O chooses one";
            self.toasts.say(Tone::Plain, words, now.instant);
            return Effects::new();
        };
        self.toasts.say(Tone::Plain, format!("model: {id}"), now.instant);
        self.use_model(id, now)
    }

    pub(super) fn star(&mut self, id: &ModelId, now: Now) -> Effects {
        let on = self.shelf.star(id);
        let mut effects = vec![Effect::Apply(Change::Favourite { model: id.clone(), on })];
        self.refresh_switcher(now);
        effects.extend(self.refresh_models(now));
        effects
    }

    /// The switcher shows what changed while it is open.
    pub(super) fn refresh_switcher(&mut self, now: Now) {
        if let Some(mut overlay) = self.overlays.pop() {
            if let Overlay::Switcher(switcher) = &mut overlay {
                switcher.refresh(&self.cx(now));
            }
            self.overlays.push(overlay);
        }
    }

    pub(super) fn use_params(&mut self, params: Params, _now: Now) -> Effects {
        self.chats.open.params = params;
        self.keep_settings().into_iter().collect()
    }

    pub(super) fn new_chat(&mut self, now: Now) -> Effects {
        if self.chats.open.is_new() {
            // It is one already, and its draft stays.
            self.chats.part = Part::Compose;
            return self.go(View::Chat, now);
        }
        let mut effects = self.save_draft();
        let model = self.chats.open.model.clone().or_else(|| self.configured_model.clone());
        self.chats.show(Conversation::new(model, self.defaults.clone()));
        self.chats.part = Part::Compose;
        self.fit_draft();
        effects.extend(self.go(View::Chat, now));
        effects
    }

    pub(super) fn open_chat(&mut self, chat: ChatId, now: Now) -> Effects {
        if self.chats.open.chat == Some(chat) || self.chats.show_parked(chat) {
            self.fit_draft();
            return self.go(View::Chat, now);
        }
        // The view changes when the chat is there: keys typed meanwhile would go to another one.
        let ticket = self.ticket();
        self.opening = Some(ticket.number);
        let mut effects = self.save_draft();
        effects.push(Effect::Ask(ticket, Query::Chat(chat)));
        effects
    }

    pub(super) fn next_theme(&mut self, now: Now) -> Effects {
        let names: Vec<&str> = theme::names().collect();
        let at = names.iter().position(|name| *name == self.theme.name()).unwrap_or(0);
        let next = names[(at + 1) % names.len().max(1)];
        self.toasts.say(Tone::Plain, format!("theme: {next}"), now.instant);
        let setting = Change::Setting { key: "theme".into(), value: Some(next.to_owned()) };
        vec![Effect::UseTheme(next.to_owned()), Effect::Apply(setting)]
    }

    pub(super) fn copy_message(&mut self, now: Now) -> Effects {
        let open = &self.chats.open;
        match open.current().map(|at| open.items[at].text.clone()) {
            Some(text) if !text.is_empty() => vec![Effect::Copy(text)],
            _ => {
                self.toasts.say(Tone::Plain, "nothing to copy yet", now.instant);
                Effects::new()
            }
        }
    }

    pub(super) fn copy_block(&mut self, now: Now) -> Effects {
        let open = &self.chats.open;
        let block = open.current().and_then(|at| {
            let mut doc = Doc::of(&open.items[at].text);
            // The blocks are known once the text is laid out; any width does.
            doc.height(WIDEST_TEXT);
            doc.code_blocks().last().map(|block| block.text.to_owned())
        });
        match block {
            // A trailing line feed would run the command as it is pasted.
            Some(code) => vec![Effect::Copy(code.trim_end_matches('\n').to_owned())],
            None => self.copy_message(now),
        }
    }

    pub(super) fn show_receipt(&mut self, now: Now) {
        let open = &self.chats.open;
        let item = open
            .current()
            .and_then(|at| open.items[..=at].iter().rev().find(|item| item.receipt.is_some()));
        match item.and_then(|item| item.receipt.as_ref()) {
            Some(receipt) => {
                let lines = receipt::lines(receipt);
                self.overlays.push(Overlay::Page(Page::new("receipt", lines)));
            }
            None => self.toasts.say(Tone::Plain, "no answer yet, so no receipt", now.instant),
        }
    }
}
