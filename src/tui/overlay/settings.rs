//! The form with the settings of a chat: system prompt, temperature, max tokens, effort.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::turn::{Effort, Params};
use crate::tui::action::Action;
use crate::tui::chat::composer::Composer;
use crate::tui::cx::Cx;
use crate::tui::theme::Role;
use crate::tui::typing;
use crate::tui::widgets::panel::{Panel, overlay};
use crate::tui::widgets::{Field, text};

use super::{Choice, Outcome};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    System,
    Temperature,
    MaxTokens,
    Effort,
}

const FIELDS: [At; 4] = [At::System, At::Temperature, At::MaxTokens, At::Effort];
const SYSTEM_ROWS: u16 = 6;

/// The form, with what was typed into it so far.
#[derive(Clone, Debug)]
pub struct Settings {
    at: usize,
    system: Composer,
    temperature: Field,
    max_tokens: Field,
    /// `None` leaves it to the provider.
    effort: Option<Effort>,
    /// What is wrong with a value, beside its field.
    problem: Option<(usize, String)>,
}

impl Settings {
    pub fn new(params: &Params) -> Settings {
        let mut system = Composer::new(params.system.as_deref().unwrap_or_default());
        system.fit(56);
        let number = |value: Option<String>| Field::new(&value.unwrap_or_default());
        Settings {
            at: 0,
            system,
            temperature: number(params.temperature.map(|t| t.to_string())),
            max_tokens: number(params.max_tokens.map(|m| m.to_string())),
            effort: params.effort,
            problem: None,
        }
    }

    /// The values of the form; the error names the field and says what is wrong.
    fn params(&self) -> Result<Params, (usize, String)> {
        let system = self.system.text();
        Ok(Params {
            system: (!system.trim().is_empty()).then_some(system),
            temperature: read_temperature(self.temperature.text()).map_err(|why| (1, why))?,
            max_tokens: read_max_tokens(self.max_tokens.text()).map_err(|why| (2, why))?,
            effort: self.effort,
        })
    }

    pub fn act(&mut self, action: Action) -> Outcome {
        match action {
            Action::FormNext => self.at = (self.at + 1) % FIELDS.len(),
            Action::FormPrevious => self.at = (self.at + FIELDS.len() - 1) % FIELDS.len(),
            Action::Newline if self.place() == At::System => self.system.newline(),
            Action::FormSave => match self.params() {
                Ok(params) => return Outcome::Chosen(Choice::Params(Box::new(params))),
                Err((at, why)) => {
                    self.at = at;
                    self.problem = Some((at, why));
                }
            },
            Action::EditDraft => return Outcome::Meanwhile(Choice::Edit(self.system.text())),
            _ => {}
        }
        Outcome::Stay
    }

    /// The system prompt came back from the editor.
    pub fn edited(&mut self, text: &str) {
        self.system.set(text.trim_end_matches('\n'));
    }

    fn place(&self) -> At {
        FIELDS[self.at % FIELDS.len()]
    }

    pub fn text(&mut self, key: KeyEvent) {
        self.problem = None;
        match self.place() {
            At::System => {
                self.system.key(key);
            }
            At::Temperature => {
                typing::edit(&mut self.temperature, key);
            }
            At::MaxTokens => {
                typing::edit(&mut self.max_tokens, key);
            }
            At::Effort => self.choose_effort(key.code),
        }
    }

    fn choose_effort(&mut self, code: KeyCode) {
        let all: Vec<Option<Effort>> =
            std::iter::once(None).chain(Effort::ALL.into_iter().map(Some)).collect();
        let at = all.iter().position(|e| *e == self.effort).unwrap_or(0);
        let next = match code {
            KeyCode::Right | KeyCode::Char(' ') => (at + 1) % all.len(),
            KeyCode::Left => (at + all.len() - 1) % all.len(),
            _ => at,
        };
        self.effort = all[next];
    }

    pub fn paste(&mut self, pasted: &str) {
        match self.place() {
            At::System => self.system.insert(pasted),
            At::Temperature => {
                typing::paste(&mut self.temperature, pasted);
            }
            At::MaxTokens => {
                typing::paste(&mut self.max_tokens, pasted);
            }
            At::Effort => {}
        }
    }

