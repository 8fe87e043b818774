//! Settings of the screen: colour, and what a terminal is trusted with.

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    Always,
    Never,
}

impl ColorChoice {
    pub const ALL: [ColorChoice; 3] = [ColorChoice::Auto, ColorChoice::Always, ColorChoice::Never];

    pub fn as_str(self) -> &'static str {
        match self {
            ColorChoice::Auto => "auto",
            ColorChoice::Always => "always",
            ColorChoice::Never => "never",
        }
    }

    pub fn parse(text: &str) -> Option<ColorChoice> {
        Self::ALL.into_iter().find(|c| c.as_str() == text)
    }
}

/// How many colours to use, where the user says so instead of leaving it to detection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColorDepth {
    /// Bold, dim and reverse only.
    None,
    Ansi16,
    Ansi256,
    TrueColor,
}

impl ColorDepth {
    pub const ALL: [ColorDepth; 4] =
        [ColorDepth::None, ColorDepth::Ansi16, ColorDepth::Ansi256, ColorDepth::TrueColor];

    pub fn as_str(self) -> &'static str {
        match self {
            ColorDepth::None => "none",
            ColorDepth::Ansi16 => "16",
            ColorDepth::Ansi256 => "256",
            ColorDepth::TrueColor => "truecolor",
        }
    }

    pub fn parse(text: &str) -> Option<ColorDepth> {
        Self::ALL.into_iter().find(|d| d.as_str() == text)
    }
}

/// How joined emoji are drawn: terminals disagree about their width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emoji {
    /// As they are.
    Full,
    /// Only their first character.
    Simple,
}

impl Emoji {
    pub fn as_str(self) -> &'static str {
        match self {
            Emoji::Full => "full",
            Emoji::Simple => "simple",
        }
    }

    pub fn parse(text: &str) -> Option<Emoji> {
        [Emoji::Full, Emoji::Simple].into_iter().find(|e| e.as_str() == text)
    }
}

/// What the terminal is trusted with. `None` leaves it to detection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    pub emoji: Option<Emoji>,
    /// Synchronized updates (mode 2026).
    pub sync: Option<bool>,
    /// Scroll regions, which save bytes on slow lines.
    pub scroll_regions: Option<bool>,
    /// The wheel scrolls; the terminal's own selection then needs Shift. Off by default.
    pub mouse: bool,
    /// Whether fast typing is taken for a paste where bracketed paste is missing.
    pub paste_burst: Option<bool>,
}
