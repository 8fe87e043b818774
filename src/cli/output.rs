//! The two streams: stdout is data, stderr is talk. What came from outside is made harmless
//! before it reaches a terminal; what goes into a pipe or a file is left as it is.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};

use anyhow::Context;
use serde::Serialize;

use crate::config::ColorChoice;
use crate::domain::text::clean;

/// Where a command writes its data. Every write can fail with a broken pipe, which ends the
/// command quietly: see `failure::exit_code`.
pub(super) struct Out {
    is_terminal: bool,
    has_color: bool,
}

impl Out {
    pub(super) fn new(color: ColorChoice) -> Out {
        let is_terminal = io::stdout().is_terminal();
        let has_color = match color {
            ColorChoice::Auto => is_terminal,
            ColorChoice::Always => true,
            ColorChoice::Never => false,
        };
        Out { is_terminal, has_color }
    }

    pub(super) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Our own text, or outside text that is already harmless, as it is; flushed.
    pub(super) fn write(&self, text: &str) -> anyhow::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        stdout.flush()?;
        Ok(())
    }

    /// A whole outside text: cleaned for a terminal, raw elsewhere.
    pub(super) fn write_outside(&self, text: &str) -> anyhow::Result<()> {
        if self.is_terminal { self.write(&clean(text)) } else { self.write(text) }
    }

    /// Indented JSON and a line feed.
    pub(super) fn json(&self, value: &impl Serialize) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(value).context("the JSON could not be written")?;
        self.write(&format!("{}\n", escape(&text)))
    }

    /// JSON on one line.
    pub(super) fn json_line(&self, value: &impl Serialize) -> anyhow::Result<()> {
        let text = serde_json::to_string(value).context("the JSON could not be written")?;
        self.write(&format!("{}\n", escape(&text)))
    }

    /// Bold, where there is colour.
    pub(super) fn strong(&self, text: &str) -> String {
        if self.has_color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// Talk: one line or paragraph on stderr, cleaned. Never fails: there is nobody left to tell.
pub(super) fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", clean(text));
}

/// Writes characters that steer a terminal as `\u` escapes: the JSON stays the same value and
/// is harmless on a screen. Below U+0020 the serialiser has done so already, but for white space
/// between tokens, which stays.
fn escape(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        let steers = matches!(c,
            '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}');
        if steers {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                // Writing into a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_on_a_screen_is_harmless_and_the_same_value() {
        let value = "a\u{1b}[2Jb\u{9b}31m\u{202e}c\u{e0041}é漢👩‍🔬";
        let text = escape(&serde_json::to_string(value).unwrap());
        assert!(text.chars().all(|c| !c.is_control()), "{text}");
        assert!(!text.contains(['\u{202e}', '\u{e0041}']) && text.contains("é漢👩‍🔬"));
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), value);
    }
}
