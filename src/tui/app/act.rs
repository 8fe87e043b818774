//! What each action does, as far as it concerns more than one pane.

use crate::engine::Change;
use crate::tui::action::{Action, Context};
use crate::tui::chat::Part;
use crate::tui::effect::{Effect, Effects};
use crate::tui::focus::View;
use crate::tui::history::History;
use crate::tui::models::Browser;
use crate::tui::msg::Now;
use crate::tui::overlay::{
    Choice, Confirm, Outcome, Overlay, Page, Palette, Question, Rename, Settings, Switcher,
};
use crate::tui::toast::Tone;

use super::{App, TWICE};

impl App {
    /// Does an action: the overlay on top first, then what is global, then the pane.
    pub fn act(&mut self, action: Action, now: Now) -> Effects {
        if action == Action::Interrupt {
            return self.interrupt(now);
        }
        let context = action.info().context;
        if let Some(mut overlay) = self.overlays.pop() {
            let outcome = overlay.act(action, &self.cx(now));
            return self.outcome(overlay, outcome, now);
        }
        match context {
            Context::Global => self.global(action, now),
            Context::Compose => self.compose(action, now),
            Context::Browse => self.browse(action, now),
            Context::Models => self.in_models(action, now),
            Context::Usage => self.with_usage(now, |usage, cx| usage.act(action, cx)),
            Context::History => self.in_history(action, now),
            Context::Query => match self.view {
                View::Models => self.with_models(now, |models, cx| models.act(action, cx)),
                View::History => self.with_history(now, |history, cx| history.act(action, cx)),
                View::Chat | View::Usage => Effects::new(),
            },
            Context::List | Context::Form | Context::Confirm => Effects::new(),
        }
    }

    fn outcome(&mut self, overlay: Overlay, outcome: Outcome, now: Now) -> Effects {
        match outcome {
            Outcome::Stay => {
                self.overlays.push(overlay);
                Effects::new()
            }
            Outcome::Close => Effects::new(),
            Outcome::Chosen(choice) => self.choose(choice, now),
            Outcome::Meanwhile(choice) => {
                self.overlays.push(overlay);
                self.choose(choice, now)
            }
        }
    }

    fn choose(&mut self, choice: Choice, now: Now) -> Effects {
        match choice {
            Choice::Run(action) => {
                let mut effects = self.go_where(action, now);
                effects.extend(self.act(action, now));
                effects
            }
            Choice::UseModel(id) => self.use_model(id, now),
            Choice::Star(id) => self.star(&id, now),
            Choice::Params(params) => self.use_params(*params, now),
            Choice::Rename(chat, title) => {
                if self.chats.open.chat == Some(chat) {
                    self.chats.open.title.clone_from(&title);
                }
                let mut effects = vec![Effect::Apply(Change::RenameChat(chat, title))];
                effects.extend(self.with_history(now, History::refresh));
                effects
            }
            Choice::Confirmed(Question::QuitWhileStreaming { .. }) => self.quit(),
            Choice::Copy(text) => vec![Effect::Copy(text)],
            Choice::Edit(text) => vec![Effect::Edit(text)],
        }
    }

    /// Goes to the place where an action means something, when one is not there already.
    fn go_where(&mut self, action: Action, now: Now) -> Effects {
        let context = action.info().context;
        // The keys of the chat that change the view work in every view; the others do not.
        let of_chat = matches!(context, Context::Compose | Context::Browse)
            && self.view != View::Chat
            && !action.info().id.starts_with("browse.view-");
        if self.path().contains(&context) && !of_chat {
            return Effects::new();
        }
        match context {
            Context::Compose | Context::Browse => {
                self.chats.part = match context {
                    Context::Compose => Part::Compose,
                    _ => Part::Browse,
                };
                self.go(View::Chat, now)
            }
            Context::Models => self.go(View::Models, now),
            Context::Usage => self.go(View::Usage, now),
            Context::History => self.go(View::History, now),
            Context::Global | Context::Query | Context::List | Context::Form | Context::Confirm => {
                Effects::new()
            }
        }
    }

    fn global(&mut self, action: Action, now: Now) -> Effects {
        match action {
            Action::Palette => {
                let palette = Palette::new(&self.path());
                self.overlays.push(Overlay::Palette(palette));
            }
            Action::Switcher => {
                let switcher = Switcher::new(&self.cx(now));
                self.overlays.push(Overlay::Switcher(switcher));
            }
            Action::Help => {
                let page = Page::help(&self.path(), &self.keymap);
                self.overlays.push(Overlay::Page(page));
            }
            Action::ChatSettings => {
                let settings = Settings::new(&self.chats.open.params);
                self.overlays.push(Overlay::Settings(Box::new(settings)));
            }
            Action::LastModel => return self.flip_model(now),
            Action::NewChat => return self.new_chat(now),
            Action::ViewChat => return self.go(View::Chat, now),
            Action::ViewModels => return self.go(View::Models, now),
            Action::ViewUsage => return self.go(View::Usage, now),
            Action::ViewHistory => return self.go(View::History, now),
            Action::NextTheme => return self.next_theme(now),
            Action::NextColors => return vec![Effect::NextColors],
            Action::Redraw => return vec![Effect::Redraw],
            Action::Suspend => return vec![Effect::Suspend],
            Action::Back => return self.back(now),
            Action::Quit => return self.ask_to_quit(),
            _ => {}
        }
        Effects::new()
    }

