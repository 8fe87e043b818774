//! Theme files: those built in, those of the user, and what is wrong with them.

use std::path::Path;
use std::sync::Arc;

use ratatui::style::Style;
use toml::{Table, Value};

use super::style::{self, Palette};
use super::{Role, Theme};
use crate::domain::text::clean_line;

/// The theme used unless another is asked for: it fits any terminal.
pub const DEFAULT: &str = "terminal";
/// Themes that inherit each other for longer than this go round in a circle.
const LONGEST_LINEAGE: usize = 8;

const BUILT_IN: &[(&str, &str)] = &[
    ("terminal", include_str!("../../../themes/terminal.toml")),
    ("dark", include_str!("../../../themes/dark.toml")),
    ("light", include_str!("../../../themes/light.toml")),
    ("high-contrast", include_str!("../../../themes/high-contrast.toml")),
    ("midnight", include_str!("../../../themes/midnight.toml")),
    ("solarized-light", include_str!("../../../themes/solarized-light.toml")),
];

/// The names of the themes built in, the default first.
pub fn names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, _)| *name)
}

pub(super) fn load(name: &str, user_dir: Option<&Path>) -> (Theme, Vec<String>) {
    let lookup = |wanted: &str| from_user(wanted, user_dir).or_else(|| built_in(wanted));
    let Some(text) = lookup(name) else {
        let (theme, _) = parse(DEFAULT, built_in(DEFAULT).as_deref().unwrap_or(""), &built_in);
        let known = nearest(name, names())
            .map_or_else(|| names().collect::<Vec<_>>().join(", "), str::to_owned);
        let shown = clean_line(name);
        return (theme, vec![format!("there is no theme `{shown}`; did you mean: {known}?")]);
    };
    // A user's `dark.toml` may inherit the `dark` that it replaces.
    let parent = |wanted: &str| if wanted == name { built_in(wanted) } else { lookup(wanted) };
    parse(name, &text, &parent)
}

pub(super) fn parse(
    name: &str,
    text: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> (Theme, Vec<String>) {
    let mut problems = Vec::new();
    let mut styles = [None; Role::COUNT];
    let mut lineage = vec![name.to_owned()];
    apply(text, lookup, &mut lineage, &mut styles, &mut problems);
    let plain = styles[Role::Text as usize].unwrap_or_default();
    let styles = styles.map(|style: Option<Style>| style.unwrap_or(plain));
    (Theme { name: name.into(), styles: Arc::new(styles) }, problems)
}

/// Fills `styles` from the ancestors first, then from this file.
fn apply(
    text: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
    lineage: &mut Vec<String>,
    styles: &mut [Option<Style>; Role::COUNT],
    problems: &mut Vec<String>,
) {
    let name = lineage.last().map(|name| clean_line(name)).unwrap_or_default();
    let table = match text.parse::<Table>() {
        Ok(table) => table,
        Err(error) => {
            problems.push(format!("theme {name}: {}", clean_line(error.message())));
            Table::new()
        }
    };
    let parent = match table.get("inherits") {
        Some(Value::String(parent)) => Some(parent.as_str()),
        Some(_) => {
            problems.push(format!("theme {name}: `inherits` must be the name of a theme"));
            None
        }
        // Every theme stands on the default, so a short one is still whole.
        None => (lineage.len() == 1 && name != DEFAULT).then_some(DEFAULT),
    };
    if let Some(parent) = parent {
        inherit(parent, lookup, lineage, styles, problems);
    }
    let palette = palette(&name, &table, problems);
    match table.get("roles") {
        Some(Value::Table(roles)) => {
            for (role, value) in roles {
                assign(&name, role, value, &palette, styles, problems);
            }
        }
        Some(_) => problems.push(format!("theme {name}: `roles` must be a table")),
        None => {}
    }
    for key in table.keys().filter(|key| !["inherits", "palette", "roles"].contains(&key.as_str()))
    {
        problems.push(format!("theme {name}: unknown key `{}`", clean_line(key)));
    }
}

fn inherit(
    parent: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
    lineage: &mut Vec<String>,
    styles: &mut [Option<Style>; Role::COUNT],
    problems: &mut Vec<String>,
) {
    let child = lineage.last().map(|name| clean_line(name)).unwrap_or_default();
    let shown = clean_line(parent);
    if lineage.len() >= LONGEST_LINEAGE {
        problems.push(format!("theme {child}: inherits in a circle through `{shown}`"));
        return;
    }
    let Some(text) = lookup(parent) else {
        let hint = nearest(parent, names())
            .map(|near| format!("; did you mean `{near}`?"))
            .unwrap_or_default();
        problems.push(format!("theme {child}: there is no theme `{shown}` to inherit{hint}"));
        return;
    };
    lineage.push(parent.to_owned());
    apply(&text, lookup, lineage, styles, problems);
    lineage.pop();
}

fn palette(theme: &str, table: &Table, problems: &mut Vec<String>) -> Palette {
    let mut palette = Palette::new();
    let Some(Value::Table(entries)) = table.get("palette") else {
        return palette;
    };
    let none = Palette::new();
    for (name, value) in entries {
        let colour = text_of(value).and_then(|text| style::colour(&text, &none));
        match colour {
            Some(colour) => drop(palette.insert(name.clone(), colour)),
            None => {
                let name = clean_line(name);
                problems.push(format!("theme {theme}: palette.{name} is not a colour"));
            }
        }
    }
    palette
}

fn assign(
    theme: &str,
    name: &str,
    value: &Value,
    palette: &Palette,
    styles: &mut [Option<Style>; Role::COUNT],
    problems: &mut Vec<String>,
) {
    let shown = clean_line(name);
    let Some(role) = Role::named(name) else {
        let hint = nearest(name, Role::ALL.iter().map(|role| role.name()))
            .map(|near| format!("; did you mean `{near}`?"))
            .unwrap_or_default();
        problems.push(format!("theme {theme}: unknown role `{shown}`{hint}"));
        return;
    };
    let Some(text) = text_of(value) else {
        problems.push(format!("theme {theme}: roles.{shown} must be a text like \"cyan bold\""));
        return;
    };
    let mut wrong = Vec::new();
    styles[role as usize] = Some(style::parse(&text, palette, &mut wrong));
    let place = |what: String| format!("theme {theme}: roles.{shown}: {}", clean_line(&what));
    problems.extend(wrong.into_iter().map(place));
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(index) => Some(index.to_string()),
        Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_)
        | Value::Array(_)
        | Value::Table(_) => None,
    }
}

fn built_in(name: &str) -> Option<String> {
    BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned())
}

fn from_user(name: &str, user_dir: Option<&Path>) -> Option<String> {
    let plain = !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let path = user_dir.filter(|_| plain)?.join(format!("{name}.toml"));
    std::fs::read_to_string(path).ok()
}

/// The known word that `word` was probably meant to be.
pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
