//! How a command ends when it does not end well: the sentence on stderr and the exit code.

use std::io;
use std::process::ExitCode;

use super::output::say;
use crate::domain::fault::Fault;

/// Wrong usage: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Usage(pub(super) String);

/// Everything was said already; only the exit code is left.
#[derive(Debug, thiserror::Error)]
#[error("exit code {0}")]
pub(super) struct Said(pub(super) u8);

/// The code for an interrupted run.
pub(super) const INTERRUPTED: u8 = 130;

/// An error that says what was not done, what happened, whether it was billed, and what to do.
pub(super) fn fault(what: &str, fault: &Fault) -> anyhow::Error {
    anyhow::anyhow!("{what}: {}", paragraph(fault))
}

/// A fault as sentences for a command line.
pub(super) fn paragraph(fault: &Fault) -> String {
    plain(&fault.to_string())
}

/// Advice without the keys of the workbench.
pub(super) fn plain(advice: &str) -> String {
    advice.replace(" (Ctrl+O)", "")
}

/// Says what went wrong and gives the code for the shell.
pub(super) fn exit_code(result: anyhow::Result<()>) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    if is_broken_pipe(&error) {
        // The reader has seen enough.
        return ExitCode::SUCCESS;
    }
    if let Some(Said(code)) = error.downcast_ref::<Said>() {
        return ExitCode::from(*code);
    }
    say(&format!("routedeck: {error:#}"));
    if error.downcast_ref::<Usage>().is_some() { ExitCode::from(2) } else { ExitCode::FAILURE }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
    })
}

/// A usage error in one word.
pub(super) fn usage<T>(text: impl Into<String>) -> anyhow::Result<T> {
    Err(Usage(text.into()).into())
}