    fn compose(&mut self, action: Action, now: Now) -> Effects {
        let page = self.geometry.page;
        match action {
            Action::Send => return self.send(now),
            Action::Newline => self.chats.open.draft.newline(),
            Action::EditDraft => return vec![Effect::Edit(self.chats.open.draft.text())],
            Action::QuitEmpty if self.chats.open.draft.is_empty() => return self.ask_to_quit(),
            Action::QuitEmpty => {
                let key = crossterm::event::KeyEvent::new(
                    crossterm::event::KeyCode::Delete,
                    crossterm::event::KeyModifiers::NONE,
                );
                self.chats.open.draft.key(key);
            }
            Action::UndoEdit => self.chats.open.draft.undo(),
            Action::RedoEdit => self.chats.open.draft.redo(),
            other => self.chats.browse(other, page),
        }
        Effects::new()
    }

    fn browse(&mut self, action: Action, now: Now) -> Effects {
        match action {
            Action::BrowsePrevView => return self.go(self.view.step(-1), now),
            Action::BrowseNextView => return self.go(self.view.step(1), now),
            Action::BrowseChat => return self.go(View::Chat, now),
            Action::BrowseModels => return self.go(View::Models, now),
            Action::BrowseUsage => return self.go(View::Usage, now),
            Action::BrowseHistory => return self.go(View::History, now),
            Action::BrowseHelp => return self.global(Action::Help, now),
            _ if self.view == View::Usage => {
                return self.with_usage(now, |usage, cx| usage.act(action, cx));
            }
            _ if self.view != View::Chat => return Effects::new(),
            Action::Retry => return self.retry(now),
            Action::CopyMessage => return self.copy_message(now),
            Action::CopyBlock => return self.copy_block(now),
            Action::ShowReceipt => self.show_receipt(now),
            other => self.chats.browse(other, self.geometry.page),
        }
        Effects::new()
    }

    fn in_models(&mut self, action: Action, now: Now) -> Effects {
        match action {
            Action::UseModel => match self.models.selected() {
                Some(id) => {
                    let mut effects = self.go(View::Chat, now);
                    self.chats.part = Part::Compose;
                    effects.extend(self.use_model(id, now));
                    effects
                }
                None => Effects::new(),
            },
            Action::StarModel => match self.models.selected() {
                Some(id) => self.star(&id, now),
                None => Effects::new(),
            },
            Action::RefreshModels => vec![Effect::RefreshCatalog],
            other => self.with_models(now, |models, cx| models.act(other, cx)),
        }
    }

    fn in_history(&mut self, action: Action, now: Now) -> Effects {
        match (action, self.history.selected()) {
            (Action::OpenChat, Some((chat, _))) => self.open_chat(chat, now),
            (Action::OpenChat, None) => {
                self.open_first = true;
                Effects::new()
            }
            (Action::RenameChat, Some((chat, title))) => {
                self.overlays.push(Overlay::Rename(Rename::new(chat, &title)));
                Effects::new()
            }
            _ => self.with_history(now, |history, cx| history.act(action, cx)),
        }
    }

    /// Changes the view; what it shows is brought up to date.
    pub(super) fn go(&mut self, view: View, now: Now) -> Effects {
        if view != self.view {
            self.opening = None;
        }
        self.view = view;
        match view {
            View::Chat => Effects::new(),
            View::Models => self.with_models(now, Browser::refresh),
            View::Usage => {
                let chat = self.chats.open.chat;
                self.with_usage(now, |usage, cx| usage.refresh(chat, cx))
            }
            View::History => self.with_history(now, History::refresh),
        }
    }

    /// Esc: never destructive. Toasts, then the answer that comes, then from writing to reading;
    /// in other views it leaves the field, then goes back to the chat.
    fn back(&mut self, now: Now) -> Effects {
        match self.view {
            View::Chat => {
                if let Some(effects) = self.chats.stop() {
                    return effects;
                }
                if !self.toasts.dismiss() {
                    self.chats.part = match self.chats.part {
                        Part::Compose => Part::Browse,
                        Part::Browse => {
                            self.chats.open.selected = None;
                            Part::Browse
                        }
                    };
                }
                Effects::new()
            }
            View::Models if self.models.context() == Context::Query => {
                self.with_models(now, |models, cx| models.act(Action::Back, cx))
            }
            View::History if self.history.context() == Context::Query => {
                self.with_history(now, |history, cx| history.act(Action::Back, cx))
            }
            View::Models | View::Usage | View::History => self.go(View::Chat, now),
        }
    }

    /// Ctrl+C: stops the answer; without one it closes an overlay or says how to quit. Twice
    /// within two seconds quits.
    fn interrupt(&mut self, now: Now) -> Effects {
        let again = self
            .interrupted_at
            .is_some_and(|at| now.instant.saturating_duration_since(at) <= TWICE);
        if again {
            return self.quit();
        }
        self.interrupted_at = Some(now.instant);
        let stopped = self.chats.stop();
        let words = if stopped.is_some() {
            "stopping; Ctrl+C again within two seconds quits"
        } else {
            "Ctrl+C again within two seconds quits"
        };
        self.overlays.pop();
        self.toasts.say(Tone::Plain, words, now.instant);
        stopped.unwrap_or_default()
    }

    fn ask_to_quit(&mut self) -> Effects {
        match self.chats.live_turns().len() {
            0 => self.quit(),
            answers => {
                let question = Question::QuitWhileStreaming { answers };
                self.overlays.push(Overlay::Confirm(Confirm { question }));
                Effects::new()
            }
        }
    }

    fn quit(&mut self) -> Effects {
        self.quitting = true;
        let mut effects = self.save_draft();
        effects.extend(self.chats.live_turns().into_iter().map(Effect::StopTurn));
        effects.push(Effect::Quit);
        effects
    }
}
