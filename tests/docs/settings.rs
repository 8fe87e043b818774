//! Configuration, environment and themes.

use std::fs;

use routedeck::config::{self, Flags, SAMPLE};
use routedeck::tui::action::Action;
use routedeck::tui::keymap::{Keymap, Wish};
use routedeck::tui::theme::{self, Role, Theme};

use crate::page;

#[test]
fn the_sample_is_the_one_that_config_init_writes() {
    page::keep(page::README, "sample", &format!("```toml\n{SAMPLE}```"));
}

/// Loads a config file from its text.
fn load(text: &str) -> config::Config {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    fs::write(&file, text).unwrap();
    let flags = Flags { config: Some(file), ..Flags::default() };
    let home = dir.path().display().to_string();
    config::load(&flags, &|name| (name == "HOME").then(|| home.clone()))
}

fn wishes(config: &config::Config) -> Vec<Wish> {
    config
        .keys
        .iter()
        .map(|key| Wish {
            action: key.action.clone(),
            chords: key.chords.clone(),
            place: format!("line {}", key.line),
        })
        .collect()
}

#[track_caller]
fn has_no_mistake(text: &str) {
    let config = load(text);
    assert_eq!(config.problems, [], "{text}");
    let (_, problems) = Keymap::resolve(&wishes(&config));
    assert_eq!(problems, Vec::<String>::new(), "{text}");
}

#[test]
fn every_example_of_a_config_file_is_free_of_mistakes() {
    // The sample says what can be set in comments: with the marks taken off it must hold too.
    let is_setting = |line: &str| {
        line.strip_prefix("# ")
            .is_some_and(|rest| rest.split_once(" = ").is_some_and(|(key, _)| !key.contains(' ')))
    };
    let told: Vec<&str> = SAMPLE
        .lines()
        .map(|line| if is_setting(line) { &line[2..] } else { line })
        .filter(|line| !line.starts_with("api_key_cmd") && !line.starts_with("key_file"))
        .collect();
    has_no_mistake(&told.join("\n"));
    for name in [page::README, page::MANUAL] {
        for block in page::code_blocks(&page::read(name), "toml") {
            if !block.contains("[roles]") {
                has_no_mistake(&block);
            }
        }
    }
}

#[test]
fn every_setting_has_a_row() {
    let readme = page::read(page::README);
    let of_config: Vec<&str> = load("").settings.iter().map(|setting| setting.name).collect();
    assert!(of_config.len() > 15);
    // The key itself stands in no file; what leads to it does.
    let named = of_config.into_iter().filter(|name| *name != "upstream.key");
    for name in named.chain(["upstream.key_file", "upstream.api_key_cmd"]) {
        assert!(readme.contains(&format!("| `{name}` |")), "{name} has no row");
    }
}

#[test]
fn every_variable_that_is_read_has_a_row_and_no_other() {
    let readme = page::read(page::README);
    let rows: Vec<&str> = readme
        .lines()
        .skip_while(|line| *line != "## Environment")
        .skip(1)
        .take_while(|line| !line.starts_with("## "))
        .filter(|line| line.starts_with("| `"))
        .flat_map(|line| line.split('|').nth(1).unwrap().split('`').skip(1).step_by(2))
        .collect();
    let source = sources();
    for row in &rows {
        let ours = source.contains(&format!("\"{row}\""));
        // Read by the HTTP client, not by us; tests/wire/environment.rs proves it.
        let by_the_client = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"].contains(row);
        assert!(ours || by_the_client, "{row} has a row, but nothing reads it");
    }
    for read in [
        "OPENROUTER_API_KEY",
        "OPENROUTER_BASE_URL",
        "LLM_DEFAULT_MODEL",
        "LLM_FAST_MODEL",
        "LLM_CHEAP_MODEL",
        "ROUTEDECK_CONFIG",
        "ROUTEDECK_DATA_DIR",
        "ROUTEDECK_THEME",
        "NO_COLOR",
        "COLORTERM",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_STATE_HOME",
        "VISUAL",
        "EDITOR",
    ] {
        assert!(rows.contains(&read), "{read} has no row");
    }
}

/// All sources in one text.
fn sources() -> String {
    let mut text = String::new();
    let mut folders = vec![page::place("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    text
}

#[test]
fn every_theme_is_named() {
    let mut files: Vec<String> = fs::read_dir(page::place("themes"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    files.sort();
    let mut built_in: Vec<&str> = theme::names().collect();
    built_in.sort_unstable();
    assert_eq!(files, built_in);
    for name in [page::README, page::MANUAL] {
        let text = page::read(name);
        for theme in &files {
            assert!(text.contains(&format!("`{theme}`")), "{name} does not name {theme}");
        }
    }
}

#[test]
fn every_role_is_explained() {
    let mut table = String::from("| Role | What it is |\n| --- | --- |\n");
    for role in Role::ALL {
        table.push_str(&format!("| `{}` | {} |\n", role.name(), role.meaning()));
    }
    page::keep(page::README, "roles", &table);
}

#[test]
fn the_example_of_a_theme_is_one() {
    let readme = page::read(page::README);
    let themes: Vec<String> = page::code_blocks(&readme, "toml")
        .into_iter()
        .filter(|block| block.contains("[roles]"))
        .collect();
    assert!(!themes.is_empty());
    for text in themes {
        let (_, problems) = Theme::parse("mine", &text, &|name| {
            fs::read_to_string(page::place(&format!("themes/{name}.toml"))).ok()
        });
        assert_eq!(problems, Vec::<String>::new());
    }
}

#[test]
fn actions_named_in_the_pages_exist() {
    let prefixes: Vec<&str> =
        Action::ALL.iter().map(|action| action.info().id.split_once('.').unwrap().0).collect();
    for name in [page::README, page::MANUAL, page::CHANGELOG] {
        for code in page::inline_code(&page::read(name)) {
            let code = code.trim_matches('"');
            let Some((prefix, rest)) = code.split_once('.') else { continue };
            let is_setting = load("").settings.iter().any(|setting| setting.name == code);
            let reads_as_id =
                rest.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b.is_ascii_digit());
            if prefixes.contains(&prefix) && reads_as_id && !is_setting {
                assert!(Action::from_id(code).is_some(), "`{code}` in {name} is no action");
            }
        }
    }
}
