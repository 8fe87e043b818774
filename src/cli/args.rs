//! What can be typed after `routedeck`, for clap. Its help texts are the reference.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use crate::config::{ColorChoice, Flags};
use crate::domain::turn::Effort;

/// A terminal workbench for OpenRouter.
#[derive(Debug, Parser)]
#[command(
    name = "routedeck",
    version,
    about = "A terminal workbench for OpenRouter",
    long_about = "A terminal workbench for OpenRouter and every server that speaks its protocol.\n\nWithout a command the workbench opens. Without a key it talks to the sandbox: a server inside the program whose replies are simulated and cost nothing.",
    after_help = "Exit codes: 0 done, 1 the request failed, 2 wrong usage, 130 interrupted.\nThe key comes from OPENROUTER_API_KEY, or from a file of mode 0600: see `routedeck config show`.",
    max_term_width = 100
)]
pub struct Args {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of every command.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Read settings from this file
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Keep chats, ledger and catalogue in this folder
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Ask this upstream: the configured one by its name, or `sandbox`
    #[arg(long, global = true, value_name = "NAME")]
    pub upstream: Option<String>,
    /// Talk to the sandbox: simulated replies, no charge
    #[arg(long, global = true)]
    pub sandbox: bool,
    /// Talk to nothing but this machine
    #[arg(long, global = true)]
    pub offline: bool,
    /// Use this theme
    #[arg(long, global = true, value_name = "NAME")]
    pub theme: Option<String>,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", value_parser = color())]
    pub color: Option<ColorChoice>,
    /// Write a log; `routedeck config path` says where
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

impl Global {
    pub fn flags(&self) -> Flags {
        Flags {
            config: self.config.clone(),
            data_dir: self.data_dir.clone(),
            upstream: self.upstream.clone(),
            sandbox: self.sandbox,
            offline: self.offline,
            theme: self.theme.clone(),
            color: self.color,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Get one answer on stdout; piped stdin is added as context
    Ask(Ask),
    /// List models with their prices, or show one with its endpoints
    Models(Models),
    /// Show what was used and what it cost
    Usage(Usage),
    /// List, show, search, export and remove chats
    Chats {
        #[command(subcommand)]
        command: Chats,
    },
    /// Run the sandbox alone, for programs to talk to
    Sandbox(Sandbox),
    /// Show, check and begin the config file
    Config {
        #[command(subcommand)]
        command: Config,
    },
    /// Print a completion script
    Completions {
        /// The shell it is for
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

#[derive(Debug, ClapArgs)]
#[command(
    after_help = "With several models the answers come one after another, each headed on stderr; with --json each is one line."
)]
pub struct Ask {
    /// What to ask; several words need no quotes
    #[arg(value_name = "PROMPT")]
    pub prompt: Vec<String>,
    /// Ask this model, with :nitro :floor :free :online …; repeat to ask several
    #[arg(short, long = "model", value_name = "ID", conflicts_with = "mode")]
    pub models: Vec<String>,
    /// Ask the model that is configured for this mode
    #[arg(long, value_enum)]
    pub mode: Option<Mode>,
    /// System prompt, or a file with it
    #[arg(short, long, value_name = "TEXT|@FILE")]
    pub system: Option<String>,
    /// Randomness, from 0 to 2
    #[arg(short, long, value_name = "N", value_parser = temperature)]
    pub temperature: Option<f64>,
    /// Longest answer, in tokens
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_tokens: Option<u32>,
    /// How hard to think
    #[arg(long, value_name = "LEVEL", value_parser = effort())]
    pub effort: Option<Effort>,
    /// Try these providers, in this order
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    pub provider_order: Vec<String>,
    /// Use no other provider
    #[arg(long)]
    pub no_fallbacks: bool,
    /// Print one JSON object with text, usage, cost and attempts
    #[arg(long)]
    pub json: bool,
    /// Ask for the whole answer at once
    #[arg(long)]
    pub no_stream: bool,
    /// Print the exact request and its estimate, send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Go on with the last chat
    #[arg(short = 'c', long = "continue")]
    pub go_on: bool,
    /// Keep it as a chat
    #[arg(long)]
    pub save: bool,
}

/// Names for models that are set in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    Default,
    Fast,
    Cheap,
}

impl Mode {
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Default => "default",
            Mode::Fast => "fast",
            Mode::Cheap => "cheap",
        }
    }
}

