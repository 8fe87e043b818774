//! The shape of the house: who may import whom, how long files are, who may name colours and ask
//! clocks.

use std::fs;
use std::path::{Path, PathBuf};

/// For each layer the layers it may import besides itself.
const LAYERS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("wire", &["domain"]),
    ("store", &["domain"]),
    ("config", &["domain"]),
    ("upstream", &["domain", "wire"]),
    ("sandbox", &["domain", "wire"]),
    ("engine", &["domain", "wire", "upstream", "store", "config"]),
    ("term", &["domain::text"]),
    ("tui", &["domain", "term", "engine", "config"]),
    ("cli", &["domain", "wire", "store", "config", "upstream", "sandbox", "engine", "term", "tui"]),
];

/// Inside the workbench: a pane never imports another pane, the app, the loop or its stage.
const PANES: &[&str] = &["chat", "models", "usage", "history"];
const ABOVE_PANES: &[&str] = &["app", "view", "runtime", "perform", "stage"];

/// Crates that belong to one layer.
const OWNERS: &[(&str, &[&str])] = &[
    ("reqwest", &["upstream"]),
    ("rusqlite", &["store"]),
    ("axum", &["sandbox"]),
    ("clap", &["cli", "main.rs"]),
    ("crossterm", &["term", "tui"]),
    ("ratatui", &["term", "tui"]),
    ("tui_textarea", &["tui/chat/composer.rs"]),
    ("syntect", &["tui/markdown"]),
    ("pulldown_cmark", &["tui/markdown"]),
];

struct Source {
    /// Relative to `src`, with `/`.
    path: String,
    text: String,
}

impl Source {
    /// The file without its tests and comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let end = self.text.find("#[cfg(test)]\nmod tests {").unwrap_or(self.text.len());
        let code = self.text[..end].lines().enumerate();
        code.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    fn is_test(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        ["tests.rs", "testing.rs", "budget.rs"].contains(&name) || self.path.contains("/tests/")
    }
}

fn sources() -> Vec<Source> {
    read_sources().unwrap_or_else(|why| panic!("the sources cannot be read: {why}"))
}

fn read_sources() -> std::io::Result<Vec<Source>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let name = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy();
                found.push(Source { path: name.into_owned(), text: fs::read_to_string(&path)? });
            }
        }
    }
    assert!(found.len() > 50, "the sources were not found");
    Ok(found)
}

/// Paths behind `crate::` on a line, braces opened: `crate::domain::text`.
fn imports(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find("crate::") {
        rest = &rest[at + "crate::".len()..];
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
        found.push(rest[..end.unwrap_or(rest.len())].trim_end_matches("::").to_owned());
    }
    found
}

fn report(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn no_layer_imports_a_layer_above_it() {
    let mut problems = Vec::new();
    for source in sources() {
        let Some((layer, _)) = source.path.split_once('/') else { continue };
        let (_, allowed) = LAYERS
            .iter()
            .find(|(name, _)| *name == layer)
            .unwrap_or_else(|| panic!("{} belongs to no layer", source.path));
        for (number, line) in source.code() {
            for import in imports(line) {
                let is_own = import == layer || import.starts_with(&format!("{layer}::"));
                let may = |a: &str| import == a || import.starts_with(&format!("{a}::"));
                if !is_own && !allowed.iter().any(|a| may(a)) {
                    problems.push(format!("{}:{} imports {import}", source.path, number + 1));
                }
            }
        }
    }
    report(&problems);
}

#[test]
fn a_pane_knows_neither_another_pane_nor_what_lies_above() {
    let mut problems = Vec::new();
    for source in sources() {
        let Some(rest) = source.path.strip_prefix("tui/") else { continue };
        let Some(pane) = PANES.iter().find(|pane| rest.starts_with(&format!("{pane}/"))) else {
            continue;
        };
        for (number, line) in source.code() {
            let tokio = line.contains("tokio::");
            let wrong = imports(line).into_iter().find(|import| {
                let Some(target) = import.strip_prefix("tui::") else { return false };
                let target = target.split("::").next().unwrap_or_default();
                (PANES.contains(&target) && target != *pane) || ABOVE_PANES.contains(&target)
            });
            if tokio || wrong.is_some() {
                problems.push(format!("{}:{} {}", source.path, number + 1, line.trim()));
            }
        }
    }
    report(&problems);
}

#[test]
fn a_crate_stays_in_the_layer_that_owns_it() {
    let mut problems = Vec::new();
    for source in sources().iter().filter(|s| !s.is_test()) {
        for (number, line) in source.code() {
            for (owned, owners) in OWNERS {
                let uses = line.contains(&format!("{owned}::"));
                if uses && !owners.iter().any(|owner| source.path.starts_with(owner)) {
                    problems.push(format!("{}:{} uses {owned}", source.path, number + 1));
                }
            }
        }
    }
    report(&problems);
}

#[test]
fn no_file_is_longer_than_five_hundred_lines_and_each_says_what_it_is_for() {
    let mut problems = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        if lines > 500 {
            problems.push(format!("{} has {lines} lines", source.path));
        }
        let documented = source.text.starts_with("//!") || source.is_test();
        if !documented && source.path != "main.rs" {
            problems.push(format!("{} does not say what it is for", source.path));
        }
    }
    report(&problems);
}

#[test]
fn only_the_theme_names_colours() {
    let mut problems = Vec::new();
    for source in sources().iter().filter(|s| !s.is_test()) {
        if source.path.starts_with("tui/theme/") || source.path.starts_with("term/") {
            continue;
        }
        for (number, line) in source.code() {
            if line.contains("Color::") && source.path.starts_with("tui/") {
                problems.push(format!("{}:{} {}", source.path, number + 1, line.trim()));
            }
        }
    }
    report(&problems);
}

#[test]
fn only_the_loop_asks_a_clock_and_only_loop_and_engine_start_tasks() {
    const CLOCKS: &[&str] = &["Instant::now", "SystemTime::now", "Timestamp::now", "Zoned::now"];
    let mut problems = Vec::new();
    for source in sources().iter().filter(|s| !s.is_test()) {
        let pure = source.path.starts_with("domain/")
            || source.path.starts_with("wire/")
            || (source.path.starts_with("tui/")
                && !["tui/runtime.rs", "tui/perform.rs", "tui/stage.rs"]
                    .contains(&source.path.as_str()));
        let may_spawn = ["engine/", "sandbox/", "term/", "cli/", "upstream/"]
            .iter()
            .any(|layer| source.path.starts_with(layer))
            || ["tui/perform.rs", "tui/stage.rs"].contains(&source.path.as_str());
        for (number, line) in source.code() {
            let clock = pure && CLOCKS.iter().any(|clock| line.contains(clock));
            let spawn =
                !may_spawn && (line.contains("tokio::spawn") || line.contains("spawn_blocking"));
            if clock || spawn {
                problems.push(format!("{}:{} {}", source.path, number + 1, line.trim()));
            }
        }
    }
    report(&problems);
}

#[test]
fn nothing_is_left_unfinished() {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("unimpl", "emented!(")];
    let mut problems = Vec::new();
    for source in sources() {
        for (number, line) in source.text.lines().enumerate() {
            if marks.iter().any(|mark| line.contains(mark)) {
                problems.push(format!("{}:{} {}", source.path, number + 1, line.trim()));
            }
        }
    }
    report(&problems);
}
