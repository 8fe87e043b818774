//! Copying: which way there is, and going it. Says what was done, never that it arrived: OSC 52
//! has no answer.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::caps::{Caps, Multiplexer};
use super::child;
use crate::domain::text::clean;

/// Older terminals cut off or ignore longer OSC 52 strings (bytes of base64).
pub const OSC52_LIMIT: usize = 74_000;
/// GNU screen takes pass-through strings only in pieces.
const SCREEN_PIECE: usize = 700;
/// Nobody pastes more than this (bytes of text).
const MOST_TEXT: usize = 16 << 20;

/// The way a text went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyWay {
    /// Into tmux's buffer, which hands it to the terminal if it may.
    Tmux,
    /// To the terminal, which may ignore it.
    Terminal,
    /// To the desktop, by this program.
    Tool(&'static str),
}

impl fmt::Display for CopyWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tmux => f.write_str("put into tmux's buffer and offered to the terminal"),
            Self::Terminal => f.write_str("offered to the terminal's clipboard (OSC 52)"),
            Self::Tool(program) => write!(f, "given to {program}"),
        }
    }
}

/// What has to be done to copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyPlan {
    /// Post these bytes through the writer, in order with the frames.
    Post { bytes: Vec<u8>, way: CopyWay },
    /// Run this on a worker.
    Run(CopyCommand),
    /// There is no way; the sentence says why and what else can be done.
    Impossible(String),
}

/// A program that takes the text on its standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyCommand {
    program: &'static str,
    arguments: &'static [&'static str],
    text: String,
    way: CopyWay,
}

impl CopyCommand {
    /// Runs it; blocks up to `limit`. The error is a sentence.
    pub fn run(&self, limit: Duration) -> Result<CopyWay, String> {
        child::run(self.program, self.arguments, &self.text, limit)
            .map(|_| self.way)
            .map_err(|error| format!("{} could not take the text: {error}", self.program))
    }
}

/// Chooses the way. `env` is the environment, `has` says whether a program is installed.
///
/// In tmux always tmux; on one's own desktop its tool, because many terminals there ignore
/// OSC 52; over SSH and elsewhere OSC 52.
pub fn plan(
    text: &str,
    caps: &Caps,
    env: &dyn Fn(&str) -> Option<String>,
    has: &dyn Fn(&str) -> bool,
) -> CopyPlan {
    let text = clean(text);
    if text.len() > MOST_TEXT {
        return CopyPlan::Impossible(format!(
            "{} MB is more than a clipboard takes; write it to a file",
            text.len() >> 20
        ));
    }
    if caps.multiplexer == Multiplexer::Tmux && has("tmux") {
        let arguments: &[&str] = &["load-buffer", "-w", "-"];
        return CopyPlan::Run(CopyCommand { program: "tmux", arguments, text, way: CopyWay::Tmux });
    }
    if !caps.ssh
        && let Some((program, arguments)) = desktop_tool(env, has)
    {
        return CopyPlan::Run(CopyCommand {
            program,
            arguments,
            text,
            way: CopyWay::Tool(program),
        });
    }
    match osc52(&text, caps.multiplexer) {
        Some(bytes) => CopyPlan::Post { bytes, way: CopyWay::Terminal },
        None => CopyPlan::Impossible(format!(
            "{} KB is more than the terminal's clipboard takes (OSC 52); write it to a file",
            text.len() >> 10
        )),
    }
}

/// Whether a program is on the PATH.
pub fn is_installed(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
}

