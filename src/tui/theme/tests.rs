use std::collections::HashSet;

use ratatui::style::{Color, Modifier};

use super::*;

fn none(_: &str) -> Option<String> {
    None
}

#[test]
fn built_in_themes_are_whole_and_free_of_problems() {
    for name in names() {
        let (theme, problems) = Theme::load(name, None);
        assert_eq!(problems, Vec::<String>::new(), "{name}");
        assert_eq!(theme.name(), name);
        let text = std::fs::read_to_string(format!("themes/{name}.toml")).unwrap();
        for role in Role::ALL {
            assert!(text.contains(&format!("\n{} =", role.name())), "{name}: {}", role.name());
        }
    }
}

#[test]
fn role_names_are_unique_and_found_again() {
    let names: HashSet<_> = Role::ALL.iter().map(|role| role.name()).collect();
    assert_eq!(names.len(), Role::COUNT);
    for role in Role::ALL {
        assert_eq!(Role::named(role.name()), Some(*role));
    }
    assert_eq!(Role::series(7), Role::Series2);
}

#[test]
fn the_default_theme_is_right_on_light_and_on_dark() {
    let theme = Theme::default();
    for role in Role::ALL {
        let style = theme.style(*role);
        let ground = style.bg.unwrap_or(Color::Reset);
        assert_eq!(ground, Color::Reset, "{}: paints a ground", role.name());
        let fits = matches!(
            style.fg.unwrap_or(Color::Reset),
            Color::Reset
                | Color::Red
                | Color::Green
                | Color::Yellow
                | Color::Blue
                | Color::Magenta
                | Color::Cyan
        );
        assert!(fits, "{}: {style:?}", role.name());
        let decoration = ["dim", "border", "placeholder", "rule", "code_frame"];
        if !decoration.contains(&role.name()) {
            assert!(!style.add_modifier.contains(Modifier::DIM), "{}: dimmed", role.name());
        }
    }
}

#[test]
fn contrast_on_the_intended_ground_is_enough_to_read() {
    for name in ["dark", "light", "midnight", "solarized-light"] {
        let (theme, _) = Theme::load(name, None);
        let Some(Color::Rgb(r, g, b)) = theme.style(Role::TabActive).fg else {
            panic!("{name}: the open tab is written in the colour of the ground")
        };
        for role in Role::ALL {
            let lines = ["border", "rule", "code_frame"].contains(&role.name());
            let style = theme.style(*role);
            let Some(Color::Rgb(fr, fg, fb)) = style.fg else { continue };
            let ground = match style.bg {
                Some(Color::Rgb(r, g, b)) => [r, g, b],
                _ => [r, g, b],
            };
            let ratio = contrast([fr, fg, fb], ground);
            let least = if lines { 2.0 } else { 4.5 };
            assert!(ratio >= least, "{name}.{}: {ratio:.2}", role.name());
        }
    }
}

fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let light = |colour: [u8; 3]| {
        let [r, g, b] = colour.map(|channel| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.03928 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (a, b) = (light(a), light(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn styles_are_words() {
    let text = r##"
        [palette]
        sea = "#204060"
        [roles]
        text = "sea"
        good = "light-green bold"
        warn = "Black on #FFD75F"
        bad = 196
        dim = "reset italic underlined"
    "##;
    let (theme, problems) = Theme::parse("mine", text, &none);
    assert_eq!(
        problems,
        ["theme mine: there is no theme `terminal` to inherit; did you mean `terminal`?"]
    );
    assert_eq!(theme.style(Role::Text), Style::new().fg(Color::Rgb(0x20, 0x40, 0x60)));
    assert_eq!(theme.style(Role::Good), Style::new().fg(Color::LightGreen).bold());
    let warn = Style::new().fg(Color::Black).bg(Color::Rgb(0xff, 0xd7, 0x5f));
    assert_eq!(theme.style(Role::Warn), warn);
    assert_eq!(theme.style(Role::Bad), Style::new().fg(Color::Indexed(196)));
    assert_eq!(theme.style(Role::Dim), Style::new().fg(Color::Reset).italic().underlined());
    assert_eq!(theme.style(Role::Heading), theme.style(Role::Text), "unsaid roles are text");
}

#[test]
fn what_is_wrong_is_said_and_the_rest_works() {
    let text = r#"
        inherits = "drak"
        colour = 1
        [roles]
        acent = "red"
        text = "gren bold"
        bad = "red"
        warn = "on #12"
        good = ["green"]
    "#;
    let (theme, problems) = Theme::parse("mine", text, &none);
    assert_eq!(
        problems,
        [
            "theme mine: there is no theme `drak` to inherit; did you mean `dark`?",
            "theme mine: unknown role `acent`; did you mean `accent`?",
            "theme mine: roles.good must be a text like \"cyan bold\"",
            "theme mine: roles.text: `gren` is neither a colour nor a modifier; did you mean `green`?",
            "theme mine: roles.warn: `#12` is not a colour: write `#rrggbb`",
            "theme mine: unknown key `colour`",
        ]
    );
    assert_eq!(theme.style(Role::Bad), Style::new().fg(Color::Red));
    assert_eq!(theme.style(Role::Text), Style::new().bold());
}

#[test]
fn a_broken_file_and_a_circle_leave_a_usable_theme() {
    let (_, problems) = Theme::parse("mine", "[roles\ntext = ", &|_| None);
    assert!(problems[0].starts_with("theme mine: "), "{problems:?}");
    let circle = |_: &str| Some("inherits = \"b\"\n[roles]\nbad = \"red\"".to_owned());
    let (theme, problems) = Theme::parse("a", "inherits = \"b\"", &circle);
    assert_eq!(problems, ["theme b: inherits in a circle through `b`"]);
    assert_eq!(theme.style(Role::Bad), Style::new().fg(Color::Red));
}

#[test]
fn a_users_file_comes_first_and_may_build_on_what_it_replaces() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("dark.toml"), "inherits='dark'\n[roles]\naccent='red'").unwrap();
    let (theme, problems) = Theme::load("dark", Some(dir.path()));
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(theme.style(Role::Accent), Style::new().fg(Color::Red));
    let (built_in, _) = Theme::load("dark", None);
    assert_eq!(theme.style(Role::Text), built_in.style(Role::Text));
    let (theme, problems) = Theme::load("../dark", Some(dir.path()));
    assert_eq!(theme.name(), DEFAULT);
    assert_eq!(problems.len(), 1);
}

#[test]
fn without_colours_the_selected_line_still_stands_out() {
    for name in names() {
        let plain = Theme::load(name, None).0.without_colours();
        for role in [Role::Selection, Role::TabActive] {
            let style = plain.style(role);
            assert!(style.add_modifier.contains(Modifier::REVERSED), "{name} {role:?}");
        }
        assert!(!plain.style(Role::Text).add_modifier.contains(Modifier::REVERSED), "{name}");
    }
}
