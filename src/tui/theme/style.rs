//! One style as text: `cyan bold`, `black on #ffd75f`, `reset`, `244 italic`.

use std::collections::HashMap;

use ratatui::style::{Color, Modifier, Style};

use super::file::nearest;

const COLOURS: &[(&str, Color)] = &[
    ("reset", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("gray", Color::Gray),
    ("dark-gray", Color::DarkGray),
    ("light-red", Color::LightRed),
    ("light-green", Color::LightGreen),
    ("light-yellow", Color::LightYellow),
    ("light-blue", Color::LightBlue),
    ("light-magenta", Color::LightMagenta),
    ("light-cyan", Color::LightCyan),
    ("white", Color::White),
];

const MODIFIERS: &[(&str, Modifier)] = &[
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underlined", Modifier::UNDERLINED),
    ("reversed", Modifier::REVERSED),
    ("crossed-out", Modifier::CROSSED_OUT),
];

/// The named colours of one theme file.
pub(super) type Palette = HashMap<String, Color>;

/// Reads `[COLOUR] [on COLOUR] [MODIFIER…]`; words that mean nothing are problems, the rest counts.
pub(super) fn parse(text: &str, palette: &Palette, problems: &mut Vec<String>) -> Style {
    let mut style = Style::new();
    let mut ground = false;
    for word in text.split_whitespace() {
        if word == "on" {
            ground = true;
        } else if let Some((_, modifier)) = MODIFIERS.iter().find(|(name, _)| *name == word) {
            style = style.add_modifier(*modifier);
        } else if let Some(colour) = colour(word, palette) {
            style = if ground { style.bg(colour) } else { style.fg(colour) };
        } else {
            problems.push(unknown(word, palette));
        }
    }
    style
}

/// A colour by its name, `#rrggbb`, or its number from 0 to 255.
pub(super) fn colour(word: &str, palette: &Palette) -> Option<Color> {
    if let Some(colour) = palette.get(word) {
        return Some(*colour);
    }
    if let Some(hex) = word.strip_prefix('#') {
        let valid = hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit());
        let rgb = u32::from_str_radix(hex, 16).ok().filter(|_| valid)?;
        let [_, r, g, b] = rgb.to_be_bytes();
        return Some(Color::Rgb(r, g, b));
    }
    if let Ok(index) = word.parse::<u8>() {
        return Some(Color::Indexed(index));
    }
    let plain = word.to_ascii_lowercase().replace(['_', ' '], "-").replace("grey", "gray");
    COLOURS.iter().find(|(name, _)| *name == plain).map(|(_, colour)| *colour)
}

fn unknown(word: &str, palette: &Palette) -> String {
    if word.starts_with('#') {
        return format!("`{word}` is not a colour: write `#rrggbb`");
    }
    let known = COLOURS
        .iter()
        .map(|(name, _)| *name)
        .chain(MODIFIERS.iter().map(|(name, _)| *name))
        .chain(palette.keys().map(String::as_str));
    match nearest(word, known) {
        Some(near) => {
            format!("`{word}` is neither a colour nor a modifier; did you mean `{near}`?")
        }
        None => format!(
            "`{word}` is neither a colour (a name, #rrggbb or 0 to 255) nor a modifier \
             (bold, dim, italic, underlined, reversed, crossed-out)"
        ),
    }
}
