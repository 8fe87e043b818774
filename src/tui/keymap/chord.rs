//! One key with its modifiers, as people write it: `ctrl+p`, `G`, `alt+enter`, `f1`.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key press in one normal form: letters carry their own case, never a shift flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    pub code: KeyCode,
    pub modifiers: KeyModifiers,
}

/// Keys that have a name instead of a character.
const NAMED: [(&str, KeyCode); 17] = [
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("backtab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
    ("space", KeyCode::Char(' ')),
    ("plus", KeyCode::Char('+')),
];

const MODIFIERS: [(&str, KeyModifiers); 3] =
    [("ctrl", KeyModifiers::CONTROL), ("alt", KeyModifiers::ALT), ("shift", KeyModifiers::SHIFT)];

impl Chord {
    /// The chord of a key event: the same key however the terminal reports it.
    pub fn of(event: KeyEvent) -> Chord {
        let known = KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT;
        Chord { code: event.code, modifiers: event.modifiers & known }.normal()
    }

    fn normal(mut self) -> Chord {
        match self.code {
            KeyCode::Char(c) => {
                // Ctrl+letter has no case; a plain letter carries its own.
                if self.modifiers.contains(KeyModifiers::CONTROL) {
                    self.code = KeyCode::Char(c.to_ascii_lowercase());
                } else if self.modifiers.contains(KeyModifiers::SHIFT) {
                    self.code = KeyCode::Char(c.to_uppercase().next().unwrap_or(c));
                }
                self.modifiers -= KeyModifiers::SHIFT;
            }
            KeyCode::BackTab => self.modifiers -= KeyModifiers::SHIFT,
            KeyCode::Tab if self.modifiers.contains(KeyModifiers::SHIFT) => {
                self.code = KeyCode::BackTab;
                self.modifiers -= KeyModifiers::SHIFT;
            }
            _ => {}
        }
        self
    }

    /// Reads `ctrl+shift+x`; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Chord, String> {
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text.trim();
        while let Some((head, tail)) = rest.split_once('+').filter(|(_, tail)| !tail.is_empty()) {
            let lower = head.to_ascii_lowercase();
            let Some((_, flag)) = MODIFIERS.iter().find(|(name, _)| *name == lower) else {
                return Err(format!("`{head}` is no modifier; there are ctrl, alt and shift"));
            };
            modifiers |= *flag;
            rest = tail;
        }
        let code = parse_code(rest)?;
        Ok(Chord { code, modifiers }.normal())
    }

    /// Whether the key would type something where text is taken.
    pub fn is_text(self) -> bool {
        matches!(self.code, KeyCode::Char(_))
            && !self.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
    }
}

fn parse_code(text: &str) -> Result<KeyCode, String> {
    let mut chars = text.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return Ok(KeyCode::Char(c));
    }
    let lower = text.to_ascii_lowercase();
    if let Some((_, code)) = NAMED.iter().find(|(name, _)| *name == lower) {
        return Ok(*code);
    }
    let number = lower.strip_prefix('f').and_then(|n| n.parse::<u8>().ok());
    match number {
        Some(n @ 1..=24) => Ok(KeyCode::F(n)),
        _ => Err(format!(
            "`{text}` is no key; write a character, a name such as enter, pageup or space, or f1"
        )),
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, flag) in MODIFIERS {
            if self.modifiers.contains(flag) {
                let mut chars = name.chars();
                let first = chars.next().map(|c| c.to_ascii_uppercase());
                write!(f, "{}{}+", first.unwrap_or(' '), chars.as_str())?;
            }
        }
        match self.code {
            KeyCode::F(n) => write!(f, "F{n}"),
            KeyCode::Char(c) if c != ' ' && c != '+' => {
                if self.modifiers.contains(KeyModifiers::CONTROL) {
                    write!(f, "{}", c.to_ascii_uppercase())
                } else {
                    write!(f, "{c}")
                }
            }
            code => {
                let name = NAMED.iter().find(|(_, c)| *c == code).map_or("?", |(name, _)| name);
                let shown = match name {
                    "up" => "↑",
                    "down" => "↓",
                    "left" => "←",
                    "right" => "→",
                    "pageup" => "PgUp",
                    "pagedown" => "PgDn",
                    "backtab" => "Shift+Tab",
                    other => {
                        let mut chars = other.chars();
                        let first = chars.next().map_or(' ', |c| c.to_ascii_uppercase());
                        return write!(f, "{first}{}", chars.as_str());
                    }
                };
                f.write_str(shown)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: KeyCode, modifiers: KeyModifiers) -> Chord {
        Chord::of(KeyEvent::new(code, modifiers))
    }

    #[test]
    fn what_is_written_equals_what_the_terminal_sends() {
        let shift = KeyModifiers::SHIFT;
        for (text, event) in [
            ("ctrl+p", key(KeyCode::Char('p'), KeyModifiers::CONTROL)),
            ("Ctrl+P", key(KeyCode::Char('P'), KeyModifiers::CONTROL | shift)),
            ("G", key(KeyCode::Char('G'), shift)),
            ("G", key(KeyCode::Char('g'), shift)),
            ("g", key(KeyCode::Char('g'), KeyModifiers::NONE)),
            ("f1", key(KeyCode::F(1), KeyModifiers::NONE)),
            ("alt+enter", key(KeyCode::Enter, KeyModifiers::ALT)),
            ("shift+tab", key(KeyCode::BackTab, shift)),
            ("space", key(KeyCode::Char(' '), KeyModifiers::NONE)),
            ("+", key(KeyCode::Char('+'), KeyModifiers::NONE)),
            ("ctrl+plus", key(KeyCode::Char('+'), KeyModifiers::CONTROL)),
        ] {
            assert_eq!(Chord::parse(text), Ok(event), "{text}");
        }
    }

    #[test]
    fn what_is_shown_reads_back() {
        for text in ["ctrl+p", "G", "alt+enter", "f12", "space", "esc", "alt+1", "ctrl+plus", "?"] {
            let chord = Chord::parse(text).unwrap();
            assert_eq!(Chord::parse(&chord.to_string()), Ok(chord), "{text} as {chord}");
        }
        assert_eq!(Chord::parse("pagedown").unwrap().to_string(), "PgDn");
        assert_eq!(Chord::parse("ctrl+p").unwrap().to_string(), "Ctrl+P");
    }

    #[test]
    fn nonsense_says_what_is_wrong() {
        assert!(Chord::parse("hyper+x").unwrap_err().contains("hyper"));
        assert!(Chord::parse("ctrl+banana").unwrap_err().contains("banana"));
        assert!(Chord::parse("f99").is_err());
    }
}
