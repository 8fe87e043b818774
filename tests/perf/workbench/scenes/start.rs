//! From the shell to the first frame.

use std::time::Duration;

use crate::figures::{Table, Times, mb};
use crate::home::Home;
use crate::pty::Terminal;
use crate::upstream::Upstream;

const RUNS: usize = 25;

/// With a key, and a catalogue in the store.
pub(crate) fn with_key(upstream: &Upstream, table: &mut Table) {
    let home = Home::used(upstream);
    let mut prices = Vec::new();
    let mut peaks = Vec::new();
    let frames = (0..RUNS).map(|_| {
        let terminal = Terminal::open(home.command(Some(upstream)));
        let frame = first_frame(&terminal);
        let price = terminal.wait("the price", |screen| screen.contains("per million"));
        prices.push(price - terminal.started);
        terminal.rest();
        peaks.push(terminal.vitals().peak);
        terminal.quit();
        frame
    });
    let frames = Times::new(frames.collect());
    add(table, "start to first usable frame", &frames);
    add(table, "start to the model's price on screen", &Times::new(prices));
    peaks.sort_unstable();
    table.add("most memory while starting", mb(peaks[RUNS / 2]), "");
}

/// Without a key: the sandbox has to start too.
pub(crate) fn sandbox(_: &Upstream, table: &mut Table) {
    let home = Home::empty();
    let run = || {
        let terminal = Terminal::open(home.command(None));
        let frame = first_frame(&terminal);
        terminal.rest();
        terminal.quit();
        frame
    };
    let very_first = run();
    let frames = Times::new((0..RUNS).map(|_| run()).collect());
    add(table, "start to first usable frame, no key", &frames);
    add(table, "the same on a new machine (no database yet)", &Times::new(vec![very_first]));
}

fn first_frame(terminal: &Terminal) -> Duration {
    let usable = |screen: &str| {
        screen.contains("write a message") && screen.contains("palette") && screen.contains("F1")
    };
    terminal.wait("the first frame", usable) - terminal.started
}

fn add(table: &mut Table, what: &str, times: &Times) {
    let fastest = crate::figures::ms(times.at(0));
    table.add(what, format!("min {fastest}, {times}"), "< 25 ms, best < 12");
}
