//! Putting the settings together. Never fails: what cannot be used becomes a problem.

use std::path::Path;

use super::file::{self, FileSettings};
use super::key::{self, Places};
use super::read::Set;
use super::upstream::{self, OPENROUTER_URL, Upstream};
use super::{
    ColorChoice, ColorDepth, Config, Emoji, Flags, Paths, Problem, Screen, Setting, Source, paths,
};
use crate::domain::id::ModelId;
use crate::domain::secret::Secret;
use crate::domain::turn::Params;

/// Longest answer of a new chat unless it is set otherwise, in tokens.
const DEFAULT_MAX_TOKENS: u32 = 4096;
const DEFAULT_THEME: &str = "terminal";

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Reads flags, environment and file. Runs `api_key_cmd` if the key is to come from there.
pub fn load(flags: &Flags, env: Env<'_>) -> Config {
    let mut problems = Vec::new();
    let paths = paths::find(flags, env, &mut problems);
    let file = read_file(&paths, &mut problems);
    let mut pick = Pick { env, settings: Vec::new() };

    let model = pick.model("chat.model", "LLM_DEFAULT_MODEL", file.model.as_ref());
    let fast = pick.model("modes.fast", "LLM_FAST_MODEL", file.fast.as_ref());
    let cheap = pick.model("modes.cheap", "LLM_CHEAP_MODEL", file.cheap.as_ref());
    let params = pick.params(&file);
    let theme = pick.text("screen.theme", "ROUTEDECK_THEME", file.theme.as_ref());
    let theme = pick.flag("screen.theme", "--theme", flags.theme.clone()).or(theme);
    let theme = theme.unwrap_or_else(|| pick.default("screen.theme", DEFAULT_THEME));
    let color = pick.color(flags, file.color.as_ref());
    let depth = file.depth.as_ref().and_then(|set| set.value);
    pick.depth(file.depth.as_ref());
    pick.screen(&file);
    let is_sandbox = flags.sandbox || flags.upstream.as_deref() == Some("sandbox");
    let upstream = pick.upstream(&file, &paths, is_sandbox, &mut problems);

    let has_server = upstream.key.is_some() || upstream.base_url_source != Source::Default;
    Config {
        model,
        fast,
        cheap,
        params,
        theme,
        color,
        depth,
        screen: file.screen,
        keys: file.keys,
        // Whoever names an upstream does not want another one instead.
        sandbox: is_sandbox || (!has_server && flags.upstream.is_none()),
        offline: flags.offline,
        upstream_asked: flags.upstream.clone(),
        upstream,
        paths,
        problems,
        settings: pick.settings,
    }
}

fn read_file(paths: &Paths, problems: &mut Vec<Problem>) -> FileSettings {
    let path = &paths.config_file;
    let problem = |what: String, hint: &str| Problem::new(path.display().to_string(), what, hint);
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if paths.config_named {
                problems.push(problem(
                    "does not exist; the defaults are used".into(),
                    "Check --config or ROUTEDECK_CONFIG, or run `routedeck config init`.",
                ));
            }
            return FileSettings::default();
        }
        Err(error) => {
            problems.push(problem(
                format!("cannot be read ({error}); the defaults are used"),
                "Check its permissions.",
            ));
            return FileSettings::default();
        }
    };
    let Ok(text) = String::from_utf8(bytes) else {
        problems
            .push(problem("is not UTF-8 text; the defaults are used".into(), "Save it as UTF-8."));
        return FileSettings::default();
    };
    let name = path.file_name().map_or("config.toml".into(), |name| name.to_string_lossy());
    file::parse(&name, &text, problems)
}

/// Chooses each value by the order of sources and notes where it came from.
struct Pick<'a> {
    env: Env<'a>,
    settings: Vec<Setting>,
}

