//! The table of keys, and the keys named elsewhere.

use std::fmt::Write;

use routedeck::tui::action::{Action, Context};
use routedeck::tui::keymap::{Chord, Keymap};

use crate::page;

/// One table for each place. The nine favourites share a row.
fn table() -> String {
    let (keymap, problems) = Keymap::resolve(&[]);
    assert_eq!(problems, Vec::<String>::new());
    let mut text = String::new();
    for context in Context::ALL {
        let _ =
            write!(text, "\n**{}**\n\n| Keys | | Action |\n| --- | --- | --- |\n", context.title());
        for action in Action::ALL.iter().filter(|action| action.info().context == context) {
            let info = action.info();
            match action.favourite() {
                Some(0) => text.push_str(
                    "| `Alt+1` … `Alt+9` | Take one of your favourites. | `list.favourite-1` … `list.favourite-9` |\n",
                ),
                Some(_) => {}
                None => {
                    let keys: Vec<String> =
                        keymap.keys_of(*action).iter().map(|key| format!("`{key}`")).collect();
                    let keys = if keys.is_empty() { "palette".into() } else { keys.join(", ") };
                    let _ = writeln!(text, "| {keys} | {} | `{}` |", info.help, info.id);
                }
            }
        }
    }
    text
}

#[test]
fn the_table_of_keys_is_the_table_of_actions() {
    page::keep(page::README, "keys", &table());
}

/// Whether some action has this key: `Ctrl+P`, `d d`.
fn is_a_key(key: &str) -> bool {
    let (keymap, _) = Keymap::resolve(&[]);
    Action::ALL.iter().any(|action| keymap.keys_of(*action).iter().any(|known| known == key))
}

/// What is written as a key: one chord with a modifier, or a key that has a name.
fn reads_as_a_key(text: &str) -> bool {
    let named = text.starts_with("Ctrl+") || text.starts_with("Alt+") || text.starts_with("Shift+");
    let function = text.strip_prefix('F').is_some_and(|n| n.parse::<u8>().is_ok());
    (named || function) && Chord::parse(text).is_ok()
}

#[test]
fn keys_named_in_the_pages_are_keys_of_some_action() {
    for name in [page::README, page::ARCHITECTURE, page::CHANGELOG, page::MANUAL] {
        let text = page::read(name);
        let prose = page::prose(&text);
        let words = prose.split(|c: char| c.is_whitespace() || "`|*,.;:()".contains(c));
        for key in words.filter(|word| reads_as_a_key(word)) {
            assert!(is_a_key(key), "{key} in {name} is no key of any action");
        }
    }
}

#[test]
fn the_manuals_table_names_the_first_keys_of_what_it_says() {
    let manual = page::read(page::MANUAL);
    let (keymap, _) = Keymap::resolve(&[]);
    for (key, action) in [
        ("Ctrl+P", Action::Palette),
        ("Ctrl+O", Action::Switcher),
        ("F1", Action::Help),
        ("F2", Action::LastModel),
        ("F4", Action::ChatSettings),
        ("Ctrl+N", Action::NewChat),
        ("Enter", Action::Send),
        ("Ctrl+J", Action::Newline),
        ("Ctrl+G", Action::EditDraft),
        ("Tab", Action::ToBrowse),
        ("Esc", Action::Back),
        ("Ctrl+C", Action::Interrupt),
    ] {
        assert_eq!(keymap.key_of(action).as_deref(), Some(key));
        assert!(manual.contains(&format!("| {key} |")), "{key} is missing in the manual");
    }
}
