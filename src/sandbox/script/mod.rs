//! What an answer will say, decided before the first byte goes out.

mod guide;
mod long;
mod reply;
mod sample;
mod words;

use serde_json::{Value, json};

use super::ask::{Ask, Role, ToolChoice};
use super::behaviour::Behaviour;
use super::catalog::Entry;
use super::chance::Chance;

/// Everything an answer consists of.
#[derive(Clone, Debug)]
pub(super) struct Script {
    pub(super) reasoning: String,
    pub(super) text: String,
    pub(super) calls: Vec<Call>,
    pub(super) finish: Finish,
    pub(super) end: End,
    /// Rests before the first content, in units of the pace.
    pub(super) first: u32,
    /// Rests between pieces, in units of the pace.
    pub(super) stretch: u32,
}

/// One call of a tool.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) arguments: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finish {
    Stop,
    Length,
    ToolCalls,
}

impl Finish {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Finish::Stop => "stop",
            Finish::Length => "length",
            Finish::ToolCalls => "tool_calls",
        }
    }

    /// The provider's own word for it.
    pub(super) fn native(self, author: &str) -> &'static str {
        match (author, self) {
            ("anthropic", Finish::Stop) => "end_turn",
            ("anthropic", Finish::Length) => "max_tokens",
            ("anthropic", Finish::ToolCalls) => "tool_use",
            ("google", Finish::Stop | Finish::ToolCalls) => "STOP",
            ("google", Finish::Length) => "MAX_TOKENS",
            ("openai", Finish::Stop) => "completed",
            ("openai", Finish::Length) => "max_output_tokens",
            (_, finish) => finish.as_str(),
        }
    }
}

/// How an answer ends once its content is out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Proper,
    /// The body ends, nothing else.
    CutOff,
    /// The connection breaks.
    Reset,
    /// An error inside the 200.
    Error,
    /// Nothing more, the line stays open.
    Stall,
}

/// Tokens of a text: four characters each.
pub(super) fn tokens(text: &str) -> u64 {
    text.chars().count().div_ceil(4) as u64
}

impl Script {
    /// Writes the answer of a model to a request.
    pub(super) fn write(behaviour: Behaviour, entry: &Entry, ask: &Ask, seed: u64) -> Script {
        let mut chance = Chance::new(seed, &[&entry.id, ask.question(), &turn_mark(ask)]);
        let mut script = Script {
            reasoning: String::new(),
            text: String::new(),
            calls: calls(behaviour, ask, &mut chance),
            finish: Finish::Stop,
            end: End::Proper,
            first: chance.between(8, 40).try_into().unwrap_or(8),
            stretch: 1,
        };
        if behaviour == Behaviour::Empty {
            return script;
        }
        if thinks(entry, ask) {
            script.reasoning = reply::reasoning(ask, &mut chance);
        }
        if script.calls.is_empty() {
            script.text = match &ask.json {
                Some(schema) if behaviour != Behaviour::Echo => {
                    sample::value(schema, ask.question(), &mut chance, 0).to_string()
                }
                _ => text(behaviour, entry, ask, &mut chance),
            };
        } else {
            script.finish = Finish::ToolCalls;
        }
        script.limit(ask);
        script.misbehave(behaviour);
        script
    }

    /// Applies stop sequences and the limit on tokens.
    fn limit(&mut self, ask: &Ask) {
        if let Some(at) = ask.stop.iter().filter_map(|stop| self.text.find(stop)).min() {
            self.text.truncate(at);
        }
        let Some(limit) = ask.max_tokens else { return };
        let thought = tokens(&self.reasoning);
        if cut(&mut self.reasoning, limit) {
            self.text.clear();
            self.calls.clear();
            self.finish = Finish::Length;
        } else if cut(&mut self.text, limit - thought) {
            self.finish = Finish::Length;
        }
    }

    fn misbehave(&mut self, behaviour: Behaviour) {
        let (end, keep) = match behaviour {
            Behaviour::CutsOff => (End::CutOff, 55),
            Behaviour::Resets => (End::Reset, 40),
            Behaviour::FailsMidway => (End::Error, 50),
            Behaviour::Stalls => (End::Stall, 12),
            Behaviour::Slow => {
                self.first = 250;
                self.stretch = 15;
                return;
            }
            Behaviour::Plain
            | Behaviour::Guide
            | Behaviour::Echo
            | Behaviour::Long
            | Behaviour::Flaky
            | Behaviour::FailsOver
            | Behaviour::RateLimited
            | Behaviour::RateLimitedBare
            | Behaviour::OutOfCredit
            | Behaviour::Moderated
            | Behaviour::Reasons
            | Behaviour::CallsTools
            | Behaviour::Garbage
            | Behaviour::Overloaded
            | Behaviour::Unavailable
            | Behaviour::InternalError
            | Behaviour::Hostile
            | Behaviour::Empty
            | Behaviour::Status(_) => return,
        };
        self.end = end;
        let chars = self.text.chars().count();
        let at = self.text.char_indices().nth(chars * keep / 100).map_or(0, |(at, _)| at);
        self.text.truncate(at);
    }

    pub(super) fn completion_tokens(&self) -> u64 {
        let calls: u64 = self.calls.iter().map(|c| tokens(&c.name) + tokens(&c.arguments)).sum();
        tokens(&self.reasoning) + tokens(&self.text) + calls
    }
}

/// Distinguishes turns with the same question.
fn turn_mark(ask: &Ask) -> String {
    ask.messages.len().to_string()
}

