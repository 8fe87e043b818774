//! What colours mean, and the themes that say which colours they are.
//!
//! Everything on screen names a [`Role`]; a [`Theme`] says how that role looks. No other module
//! names a colour. Reducing colours to what a terminal can show is the terminal layer's business.

mod file;
mod role;
mod style;

use std::path::Path;
use std::sync::Arc;

use ratatui::style::{Color, Modifier, Style};

pub use file::{DEFAULT, names};
pub use role::Role;

/// How every role looks. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    name: Arc<str>,
    styles: Arc<[Style; Role::COUNT]>,
}

impl Theme {
    /// The theme called `name`, from `user_dir/NAME.toml` or from those built in.
    ///
    /// Never fails: an unknown name gives the default theme, and whatever was wrong comes back as
    /// sentences to show.
    pub fn load(name: &str, user_dir: Option<&Path>) -> (Theme, Vec<String>) {
        file::load(name, user_dir)
    }

    /// A theme from its text; `lookup` finds the text of the theme that it inherits.
    pub fn parse(
        name: &str,
        text: &str,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> (Theme, Vec<String>) {
        file::parse(name, text, lookup)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }

    /// The same for a terminal without colours: what stood out by its ground is reversed, so that
    /// the selected line can still be told from the others.
    pub fn without_colours(&self) -> Theme {
        let ground = |style: Style| style.bg.filter(|colour| *colour != Color::Reset);
        let common = ground(self.style(Role::Text));
        let plain = self.styles.map(|style| match ground(style) {
            Some(own) if Some(own) != common => style.add_modifier(Modifier::REVERSED),
            Some(_) | None => style,
        });
        Theme { name: Arc::clone(&self.name), styles: Arc::new(plain) }
    }
}

impl Default for Theme {
    fn default() -> Self {
        file::load(DEFAULT, None).0
    }
}

#[cfg(test)]
mod tests;
