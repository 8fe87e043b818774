//! Loading as a whole: order of sources, mistakes with their lines, keys that stay hidden.

use std::fs;
use std::path::Path;

use super::*;

const FULL: &str = include_str!("../../tests/fixtures/config/full.toml");
const MISTAKES: &str = include_str!("../../tests/fixtures/config/mistakes.toml");
const BROKEN: &str = include_str!("../../tests/fixtures/config/broken.toml");
const KEY: &str = "sk-or-v1-marked-0123456789abcdef";

/// A home with this config file, and a load with these flags and variables.
fn loaded(file: &str, flags: &Flags, vars: &[(&str, &str)]) -> Config {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join(".config/routedeck");
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("config.toml"), file).unwrap();
    load_in(home.path(), flags, vars)
}

fn load_in(home: &Path, flags: &Flags, vars: &[(&str, &str)]) -> Config {
    load(flags, &|name| match name {
        "HOME" => Some(home.display().to_string()),
        _ => vars.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()),
    })
}

fn places(config: &Config) -> Vec<&str> {
    config.problems.iter().map(|problem| problem.place.as_str()).collect()
}

fn source(config: &Config, name: &str) -> Source {
    config.settings.iter().find(|setting| setting.name == name).unwrap().source.clone()
}

#[test]
fn nothing_set_means_the_sandbox_and_the_defaults() {
    let home = tempfile::tempdir().unwrap();
    let config = load_in(home.path(), &Flags::default(), &[]);
    assert!(config.sandbox && config.problems.is_empty());
    assert_eq!(config.params.max_tokens, Some(4096));
    assert_eq!(config.upstream.base_url, OPENROUTER_URL);
    assert_eq!((config.theme.as_str(), config.color), ("terminal", ColorChoice::Auto));
}

#[test]
fn every_setting_of_the_file_is_in_force() {
    // The named key file is missing, which is the only problem.
    let config = loaded(FULL, &Flags::default(), &[]);
    assert_eq!(config.problems.len(), 1, "{:?}", config.problems);
    assert!(config.problems[0].place.ends_with(".config/routedeck/other-key"));
    assert_eq!(config.model, Some("anthropic/claude-sonnet-4.6".into()));
    assert_eq!(config.params.temperature, Some(1.0));
    assert_eq!(config.params.max_tokens, Some(8000));
    assert_eq!(config.params.effort, Some(crate::domain::turn::Effort::Low));
    assert_eq!(config.cheap, Some("openai/gpt-4o-mini".into()));
    assert_eq!(config.upstream.name, "work");
    assert_eq!(config.upstream.base_url, "http://127.0.0.1:9/api/v1");
    assert!(config.upstream.is_openrouter() && !config.sandbox);
    assert_eq!(config.depth, Some(ColorDepth::Ansi256));
    let screen = Screen {
        emoji: Some(Emoji::Simple),
        sync: Some(false),
        scroll_regions: Some(true),
        mouse: true,
        paste_burst: None,
    };
    assert_eq!(config.screen, screen);
    let keys: Vec<(&str, usize, usize)> =
        config.keys.iter().map(|k| (k.action.as_str(), k.chords.len(), k.line)).collect();
    assert_eq!(keys, [("chat.send", 2, 28), ("models.sort", 1, 29), ("chat.new", 0, 30)]);
}

#[test]
fn every_mistake_names_its_line_and_the_rest_counts() {
    let config = loaded(MISTAKES, &Flags::default(), &[]);
    assert_eq!(
        {
            let mut places = places(&config);
            places.sort_by_key(|place| {
                place[12..].split(' ').next().and_then(|n| n.parse::<u32>().ok())
            });
            places
        },
        [
            "config.toml:1 theme",
            "config.toml:3 chat.modle",
            "config.toml:4 chat.temperature",
            "config.toml:5 chat.max_tokens",
            "config.toml:6 chat.effort",
            "config.toml:9 scren",
            "config.toml:13 upstream.api_key",
            "config.toml:16 modes.default",
            "config.toml:20 screen.color",
            "config.toml:21 screen.mouse",
            "config.toml:24 keys.\"chat.send\"",
        ]
    );
    let hint = |place: &str| {
        config.problems.iter().find(|p| p.place.contains(place)).unwrap().hint.clone()
    };
    assert_eq!(hint(":1 theme"), "Put it below a line `[screen]`.");
    assert_eq!(hint("modle"), "Did you mean `model`?");
    assert_eq!(hint("scren"), "Did you mean `screen`?");
    assert_eq!(config.params.system.as_deref(), Some("This line counts."));
    assert_eq!(config.fast, Some("c/d".into()));
    assert_eq!(config.keys.len(), 1);
    assert!(!format!("{config:?}").contains("marked"), "a key in the file is never repeated");
}

