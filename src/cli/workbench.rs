//! The workbench: builds everything and gives it a face.

use super::desk::{Desk, Memory};
use super::failure::Said;
use super::output::say;
use crate::config::Config;
use crate::tui::{self, Exit};

/// Opens the workbench and runs it until it ends.
pub(super) async fn run(config: Config) -> anyhow::Result<()> {
    let desk = Desk::open(config, Memory::Optional).await?;
    let env = |name: &str| std::env::var(name).ok();
    let exit =
        tui::open(desk.engine.clone(), &desk.config, desk.notices.clone(), desk.forgets, &env)
            .await;
    desk.close().await;
    match exit? {
        Exit::Quit => Ok(()),
        Exit::Signal(by) => Err(Said(by.exit_code()).into()),
        Exit::Gone(why) => {
            // Nobody may be reading; the exit code says it too.
            say(&format!("routedeck: {why}. Everything that had come is kept."));
            Err(Said(1).into())
        }
    }
}
