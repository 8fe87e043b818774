//! The command line: parses arguments, builds the engine and starts a face.
//!
//! Not for: what a turn is or what is kept; that is the engine's.

pub mod args;
mod ask;
mod chats;
mod desk;
mod failure;
mod interrupts;
mod log;
mod models;
mod moment;
mod output;
mod sandbox;
mod settings;
mod shell;
mod table;
mod usage;
mod workbench;

use std::future::Future;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use rustix::fs::Mode;
use tokio::runtime;

use args::{Args, Command};
use desk::{Desk, Memory};
use output::Out;

use crate::config::{self, Config};

/// Runs what the arguments ask for. Everything that went wrong has been said on stderr.
pub fn run(args: &Args) -> ExitCode {
    // Chats and logs are nobody else's business.
    rustix::process::umask(Mode::from_raw_mode(0o077));
    let config = config::load(&args.global.flags(), &|name| std::env::var(name).ok());
    let out = Out::new(config.color);
    if args.global.verbose
        && let Err(error) = log::begin(&config.paths.log, config.upstream.key.as_ref())
    {
        output::say(&format!("routedeck: {error:#}"));
    }
    failure::exit_code(dispatch(args, config, &out))
}

fn dispatch(args: &Args, config: Config, out: &Out) -> anyhow::Result<()> {
    match &args.command {
        None => in_runtime(workbench::run(config)),
        Some(Command::Ask(args)) => {
            let question = ask::read(args, &config)?;
            in_runtime(ask::run(args, question, config, out))
        }
        Some(Command::Models(args)) => {
            at_desk(config, Memory::Optional, async |desk| models::run(args, desk, out).await)
        }
        Some(Command::Usage(args)) => {
            at_desk(config, Memory::Needed, async |desk| usage::run(args, desk, out).await)
        }
        Some(Command::Chats { command }) => {
            at_desk(config, Memory::Needed, async |desk| chats::run(command, desk, out).await)
        }
        Some(Command::Sandbox(args)) => in_runtime(sandbox::run(args, out)),
        Some(Command::Config { command }) => settings::run(command, &config, out),
        Some(Command::Completions { shell }) => shell::completions(*shell, out),
        Some(Command::Man) => shell::man(out),
    }
}

fn at_desk(
    config: Config,
    memory: Memory,
    work: impl AsyncFnOnce(&Desk) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    in_runtime(async {
        let desk = Desk::open_loudly(config, memory).await?;
        let result = work(&desk).await;
        desk.close().await;
        result
    })
}

/// One worker reads the network beside this thread, which draws. With two of them each word of an
/// answer would wake a second thread for nothing.
fn in_runtime(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .context("the program cannot start its threads")?;
    let result = runtime.block_on(work);
    // A connection that does not want to end must not hold up the shell.
    runtime.shutdown_timeout(Duration::from_millis(200));
    result
}
