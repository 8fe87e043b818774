//! Nothing happens, and that costs nothing.

use std::time::{Duration, Instant};

use super::settled;
use crate::figures::{Table, mb};
use crate::home::Home;
use crate::upstream::Upstream;

const WATCHED: Duration = Duration::from_secs(10);

pub(crate) fn idle(upstream: &Upstream, table: &mut Table) {
    let home = Home::used(upstream);
    let terminal = settled(&home, upstream);
    let (before, bytes) = (terminal.vitals(), terminal.bytes());
    let end = Instant::now() + WATCHED;
    while let Some(left) = end.checked_duration_since(Instant::now()) {
        terminal.next(left);
    }
    let after = terminal.vitals();
    let cpu = after.cpu - before.cpu;
    table.add("idle for 10 s: CPU", format!("{} ms", cpu.as_millis()), "0");
    table.add("idle for 10 s: bytes", (terminal.bytes() - bytes).to_string(), "0");
    let wakes = after.sleeps.saturating_sub(before.sleeps);
    table.add("idle for 10 s: times a thread woke", wakes.to_string(), "0");
    let models = crate::upstream::MODELS;
    let wanted = "< 25 MB, best < 18";
    table.add(format!("idle memory, {models} models"), mb(after.resident), wanted);
    terminal.quit();
}
