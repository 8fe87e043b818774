//! A question with two answers, before something that is not easily undone.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::action::Action;
use crate::tui::cx::Cx;
use crate::tui::theme::Role;
use crate::tui::widgets::panel::{Panel, overlay};
use crate::tui::widgets::text;

use super::{Choice, Outcome};

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Quit while answers are still coming.
    QuitWhileStreaming { answers: usize },
}

impl Question {
    fn words(self) -> (String, &'static str) {
        match self {
            Question::QuitWhileStreaming { answers: 1 } => (
                "An answer is still coming.".into(),
                "Quit? The text so far is kept; what the rest costs depends on the provider.",
            ),
            Question::QuitWhileStreaming { answers } => (
                format!("{answers} answers are still coming."),
                "Quit? The text so far is kept; what the rest costs depends on the provider.",
            ),
        }
    }
}

/// A question with few answers.
#[derive(Clone, Debug)]
pub struct Confirm {
    pub question: Question,
}

impl Confirm {
    pub fn act(&mut self, action: Action) -> Outcome {
        match action {
            Action::Yes => Outcome::Chosen(Choice::Confirmed(self.question)),
            Action::No => Outcome::Close,
            _ => Outcome::Stay,
        }
    }

    pub fn draw(&self, cx: &Cx, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let (what, ask) = self.question.words();
        let width = u16::try_from(text::width(ask) + 4).unwrap_or(u16::MAX);
        let panel = Panel { title: "", note: "", foot: "y yes · n no", focus: true };
        let inner = overlay(area, width, 4, panel, buf, cx.theme);
        for (row, line) in [what.as_str(), ask].into_iter().enumerate() {
            let y = inner.y + u16::try_from(row).unwrap_or(0);
            let at = Rect { y, height: u16::from(y < inner.bottom()), ..inner };
            text::draw(line, at, buf, cx.theme.style(Role::Text));
        }
        None
    }
}
