//! The program: parse, run, exit code.

use std::process::ExitCode;

use clap::Parser;
use routedeck::cli;

fn main() -> ExitCode {
    cli::run(&cli::args::Args::parse())
}