fn desktop_tool(
    env: &dyn Fn(&str) -> Option<String>,
    has: &dyn Fn(&str) -> bool,
) -> Option<(&'static str, &'static [&'static str])> {
    let set = |name: &str| env(name).is_some_and(|value| !value.is_empty());
    let tools: [(bool, &'static str, &'static [&'static str]); 4] = [
        (cfg!(target_os = "macos"), "pbcopy", &[]),
        (set("WAYLAND_DISPLAY"), "wl-copy", &[]),
        (set("DISPLAY"), "xclip", &["-selection", "clipboard", "-in"]),
        (set("DISPLAY"), "xsel", &["--clipboard", "--input"]),
    ];
    let usable = |(there, program, _): &(bool, &'static str, _)| *there && has(program);
    tools.into_iter().find(usable).map(|(_, program, arguments)| (program, arguments))
}

/// The OSC 52 string; `None` if it would be too long.
fn osc52(text: &str, multiplexer: Multiplexer) -> Option<Vec<u8>> {
    let encoded = STANDARD.encode(text);
    if encoded.len() > OSC52_LIMIT {
        return None;
    }
    let plain = format!("\x1b]52;c;{encoded}\x07").into_bytes();
    Some(match multiplexer {
        Multiplexer::Screen => through_screen(&plain),
        // Raw also for a tmux without its program at hand: it works with `set-clipboard on`.
        Multiplexer::None | Multiplexer::Tmux | Multiplexer::Zellij => plain,
    })
}

/// Wraps a string so that GNU screen hands it on.
fn through_screen(bytes: &[u8]) -> Vec<u8> {
    let mut wrapped = Vec::with_capacity(bytes.len() + bytes.len() / 64 + 8);
    for piece in bytes.chunks(SCREEN_PIECE) {
        wrapped.extend_from_slice(b"\x1bP");
        wrapped.extend_from_slice(piece);
        wrapped.extend_from_slice(b"\x1b\\");
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(text: &str, caps: &Caps, vars: &[(&str, &str)], programs: &[&str]) -> CopyPlan {
        let env = |name: &str| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        plan(text, caps, &env, &|program| programs.contains(&program))
    }

    fn way(plan: &CopyPlan) -> Option<CopyWay> {
        match plan {
            CopyPlan::Post { way, .. } => Some(*way),
            CopyPlan::Run(command) => Some(command.way),
            CopyPlan::Impossible(_) => None,
        }
    }

    #[test]
    fn the_way_depends_on_where_we_are() {
        let here = Caps::default();
        let tmux = Caps { multiplexer: Multiplexer::Tmux, ..Caps::default() };
        let ssh = Caps { ssh: true, ..Caps::default() };
        let x11 = [("DISPLAY", ":0")];
        let both = [("DISPLAY", ":0"), ("WAYLAND_DISPLAY", "wayland-0")];
        let tools = ["tmux", "xclip", "wl-copy"];
        assert_eq!(way(&planned("x", &tmux, &x11, &tools)), Some(CopyWay::Tmux));
        assert_eq!(way(&planned("x", &here, &x11, &tools)), Some(CopyWay::Tool("xclip")));
        assert_eq!(way(&planned("x", &here, &both, &tools)), Some(CopyWay::Tool("wl-copy")));
        assert_eq!(way(&planned("x", &here, &x11, &[])), Some(CopyWay::Terminal));
        assert_eq!(way(&planned("x", &ssh, &both, &tools)), Some(CopyWay::Terminal));
    }

    #[test]
    fn osc_52_is_clean_bounded_and_wrapped_for_screen() {
        let ssh = Caps { ssh: true, ..Caps::default() };
        let plan = planned("hi\u{1b}[31m there\n", &ssh, &[], &[]);
        let bytes = b"\x1b]52;c;aGkgdGhlcmUK\x07".to_vec();
        assert_eq!(plan, CopyPlan::Post { bytes, way: CopyWay::Terminal });
        let long = "x".repeat(OSC52_LIMIT);
        assert!(matches!(planned(&long, &ssh, &[], &[]), CopyPlan::Impossible(_)));
        let screen = Caps { multiplexer: Multiplexer::Screen, ..ssh };
        let CopyPlan::Post { bytes, .. } = planned(&"x".repeat(3000), &screen, &[], &[]) else {
            panic!("a string for screen")
        };
        let pieces = bytes.split(|byte| *byte == 0x1b).map(<[u8]>::len).max();
        assert!(pieces <= Some(SCREEN_PIECE + 1), "{pieces:?}");
        assert!(bytes.starts_with(b"\x1bP\x1b]52;c;") && bytes.ends_with(b"\x1b\\"));
    }
}
