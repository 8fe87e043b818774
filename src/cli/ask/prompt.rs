//! What `ask` sends: the words of the command line, piped text as context, the system prompt.

use std::io::{self, IsTerminal, Read};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::cli::args::{Ask, Mode};
use crate::cli::failure::usage;
use crate::cli::output::say;
use crate::config::Config;
use crate::domain::id::ModelId;
use crate::domain::turn::{Params, ProviderRules};

/// More than any context window holds; a pipe that never ends must not fill the memory.
const LONGEST_INPUT: u64 = 32 * 1024 * 1024;

/// The prompt: what was typed, then what was piped in.
pub(super) fn text(args: &Ask) -> anyhow::Result<String> {
    let typed = args.prompt.join(" ");
    let typed = typed.trim();
    let context = piped()?;
    match (typed.is_empty(), context) {
        (false, None) => Ok(typed.to_owned()),
        (false, Some(context)) => Ok(format!("{typed}\n\n{context}")),
        (true, Some(context)) => Ok(context),
        (true, None) => usage(
            "there is nothing to ask. Give a prompt, or pipe text in: routedeck ask 'What is Rust?'",
        ),
    }
}

/// Text on stdin when it is no terminal; `None` where there is none.
fn piped() -> anyhow::Result<Option<String>> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let hint = hint_when_it_takes_long();
    stdin.lock().take(LONGEST_INPUT + 1).read_to_end(&mut bytes)?;
    drop(hint);
    if bytes.len() as u64 > LONGEST_INPUT {
        return usage("more than 32 MB came on stdin. No model reads that much; cut it down.");
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            say("routedeck: stdin is not all UTF-8; what is not is replaced by �.");
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        }
    };
    let text = text.trim_end_matches(['\n', '\r']);
    Ok((!text.trim().is_empty()).then(|| text.to_owned()))
}

/// Under `ssh host routedeck ask …` stdin is a pipe that nobody ends: say what is waited for.
fn hint_when_it_takes_long() -> mpsc::Sender<()> {
    let (reading, ended) = mpsc::channel();
    if io::stderr().is_terminal() {
        thread::spawn(move || {
            if ended.recv_timeout(Duration::from_secs(2)) == Err(mpsc::RecvTimeoutError::Timeout) {
                say(
                    "routedeck: reading stdin until it ends (Ctrl+D ends it, </dev/null avoids it)",
                );
            }
        });
    }
    reading
}

/// The models asked for by name or by mode; none where nothing was said.
pub(super) fn models(args: &Ask, config: &Config) -> anyhow::Result<Vec<ModelId>> {
    let Some(mode) = args.mode else {
        let models: Vec<ModelId> = args.models.iter().map(ModelId::new).collect();
        if models.iter().any(|model| model.as_str().is_empty()) {
            return usage("a model id is empty. `routedeck models` lists them.");
        }
        return Ok(models);
    };
    let (model, how) = match mode {
        Mode::Default => return Ok(config.model.iter().cloned().collect()),
        Mode::Fast => (&config.fast, "Set LLM_FAST_MODEL, or `fast` below [modes]"),
        Mode::Cheap => (&config.cheap, "Set LLM_CHEAP_MODEL, or `cheap` below [modes]"),
    };
    match model {
        Some(model) => Ok(vec![model.clone()]),
        None => usage(format!(
            "no model is set for mode {}. {how} in {}.",
            mode.as_str(),
            config.paths.config_file.display()
        )),
    }
}

/// Settings of the request: those of the command line over `base`.
pub(super) fn params(args: &Ask, base: &Params) -> anyhow::Result<Params> {
    let system = match &args.system {
        None => base.system.clone(),
        Some(text) => match text.strip_prefix('@') {
            None => Some(text.clone()),
            Some(path) => match std::fs::read_to_string(path) {
                Ok(text) => Some(text.trim_end().to_owned()),
                Err(error) => return usage(format!("the system prompt {path}: {error}")),
            },
        },
    };
    Ok(Params {
        // An empty one on the command line switches off the configured one.
        system: system.filter(|text| !text.trim().is_empty()),
        temperature: args.temperature.or(base.temperature),
        max_tokens: args.max_tokens.or(base.max_tokens),
        effort: args.effort.or(base.effort),
    })
}

pub(super) fn rules(args: &Ask) -> ProviderRules {
    let order = args.provider_order.iter().map(|name| name.trim().to_owned());
    ProviderRules {
        order: order.filter(|name| !name.is_empty()).collect(),
        allow_fallbacks: args.no_fallbacks.then_some(false),
    }
}
