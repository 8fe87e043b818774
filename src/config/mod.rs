//! Settings: flags over environment over file over defaults, with problems as data.
//!
//! Not for: what a chord or a theme means; the workbench resolves both.

mod file;
mod key;
mod load;
mod paths;
mod problem;
mod read;
mod salvage;
mod screen;
mod upstream;

use std::fmt;
use std::path::PathBuf;

pub use file::KeyBinding;
pub use load::load;
pub use paths::Paths;
pub use problem::Problem;
pub use screen::{ColorChoice, ColorDepth, Emoji, Screen};
pub use upstream::{OPENROUTER_URL, Upstream};

use crate::domain::id::ModelId;
use crate::domain::turn::Params;

/// A commented config file with every setting; it changes nothing as it is.
pub const SAMPLE: &str = include_str!("sample.toml");

/// What the command line says, for every command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    pub config: Option<PathBuf>,
    pub data_dir: Option<PathBuf>,
    pub upstream: Option<String>,
    pub sandbox: bool,
    pub offline: bool,
    pub theme: Option<String>,
    pub color: Option<ColorChoice>,
}

/// Everything that can be set, in force.
#[derive(Clone, Debug)]
pub struct Config {
    /// The model of new chats and of mode `default`.
    pub model: Option<ModelId>,
    pub fast: Option<ModelId>,
    pub cheap: Option<ModelId>,
    /// Defaults of new chats.
    pub params: Params,
    pub theme: String,
    pub color: ColorChoice,
    /// `None` leaves it to detection.
    pub depth: Option<ColorDepth>,
    pub screen: Screen,
    pub keys: Vec<KeyBinding>,
    pub upstream: Upstream,
    /// The upstream named by a flag, which may be one that does not exist.
    pub upstream_asked: Option<String>,
    /// The sandbox answers: it was asked for, or there is neither key nor base URL.
    pub sandbox: bool,
    /// Nothing but this machine is talked to.
    pub offline: bool,
    pub paths: Paths,
    pub problems: Vec<Problem>,
    /// The same for people: every setting with its source, the key masked.
    pub settings: Vec<Setting>,
}

impl Config {
    /// The model to begin with: the configured one, else one that every such server has. `None`
    /// where only the catalogue can tell.
    pub fn first_model(&self) -> Option<ModelId> {
        if let Some(model) = &self.model {
            return Some(model.clone());
        }
        if self.sandbox {
            return Some("sandbox/guide".into());
        }
        self.upstream.is_openrouter().then(|| "openrouter/auto".into())
    }

    /// Whether the upstream may be asked: offline, only this machine may.
    pub fn may_ask(&self) -> bool {
        !self.offline || self.sandbox || self.upstream.is_loopback()
    }
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Flag(&'static str),
    Env(&'static str),
    /// Line of the config file.
    File(usize),
    /// `api_key_cmd`.
    Command,
    KeyFile(PathBuf),
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Flag(name) | Source::Env(name) => f.write_str(name),
            Source::File(line) => write!(f, "config file, line {line}"),
            Source::Command => f.write_str("api_key_cmd"),
            Source::KeyFile(path) => write!(f, "{}", path.display()),
            Source::Default => f.write_str("default"),
        }
    }
}

/// One line of `config show`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub name: &'static str,
    /// `None` where it is not set and has no default of its own.
    pub value: Option<String>,
    pub source: Source,
}

#[cfg(test)]
mod tests;
