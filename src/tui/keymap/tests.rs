use crossterm::event::{KeyCode, KeyModifiers};

use super::*;

fn press(text: &str) -> KeyEvent {
    let chord = Chord::parse(text).unwrap();
    KeyEvent::new(chord.code, chord.modifiers)
}

fn wish(action: &str, chords: &[&str]) -> Wish {
    Wish {
        action: action.into(),
        chords: chords.iter().map(ToString::to_string).collect(),
        place: "config.toml:3".into(),
    }
}

#[test]
fn the_defaults_have_no_conflict_and_every_key_is_reachable() {
    let (keymap, problems) = Keymap::resolve(&[]);
    assert_eq!(problems, Vec::<String>::new());
    for action in Action::ALL {
        let info = action.info();
        assert_eq!(keymap.keys_of(*action).len(), info.chords.len(), "{}", info.id);
        for chord in info.chords {
            let chords = sequence(chord).unwrap();
            assert!(is_reachable(*action, &chords), "{} {chord}", info.id);
        }
    }
}

#[test]
fn the_place_in_front_wins_and_letters_are_text_in_a_draft() {
    let (keymap, _) = Keymap::resolve(&[]);
    let compose = [Context::Compose, Context::Global];
    let browse = [Context::Browse, Context::Global];
    assert_eq!(keymap.meaning(&compose, &[], press("enter")), Meaning::Act(Action::Send));
    assert_eq!(keymap.meaning(&browse, &[], press("enter")), Meaning::Act(Action::ToCompose));
    assert_eq!(keymap.meaning(&browse, &[], press("j")), Meaning::Act(Action::MessageDown));
    assert!(matches!(keymap.meaning(&compose, &[], press("j")), Meaning::Text(_)));
    assert_eq!(keymap.meaning(&compose, &[], press("ctrl+p")), Meaning::Act(Action::Palette));
    assert_eq!(keymap.meaning(&browse, &[], press("alt+j")), Meaning::Nothing);
    let arrow = KeyEvent::new(KeyCode::Left, KeyModifiers::NONE);
    assert_eq!(keymap.meaning(&compose, &[], arrow), Meaning::Text(arrow));
}

#[test]
fn a_sequence_waits_for_its_second_key() {
    let (keymap, _) = Keymap::resolve(&[]);
    let browse = [Context::Browse, Context::Global];
    assert_eq!(keymap.meaning(&browse, &[], press("g")), Meaning::Pending);
    let g = Chord::parse("g").unwrap();
    assert_eq!(keymap.meaning(&browse, &[g], press("g")), Meaning::Act(Action::Top));
    assert_eq!(keymap.meaning(&browse, &[g], press("x")), Meaning::Nothing);
    assert_eq!(keymap.continuations(&browse, &[g]), vec![("g".to_string(), Action::Top)]);
}

#[test]
fn wishes_replace_defaults_and_an_empty_list_unbinds() {
    let (keymap, problems) =
        Keymap::resolve(&[wish("app.palette", &["ctrl+k"]), wish("app.switcher", &[])]);
    assert_eq!(problems, Vec::<String>::new());
    let path = [Context::Compose, Context::Global];
    assert_eq!(keymap.meaning(&path, &[], press("ctrl+k")), Meaning::Act(Action::Palette));
    assert!(matches!(keymap.meaning(&path, &[], press("ctrl+p")), Meaning::Text(_)));
    assert!(matches!(keymap.meaning(&path, &[], press("ctrl+o")), Meaning::Text(_)));
    assert_eq!(keymap.key_of(Action::Palette).as_deref(), Some("Ctrl+K"));
    assert_eq!(keymap.key_of(Action::Switcher), None);
}

#[test]
fn a_bad_wish_names_its_line_and_the_next_step() {
    let (keymap, problems) = Keymap::resolve(&[
        wish("app.pallete", &["ctrl+k"]),
        wish("models.sort", &["hyper+x"]),
        wish("compose.send", &["s"]),
        wish("browse.retry", &["t"]),
    ]);
    assert_eq!(problems.len(), 4, "{problems:?}");
    assert!(problems[0].contains("config.toml:3") && problems[0].contains("`app.palette`"));
    assert!(problems[1].contains("hyper"));
    assert!(problems[2].contains("types text"));
    // The user's key wins; the default that lost it is named.
    assert!(problems[3].contains("browse.reasoning goes without it"), "{}", problems[3]);
    let path = [Context::Browse, Context::Global];
    assert_eq!(keymap.meaning(&path, &[], press("t")), Meaning::Act(Action::Retry));
}
