//! Keys into a single-line field.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::domain::text::clean_line;

use super::widgets::Field;

/// Applies a key that is no command to a field; whether its text changed.
pub fn edit(field: &mut Field, key: KeyEvent) -> bool {
    let before = field.text().len();
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    match (key.code, control, alt) {
        (KeyCode::Char(c), false, false) => {
            field.insert(c.encode_utf8(&mut [0; 4]));
            return true;
        }
        (KeyCode::Backspace, false, false) | (KeyCode::Char('h'), true, false) => field.backspace(),
        (KeyCode::Backspace, _, _) | (KeyCode::Char('w'), true, false) => field.delete_word(),
        (KeyCode::Delete, _, _) | (KeyCode::Char('d'), true, false) => field.delete(),
        (KeyCode::Char('u'), true, false) => field.delete_to_start(),
        (KeyCode::Char('k'), true, false) => field.delete_to_end(),
        (KeyCode::Left, false, false) => field.left(),
        (KeyCode::Right, false, false) => field.right(),
        (KeyCode::Left, _, _) | (KeyCode::Char('b'), false, true) => field.word_left(),
        (KeyCode::Right, _, _) | (KeyCode::Char('f'), false, true) => field.word_right(),
        (KeyCode::Home, _, _) | (KeyCode::Char('a'), true, false) => field.home(),
        (KeyCode::End, _, _) | (KeyCode::Char('e'), true, false) => field.end(),
        _ => {}
    }
    before != field.text().len()
}

/// Pastes into a field: one line, harmless.
pub fn paste(field: &mut Field, text: &str) -> bool {
    field.insert(&clean_line(text));
    true
}
