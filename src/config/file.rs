//! The TOML file: every key optional, every mistake a problem with its line, the rest in force.

use toml::de::{DeTable, DeValue};

use super::problem::Problem;
use super::read::{Keyed, Reader, Set};
use super::salvage;
use super::screen::{ColorChoice, ColorDepth, Emoji, Screen};
use crate::domain::turn::Effort;

/// Keys as written in `[keys]`: what they mean is the keymap's business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyBinding {
    /// Action id, such as `compose.send`.
    pub action: String,
    /// Chords as text; empty unbinds.
    pub chords: Vec<String>,
    /// Line in the config file, for problems found later.
    pub line: usize,
}

/// What the file says. `None` where it says nothing (valid).
#[derive(Debug, Default)]
pub(super) struct FileSettings {
    pub(super) model: Option<Set<String>>,
    pub(super) system: Option<Set<String>>,
    pub(super) temperature: Option<Set<f64>>,
    pub(super) max_tokens: Option<Set<u32>>,
    pub(super) effort: Option<Set<Effort>>,
    pub(super) fast: Option<Set<String>>,
    pub(super) cheap: Option<Set<String>>,
    pub(super) name: Option<Set<String>>,
    pub(super) base_url: Option<Set<String>>,
    pub(super) key_file: Option<Set<String>>,
    pub(super) api_key_cmd: Option<Set<String>>,
    pub(super) theme: Option<Set<String>>,
    pub(super) color: Option<Set<ColorChoice>>,
    pub(super) depth: Option<Set<Option<ColorDepth>>>,
    pub(super) screen: Screen,
    /// Lines of the settings in `screen`.
    pub(super) screen_lines: Vec<(String, usize)>,
    pub(super) keys: Vec<KeyBinding>,
}

const SECTIONS: [&str; 5] = ["chat", "modes", "upstream", "screen", "keys"];
const CHAT: [&str; 5] = ["model", "system", "temperature", "max_tokens", "effort"];
const MODES: [&str; 2] = ["fast", "cheap"];
const UPSTREAM: [&str; 4] = ["name", "base_url", "key_file", "api_key_cmd"];
const SCREEN: [&str; 8] =
    ["theme", "color", "depth", "emoji", "sync", "scroll_regions", "mouse", "paste_burst"];

/// Reads the text of a config file called `name`.
pub(super) fn parse(name: &str, text: &str, problems: &mut Vec<Problem>) -> FileSettings {
    let mut settings = FileSettings::default();
    let (pieces, broken) = salvage::pieces(text);
    for line in broken {
        problems.push(Problem::new(
            format!("{name}:{}", line.line),
            format!("is not TOML: {}", line.why),
            "The other lines count. Correct this one; `routedeck config check` shows what is left.",
        ));
    }
    for piece in &pieces {
        // They were tried before.
        if let Ok(root) = DeTable::parse(piece) {
            let mut reader = Reader::new(name, piece, problems);
            sections(&mut reader, root.get_ref(), &mut settings);
        }
    }
    settings.keys.sort_by_key(|binding| binding.line);
    settings
}

fn sections(reader: &mut Reader<'_>, root: &DeTable<'_>, to: &mut FileSettings) {
    for (key, value) in root {
        let at = reader.keyed("", key);
        let DeValue::Table(table) = value.get_ref() else {
            reader.misplaced(&at, &SECTIONS, &[&CHAT, &MODES, &UPSTREAM, &SCREEN]);
            continue;
        };
        match at.key.as_str() {
            "chat" => chat(reader, table, to),
            "modes" => modes(reader, table, to),
            "upstream" => upstream(reader, table, to),
            "screen" => screen(reader, table, to),
            "keys" => keys(reader, "", table, &mut to.keys),
            _ => reader.unknown(&at, &SECTIONS),
        }
    }
}

fn chat(reader: &mut Reader<'_>, table: &DeTable<'_>, to: &mut FileSettings) {
    for (key, value) in table {
        let at = reader.keyed("chat", key);
        match at.key.as_str() {
            "model" => to.model = reader.text(&at, value),
            "system" => to.system = reader.text(&at, value),
            "temperature" => to.temperature = reader.number(&at, value, 0.0, 2.0),
            "max_tokens" => to.max_tokens = reader.count(&at, value),
            "effort" => {
                let words = Effort::ALL.map(Effort::as_str);
                to.effort = reader.word(&at, value, &words, Effort::parse);
            }
            _ => reader.unknown(&at, &CHAT),
        }
    }
}