    pub fn draw(&self, cx: &Cx, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let panel = Panel {
            title: "chat settings",
            note: "",
            foot: "Tab next · Ctrl+J new line · Enter keep · Esc leave",
            focus: true,
        };
        let inner = overlay(area, 76, SYSTEM_ROWS + 6, panel, buf, cx.theme);
        let mut cursor = None;
        let mut y = inner.y;
        for (index, place) in FIELDS.into_iter().enumerate() {
            let rows = if place == At::System { SYSTEM_ROWS } else { 1 };
            let rows = rows.min(inner.bottom().saturating_sub(y));
            if rows == 0 {
                break;
            }
            let line = Rect { y, height: 1, ..inner };
            let role = if index == self.at { Role::Accent } else { Role::Dim };
            text::draw(title(place), line, buf, cx.theme.style(role));
            let left = 15.min(inner.width);
            let value = Rect { x: inner.x + left, y, width: inner.width - left, height: rows };
            let at = self.draw_value(place, value, cx, buf);
            if index == self.at {
                cursor = at;
            }
            y += rows;
        }
        if let Some((_, why)) = &self.problem
            && y < inner.bottom()
        {
            let line = Rect { y: inner.bottom() - 1, height: 1, ..inner };
            text::draw(why, line, buf, cx.theme.style(Role::Bad));
        }
        cursor
    }

    fn draw_value(&self, place: At, area: Rect, cx: &Cx, buf: &mut Buffer) -> Option<Position> {
        let unset = "left to the provider";
        match place {
            At::System if self.system.is_empty() => {
                text::draw("none", area, buf, cx.theme.style(Role::Placeholder));
                Some(Position::new(area.x, area.y))
            }
            At::System => self.system.draw(area, cx.theme.style(Role::Text), buf),
            At::Temperature => self.temperature.draw(area, buf, cx.theme, unset),
            At::MaxTokens => self.max_tokens.draw(area, buf, cx.theme, unset),
            At::Effort => {
                let shown = self.effort.map_or(unset, Effort::as_str);
                let line = format!("‹ {shown} ›   ← → change");
                text::draw(&line, area, buf, cx.theme.style(Role::Text));
                Some(Position::new(area.x, area.y))
            }
        }
    }
}

fn title(place: At) -> &'static str {
    match place {
        At::System => "system prompt",
        At::Temperature => "temperature",
        At::MaxTokens => "max tokens",
        At::Effort => "effort",
    }
}

/// 0 to 2, or nothing.
fn read_temperature(text: &str) -> Result<Option<f64>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match text.replace(',', ".").parse::<f64>() {
        Ok(value) if (0.0..=2.0).contains(&value) => Ok(Some(value)),
        _ => Err(format!("`{text}`: temperature is a number from 0 to 2, or nothing")),
    }
}

/// 1 or more, or nothing; `4k` is 4000.
fn read_max_tokens(text: &str) -> Result<Option<u32>, String> {
    let text = text.trim().to_ascii_lowercase();
    if text.is_empty() {
        return Ok(None);
    }
    let (digits, unit) = match text.strip_suffix('k') {
        Some(digits) => (digits, 1000),
        None => (text.as_str(), 1),
    };
    let value = digits.parse::<u32>().ok().and_then(|n| n.checked_mul(unit)).filter(|n| *n > 0);
    value
        .map(Some)
        .ok_or_else(|| format!("`{text}`: max tokens is a whole number from 1, or nothing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(temperature: &str, max_tokens: &str) -> Settings {
        let mut form = Settings::new(&Params::default());
        form.temperature.set(temperature);
        form.max_tokens.set(max_tokens);
        form
    }

    #[test]
    fn values_are_read_and_bad_ones_are_named() {
        let good = form("0,7", "4k").params().unwrap();
        assert_eq!((good.temperature, good.max_tokens), (Some(0.7), Some(4000)));
        assert_eq!(form("", "").params().unwrap(), Params::default());
        assert_eq!(form("3", "").params().unwrap_err().0, 1);
        assert_eq!(form("", "0").params().unwrap_err().0, 2);
        assert_eq!(form("", "99999999k").params().unwrap_err().0, 2);
    }

    #[test]
    fn what_is_saved_unchanged_is_what_was_there() {
        let params = Params {
            system: Some("Be brief.\nSay why.".into()),
            temperature: Some(0.3),
            max_tokens: Some(512),
            effort: Some(Effort::High),
        };
        assert_eq!(Settings::new(&params).params(), Ok(params));
    }
}
