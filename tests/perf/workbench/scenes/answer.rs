//! Whole answers: what they cost, and how late a word is on screen.

use std::time::Duration;

use super::settled;
use crate::figures::{Table, Times, Vitals, mb};
use crate::home::Home;
use crate::pty::Terminal;
use crate::script::{Script, greatest_mark};
use crate::upstream::Upstream;

/// The answer that was measured with other programs: 4,000 deltas in twenty seconds.
pub(crate) fn two_hundred_a_second(upstream: &Upstream, table: &mut Table) {
    let home = Home::used(upstream);
    let terminal = settled(&home, upstream);
    let script = Script { deltas: 4000, rate: 200 };
    let told = played(&terminal, upstream, script);
    let cpu = told.after.cpu - told.before.cpu;
    let each = cpu.as_secs_f64() * 1e6 / script.deltas as f64;
    table.add(
        "CPU for 4,000 deltas at 200/s",
        format!("{:.2} s ({each:.0} µs a delta)", cpu.as_secs_f64()),
        "< 0.6 s",
    );
    let share = told.bytes as f64 / (script.deltas * 5) as f64;
    table.add(
        "bytes to the terminal per byte of text",
        format!("{share:.2} ({} bytes)", told.bytes),
        "≤ 2",
    );
    let sleeps = told.after.sleeps.saturating_sub(told.before.sleeps);
    let each = sleeps as f64 / script.deltas as f64;
    table.add("times a thread went to sleep, a delta", format!("{each:.1}"), "");
    table.add("delta to screen", told.delays.to_string(), "p99 ≤ 40 ms");
    terminal.quit();
}

/// A megabyte as fast as it goes.
pub(crate) fn one_megabyte(upstream: &Upstream, table: &mut Table) {
    let home = Home::used(upstream);
    let terminal = settled(&home, upstream);
    let told = played(&terminal, upstream, Script { deltas: 200_000, rate: 0 });
    let cpu = told.after.cpu - told.before.cpu;
    table.add("CPU for 1 MB at once", format!("{:.2} s", cpu.as_secs_f64()), "");
    table.add("memory at most, with it", mb(told.after.peak), "< 60 MB");
    table.add("memory afterwards", mb(told.after.resident), "");
    terminal.quit();
}

/// What came of an answer.
struct Told {
    before: Vitals,
    after: Vitals,
    bytes: u64,
    delays: Times,
}

fn played(terminal: &Terminal, upstream: &Upstream, script: Script) -> Told {
    upstream.take_sent();
    let bytes = terminal.bytes();
    let before = terminal.vitals();
    terminal.send(&script.message());
    let mut seen = Vec::new();
    let mut ended = false;
    while !ended {
        let Some(at) = terminal.next(Duration::from_secs(60)) else { break };
        let text = terminal.text();
        seen.extend(greatest_mark(&text).map(|mark| (mark, at)));
        ended = text.contains(" in, ") && text.contains('✓');
    }
    assert!(ended, "the answer did not end:\n{}", terminal.text());
    terminal.rest();
    let sent = upstream.take_sent();
    let delays = sent.iter().filter_map(|(mark, at)| {
        let shown = seen.iter().find(|(up_to, _)| up_to >= mark)?;
        Some(shown.1.saturating_duration_since(*at))
    });
    Told {
        delays: Times::new(delays.collect()),
        before,
        after: terminal.vitals(),
        bytes: terminal.bytes() - bytes,
    }
}
