//! Figures: many times made few, what the system counts of a process, and the table at the end.

use std::fmt;
use std::time::Duration;

/// Rows of the table: what, how much, what it has to be.
#[derive(Default)]
pub(crate) struct Table(Vec<[String; 3]>);

impl Table {
    pub(crate) fn add(&mut self, what: impl Into<String>, figure: String, wanted: &str) {
        self.0.push([what.into(), figure, wanted.to_owned()]);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| what | figure | wanted |\n|---|---|---|")?;
        self.0
            .iter()
            .try_for_each(|[what, figure, wanted]| writeln!(f, "| {what} | {figure} | {wanted} |"))
    }
}

/// Several measured times.
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn new(mut times: Vec<Duration>) -> Times {
        assert!(!times.is_empty(), "nothing was measured");
        times.sort();
        Times(times)
    }

    /// The time that this share of all stays below.
    pub(crate) fn at(&self, per_cent: usize) -> Duration {
        self.0[((self.0.len() - 1) * per_cent).div_ceil(100)]
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [p50, p99, max] = [50, 99, 100].map(|share| ms(self.at(share)));
        write!(f, "p50 {p50}, p99 {p99}, max {max} ms ({} times)", self.0.len())
    }
}

/// Milliseconds with one decimal.
pub(crate) fn ms(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1000.0)
}

/// What the system says about a process.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Vitals {
    /// User and system time.
    pub(crate) cpu: Duration,
    /// Resident memory now and at most, in bytes.
    pub(crate) resident: u64,
    pub(crate) peak: u64,
    /// Times it went to sleep by itself, over all threads.
    pub(crate) sleeps: u64,
}

impl Vitals {
    pub(crate) fn of(process: u32) -> Vitals {
        let read = |name: String| std::fs::read_to_string(name).unwrap_or_default();
        let stat = read(format!("/proc/{process}/stat"));
        // Behind the name, which may hold anything: fields 14 and 15, in hundredths of a second.
        let fields: Vec<&str> =
            stat.rsplit_once(") ").map_or("", |(_, rest)| rest).split(' ').collect();
        let ticks = |at: usize| fields.get(at).and_then(|n| n.parse().ok()).unwrap_or(0u64);
        let status = read(format!("/proc/{process}/status"));
        let field = |text: &str, name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
            number.unwrap_or(0u64)
        };
        let tasks = std::fs::read_dir(format!("/proc/{process}/task"));
        let sleeps = tasks.into_iter().flatten().flatten().map(|task| {
            let status = read(task.path().join("status").display().to_string());
            field(&status, "voluntary_ctxt_switches:")
        });
        Vitals {
            cpu: Duration::from_millis(10 * (ticks(11) + ticks(12))),
            resident: 1024 * field(&status, "VmRSS:"),
            peak: 1024 * field(&status, "VmHWM:"),
            sleeps: sleeps.sum(),
        }
    }
}

/// Megabytes with one decimal.
pub(crate) fn mb(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
