//! From a key to the frame that shows it.

use std::time::{Duration, Instant};

use super::settled;
use crate::figures::{Table, Times};
use crate::home::Home;
use crate::pty::Terminal;
use crate::script::Script;
use crate::upstream::Upstream;

const KEYS: usize = 300;
const WANTED: &str = "p99 < 8 ms";

/// Nothing else happens.
pub(crate) fn at_rest(upstream: &Upstream, table: &mut Table) {
    let home = Home::used(upstream);
    let terminal = settled(&home, upstream);
    let times = typing(&terminal, KEYS);
    table.add("key to frame at rest", times.to_string(), WANTED);
    terminal.quit();
}

/// 2,000 deltas a second come into a transcript of a megabyte.
pub(crate) fn while_streaming(upstream: &Upstream, table: &mut Table) {
    let home = Home::used(upstream);
    let terminal = settled(&home, upstream);
    terminal.send(&Script { deltas: 200_000, rate: 0 }.message());
    terminal.wait("the megabyte", |screen| screen.contains("tok/s") && screen.contains("✓"));
    terminal.rest();
    let script = Script { deltas: 60_000, rate: 2000 };
    terminal.send(&script.message());
    terminal.wait("the second answer", |screen| screen.contains("so far"));
    let before = (Instant::now(), terminal.vitals());
    let times = typing(&terminal, KEYS);
    let (passed, cpu) = (before.0.elapsed(), terminal.vitals().cpu - before.1.cpu);
    let share = 100.0 * cpu.as_secs_f64() / passed.as_secs_f64();
    table.add("key to frame, 2,000 deltas/s into 1 MB", times.to_string(), WANTED);
    table.add("CPU meanwhile", format!("{share:.0} %"), "");
    assert!(terminal.text().contains("so far"), "the answer ended too early");
    terminal.quit();
}

/// Types and deletes, one key at a time.
fn typing(terminal: &Terminal, keys: usize) -> Times {
    let mut draft = String::new();
    let mut grows = true;
    let times = (0..keys).map(|number| {
        grows = if draft.is_empty() { true } else { grows && draft.len() < 60 };
        let key = if grows {
            let letter = char::from(b'a' + (number % 26) as u8);
            draft.push(letter);
            letter.to_string()
        } else {
            draft.pop();
            "\x7f".to_owned()
        };
        let wanted = if draft.is_empty() { "write a message" } else { &draft };
        // Uneven, so that keys and frames do not march in step.
        let pause = Instant::now() + Duration::from_millis(23 + (number as u64 * 7) % 31);
        while let Some(left) = pause.checked_duration_since(Instant::now()) {
            terminal.next(left);
        }
        let pressed = terminal.type_in(&key);
        terminal.wait("the key", |_| terminal.draft() == wanted).max(pressed) - pressed
    });
    Times::new(times.collect())
}
