//! Opening the workbench: from the configuration to a running loop on the terminal.

use std::io;

use crate::config::{self, Config, Source};
use crate::engine::Engine;
use crate::term::{
    Caps, CapsOptions, ColorDepth, EmojiMode, KeyboardOptions, NoTerminal, SessionOptions, size,
};

use super::app::{App, Setup};
use super::keymap::{Keymap, Wish};
use super::runtime::{Exit, Performance, run, utc_offset_minutes};
use super::stage::{Tty, TtyOptions};
use super::theme::Theme;

/// Why the workbench did not open. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    #[error("{0}")]
    Terminal(#[from] NoTerminal),
    #[error("{0}; use `routedeck ask` where there is no terminal")]
    Io(#[from] io::Error),
}

/// Opens the workbench and runs it until it ends. The terminal is given back in any case.
/// `forgets` says that nothing of this run can be kept.
///
/// # Errors
/// When there is no terminal that a full screen could be drawn on.
pub async fn open(
    engine: Engine,
    config: &Config,
    notices: Vec<String>,
    forgets: bool,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Exit, NotOpened> {
    let caps_options = caps_options(config);
    let caps = Caps::detect(env, &caps_options)?;
    let (mut app, said) = prepare(&engine, config);
    app.forgets = forgets;
    let session = SessionOptions { mouse: config.screen.mouse, ..SessionOptions::default() };
    let bursts = config.screen.paste_burst.unwrap_or(true);
    let options = TtyOptions { session, keyboard: KeyboardOptions { bursts } };
    let mut tty = Tty::enter(&caps, options)?;
    let performance = Performance {
        app,
        engine,
        caps,
        caps_options,
        themes: Some(config.paths.config_dir.join("themes")),
        notices: notices.into_iter().chain(said).collect(),
    };
    let (exit, _) = run(performance, &mut tty).await;
    tty.leave()?;
    Ok(exit)
}

/// The app as the configuration wants it, and what is wrong with the configuration.
fn prepare(engine: &Engine, config: &Config) -> (App, Vec<String>) {
    let mut said: Vec<String> = config.problems.iter().map(ToString::to_string).collect();
    let wishes: Vec<Wish> = config
        .keys
        .iter()
        .map(|binding| Wish {
            action: binding.action.clone(),
            chords: binding.chords.clone(),
            place: format!("{}:{}", config.paths.config_file.display(), binding.line),
        })
        .collect();
    let (keymap, problems) = Keymap::resolve(&wishes);
    said.extend(problems);
    let themes = config.paths.config_dir.join("themes");
    let (theme, problems) = Theme::load(&config.theme, Some(&themes));
    said.extend(problems);
    let size = size().map_or((80, 24), |size| (size.width, size.height));
    let chosen =
        config.settings.iter().any(|s| s.name == "screen.theme" && s.source != Source::Default);
    let setup = Setup {
        model: config.model.clone(),
        params: config.params.clone(),
        keymap,
        theme,
        keeps_theme: !chosen,
        upstream: engine.upstream(),
        utc_offset_minutes: utc_offset_minutes(),
        size,
        offline: !config.may_ask(),
    };
    (App::new(setup), said)
}

fn caps_options(config: &Config) -> CapsOptions {
    let depth = match (config.color, config.depth) {
        (config::ColorChoice::Never, _) => Some(ColorDepth::None),
        (_, depth) => depth.map(|depth| match depth {
            config::ColorDepth::None => ColorDepth::None,
            config::ColorDepth::Ansi16 => ColorDepth::Sixteen,
            config::ColorDepth::Ansi256 => ColorDepth::Indexed,
            config::ColorDepth::TrueColor => ColorDepth::True,
        }),
    };
    let emoji = config.screen.emoji.map(|emoji| match emoji {
        config::Emoji::Full => EmojiMode::Full,
        config::Emoji::Simple => EmojiMode::Simple,
    });
    CapsOptions { depth, emoji, regions: config.screen.scroll_regions, sync: config.screen.sync }
}
