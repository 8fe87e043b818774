//! The simulated answer of an ordinary model: markdown that looks like one, refers to the
//! prompt, and says in its first line that nobody answered.

use std::fmt::Write as _;

use super::words::{key_words, words};
use crate::sandbox::ask::Ask;
use crate::sandbox::catalog::Entry;
use crate::sandbox::chance::Chance;

/// Writes the answer.
pub(super) fn answer(entry: &Entry, ask: &Ask, chance: &mut Chance) -> String {
    let question = ask.question();
    let keys = key_words(question, 6);
    let mut out = String::new();
    let opening = chance.pick(&[
        "This text was made up by routedeck's sandbox; no model was asked.",
        "No model was asked: the sandbox inside routedeck wrote this.",
        "The sandbox stands in for the model here and makes its text up.",
    ]);
    let _ = writeln!(out, "**Simulated reply** in the name of `{}`. {opening}\n", entry.id);
    about(&mut out, question, &keys, ask.messages.len(), chance);
    if keys.is_empty() {
        out.push_str("Write a sentence or two, and the next reply has something to refer to.\n\n");
    }
    let sections = sections(question, chance);
    for section in sections {
        match section {
            Section::Points => points(&mut out, &keys, chance),
            Section::Steps => steps(&mut out, &keys, chance),
            Section::Table => table(&mut out, &keys, chance),
            Section::Code => code(&mut out, question, &keys),
            Section::Quote => {
                let _ = writeln!(out, "> {}\n", first_line(question));
            }
        }
    }
    out.push_str(chance.pick(&[
        "With `OPENROUTER_API_KEY` set, the same request goes to the real model.\n",
        "Ask `sandbox/guide` how to set a key; then a real model answers here.\n",
        "Everything around this text is real: the stream, the counts, the price list.\n",
    ]));
    out
}

/// What the reasoning of a thinking model looks like; longer with more effort.
pub(super) fn reasoning(ask: &Ask, chance: &mut Chance) -> String {
    let keys = key_words(ask.question(), 4);
    let by_effort = match ask.thinking.effort.as_deref() {
        Some("minimal") => 1,
        Some("low") => 2,
        Some("high") => 9,
        Some("xhigh") => 14,
        Some("max") => 20,
        _ => 5,
    };
    let mut out = String::from("These thoughts are simulated. ");
    for step in 0..by_effort {
        let word = keys.get(step % keys.len().max(1)).map_or("the message", String::as_str);
        let _ = match chance.below(4) {
            0 => write!(out, "First I look at \"{word}\" and what is asked about it. "),
            1 => write!(out, "A real model would weigh several readings of \"{word}\" here. "),
            2 => write!(out, "One more check of \"{word}\" against the rest of the message. "),
            _ => write!(out, "That part, \"{word}\", seems clear enough to go on. "),
        };
        if step % 3 == 2 {
            out.push_str("\n\n");
        }
    }
    let mut out = out.trim_end().to_owned();
    if let Some(budget) = ask.thinking.budget {
        super::cut(&mut out, budget);
    }
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Points,
    Steps,
    Table,
    Code,
    Quote,
}

/// Two to four sections; a prompt that speaks of code, tables or steps gets them.
fn sections(question: &str, chance: &mut Chance) -> Vec<Section> {
    let mut wanted = Vec::new();
    for word in words(question).take(2_000) {
        let section = match word.as_str() {
            "code" | "function" | "program" | "script" | "rust" | "python" | "sql" | "bash"
            | "javascript" | "typescript" | "json" => Section::Code,
            "table" | "compare" | "comparison" | "versus" | "vs" => Section::Table,
            "steps" | "step" | "how" | "plan" => Section::Steps,
            "list" | "points" | "bullets" => Section::Points,
            _ => continue,
        };
        if !wanted.contains(&section) {
            wanted.push(section);
        }
    }
    let rest = [Section::Points, Section::Quote, Section::Steps, Section::Table, Section::Code];
    let target = chance.between(2, 4).max(wanted.len());
    let mut at = chance.below(rest.len());
    while wanted.len() < target {
        let section = rest[at % rest.len()];
        at += 1;
        if !wanted.contains(&section) {
            wanted.push(section);
        }
    }
    wanted
}

