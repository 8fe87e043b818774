//! `routedeck config`: where files are, what is in force, what is wrong, and a file to begin with.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;

use anyhow::Context;
use serde_json::json;

use super::args;
use super::failure::Said;
use super::output::{Out, say};
use super::table::{Align, Table};
use crate::config::{Config, SAMPLE};
use crate::domain::text::clean_line;

pub(super) fn run(command: &args::Config, config: &Config, out: &Out) -> anyhow::Result<()> {
    match command {
        args::Config::Path => path(config, out),
        args::Config::Show { json } => show(config, *json, out),
        args::Config::Check => check(config, out),
        args::Config::Init => init(config, out),
    }
}

fn path(config: &Config, out: &Out) -> anyhow::Result<()> {
    let paths = &config.paths;
    let mut text = String::new();
    for (what, path) in [
        ("config", &paths.config_file),
        ("themes", &paths.config_dir.join("themes")),
        ("database", &paths.database),
        ("log", &paths.log),
    ] {
        text.push_str(&format!("{what:<10}{}\n", path.display()));
    }
    out.write_outside(&text)
}

fn show(config: &Config, as_json: bool, out: &Out) -> anyhow::Result<()> {
    if as_json {
        let settings: serde_json::Map<String, serde_json::Value> = config
            .settings
            .iter()
            .map(|s| {
                let entry = json!({ "value": s.value, "source": s.source.to_string() });
                (s.name.to_owned(), entry)
            })
            .collect();
        let problems: Vec<_> = config
            .problems
            .iter()
            .map(|p| json!({ "place": p.place, "what": p.what, "hint": p.hint }))
            .collect();
        return out.json(&json!({
            "settings": settings,
            "sandbox": config.sandbox,
            "problems": problems,
        }));
    }
    let mut table =
        Table::new(&[("setting", Align::Left), ("value", Align::Left), ("source", Align::Left)]);
    for setting in &config.settings {
        let value = setting.value.as_deref().map_or("not set".into(), clean_line);
        table.row([setting.name.to_owned(), value, clean_line(&setting.source.to_string())]);
    }
    out.write(&table.render(|title| out.strong(title)))?;
    if config.sandbox {
        out.write("\nThe sandbox answers: simulated replies, no charge.\n")?;
    }
    warn(config);
    Ok(())
}

fn check(config: &Config, out: &Out) -> anyhow::Result<()> {
    if config.problems.is_empty() {
        let file = &config.paths.config_file;
        let state = if file.exists() { "has no mistakes" } else { "does not exist, which is fine" };
        return out.write_outside(&format!("{} {state}\n", file.display()));
    }
    for problem in &config.problems {
        out.write_outside(&format!("{problem}\n"))?;
    }
    Err(Said(1).into())
}

/// Says the problems as talk, for commands that go on regardless.
pub(super) fn warn(config: &Config) {
    for problem in &config.problems {
        say(&format!("routedeck: {problem}"));
    }
}

fn init(config: &Config, out: &Out) -> anyhow::Result<()> {
    let path = &config.paths.config_file;
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).with_context(|| format!("{} cannot be made", dir.display()))?;
    }
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).with_context(
            || match path.exists() {
                true => format!("{} is there already and stays as it is", path.display()),
                false => format!("{} cannot be written", path.display()),
            },
        )?;
    file.write_all(SAMPLE.as_bytes())
        .with_context(|| format!("{} cannot be written", path.display()))?;
    out.write_outside(&format!("{}\n", path.display()))
}