fn modes(reader: &mut Reader<'_>, table: &DeTable<'_>, to: &mut FileSettings) {
    for (key, value) in table {
        let at = reader.keyed("modes", key);
        match at.key.as_str() {
            "fast" => to.fast = reader.text(&at, value),
            "cheap" => to.cheap = reader.text(&at, value),
            "default" => reader.problem(
                &at,
                "is set elsewhere; this line is ignored",
                "The default model is `model` in [chat].",
            ),
            _ => reader.unknown(&at, &MODES),
        }
    }
}

fn upstream(reader: &mut Reader<'_>, table: &DeTable<'_>, to: &mut FileSettings) {
    for (key, value) in table {
        let at = reader.keyed("upstream", key);
        match at.key.as_str() {
            "name" => to.name = reader.text(&at, value),
            "base_url" => to.base_url = reader.text(&at, value),
            "key_file" => to.key_file = reader.text(&at, value),
            "api_key_cmd" => to.api_key_cmd = reader.text(&at, value),
            // Whatever it is, it is not repeated: it is meant to be a key.
            "key" | "api_key" | "token" | "openrouter_api_key" => reader.problem(
                &at,
                "is not read: keys have no place in a file that is shared and backed up",
                "Set OPENROUTER_API_KEY, or put the key alone in a file of mode 0600 and name it in `key_file`. If this file was shared, replace the key.",
            ),
            _ => reader.unknown(&at, &UPSTREAM),
        }
    }
}

fn screen(reader: &mut Reader<'_>, table: &DeTable<'_>, to: &mut FileSettings) {
    for (key, value) in table {
        let at = reader.keyed("screen", key);
        to.screen_lines.push((at.key.clone(), at.line));
        match at.key.as_str() {
            "theme" => to.theme = reader.text(&at, value),
            "color" => {
                let words = ColorChoice::ALL.map(ColorChoice::as_str);
                to.color = reader.word(&at, value, &words, ColorChoice::parse);
            }
            "depth" => {
                let words = ["auto", "truecolor", "256", "16", "none"];
                to.depth = reader.word(&at, value, &words, |word| match word {
                    "auto" => Some(None),
                    other => ColorDepth::parse(other).map(Some),
                });
            }
            "emoji" => {
                let set = reader.word(&at, value, &["auto", "full", "simple"], |word| match word {
                    "auto" => Some(None),
                    other => Emoji::parse(other).map(Some),
                });
                to.screen.emoji = set.and_then(|set| set.value);
            }
            "sync" => to.screen.sync = reader.switch(&at, value),
            "scroll_regions" => to.screen.scroll_regions = reader.switch(&at, value),
            "mouse" => to.screen.mouse = reader.switch(&at, value).unwrap_or_default(),
            "paste_burst" => to.screen.paste_burst = reader.switch(&at, value),
            _ => reader.unknown(&at, &SCREEN),
        }
    }
}

/// `"compose.send" = ["enter"]`, and the same without quotes, which TOML reads as nested tables.
fn keys(reader: &mut Reader<'_>, prefix: &str, table: &DeTable<'_>, to: &mut Vec<KeyBinding>) {
    for (key, value) in table {
        let mut at = reader.keyed("keys", key);
        if !prefix.is_empty() {
            at = Keyed { key: format!("{prefix}.{}", at.key), ..at };
        }
        match value.get_ref() {
            DeValue::Table(inner) => keys(reader, &at.key, inner, to),
            DeValue::String(chord) => {
                to.push(KeyBinding {
                    action: at.key,
                    chords: vec![chord.to_string()],
                    line: at.line,
                });
            }
            DeValue::Array(list) => {
                let chords: Option<Vec<String>> =
                    list.iter().map(|c| c.get_ref().as_str().map(str::to_owned)).collect();
                match chords {
                    Some(chords) => {
                        to.push(KeyBinding { action: at.key, chords, line: at.line });
                    }
                    None => reader.wrong_type(&at, "a list of keys, such as [\"ctrl+j\", \"g s\"]"),
                }
            }
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => {
                reader.wrong_type(&at, "a list of keys, such as [\"ctrl+j\", \"g s\"]");
            }
        }
    }
}