#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub struct Models {
    #[command(subcommand)]
    pub command: Option<ModelsCommand>,
    /// Words of the id or the name; letters may be left out
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// Order; else the best match first, or by name
    #[arg(long, value_enum)]
    pub sort: Option<ModelSort>,
    /// Print JSON with exact prices in USD per unit
    #[arg(long)]
    pub json: bool,
    /// Ask the upstream even if the stored list is young
    #[arg(long)]
    pub refresh: bool,
}

#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// Show one model with all its prices and endpoints
    Show {
        /// Model id
        id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// Ask the upstream even if the stored list is young
        #[arg(long)]
        refresh: bool,
    },
}

/// What models are ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ModelSort {
    /// Cheapest first, input and output prices added
    Price,
    /// Largest first
    Context,
    Newest,
    Name,
}

#[derive(Debug, ClapArgs)]
pub struct Usage {
    /// What to break it down by
    #[arg(long, value_enum, default_value = "model")]
    pub by: UsageBy,
    /// From then on: 24h, 7d, 4w, or a date like 2026-11-01 (UTC)
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Print JSON
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Print comma-separated values
    #[arg(long)]
    pub csv: bool,
}

/// What usage is broken down by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum UsageBy {
    Model,
    Provider,
    Day,
    Chat,
}

#[derive(Debug, Subcommand)]
pub enum Chats {
    /// List chats, the last used first
    List {
        /// At most this many
        #[arg(short, long, value_name = "N", default_value_t = 50)]
        limit: u32,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print one chat
    Show {
        /// Number of the chat, or `last`
        id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Find chats by their words
    Search {
        /// What to look for
        #[arg(required = true)]
        words: Vec<String>,
        /// At most this many
        #[arg(short, long, value_name = "N", default_value_t = 50)]
        limit: u32,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Write one chat as a document
    Export {
        /// Number of the chat, or `last`
        id: String,
        /// Kind of document
        #[arg(long, value_enum, default_value = "markdown")]
        format: ExportFormat,
        /// Write to this file, which must not exist yet, instead of stdout
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Remove chats
    Rm {
        /// Numbers of the chats
        #[arg(required = true)]
        ids: Vec<String>,
        /// Do not ask
        #[arg(short, long)]
        yes: bool,
    },
}

/// Kinds of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    Markdown,
    Json,
}

#[derive(Debug, ClapArgs)]
pub struct Sandbox {
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4181")]
    pub listen: SocketAddr,
}

#[derive(Debug, Subcommand)]
pub enum Config {
    /// Print where files are
    Path,
    /// Print every setting in force and where it comes from
    Show {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Look for mistakes in the config file and the environment
    Check,
    /// Write a commented config file, unless there is one
    Init,
}

fn color() -> impl clap::builder::TypedValueParser<Value = ColorChoice> {
    use clap::builder::{PossibleValuesParser, TypedValueParser};
    PossibleValuesParser::new(ColorChoice::ALL.map(ColorChoice::as_str))
        .map(|word| ColorChoice::parse(&word).unwrap_or_default())
}

fn effort() -> impl clap::builder::TypedValueParser<Value = Effort> {
    use clap::builder::{PossibleValuesParser, TypedValueParser};
    PossibleValuesParser::new(Effort::ALL.map(Effort::as_str))
        .map(|word| Effort::parse(&word).unwrap_or(Effort::Medium))
}

fn temperature(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=2.0).contains(&value) => Ok(value),
        Ok(_) | Err(_) => Err("a number from 0 to 2 is wanted".into()),
    }
}