#[test]
fn a_broken_line_does_not_take_the_others_along() {
    let config = loaded(BROKEN, &Flags::default(), &[]);
    assert_eq!(places(&config), ["config.toml:3"]);
    assert_eq!(config.model, Some("a/b".into()));
    assert_eq!(config.params.max_tokens, Some(100));
    assert_eq!(config.fast, Some("c/d".into()));
}

#[test]
fn a_file_that_is_no_text_leaves_the_defaults() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("x.toml");
    fs::write(&path, b"\xff\xfe\0").unwrap();
    let flags = Flags { config: Some(path), ..Flags::default() };
    let config = load_in(home.path(), &flags, &[]);
    assert_eq!(config.problems.len(), 1);
    assert_eq!(config.params.max_tokens, Some(4096));
}

#[test]
fn flags_beat_variables_and_variables_beat_the_file() {
    let vars = [
        ("LLM_DEFAULT_MODEL", "env/model"),
        ("ROUTEDECK_THEME", "light"),
        ("NO_COLOR", "1"),
        ("OPENROUTER_BASE_URL", "https://env.example/v1"),
        ("OPENROUTER_API_KEY", KEY),
    ];
    let config = loaded(FULL, &Flags::default(), &vars);
    assert_eq!(config.model, Some("env/model".into()));
    assert_eq!((config.theme.as_str(), config.color), ("light", ColorChoice::Never));
    assert_eq!(config.upstream.base_url, "https://env.example/v1");
    assert_eq!(source(&config, "chat.model"), Source::Env("LLM_DEFAULT_MODEL"));
    assert_eq!(source(&config, "modes.fast"), Source::File(9));

    let flags = Flags {
        theme: Some("mono".into()),
        color: Some(ColorChoice::Always),
        sandbox: true,
        ..Flags::default()
    };
    let config = loaded(FULL, &flags, &vars);
    assert_eq!((config.theme.as_str(), config.color), ("mono", ColorChoice::Always));
    assert_eq!(source(&config, "screen.theme"), Source::Flag("--theme"));
    assert!(config.sandbox && config.upstream.key.is_none(), "the sandbox never gets a real key");
}

#[test]
fn a_key_or_a_base_url_leaves_the_sandbox() {
    let with_key = loaded("", &Flags::default(), &[("OPENROUTER_API_KEY", KEY)]);
    assert!(!with_key.sandbox);
    assert_eq!(with_key.upstream.name, "openrouter");
    let url = [("OPENROUTER_BASE_URL", "http://localhost:11434/v1")];
    let with_url = loaded("", &Flags::default(), &url);
    assert!(!with_url.sandbox && with_url.upstream.key.is_none());
    assert!(!with_url.upstream.is_openrouter() && with_url.upstream.is_loopback());
    let named = Flags { upstream: Some("openrouter".into()), ..Flags::default() };
    assert!(!loaded("", &named, &[]).sandbox, "a named upstream is not replaced");
    let sandbox = Flags { upstream: Some("sandbox".into()), ..Flags::default() };
    assert!(loaded("", &sandbox, &[("OPENROUTER_API_KEY", KEY)]).sandbox);
}

#[test]
fn the_key_is_shown_masked_and_debug_is_blind() {
    let config = loaded("", &Flags::default(), &[("OPENROUTER_API_KEY", KEY)]);
    assert!(!format!("{config:?}").contains("0123456789"));
    let shown = config.settings.iter().find(|s| s.name == "upstream.key").unwrap();
    assert_eq!(shown.value.as_deref(), Some("sk-or-v1-mar…def"));
}

#[test]
fn the_sample_is_valid_and_changes_nothing() {
    let plain = loaded("", &Flags::default(), &[]);
    let sample = loaded(SAMPLE, &Flags::default(), &[]);
    assert!(sample.problems.is_empty());
    assert_eq!((&sample.params, &sample.keys), (&plain.params, &plain.keys));
    // The same with every setting switched on: names and values in the comments are right.
    let all: String = SAMPLE
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.contains(" = ") && !rest.contains("routedeck") => {
                format!("{rest}\n")
            }
            Some(_) | None => format!("{line}\n"),
        })
        .collect();
    let vars = [("OPENROUTER_API_KEY", KEY)];
    let config = loaded(&all, &Flags::default(), &vars);
    assert!(config.problems.is_empty(), "{:?}", config.problems);
    assert_eq!(config.params.temperature, Some(0.7));
    assert_eq!(config.keys.len(), 1);
}