/// Keeps the first `limit` tokens; says whether anything went.
fn cut(text: &mut String, limit: u64) -> bool {
    let chars = usize::try_from(limit).unwrap_or(usize::MAX).saturating_mul(4);
    match text.char_indices().nth(chars) {
        Some((at, _)) => {
            text.truncate(at);
            true
        }
        None => false,
    }
}

/// Whether this request makes this model think.
pub(super) fn thinks(entry: &Entry, ask: &Ask) -> bool {
    if !entry.thinks() {
        return false;
    }
    let asked = &ask.thinking;
    if entry.reasoning_flag("mandatory") {
        return true;
    }
    match (&asked.effort, asked.enabled, asked.budget) {
        (Some(effort), ..) => effort != "none",
        (None, Some(enabled), _) => enabled,
        (None, None, Some(budget)) => budget > 0,
        (None, None, None) => entry.reasoning_flag("default_enabled"),
    }
}

fn text(behaviour: Behaviour, entry: &Entry, ask: &Ask, chance: &mut Chance) -> String {
    match behaviour {
        Behaviour::Guide => guide::answer(ask.question()),
        Behaviour::Echo => ask.question().to_owned(),
        Behaviour::Long => long::answer(ask.question(), chance),
        Behaviour::Hostile => HOSTILE.to_owned(),
        Behaviour::CallsTools => tool_answer(ask),
        Behaviour::Plain
        | Behaviour::Slow
        | Behaviour::Flaky
        | Behaviour::FailsOver
        | Behaviour::RateLimited
        | Behaviour::RateLimitedBare
        | Behaviour::CutsOff
        | Behaviour::Resets
        | Behaviour::FailsMidway
        | Behaviour::Stalls
        | Behaviour::OutOfCredit
        | Behaviour::Moderated
        | Behaviour::Reasons
        | Behaviour::Garbage
        | Behaviour::Overloaded
        | Behaviour::Unavailable
        | Behaviour::InternalError
        | Behaviour::Empty
        | Behaviour::Status(_) => reply::answer(entry, ask, chance),
    }
}

/// The tool calls an answer consists of; none once a tool has answered.
fn calls(behaviour: Behaviour, ask: &Ask, chance: &mut Chance) -> Vec<Call> {
    let answered = ask.messages.last().is_some_and(|m| m.role == Role::Tool);
    let tool = match &ask.tool_choice {
        ToolChoice::None => None,
        ToolChoice::Named(name) => ask.tools.iter().find(|t| t.name == *name),
        ToolChoice::Required => ask.tools.first(),
        ToolChoice::Auto if behaviour == Behaviour::CallsTools => ask.tools.first(),
        ToolChoice::Auto => None,
    };
    let Some(tool) = tool.filter(|_| !answered) else { return Vec::new() };
    let arguments = sample::value(&tool.parameters, ask.question(), chance, 0);
    let arguments = if arguments.is_object() { arguments } else { json!({}) };
    vec![Call {
        id: format!("call_{}", chance.letters(24)),
        name: tool.name.clone(),
        arguments: Value::to_string(&arguments),
    }]
}

fn tool_answer(ask: &Ask) -> String {
    let result = ask.messages.iter().rev().find(|m| m.role == Role::Tool);
    match result {
        Some(message) => format!(
            "**Simulated reply.** The tool said:\n\n```\n{}\n```\n\nA real model would now \
             use this in its answer.\n",
            message.text.trim_end()
        ),
        None => "**Simulated reply.** No tools came with this request. Send `tools` and \
                 `sandbox/calls-tools` calls the first of them.\n"
            .to_owned(),
    }
}

/// Everything a terminal must never be given: it is the reader's duty to take it out.
const HOSTILE: &str = "**Simulated reply of a hostile model.** Each line tries something; you \
should see the words and nothing else.\n\n\
- colour: \u{1b}[31mred\u{1b}[0m, blink \u{1b}[5mblink\u{1b}[25m\n\
- title: \u{1b}]0;owned\u{7}(the window title must not change)\n\
- clipboard: \u{1b}]52;c;cm0gLXJmIH4=\u{7}(the clipboard must not change)\n\
- link: \u{1b}]8;;https://evil.example\u{1b}\\click\u{1b}]8;;\u{1b}\\\n\
- screen: \u{1b}[2J\u{1b}[H\u{1b}[?1049l(the screen must stay)\n\
- mouse: \u{1b}[?1003h, paste \u{1b}[?2004l, report \u{1b}[6n \u{1b}[c\n\
- device: \u{1b}P$qm\u{1b}\\ and \u{1b}_Gi=1;AAAA\u{1b}\\ and \u{1b}^x\u{1b}\\\n\
- 8-bit: \u{9b}31m and \u{9d}0;owned\u{9c}\n\
- reset: \u{1b}c and \u{1b}(0lqk\u{1b}(B\n\
- overwrite: safe\rEVIL, back\u{8}\u{8}\u{8}\u{8}gone, bell \u{7}, null \u{0}, delete \u{7f}\n\
- bidi: access_\u{202e}txt.exe\u{202c} and \u{2066}isolate\u{2069}\n\
- invisible: zero\u{200b}width, tag\u{e0041}\u{e0042}, joiner pass\u{200d}word\n\
- tower: a\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}\u{309}\u{30a}\u{30b}\u{30c}\n\
- unfinished: \u{1b}[38;5;\n\n\
```sh\necho \"\u{1b}[1mcode is text too\u{1b}[0m\"\n```\n\nThe end.\n";

#[cfg(test)]
mod tests;
