//! Measures the whole workbench from outside: the real binary in a terminal of 120x40, talking to
//! an upstream of our own on this machine.
//!
//! `cargo bench --bench workbench` measures everything and prints a table;
//! `cargo bench --bench workbench -- start idle` only these. `ROUTEDECK_BENCH_BIN` names another
//! binary to measure.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement may fail loudly and prints what it measured"
)]

mod figures;
mod home;
mod pty;
mod scenes;
mod script;
mod upstream;

use figures::Table;
use upstream::Upstream;

/// A scene: what it is called, and what plays it.
type Scene = (&'static str, fn(&Upstream, &mut Table));

const SCENES: [Scene; 8] = [
    ("start", scenes::start::with_key),
    ("sandbox", scenes::start::sandbox),
    ("keys", scenes::keys::at_rest),
    ("answer", scenes::answer::two_hundred_a_second),
    ("idle", scenes::rest::idle),
    ("open", scenes::open::ten_thousand_messages),
    ("large", scenes::answer::one_megabyte),
    ("typing", scenes::keys::while_streaming),
];

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let upstream = Upstream::start();
    let mut table = Table::default();
    for (name, play) in SCENES {
        if wanted.is_empty() || wanted.iter().any(|w| w == name) {
            println!("… {name}");
            play(&upstream, &mut table);
        }
    }
    println!("{table}");
}