fn about(out: &mut String, question: &str, keys: &[String], turns: usize, chance: &mut Chance) {
    let count = words(question).count();
    let plural = if count == 1 { "word" } else { "words" };
    let _ = write!(out, "Your message has {count} {plural}");
    match keys {
        [] => out.push_str(". "),
        [one] => {
            let _ = write!(out, " and is about **{one}**. ");
        }
        [rest @ .., last] => {
            let _ = write!(out, " and speaks of **{}** and **{last}**. ", rest.join("**, **"));
        }
    }
    if turns > 1 {
        let _ = write!(out, "It is message {turns} of this conversation. ");
    }
    out.push_str(chance.pick(&[
        "A real answer would take these up one by one.\n\n",
        "Here is the shape such an answer often has.\n\n",
        "What follows shows form, not facts.\n\n",
    ]));
}

fn points(out: &mut String, keys: &[String], chance: &mut Chance) {
    out.push_str("### In short\n\n");
    for key in keys.iter().take(4) {
        let rest = chance.pick(&[
            "what it is, and what it is not",
            "where it matters and where it does not",
            "the usual mistake, and how to notice it early",
            "what one would measure before deciding",
        ]);
        let _ = writeln!(out, "- **{key}**: {rest}");
    }
    out.push_str("- anything else the question leaves open\n\n");
}

fn steps(out: &mut String, keys: &[String], chance: &mut Chance) {
    out.push_str("### Step by step\n\n");
    let first = keys.first().map_or("the question", String::as_str);
    let last = keys.last().map_or("the result", String::as_str);
    let _ = writeln!(out, "1. Say precisely what *{first}* means here.");
    let _ = writeln!(
        out,
        "2. {}",
        chance.pick(&[
            "Try the smallest case that could fail.",
            "Write down what must stay true throughout.",
            "Take the option that is easiest to undo.",
        ])
    );
    let _ = writeln!(out, "3. Check *{last}* against it, then go on.\n");
}

fn table(out: &mut String, keys: &[String], chance: &mut Chance) {
    out.push_str("| topic | weight | note |\n| --- | ---: | --- |\n");
    for key in keys.iter().take(5) {
        let weight = chance.between(5, 95);
        let note = chance.pick(&["simulated", "made up", "for show", "no fact"]);
        let _ = writeln!(out, "| {key} | {weight} % | {note} |");
    }
    out.push_str("| everything else | 5 % | simulated |\n\n");
}

fn code(out: &mut String, question: &str, keys: &[String]) {
    let name: String = keys
        .first()
        .map_or("topic", String::as_str)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let name = if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("topic_{name}")
    } else {
        name
    };
    let asks = |language: &str| words(question).take(2_000).any(|w| w == language);
    let text = if asks("python") {
        format!(
            "```python\ndef {name}(items: list[str]) -> int:\n    \"\"\"Simulated: counts what is \
             not empty.\"\"\"\n    return sum(1 for item in items if item)\n```\n\n"
        )
    } else if asks("sql") {
        format!("```sql\nSELECT count(*) FROM {name} WHERE note <> '';  -- simulated\n```\n\n")
    } else if asks("json") {
        format!("```json\n{{ \"{name}\": 42, \"simulated\": true }}\n```\n\n")
    } else if asks("bash") {
        format!("```bash\nprintf '%s\\n' {name} | wc -l  # simulated\n```\n\n")
    } else if asks("typescript") || asks("javascript") {
        format!(
            "```ts\nexport const {name} = (items: string[]): number =>\n  \
             items.filter(Boolean).length; // simulated\n```\n\n"
        )
    } else {
        format!(
            "```rust\n/// Simulated: counts what is not empty.\nfn {name}(items: &[&str]) -> usize {{\n    \
             items.iter().filter(|item| !item.is_empty()).count()\n}}\n```\n\n"
        )
    };
    out.push_str(&text);
}

fn first_line(question: &str) -> String {
    let line = question.lines().find(|l| !l.trim().is_empty()).unwrap_or("(nothing)");
    let short: String = line.trim().chars().take(120).collect();
    if line.trim().chars().count() > 120 { format!("{short}…") } else { short }
}
