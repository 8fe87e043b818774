//! From keys to actions: a resolved snapshot of the defaults and the user's `[keys]` table.
//!
//! Not for: deciding what an action does.

pub mod chord;

use std::collections::HashMap;

use crossterm::event::KeyEvent;

pub use chord::Chord;

use super::action::{Action, Context};

/// A user's wish: these chords for this action, and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    pub action: String,
    /// Each a chord or several with spaces between: `g g`. Empty unbinds.
    pub chords: Vec<String>,
    /// `config.toml:12`.
    pub place: String,
}

/// What a key means at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    Act(Action),
    /// The beginning of a longer sequence.
    Pending,
    /// Text for the part that takes it.
    Text(KeyEvent),
    Nothing,
}

/// All bindings, resolved once.
#[derive(Clone, Debug, Default)]
pub struct Keymap {
    bindings: HashMap<Context, Vec<(Vec<Chord>, Action)>>,
    /// The keys of each action as they are shown: every frame names a dozen of them.
    shown: HashMap<Action, Vec<String>>,
}

impl Keymap {
    /// The defaults changed by the wishes. What is wrong with a wish comes back as a sentence
    /// with its place and the next step; the rest still works.
    pub fn resolve(wishes: &[Wish]) -> (Keymap, Vec<String>) {
        let mut problems = Vec::new();
        let mut chosen: HashMap<Action, Vec<Vec<Chord>>> = Action::ALL
            .iter()
            .map(|action| {
                let defaults = action.info().chords.iter().filter_map(|c| sequence(c).ok());
                (*action, defaults.collect())
            })
            .collect();
        let mut wished = Vec::new();
        for wish in wishes {
            let Some(action) = Action::from_id(&wish.action) else {
                problems.push(unknown_action(wish));
                continue;
            };
            let mut sequences = Vec::new();
            for text in &wish.chords {
                match sequence(text) {
                    Ok(chords) if is_reachable(action, &chords) => sequences.push(chords),
                    Ok(_) => problems.push(format!(
                        "{}: `{text}` types text there, so it cannot be a key for {}; add ctrl or alt",
                        wish.place, wish.action
                    )),
                    Err(why) => problems.push(format!("{}: {why}", wish.place)),
                }
            }
            wished.push((action, wish.place.clone()));
            chosen.insert(action, sequences);
        }
        let mut keymap = Keymap::default();
        // The user's own keys come first, so that they win over a default they collide with.
        let order = |action: &Action| !wished.iter().any(|(w, _)| w == action);
        let mut actions: Vec<Action> = Action::ALL.to_vec();
        actions.sort_by_key(order);
        for action in actions {
            for chords in chosen.remove(&action).unwrap_or_default() {
                keymap.bind(action, chords, &wished, &mut problems);
            }
        }
        keymap.shown = Action::ALL.iter().map(|a| (*a, keymap.find_keys_of(*a))).collect();
        (keymap, problems)
    }

    fn bind(
        &mut self,
        action: Action,
        chords: Vec<Chord>,
        wished: &[(Action, String)],
        problems: &mut Vec<String>,
    ) {
        let place = self.bindings.entry(action.info().context).or_default();
        let taken =
            place.iter().find(|(other, _)| other.starts_with(&chords) || chords.starts_with(other));
        if let Some((_, holder)) = taken {
            let of = |a: Action| wished.iter().find(|(w, _)| *w == a).map(|(_, place)| place);
            let wish = of(action).or(of(*holder));
            problems.push(format!(
                "{}: `{}` is already the key of {}; {} goes without it. Give one of them another key.",
                wish.map_or("keys", String::as_str),
                show(&chords),
                holder.info().id,
                action.info().id,
            ));
            return;
        }
        place.push((chords, action));
    }

    /// What `pending` followed by `key` means in the first of these places that knows it.
    pub fn meaning(&self, path: &[Context], pending: &[Chord], key: KeyEvent) -> Meaning {
        let chord = Chord::of(key);
        let mut typed = pending.to_vec();
        typed.push(chord);
        let text_here = path.first().is_some_and(|context| context.takes_text());
        for context in path {
            // A letter that is text in the place in front is not a command of a place behind it.
            if text_here && pending.is_empty() && chord.is_text() {
                break;
            }
            for (chords, action) in self.bindings.get(context).into_iter().flatten() {
                if *chords == typed {
                    return Meaning::Act(*action);
                }
                if chords.starts_with(&typed) {
                    return Meaning::Pending;
                }
            }
        }
        if text_here { Meaning::Text(key) } else { Meaning::Nothing }
    }

    /// The keys of an action as they are shown: `Ctrl+P`, `g g`.
    pub fn keys_of(&self, action: Action) -> Vec<String> {
        self.shown.get(&action).cloned().unwrap_or_default()
    }

    fn find_keys_of(&self, action: Action) -> Vec<String> {
        let place = self.bindings.get(&action.info().context);
        let held = place.into_iter().flatten().filter(|(_, a)| *a == action);
        let mut keys: Vec<String> = held.map(|(chords, _)| show(chords)).collect();
        let rank = |shown: &String| {
            let default = |c: &str| sequence(c).is_ok_and(|chords| show(&chords) == *shown);
            action.info().chords.iter().position(|c| default(c)).unwrap_or(0)
        };
        keys.sort_by_key(rank);
        keys
    }

    /// The first key of an action, or nothing when it has none.
    pub fn key_of(&self, action: Action) -> Option<String> {
        self.shown.get(&action)?.first().cloned()
    }

    /// What can follow these keys here, for the hint that appears after a pause.
    pub fn continuations(&self, path: &[Context], pending: &[Chord]) -> Vec<(String, Action)> {
        let mut found = Vec::new();
        for context in path {
            for (chords, action) in self.bindings.get(context).into_iter().flatten() {
                if chords.len() > pending.len() && chords.starts_with(pending) {
                    found.push((show(&chords[pending.len()..]), *action));
                }
            }
        }
        found
    }
}

/// In a place that takes text only keys that do not print can be bound, as the first of a
/// sequence.
fn is_reachable(action: Action, chords: &[Chord]) -> bool {
    !(action.info().context.takes_text() && chords.first().is_some_and(|c| c.is_text()))
}

fn sequence(text: &str) -> Result<Vec<Chord>, String> {
    let chords: Result<Vec<Chord>, String> = text.split_whitespace().map(Chord::parse).collect();
    match chords {
        Ok(chords) if chords.is_empty() => Err("an empty key; use `[]` to unbind".into()),
        other => other,
    }
}

fn show(chords: &[Chord]) -> String {
    chords.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn unknown_action(wish: &Wish) -> String {
    let near = Action::ALL
        .iter()
        .map(|action| action.info().id)
        .max_by(|a, b| {
            let score = |id| strsim::jaro_winkler(id, &wish.action);
            score(*a).total_cmp(&score(*b))
        })
        .unwrap_or_default();
    format!("{}: there is no action `{}`; did you mean `{near}`?", wish.place, wish.action)
}

#[cfg(test)]
mod tests;
