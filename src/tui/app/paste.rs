//! Text that comes in one piece.

use crossterm::event::{KeyCode, KeyEvent};

use crate::domain::text::clean;
use crate::term::text_of;
use crate::tui::action::Context;
use crate::tui::chat::Part;
use crate::tui::chat::composer::LONGEST_PASTE;
use crate::tui::effect::Effects;
use crate::tui::focus::View;
use crate::tui::msg::Now;
use crate::tui::toast::Tone;

use super::{App, DRAFT_REST};

impl App {
    pub(super) fn paste(&mut self, text: &str, now: Now) -> Effects {
        if text.len() > LONGEST_PASTE {
            let words = "the pasted text is larger than 8 MB and was left out";
            self.toasts.say(Tone::Bad, words, now.instant);
            return Effects::new();
        }
        if let Some(mut overlay) = self.overlays.pop() {
            overlay.paste(text, &self.cx(now));
            self.overlays.push(overlay);
            return Effects::new();
        }
        match self.view {
            View::Models if self.models.context().takes_text() => {
                self.with_models(now, |models, cx| models.paste(text, cx))
            }
            View::History if self.history.context().takes_text() => {
                self.with_history(now, |history, cx| history.paste(text, cx))
            }
            View::Chat => {
                // Pasting while reading means writing.
                self.chats.part = Part::Compose;
                self.chats.open.draft.insert(text);
                self.draft_due = Some(now.instant + DRAFT_REST);
                Effects::new()
            }
            View::Models | View::History | View::Usage => Effects::new(),
        }
    }

    /// Keys in one piece, with Enter among them. In a field of one line they were typed ahead; in
    /// the draft, whose first lines Enter would send, and where letters act, they are a paste.
    pub(super) fn burst(&mut self, keys: &[KeyEvent], now: Now) -> Effects {
        let mut effects = Effects::new();
        for (at, key) in keys.iter().enumerate() {
            if !self.takes_one_line() && has_lines(&keys[at..]) {
                let text: String = keys[at..].iter().filter_map(|key| text_of(*key)).collect();
                effects.extend(self.paste(&clean(&text), now));
                break;
            }
            effects.extend(self.key(*key, now));
        }
        effects
    }

    fn takes_one_line(&self) -> bool {
        matches!(self.path().first(), Some(Context::Query | Context::List))
    }
}

/// Whether Enter is more than the end of it.
fn has_lines(keys: &[KeyEvent]) -> bool {
    keys.split_last().is_some_and(|(_, before)| before.iter().any(|k| k.code == KeyCode::Enter))
}
