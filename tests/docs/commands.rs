//! Every command in the pages can be typed, and those that need nothing but the sandbox work.

use clap::Parser;
use routedeck::cli::args::{Args, Command};

use crate::home::Home;
use crate::page;
use crate::shell::{self, Example};

/// Commands of `routedeck` in the shell examples of a page, each with its line.
fn examples(name: &str) -> Vec<(String, Example)> {
    let text = page::read(name);
    let mut found = Vec::new();
    for block in page::code_blocks(&text, "sh") {
        for line in shell::lines(&block) {
            for example in shell::commands(&line) {
                if example.words[0] == "routedeck" {
                    found.push((line.clone(), example));
                }
            }
        }
    }
    found
}

#[track_caller]
fn parse(words: &[String], line: &str) -> Args {
    Args::try_parse_from(words).unwrap_or_else(|error| panic!("`{line}` cannot be typed: {error}"))
}

#[test]
fn every_command_in_the_pages_can_be_typed() {
    let mut count = 0;
    for name in [page::README, page::ARCHITECTURE, page::CHANGELOG, page::MANUAL] {
        for (line, example) in examples(name) {
            parse(&example.words, &line);
            count += 1;
        }
        for code in page::inline_code(&page::read(name)) {
            for example in shell::commands(&code) {
                if example.words[0] == "routedeck" {
                    parse(&example.words, &code);
                    count += 1;
                }
            }
        }
    }
    assert!(count > 50, "only {count} commands were found");
}

#[test]
fn the_readmes_commands_work_on_the_sandbox_in_their_order() {
    let home = Home::new()
        .file("build.log", "error[E0382]: borrow of moved value\n")
        .file("style.md", "Answer in one sentence.\n");
    let mut done: Vec<String> = Vec::new();
    for (line, example) in examples(page::README) {
        let needs_a_person_or_a_network = match parse(&example.words, &line).command {
            None | Some(Command::Sandbox(_)) => true,
            Some(_) => example.variables.iter().any(|v| v.starts_with("OPENROUTER_")),
        };
        if needs_a_person_or_a_network || done.contains(&line) {
            continue;
        }
        home.shell(&line);
        done.push(line);
    }
    assert!(done.len() > 25, "only {} lines were run", done.len());
}

#[test]
fn the_help_is_what_the_program_prints() {
    let home = Home::new();
    for (name, line) in [("help", "routedeck -h"), ("help ask", "routedeck ask --help")] {
        let help = home.shell(line);
        let help: Vec<&str> = help.lines().map(str::trim_end).collect();
        page::keep(page::README, name, &format!("```text\n{}\n```", help.join("\n").trim_end()));
    }
}