impl Pick<'_> {
    /// Sets or replaces the line of a setting.
    fn note(&mut self, name: &'static str, value: Option<String>, source: Source) {
        self.settings.retain(|setting| setting.name != name);
        self.settings.push(Setting { name, value, source });
    }

    fn var(&self, name: &str) -> Option<String> {
        (self.env)(name).filter(|value| !value.trim().is_empty())
    }

    fn flag(
        &mut self,
        name: &'static str,
        flag: &'static str,
        value: Option<String>,
    ) -> Option<String> {
        let value = value?;
        self.note(name, Some(value.clone()), Source::Flag(flag));
        Some(value)
    }

    fn default(&mut self, name: &'static str, value: &str) -> String {
        self.note(name, Some(value.to_owned()), Source::Default);
        value.to_owned()
    }

    fn filed<T>(&mut self, name: &'static str, set: Option<&Set<T>>, show: impl Fn(&T) -> String) {
        match set {
            Some(set) => self.note(name, Some(show(&set.value)), Source::File(set.line)),
            None => self.note(name, None, Source::Default),
        }
    }

    /// Environment over file.
    fn text(
        &mut self,
        name: &'static str,
        variable: &'static str,
        set: Option<&Set<String>>,
    ) -> Option<String> {
        if let Some(value) = self.var(variable) {
            let value = value.trim().to_owned();
            self.note(name, Some(value.clone()), Source::Env(variable));
            return Some(value);
        }
        self.filed(name, set, Clone::clone);
        set.map(|set| set.value.clone())
    }

    fn model(
        &mut self,
        name: &'static str,
        variable: &'static str,
        set: Option<&Set<String>>,
    ) -> Option<ModelId> {
        self.text(name, variable, set).map(ModelId::new)
    }

    fn params(&mut self, file: &FileSettings) -> Params {
        self.filed("chat.system", file.system.as_ref(), Clone::clone);
        self.filed("chat.temperature", file.temperature.as_ref(), f64::to_string);
        self.filed("chat.effort", file.effort.as_ref(), |effort| effort.as_str().to_owned());
        match &file.max_tokens {
            Some(_) => {
                self.filed("chat.max_tokens", file.max_tokens.as_ref(), u32::to_string);
            }
            None => {
                self.default("chat.max_tokens", &DEFAULT_MAX_TOKENS.to_string());
            }
        }
        Params {
            system: file.system.as_ref().map(|set| set.value.clone()),
            temperature: file.temperature.as_ref().map(|set| set.value),
            max_tokens: Some(file.max_tokens.as_ref().map_or(DEFAULT_MAX_TOKENS, |set| set.value)),
            effort: file.effort.as_ref().map(|set| set.value),
        }
    }

    fn color(&mut self, flags: &Flags, set: Option<&Set<ColorChoice>>) -> ColorChoice {
        let (choice, source) = if let Some(choice) = flags.color {
            (choice, Source::Flag("--color"))
        } else if (self.env)("NO_COLOR").is_some_and(|value| !value.is_empty()) {
            (ColorChoice::Never, Source::Env("NO_COLOR"))
        } else if let Some(set) = set {
            (set.value, Source::File(set.line))
        } else {
            (ColorChoice::Auto, Source::Default)
        };
        self.note("screen.color", Some(choice.as_str().to_owned()), source);
        choice
    }

    fn depth(&mut self, set: Option<&Set<Option<ColorDepth>>>) {
        let (depth, source) = match set {
            Some(set) => (set.value, Source::File(set.line)),
            None => (None, Source::Default),
        };
        let value = depth.map_or("auto", ColorDepth::as_str).to_owned();
        self.note("screen.depth", Some(value), source);
    }

    fn screen(&mut self, file: &FileSettings) {
        let Screen { emoji, sync, scroll_regions, mouse, paste_burst } = file.screen;
        let switch = |on: Option<bool>| on.map_or("auto".to_owned(), |on| on.to_string());
        for (name, value) in [
            ("screen.emoji", emoji.map_or("auto", Emoji::as_str).to_owned()),
            ("screen.sync", switch(sync)),
            ("screen.scroll_regions", switch(scroll_regions)),
            ("screen.mouse", mouse.to_string()),
            ("screen.paste_burst", switch(paste_burst)),
        ] {
            let key = name.trim_start_matches("screen.");
            let line = file.screen_lines.iter().find(|(known, _)| known == key);
            let source = line.map_or(Source::Default, |(_, line)| Source::File(*line));
            self.note(name, Some(value), source);
        }
    }

    fn upstream(
        &mut self,
        file: &FileSettings,
        paths: &Paths,
        is_sandbox: bool,
        problems: &mut Vec<Problem>,
    ) -> Upstream {
        let name = "upstream.base_url";
        let given = self.text(name, "OPENROUTER_BASE_URL", file.base_url.as_ref());
        let base_url = given.unwrap_or_else(|| self.default(name, OPENROUTER_URL));
        let base_url = upstream::normalise(&base_url);
        let base_url_source = self.source_of(name);
        self.note(name, Some(upstream::shown(&base_url)), base_url_source.clone());
        // A key that will not be used is not touched.
        let (key, key_source) = if is_sandbox {
            (None, Source::Default)
        } else {
            let command = file.api_key_cmd.as_ref().map(|set| {
                (set.value.clone(), format!("config.toml:{} upstream.api_key_cmd", set.line))
            });
            let places = Places {
                variable: (self.env)(key::VARIABLE),
                command,
                file: key_file(file, paths, self.env),
                file_named: file.key_file.is_some(),
            };
            key::find(&places, problems)
        };
        self.note("upstream.key", key.as_ref().map(Secret::masked), key_source.clone());
        if !is_sandbox {
            let place = match &base_url_source {
                Source::File(line) => format!("config.toml:{line} {name}"),
                Source::Flag(_)
                | Source::Env(_)
                | Source::Command
                | Source::KeyFile(_)
                | Source::Default => base_url_source.to_string(),
            };
            problems.extend(upstream::judge(&place, &base_url, key.is_some()));
        }
        let name = match &file.name {
            Some(set) => crate::domain::text::clean_line(set.value.trim()),
            None => upstream::default_name(&base_url),
        };
        let source = file.name.as_ref().map_or(Source::Default, |set| Source::File(set.line));
        self.note("upstream.name", Some(name.clone()), source);
        Upstream { name, base_url, base_url_source, key, key_source }
    }

    fn source_of(&self, name: &str) -> Source {
        self.settings
            .iter()
            .find(|setting| setting.name == name)
            .map_or(Source::Default, |setting| setting.source.clone())
    }
}

/// `key_file`, with `~/` for the home folder and relative to the config folder; else `key` there.
fn key_file(file: &FileSettings, paths: &Paths, env: Env<'_>) -> std::path::PathBuf {
    let Some(set) = &file.key_file else { return paths.config_dir.join("key") };
    let home = env("HOME").filter(|home| !home.is_empty());
    match (set.value.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        (_, _) => paths.config_dir.join(&set.value),
    }
}
