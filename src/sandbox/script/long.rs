//! `sandbox/long`: as many words as one likes, in every shape markdown has.

use std::fmt::Write as _;

use super::words::words;
use crate::sandbox::chance::Chance;

const USUAL_WORDS: usize = 4_000;
const MOST_WORDS: usize = 200_000;

const SENTENCES: [&str; 12] = [
    "The river bends here, and the old road follows it for an hour.",
    "Nobody counts the lamps, but everyone notices when one is out.",
    "A good table has few columns and says what its numbers mean.",
    "If the measurement surprises you, measure once more before you explain it.",
    "The cable runs under the floor, behind the shelf, and up to the roof.",
    "Most of the time goes into waiting, and waiting can be shortened.",
    "She wrote the result on the back of an envelope and kept the envelope.",
    "Small steps are easy to undo, which is why they are faster.",
    "There were seven boxes in the morning and eight in the evening.",
    "*Emphasis* helps only where it is **rare**, and `code` only where it is exact.",
    "The map was drawn to scale, except for the part that mattered.",
    "Wind from the west, some rain, and a clear view after four.",
];

/// Writes the answer; a number in the question is the number of words wanted.
pub(super) fn answer(question: &str, chance: &mut Chance) -> String {
    let wanted = words(question)
        .take(200)
        .find_map(|w| w.parse::<usize>().ok())
        .map_or(USUAL_WORDS, |n| n.clamp(1, MOST_WORDS));
    let mut out = String::with_capacity(wanted.saturating_mul(6));
    let _ = writeln!(
        out,
        "# A long simulated reply\n\nThe sandbox made this up: about {wanted} words of mixed \
         markdown, the same for the same seed.\n"
    );
    let mut written = 20;
    let mut chapter = 0;
    while written < wanted {
        chapter += 1;
        let from = out.len();
        section(&mut out, chapter, chance);
        written += out[from..].split_whitespace().count();
    }
    out.push_str("\n*End of the simulated reply.*\n");
    out
}

fn section(out: &mut String, chapter: usize, chance: &mut Chance) {
    let _ = writeln!(out, "## Part {chapter}\n");
    paragraph(out, chance);
    match chapter % 8 {
        1 => list(out, chance),
        2 => code(out, chapter),
        3 => table(out, chance),
        4 => scripts(out),
        5 => numbered(out, chance),
        6 => quote(out, chance),
        7 => emoji(out),
        _ => out.push_str("---\n\n"),
    }
    paragraph(out, chance);
}

fn paragraph(out: &mut String, chance: &mut Chance) {
    for _ in 0..chance.between(3, 7) {
        out.push_str(chance.pick(&SENTENCES));
        out.push(' ');
    }
    out.push_str("\n\n");
}

fn list(out: &mut String, chance: &mut Chance) {
    for _ in 0..chance.between(3, 6) {
        let _ = writeln!(out, "- {}", chance.pick(&SENTENCES));
        if chance.below(3) == 0 {
            let _ = writeln!(out, "  - {}\n  - [x] done\n  - [ ] open", chance.pick(&SENTENCES));
        }
    }
    out.push('\n');
}

fn numbered(out: &mut String, chance: &mut Chance) {
    for at in 1..=chance.between(3, 12) {
        let _ = writeln!(out, "{at}. {}", chance.pick(&SENTENCES));
    }
    out.push('\n');
}

fn quote(out: &mut String, chance: &mut Chance) {
    let _ = writeln!(out, "> {}\n>\n> > {}\n", chance.pick(&SENTENCES), chance.pick(&SENTENCES));
}

fn code(out: &mut String, chapter: usize) {
    let _ = writeln!(
        out,
        "```rust\n/// Part {chapter}: sums the squares of what is odd.\nfn part_{chapter}(numbers: \
         &[u64]) -> u64 {{\n    numbers.iter().filter(|n| *n % 2 == 1).map(|n| n * n).sum()\n}}\n\
         \n#[test]\nfn it_adds_up() {{\n    assert_eq!(part_{chapter}(&[1, 2, 3]), 10);\n}}\n```\n\
         \nAnd as a shell line that is too wide for any column: `find . -name '*.rs' -newer \
         Cargo.lock -exec grep -Hn 'part_{chapter}' {{}} + | sort -t: -k1,1 -k2,2n | head -n 20`\n"
    );
}

fn table(out: &mut String, chance: &mut Chance) {
    out.push_str("| item | count | share | remark |\n|:---|---:|:---:|---|\n");
    for at in 1..=chance.between(3, 9) {
        let count = chance.between(1, 99_999);
        let share = chance.between(1, 99);
        let remark = chance.pick(&["fine", "**late**", "`n/a`", "见下文", "see ✅", ""]);
        let _ = writeln!(out, "| item {at} | {count} | {share} % | {remark} |");
    }
    out.push('\n');
}

fn scripts(out: &mut String) {
    out.push_str(
        "中文：这是模拟的回答，用来检查宽字符的排版与换行，每个字占两格。\n\n\
         日本語：これはシミュレーションです。全角文字と「括弧」、ｶﾅも混ぜます。\n\n\
         한국어: 이것은 시뮬레이션입니다. 줄바꿈을 확인합니다.\n\n\
         Ελληνικά, кириллица, עברית, العربية, हिन्दी, ไทย, Tiếng Việt: e\u{301} and é.\n\n",
    );
}

fn emoji(out: &mut String) {
    out.push_str(
        "Emoji: 😀 👍🏽 👩‍🔬 👨‍👩‍👧‍👦 🇫🇷 ❤️ ☎️ 1️⃣ 🏳️‍🌈 and plain ones: ★ ✓ → ─ │ █ ░.\n\n\
         Formula: $E = mc^2$, H₂O, x² + y² ≤ 10⁻³, a footnote[^1], a [link](https://example.com) \
         and a bare https://example.com/a/rather/long/path?with=query&and=more.\n\n\
         [^1]: The note is simulated too.\n\n",
    );
}
