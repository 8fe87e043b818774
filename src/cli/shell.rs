//! `routedeck completions` and `routedeck man`: made from the arguments themselves.

use clap::CommandFactory;
use clap_mangen::Man;

use super::args::Args;
use super::output::Out;

pub(super) fn completions(shell: clap_complete::Shell, out: &Out) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "routedeck", &mut script);
    out.write(&String::from_utf8_lossy(&script))
}

/// One page for everything: the program, then each command as a section of its own.
pub(super) fn man(out: &Out) -> anyhow::Result<()> {
    let mut command = Args::command().disable_help_subcommand(true);
    command.build();
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    let mut text = String::from_utf8_lossy(&page).into_owned();
    for sub in command.get_subcommands() {
        section(&mut text, sub, "routedeck")?;
    }
    out.write(&text)
}

fn section(text: &mut String, command: &clap::Command, parent: &str) -> anyhow::Result<()> {
    let name = format!("{parent} {}", command.get_name());
    let mut body = Vec::new();
    let man = Man::new(command.clone());
    man.render_description_section(&mut body)?;
    man.render_synopsis_section(&mut body)?;
    if command.get_arguments().any(|arg| !arg.is_global_set()) {
        man.render_options_section(&mut body)?;
    }
    text.push_str(&format!(".SH {:?}\n", name.to_uppercase()));
    text.push_str(&String::from_utf8_lossy(&body).replace(".SH ", ".SS "));
    for sub in command.get_subcommands() {
        section(text, sub, &name)?;
    }
    Ok(())
}
